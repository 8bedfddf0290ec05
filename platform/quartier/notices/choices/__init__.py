"""What each person wants to be told: per kind of notice by mail or not at all."""
