"""The event store: append-only, hash-chained streams and evidence, on SQLite and PostgreSQL."""
