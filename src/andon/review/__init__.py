"""What we learned: postmortem, action items, regressions, incident log, lint. Pure."""
