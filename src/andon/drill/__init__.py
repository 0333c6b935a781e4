"""The rehearsal: a small real production that breaks on purpose, and Andon's ordinary commands on it."""
