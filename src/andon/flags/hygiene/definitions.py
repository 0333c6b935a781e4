"""What is wrong with flags as they are defined: nobody answers for them, on, past their day, in a ring.

Pure: the day is given. Whether a flag can be evaluated is the evaluator's answer, not asked here.
"""

from __future__ import annotations

from andon.flags.hygiene.finding import FlagFinding, command
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from andon.flags.hygiene.places import FlagPlace

KINDS = ("release", "experiment", "ops", "permission")
#: Kinds that are for a time: they must say when they end, and are off until somebody turns them on.
PASSING = ("release", "experiment")
_REQUIRED = ("owner", "purpose", "kind", "created")
#: More variants than an experiment has, without anybody being told apart: a table of settings.
_MANY = 4


class DefinedFlags(Record):
    """A flag file, as far as it could be read."""

    #: Relative to the root of the repository.
    path: str
    flags: dict[str, dict[str, Any]]
    places: dict[str, FlagPlace]
    #: What other flags reuse in their targeting.
    evaluators: dict[str, Any] = {}  # noqa: RUF012  # a record's default, never changed

    def line(self, key: str) -> int:
        """Return the line of a flag, 0 when it is not known."""
        place = self.places.get(key)
        return place.line if place else 0


def defined_flags(document: Mapping[str, Any], text: str, path: str) -> DefinedFlags:
    """Return the flags of a document that was read from `text`; what is no flag at all is left out."""
    from andon.flags.hygiene.places import flag_places

    found, shared = document.get("flags"), document.get("$evaluators")
    flags = found if isinstance(found, dict) else {}
    return DefinedFlags(
        path=path,
        flags={str(key): flag for key, flag in flags.items() if isinstance(flag, dict)},
        places=flag_places(text),
        evaluators=shared if isinstance(shared, dict) else {},
    )


def judge_definitions(defined: DefinedFlags, today: str) -> tuple[FlagFinding, ...]:
    """Return what is wrong with each flag; `today` is an ISO date."""
    found: list[FlagFinding] = []
    for key, flag in defined.flags.items():
        found.extend(_judged(defined, key, flag, today))
    found.extend(_rings(defined))
    return tuple(found)


def metadata_of(flag: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flag's metadata, empty for none or for what is none."""
    found = flag.get("metadata")
    return found if isinstance(found, dict) else {}


def stays(flag: Mapping[str, Any]) -> bool:
    """True for a flag that is meant to stay: `permanent`, or a switch of operations or of permissions."""
    metadata = metadata_of(flag)
    return metadata.get("permanent") is True or metadata.get("kind") in ("ops", "permission")


def _judged(defined: DefinedFlags, key: str, flag: dict[str, Any], today: str) -> Iterator[FlagFinding]:
    def finding(rule: str, text: str, remedy: str, subject: str = "") -> FlagFinding:
        return FlagFinding(
            rule=rule,
            key=key,
            path=defined.path,
            line=defined.line(key),
            text=text,
            remedy=remedy,
            subject=subject or text,
        )

    metadata = metadata_of(flag)
    lacks = [name for name in _REQUIRED if not str(metadata.get(name) or "").strip()]
    kind = metadata.get("kind")
    if kind and kind not in KINDS:
        lacks.append(f"kind is {str(kind)[:30]!r}, which is none of {', '.join(KINDS)}")
    passes = not stays(flag)
    if passes and not metadata.get("expires"):
        lacks.append("expires")
    lacks += [f"{name} is no date" for name in ("created", "expires") if not _is_date(metadata.get(name))]
    if lacks:
        told = f"{key} does not say: {', '.join(lacks)}"
        yield finding("flag-owner", told, f"its metadata in {defined.path}, under {key}")
    if passes and _is_on(flag):
        yield finding(
            "flag-default-on",
            f"{key} is on for everybody who is not told apart",
            f"defaultVariant off, then: {command('list', key)}",
        )
    expires = str(metadata.get("expires") or "")[:10]
    if metadata.get("permanent") is not True and _is_date(expires) and expires and expires < today:
        told = f"{key} was to be gone by {expires}"
        yield finding("flag-expired", told, command("remove", key), f"expired {expires}")
    for text in _shrinking(flag.get("targeting"), _variants(flag), defined.evaluators, 0):
        yield finding("rollout-not-monotone", f"{key}: {text}", "the variant that spreads first, same total")
    if setting := _setting(flag):
        remedy = "a setting of the program; a flag is for what is switched"
        yield finding("flag-as-setting", f"{key} {setting}", remedy)


def _is_date(value: object) -> bool:
    """True for an ISO date, and for nothing at all."""
    if value in (None, ""):
        return True
    text = str(value)[:10]
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isdecimal() for part in parts):
        return False
    return 1 <= int(parts[1]) <= 12 and 1 <= int(parts[2]) <= 31


def _variants(flag: Mapping[str, Any]) -> dict[str, Any]:
    found = flag.get("variants")
    return found if isinstance(found, dict) else {}


def _is_on(flag: Mapping[str, Any]) -> bool:
    """True when the default is the variant that is true, or plainly not the safe one."""
    if flag.get("state") == "DISABLED":
        return False
    variants, default = _variants(flag), flag.get("defaultVariant")
    if not isinstance(default, str) or default not in variants:
        return False
    safe = metadata_of(flag).get("safeVariant")
    if isinstance(safe, str) and safe in variants:
        return default != safe
    return variants[default] is True


def _setting(flag: Mapping[str, Any]) -> str:
    """Return why a flag looks like configuration; "" when it switches something.

    An ops flag may hold a number that people turn during an incident, a permission a limit.
    """
    metadata, variants = metadata_of(flag), _variants(flag)
    if metadata.get("kind") in ("ops", "permission", "experiment") or flag.get("targeting"):
        return ""
    values = list(variants.values())
    if not values or all(isinstance(value, bool) for value in values):
        return ""
    if len(values) == 1:
        return "has one variant and tells nobody apart: it is a constant"
    if len(values) >= _MANY or any(isinstance(value, (dict, list)) for value in values):
        return f"has {len(values)} variants that are no switch, and tells nobody apart"
    return "" if metadata.get("permanent") is not True else "stays for ever, and holds a value, not a switch"


# ---- rollouts


def _shrinking(
    rule: object, variants: Mapping[str, Any], evaluators: Mapping[str, Any], depth: int
) -> Iterator[str]:
    """Tell of every share by which somebody who is in could fall out again when it grows.

    A key's bucket is where its hash falls between 0 and the sum of the weights, so that the variant which
    grows has to come first and the sum has to stay: 10000 for hundredths of a percent, or 100.
    """
    if depth > 60:
        return
    if isinstance(rule, list):
        for one in rule:
            yield from _shrinking(one, variants, evaluators, depth + 1)
    elif isinstance(rule, dict):
        for name, given in rule.items():
            if name == "fractional" and isinstance(given, list):
                yield from _share(given, variants)
            elif name == "$ref" and isinstance(given, str) and given in evaluators:
                shared = evaluators[given]
                yield from _shrinking(shared, variants, {}, depth + 1)
            else:
                yield from _shrinking(given, variants, evaluators, depth + 1)


def _share(given: list[Any], variants: Mapping[str, Any]) -> Iterator[str]:
    parts = [part for part in given if isinstance(part, list) and part and isinstance(part[0], str)]
    weights = [part[1] if len(part) > 1 else 1 for part in parts]
    if len(parts) != 2 or not all(type(weight) is int for weight in weights):
        return  # an experiment among several, or a ramp by time: nothing grows into a single neighbour
    names = [part[0] for part in parts]
    values = [variants.get(name) for name in names]
    if values[0] is False and values[1] is True:
        yield f"{names[1]} comes last in its share, so that who is in changes when it grows"
    total = sum(weights)
    if total not in (100, 1000, 10_000, 100_000) and set(map(type, values)) == {bool}:
        yield f"its shares add up to {total}, not to 100 or 10000: another total moves everybody's bucket"


# ---- prerequisites


def prerequisites(flag: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the flags that must be on for this one, as its metadata lists them."""
    told = metadata_of(flag).get("prerequisites")
    return tuple(key.strip() for key in told.split(",") if key.strip()) if isinstance(told, str) else ()


def _rings(defined: DefinedFlags) -> Iterator[FlagFinding]:
    """Tell of each ring of prerequisites once, at its first flag, and of those that are not there."""
    needs = {key: prerequisites(flag) for key, flag in defined.flags.items()}
    seen: set[str] = set()
    for start in needs:
        ring = _ring(start, needs, seen)
        if ring:
            first = min(ring)
            at = ring.index(first)
            told = " -> ".join((*ring[at:], *ring[:at], first))
            yield _of_prerequisites(defined, first, f"prerequisites go in a ring: {told}")
    for key, asked in needs.items():
        for missing in asked:
            if missing not in needs:
                yield _of_prerequisites(defined, key, f"{key} needs {missing}, which is not defined")


def _ring(start: str, needs: Mapping[str, tuple[str, ...]], seen: set[str]) -> list[str]:
    """Return the ring that is reached from a flag and was not seen before; without recursion."""
    path: list[str] = []
    on_path: dict[str, int] = {}
    stack: list[tuple[str, Iterator[str]]] = []
    if start in seen:
        return []
    seen.add(start)
    stack.append((start, iter(needs[start])))
    path.append(start)
    on_path[start] = 0
    while stack:
        key, rest = stack[-1]
        asked = next(rest, None)
        if asked is None:
            stack.pop()
            path.pop()
            del on_path[key]
        elif asked in on_path:
            return path[on_path[asked] :]
        elif asked in needs and asked not in seen:
            seen.add(asked)
            stack.append((asked, iter(needs[asked])))
            on_path[asked] = len(path)
            path.append(asked)
    return []


def _of_prerequisites(defined: DefinedFlags, key: str, text: str) -> FlagFinding:
    return FlagFinding(
        rule="flag-cycle",
        key=key,
        path=defined.path,
        line=defined.line(key),
        text=text,
        remedy=f"prerequisites of {key} in {defined.path}",
    )
