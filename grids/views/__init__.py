"""Pages, tiles and JSON about places."""
