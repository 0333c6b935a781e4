"""Amounts that people give: what is none (not a number, endless, negative) is a mistake, and said at once."""

from __future__ import annotations


def seconds(text: str) -> float:
    """Return a number of seconds, at most a day; raises ValueError."""
    return _within(float(text), 86_400)


def minutes(text: str) -> float:
    """Return a number of minutes, at most a year; raises ValueError."""
    return _within(float(text), 525_600)


def count(text: str) -> int:
    """Return how many; raises ValueError."""
    return int(_within(int(text), 1_000_000))


def _within(value: float, most: float) -> float:
    if not 0 <= value <= most:  # false for what is not a number, too
        raise ValueError(f"not between 0 and {most:g}")
    return value
