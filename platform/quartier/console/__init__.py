"""Pages, and the files that go with them. Every page is a client of the graph: it knows no room."""
