"""Andon runs an emergency protocol: each step is checked with evidence, or signed by a person."""

__version__ = "0.1.0"
