"""OpenFeature's evaluation context as the flat mapping that the evaluator takes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: What a rule can compare as it is; most contexts hold nothing else.
_PLAIN = frozenset((str, bool, int, float, type(None)))
#: How deep a context may be nested; what lies deeper is left out.
_DEEPEST = 32


def flat(targeting_key: str | None, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attributes with the targeting key among them; neither argument is changed.

    Instants become ISO 8601 text in their own zone, other mappings and sequences become dicts and lists:
    rules know JSON's types and no others. A targeting key of its own wins over an attribute `targetingKey`,
    and an empty one is none, as the SDK merges contexts.
    """
    for value in attributes.values():
        if value.__class__ is not str and value.__class__ not in _PLAIN:
            attributes = {key: plain(value) for key, value in attributes.items()}
            break
    if targeting_key:
        return {**attributes, "targetingKey": targeting_key}
    return attributes


def plain(value: Any, depth: int = _DEEPEST) -> Any:
    """Return a value of a context in JSON's types; None for one too deep, or without a form in JSON."""
    if value.__class__ in _PLAIN:
        return value
    if depth <= 0:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (str, int, float)):  # an enumeration's member, a number of some library
        return value
    if hasattr(value, "items"):
        return {str(key): plain(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner, depth - 1) for inner in value]
    return None
