"""The page that shows a search for a gap to people: one HTML file that needs nothing else. Pure."""
