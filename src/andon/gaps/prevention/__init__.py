"""What prevents the next gap of the same sort: tests, facts to share, rules to watch. Pure."""
