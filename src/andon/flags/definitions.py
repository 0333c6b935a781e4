"""What a flag file says of a flag, and what is wrong with it. Pure; each flag is judged for itself.

A defect that `spoils` makes that flag, and no other, answer PARSE_ERROR and its caller's default.
The format is flagd's (https://flagd.dev/reference/flag-definitions/).
"""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeAlias

    #: Where in the document something stands: keys and indexes.
    Pointer: TypeAlias = tuple[str | int, ...]

ENABLED, DISABLED = "ENABLED", "DISABLED"
#: What the variants of a flag are.
BOOLEAN, STRING, NUMBER, OBJECT = "boolean", "string", "number", "object"
#: The most variants, and the longest key of a flag or a variant.
MOST_VARIANTS = 10_000
LONGEST_KEY = 1000


class Defect(Record):
    """Something wrong in the definition of one flag."""

    flag: str
    #: The name of the kind: `variants-mixed`, `operator-unknown`, ...
    rule: str
    message: str
    #: Where, from the document's top: `("flags", "checkout", "targeting", ...)`.
    pointer: Pointer = ()
    #: True when the flag cannot be evaluated.
    spoils: bool = True


def flags_of(document: Any) -> dict[str, Any]:
    """Return the flags of a document by key; raises InvalidInput when they cannot be told apart.

    flagd's daemon takes a list of flags with a `key` each as well.
    """
    flags = document.get("flags") if hasattr(document, "get") else None
    if isinstance(flags, dict):
        if not all(isinstance(key, str) for key in flags):
            raise _unusable("the key of a flag is a text")
        return flags
    if not isinstance(flags, list):
        raise _unusable("a flag file is an object with `flags`")
    found: dict[str, Any] = {}
    for place, flag in enumerate(flags):
        key = flag.get("key") if isinstance(flag, dict) else None
        if not isinstance(key, str) or not key:
            raise _unusable(f"flag {place + 1} of the list has no key")
        if key in found:
            raise _unusable(f"the flag of number {place + 1} in the list is there twice")
        found[key] = {name: value for name, value in flag.items() if name != "key"}
    return found


def _unusable(message: str) -> InvalidInput:
    return InvalidInput(message, rule="flag-file", remedy="mend it; what was in force before stays in force")


def evaluators_of(document: Any) -> dict[str, Any]:
    """Return the shared rules of a document by name; none when they are no object."""
    found = document.get("$evaluators")
    return found if isinstance(found, dict) else {}


def metadata_of(holder: Any) -> dict[str, Any]:
    """Return the metadata of a flag or a document; none when they are no object."""
    found = holder.get("metadata") if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def kind_of(variants: Mapping[str, Any]) -> str:
    """Return what the variants are; "" when they are of several types or of none that a flag may have."""
    kinds = {_kind(value) for value in variants.values()}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return NUMBER if value == value and value not in (float("inf"), -float("inf")) else ""
    if isinstance(value, str):
        return STRING
    return OBJECT if isinstance(value, (dict, list)) else ""


def default_of(flag: Mapping[str, Any]) -> str | None:
    """Return the name of the default variant; None when the caller's default decides."""
    found = flag.get("defaultVariant")
    if isinstance(found, bool):  # YAML: `defaultVariant: true` of the variants `true` and `false`
        return "true" if found else "false"
    return found or None


def judge(key: str, flag: Any, evaluators: Mapping[str, Any]) -> tuple[Defect, ...]:
    """Return what is wrong with a flag."""
    from andon.flags.judging import rule_defects

    found = [
        Defect(flag=key, rule=rule, message=message, pointer=("flags", key, *pointer), spoils=spoils)
        for rule, message, pointer, spoils in _shape(key, flag)
    ]
    if isinstance(flag, dict) and flag.get("targeting"):
        variants = flag.get("variants")
        names = frozenset(variants) if isinstance(variants, dict) else frozenset[str]()
        found += rule_defects(key, flag["targeting"], evaluators, names)
    return tuple(found)


def _shape(key: str, flag: Any) -> Iterator[tuple[str, str, Pointer, bool]]:
    """Rule, message, place below the flag, and whether it spoils the flag."""
    if not key or len(key) > LONGEST_KEY or not is_text(key):
        yield "key", f"a flag's key is 1 to {LONGEST_KEY} characters", (), True
    if not isinstance(flag, dict):
        yield "flag", "a flag is an object", (), True
        return
    if flag.get("state") not in (ENABLED, DISABLED):
        yield "state", "the state is ENABLED or DISABLED", ("state",), True
    yield from _variants(flag)
    metadata = flag.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        yield "metadata", "metadata are an object", ("metadata",), False
    for name, value in metadata_of(flag).items():
        if not isinstance(value, (str, int, float)):
            yield (
                "metadata",
                "a value of metadata is a text, a number or a boolean",
                ("metadata", name),
                False,
            )
    targeting = flag.get("targeting")
    if targeting is not None and not isinstance(targeting, dict):
        yield "targeting", "targeting is an object", ("targeting",), True


def _variants(flag: dict[str, Any]) -> Iterator[tuple[str, str, Pointer, bool]]:
    variants = flag.get("variants")
    if not isinstance(variants, dict) or not variants:
        yield "variants", "variants are an object of at least one", ("variants",), True
        return
    if len(variants) > MOST_VARIANTS:
        yield "variants-many", f"a flag has at most {MOST_VARIANTS} variants", ("variants",), True
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST_KEY and is_text(name) for name in variants):
        yield "variants", f"a variant's name is 1 to {LONGEST_KEY} characters", ("variants",), True
    elif not kind_of(variants):
        yield (
            "variants-mixed",
            "variants are all booleans, all texts, all numbers or all objects",
            ("variants",),
            True,
        )
    default = flag.get("defaultVariant")
    if default is not None and not isinstance(default, (str, bool)):
        yield "default-variant", "the default variant is a name or null", ("defaultVariant",), True
    elif (name := default_of(flag)) is not None and name not in variants:
        yield "default-variant", "the default variant is not among the variants", ("defaultVariant",), True


def is_text(value: str) -> bool:
    """Return False for half of a surrogate pair, which no encoding can carry."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
