"""Evaluate feature flags in this process: a set of flags, swapped whole, asked without a lock.

`Evaluator.boolean` and the like never raise: whatever is wrong, the caller's default is the answer.
Nothing here reads a file or a socket; what applications use is `andon.flags.client`.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from marshal import dumps
from time import time
from types import CellType

from andon.errors import InvalidInput
from andon.flags import definitions, overlay
from andon.flags.binding import Fault, Flag, code_of
from andon.flags.bucketing import V2, V3
from andon.flags.details import ERROR, FLAG_NOT_FOUND, GENERAL, Details
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeVar

    from andon.flags.compiled import Evaluate
    from andon.flags.definitions import Defect
    from andon.flags.overrides import FlagJson

    Value = TypeVar("Value")

#: How many different errors are counted apart: keys may come from anywhere.
_MOST_ERRORS, _LONGEST_KEY = 10_000, 200
_WAYS = ("boolean", "string", "integer", "number", "object", "any")

# Only who changes a set takes it; renewed in a forked child, where its holder is gone.
_changing = allocate_lock()


def _renew() -> None:
    global _changing
    _changing = allocate_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


class _Set:
    """Everything that belongs to one version; never changed but for what is made on first use."""

    __slots__ = (*_WAYS, *(f"{way}_details" for way in _WAYS), "evaluators", "flags", "metadata", "version")

    #: For each way of asking, what answers for a flag's key.
    boolean: dict[str, Evaluate]
    string: dict[str, Evaluate]
    integer: dict[str, Evaluate]
    number: dict[str, Evaluate]
    object: dict[str, Evaluate]
    any: dict[str, Evaluate]
    boolean_details: dict[str, Evaluate]
    string_details: dict[str, Evaluate]
    integer_details: dict[str, Evaluate]
    number_details: dict[str, Evaluate]
    object_details: dict[str, Evaluate]
    any_details: dict[str, Evaluate]

    def __init__(
        self, flags: dict[str, Flag], evaluators: Mapping[str, Any], metadata: Mapping[str, Any], version: int
    ) -> None:
        self.flags = flags
        self.evaluators = evaluators
        self.metadata = metadata
        self.version = version
        for way in _WAYS:
            setattr(self, way, {})
            setattr(self, f"{way}_details", {})

    def keep(self, before: _Set, changed: Iterable[str], has_details: bool) -> None:
        """Take over what was made for the flags that stay as they were."""
        gone = tuple(changed)
        for way in _WAYS:
            for name in (way, f"{way}_details") if has_details else (way,):
                kept: dict[str, Evaluate] = getattr(before, name).copy()
                for key in gone:
                    kept.pop(key, None)
                setattr(self, name, kept)


class Evaluator:
    """A set of flags in flagd's format, evaluated in this process."""

    __slots__ = (
        "__weakref__",
        "_clock",
        "_counters",
        "_errors",
        "_hashing",
        "_now",
        "_own",
        "_sampled",
        "_used",
    )

    def __init__(self, *, hashing: str = V3, clock: Callable[[], float] = time) -> None:
        """Begin with no flags. `hashing` is flagd's: `v3` (CBOR) or `v2`; `clock` is what rules see."""
        if hashing not in (V2, V3):
            raise InvalidInput(f"hashing is {V3} or {V2}", rule="flag-hashing")
        self._hashing = hashing
        self._clock = clock
        #: What was put in force, and what answers: the same but for what a test puts above it.
        self._own = self._now = _Set({}, {}, {}, 0)
        self._counters: dict[tuple[str, str], CellType] = {}
        self._errors: dict[tuple[str, str], int] = {}
        self._sampled: dict[tuple[str, str], int] = {}
        self._used: dict[str, float] = {}
        overlay.join(self)
        if overlay.wanted:
            self.overlaid()

    # ---- the set in force

    @property
    def version(self) -> int:
        """The version of the set in force; 0 before there is one."""
        return self._now.version

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all flags."""
        return tuple(self._now.flags)

    def definition(self, key: str) -> Any:
        """Return a flag as it is in force, not to be changed; None when there is none."""
        flag = self._now.flags.get(key)
        return None if flag is None else flag.definition

    def metadata(self) -> Mapping[str, Any]:
        """Return the metadata of the set, not to be changed."""
        return self._now.metadata

    def replace(self, document: Mapping[str, Any], version: int = 0) -> None:
        """Put a whole document in force; raises InvalidInput, and keeps the set, when it has no flags in it.

        The document belongs to the evaluator from then on. A flag that is as it was keeps what was compiled.
        """
        given = definitions.flags_of(document)
        evaluators, metadata = definitions.evaluators_of(document), definitions.metadata_of(document)
        with _changing:
            before = self._own
            has_rules = _is_same(before.evaluators, evaluators)
            changed = [key for key in before.flags if key not in given]
            flags: dict[str, Flag] = {}
            for key, definition in given.items():
                known = before.flags.get(key)
                if known is not None and has_rules and _is_same(known.definition, definition):
                    flags[key] = known
                    continue
                if known is not None:
                    changed.append(key)
                flags[key] = self._flag(key, definition, evaluators)
            made = _Set(flags, evaluators, metadata, version)
            made.keep(before, changed, _is_same(before.metadata, metadata))
            self._forget(flags)
            self._put(made)

    def patch(self, changed: Mapping[str, FlagJson], removed: Iterable[str] = (), version: int = 0) -> None:
        """Put some flags in force in place of those of their keys, and take others away."""
        gone = tuple(removed)
        if not all(isinstance(key, str) for key in (*changed, *gone)):
            raise InvalidInput("the key of a flag is a text", rule="flag-patch")
        with _changing:
            before = self._own
            flags = before.flags.copy()
            for key in gone:
                flags.pop(key, None)
            for key, definition in changed.items():
                flags[key] = self._flag(key, definition, before.evaluators)
            made = _Set(flags, before.evaluators, before.metadata, version)
            made.keep(before, (*changed, *gone), True)
            self._put(made)

    def defined(self, key: str) -> Any:
        """Return a flag as it was put in force, whatever a test puts above it; None when there is none."""
        flag = self._own.flags.get(key)
        return None if flag is None else flag.definition

    def overlaid(self) -> None:
        """Have `overlay.wanted`, what a test wants, above the set from now on."""
        with _changing:
            self._put(self._own)

    def _put(self, made: _Set) -> None:
        shown = made
        if overlay.wanted:
            above = overlay.above(made.flags)
            flags = {**made.flags, **{key: self._flag(key, flag, {}) for key, flag in above.items()}}
            shown = _Set(flags, made.evaluators, made.metadata, made.version)
            shown.keep(made, above, True)
        self._own, self._now = made, shown

    def _flag(self, key: str, definition: Any, evaluators: Mapping[str, Any]) -> Flag:
        return Flag(key, definition, evaluators, self._counter, self._hashing, self._clock)

    def _counter(self, key: str, variant: str) -> CellType:
        """A variant's counter outlives the definitions of its flag."""
        return self._counters.setdefault((key, variant), CellType(0))

    def _forget(self, flags: Mapping[str, Flag]) -> None:
        """Drop the counters of flags that are gone and were never asked for."""
        for place in [
            p
            for p, counter in list(self._counters.items())
            if p[0] not in flags and not counter.cell_contents
        ]:
            del self._counters[place]

    # ---- values: `default` for everything that is wrong

    def boolean(self, key: str, default: bool, context: Mapping[str, Any] | None = None) -> bool:
        """Return a flag's boolean."""
        try:
            return self._now.boolean[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001  # an evaluation never fails its caller
            return self._value("boolean", key, default, context, problem)

    def string(self, key: str, default: str, context: Mapping[str, Any] | None = None) -> str:
        """Return a flag's text."""
        try:
            return self._now.string[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._value("string", key, default, context, problem)

    def integer(self, key: str, default: int, context: Mapping[str, Any] | None = None) -> int:
        """Return a flag's whole number."""
        try:
            return self._now.integer[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._value("integer", key, default, context, problem)

    def number(self, key: str, default: float, context: Mapping[str, Any] | None = None) -> float:
        """Return a flag's number."""
        try:
            return self._now.number[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._value("number", key, default, context, problem)

    def object(self, key: str, default: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Return a flag's object or list; each call has its own, which the caller may change."""
        try:
            found = self._now.object[key](context, default)
        except Exception as problem:  # noqa: BLE001
            found = self._value("object", key, default, context, problem)
        try:
            return found if found is default else _copied(found)
        except RecursionError:
            self._failed(key, GENERAL)
            return default

    # ---- details

    def boolean_details(self, key: str, default: bool, context: Mapping[str, Any] | None = None) -> Details:
        """Return a flag's boolean with the variant, the reason and what went wrong."""
        try:
            return self._now.boolean_details[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._details("boolean", key, default, context, problem)

    def string_details(self, key: str, default: str, context: Mapping[str, Any] | None = None) -> Details:
        """Return a flag's text with its details."""
        try:
            return self._now.string_details[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._details("string", key, default, context, problem)

    def integer_details(self, key: str, default: int, context: Mapping[str, Any] | None = None) -> Details:
        """Return a flag's whole number with its details."""
        try:
            return self._now.integer_details[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._details("integer", key, default, context, problem)

    def number_details(self, key: str, default: float, context: Mapping[str, Any] | None = None) -> Details:
        """Return a flag's number with its details."""
        try:
            return self._now.number_details[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._details("number", key, default, context, problem)

    def object_details(self, key: str, default: Any, context: Mapping[str, Any] | None = None) -> Details:
        """Return a flag's object or list with its details."""
        try:
            found: Details = self._now.object_details[key](context, default)
        except Exception as problem:  # noqa: BLE001
            found = self._details("object", key, default, context, problem)
        try:
            return found if found.variant is None else replace(found, value=_copied(found.value))
        except RecursionError as problem:
            return self._details("object", key, default, context, problem)

    def details(self, key: str, default: Any = None, context: Mapping[str, Any] | None = None) -> Details:
        """Return a flag's value of whatever type with its details, not to be changed."""
        try:
            return self._now.any_details[key](context, default)  # type: ignore[no-any-return]
        except Exception as problem:  # noqa: BLE001
            return self._details("any", key, default, context, problem)

    # ---- what was asked and went wrong

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how often each variant was served, by flag and variant; "" is the caller's default.

        Counted since the evaluator was made, without a lock: two threads at once may count one.
        """
        return {p: cell.cell_contents for p, cell in list(self._counters.items()) if cell.cell_contents}

    def last_used(self) -> dict[str, float]:
        """Return when each flag was last asked for, in seconds of the clock.

        No evaluation looks at the clock: a use counts as of the call here that first sees it.
        """
        now = self._clock()
        for place, count in self.counts().items():
            if count != self._sampled.get(place):
                self._sampled[place] = count
                self._used[place[0]] = now
        return dict(self._used)

    @property
    def errors(self) -> dict[tuple[str, str], int]:
        """How often the caller's default was served for an error, by flag and OpenFeature's error code."""
        return dict(self._errors)

    def findings(self) -> tuple[Defect, ...]:
        """Return what is wrong in the set in force, flag by flag."""
        return tuple(defect for flag in self._now.flags.values() for defect in flag.judged())

    def _value(self, way: str, key: str, default: Value, context: Any, problem: Exception) -> Value:
        """Answer what was not ready: make it ready, or count what is wrong."""
        try:
            if not _is_unknown(problem):
                raise problem
            made: Value = self._ready(way, key, False)(context, default)
            return made
        except Exception as fault:  # noqa: BLE001
            self._failed(key, code_of(fault))
            return default

    def _details(self, way: str, key: str, default: Any, context: Any, problem: Exception) -> Details:
        try:
            if not _is_unknown(problem):
                raise problem
            made: Details = self._ready(way, key, True)(context, default)
            return made
        except Exception as fault:  # noqa: BLE001
            code = code_of(fault)
            self._failed(key, code)
            message = str(fault) if hasattr(fault, "code") else f"{type(fault).__name__} in the evaluation"
            return Details(
                value=default,
                reason=ERROR,
                error_code=code,
                error_message=message,
                metadata=self._now.metadata,
                flag_key=key,
            )

    def _ready(self, way: str, key: str, is_detailed: bool) -> Evaluate:
        now = self._now
        flag = now.flags.get(key)
        if flag is None:
            raise Fault(FLAG_NOT_FOUND, "there is no such flag")
        made = flag.function("" if way == "any" else way, now.metadata, is_detailed)
        table: dict[str, Evaluate] = getattr(now, f"{way}_details" if is_detailed else way)
        table[key] = made
        return made

    def _failed(self, key: Any, code: str) -> None:
        # A subclass may refuse to be hashed; what is kept of a key is bounded, whoever sends it.
        place = (str.__str__(key)[:_LONGEST_KEY] if isinstance(key, str) else "", code)
        if place not in self._errors and len(self._errors) >= _MOST_ERRORS:
            place = ("", code)
        self._errors[place] = self._errors.get(place, 0) + 1


def _is_unknown(problem: Exception) -> bool:
    """True when the look-up itself failed, not something that the flag's function called."""
    trace = problem.__traceback__
    return isinstance(problem, KeyError) and trace is not None and trace.tb_next is None


def _is_same(left: Any, right: Any) -> bool:
    """True when two JSON values are equal in type too: to Python, 1 equals true and 1.0."""
    if left is right:
        return True
    try:
        # Version 0 tells types apart and nothing else: no interning, no references.
        return bool(left == right) and dumps(left, 0) == dumps(right, 0)
    except (ValueError, RecursionError):
        return False


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
