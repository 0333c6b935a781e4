"""Feature flags: definitions, evaluation, what overrides them, and the client of a program."""
