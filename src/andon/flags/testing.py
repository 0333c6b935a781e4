"""Flags put into a state by a test: in every evaluator of the process, whoever made it, without any network.

An override holds for the whole process and not for one context: the code under test may serve a request in a
thread that was started long before, and must see the same flags there. Overrides nest, and each is taken away
by itself, in whatever order tasks end: when the last has ended, nothing is left.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from andon.errors import InvalidInput
from andon.flags import overlay
from andon.flags.forced import check, variant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from andon.flags.evaluator import Evaluator

    #: Flag, variant, and the value that the code got.
    Asked = tuple[str, str, Any]

_lock = threading.RLock()
#: What is put where, the newest last; each is taken away by its identity.
_layers: list[dict[str, Any]] = []
#: What variants stand for of which no definition says it, by flag and variant.
_given: dict[tuple[str, str], Any] = {}


@contextmanager
def override(flags: Mapping[str, Any] | None = None, /, **more: Any) -> Iterator[None]:
    """Put flags into a state within the block: `override({"new-pricing": True})`, `override(banner="blue")`.

    What is given is the name of a variant or a value; of a flag that is defined, a value that none of its
    variants has is refused. A flag that is defined nowhere gets the value as its only variant. It holds for
    every thread and task of the process, for `Flags` and `Evaluator`s made before and within the block, and
    through OpenFeature for any provider; not for other processes. Raises InvalidInput.
    """
    layer = {**(flags or {}), **more}
    _check(layer)
    with _lock:
        _layers.append(layer)
        try:
            _apply()
        except BaseException:
            _take(layer)
            raise
    try:
        yield
    finally:
        with _lock:
            _take(layer)


def _check(layer: Mapping[Any, Any]) -> None:
    for key, value in layer.items():
        if not isinstance(key, str) or not key:
            raise InvalidInput(f"a flag's key is text, not {key!r}", rule="flag-override")
        if not isinstance(value, (bool, int, float, str, dict, list)):
            told = f"{key} cannot be {value!r}: name a variant, or give a value in JSON's types"
            raise InvalidInput(told, rule="flag-override")


def _take(layer: dict[str, Any]) -> None:
    """Take one layer away; another that is equal stays."""
    for place in range(len(_layers) - 1, -1, -1):
        if _layers[place] is layer:
            del _layers[place]
            break
    _apply()


def _apply() -> None:
    """Have what the layers come to stand above every evaluator; raises InvalidInput for a flag without it."""
    wanted: dict[str, Any] = {}
    for layer in _layers:
        wanted.update(layer)
    alive = overlay.alive()
    for key, value in wanted.items():
        for evaluator in alive:
            check(key, evaluator.defined(key), value)
        _given[key, variant_of(value)] = value
    overlay.wanted = wanted
    for evaluator in overlay.alive():  # also those that were made since; who comes later looks for itself
        evaluator.overlaid()
    _reach_openfeature(bool(wanted))


def _reach_openfeature(is_wanted: bool) -> None:
    """Have the clients of OpenFeature's SDK see it too, whatever their provider, where it is installed."""
    try:
        from andon.flags import openfeature_testing
    except ImportError:
        return
    openfeature_testing.reach(is_wanted)


def _value(evaluator: Evaluator, key: str, variant: str) -> Any:
    """Return what a program got with a variant: as it is defined, or as a test gave it."""
    flag = evaluator.defined(key)
    variants = flag.get("variants") if isinstance(flag, dict) else None
    if isinstance(variants, dict) and variant in variants:
        return variants[variant]
    return _given.get((key, variant))


# ---- what was asked for


@contextmanager
def watched() -> Generator[Callable[[], list[Asked]], None, None]:
    """Note what is asked for in the block: the given function returns each flag, variant and value, once.

    An answer that was the caller's default names no variant and is left out: whatever it was, nobody knows
    which of the flag's states it stands for.
    """
    with _lock:
        before, overlay.kept = overlay.kept, []
        made = overlay.kept
        counts: dict[Evaluator, dict[tuple[str, str], int]] = {e: e.counts() for e in overlay.alive()}

    def asked() -> list[Asked]:
        found: dict[tuple[str, str], Any] = {}
        for evaluator in {**counts, **dict.fromkeys(made)}:
            known = counts.get(evaluator, {})
            for (key, variant), count in evaluator.counts().items():
                if variant and count > known.get((key, variant), 0) and (key, variant) not in found:
                    found[key, variant] = _value(evaluator, key, variant)
        return [(key, variant, value) for (key, variant), value in found.items()]

    try:
        yield asked
    finally:
        with _lock:
            overlay.kept = before
            if before is not None:
                before.extend(made)
