"""Telling people: the only package that knows Apprise."""
