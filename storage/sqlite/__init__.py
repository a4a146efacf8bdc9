"""Everything that Maru keeps, in one SQLite database."""
