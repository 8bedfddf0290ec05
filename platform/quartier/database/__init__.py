"""The one door to the database: engine, lanes, embedded server, migrations, catalog lint, constraint names."""
