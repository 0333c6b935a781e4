"""Answers for programs: JSON, when it is asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from andon.record import Record


def wants_json(arguments: argparse.Namespace) -> bool:
    """True when a program reads the answer."""
    return bool(getattr(arguments, "json", False))


def print_json(value: Any) -> None:
    """Print a value as JSON; moments, words and records as the journal writes them."""
    import json

    from andon.incident.codec import timestamp
    from andon.record import Record

    def plain(part: object) -> object:
        if isinstance(part, Record):
            return whole(part)
        if hasattr(part, "isoformat"):
            return timestamp(part)  # type: ignore[arg-type]
        return str(part)

    print(json.dumps(value, indent=2, default=plain, ensure_ascii=True))


def whole(record: Record) -> dict[str, Any]:
    """Return every field of a record: a program should not have to know the defaults."""
    return {field: getattr(record, field) for field in record.__fields__}
