"""Secrets: so far, keeping them out of everything that is stored, sent or shown."""
