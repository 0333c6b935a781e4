"""Facts of production that the tests' world must share: their file, and whether they hold. Pure.

A fact says where the worlds differed and what either was told to be: words about values, never values.
"""

from __future__ import annotations

import json
import tomllib

from andon.errors import InvalidInput
from andon.gaps.environment.comparing import BOTH_READ
from andon.gaps.prevention.explaining import difference_at
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from andon.gaps.experiment import Observed
    from andon.gaps.verdict import Search

#: Its name at the root of the repository.
NAME = ".andon-gap-parity.toml"
_HEAD = """\
# What the tests' world must share with production. `andon gap parity` checks it, in CI before the tests.
# Words about values stand here, never values. Written by `andon gap prevent`; a fact that no longer matters
# may be removed by hand.
"""
#: Settings of andon.toml that quantities are compared by, as a way out.
_SETTINGS = {"users": "users", "browser": "network"}


class Fact(Record):
    """Something that the tests' world must share with production."""

    kind: Kind
    place: tuple[str, ...]
    #: What it was in either world when the gap was found.
    tests: str
    production: str
    #: Of a quantity, what the tests' world must have at least.
    least: float | None = None
    #: The search that found it, and its verdict.
    search: str
    why: str = ""


class Checked(Record):
    """Whether a fact holds; None when it cannot be known."""

    fact: Fact
    holds: bool | None
    told: str
    #: What makes it hold, or known.
    remedy: str = ""


def facts_of(search: Search, *, brought_by_test: bool = False) -> tuple[Fact, ...]:
    """Return the facts of a verdict; none for what a test of its own brings about."""
    if brought_by_test:
        return ()
    verdict = search.verdict
    found = []
    for kind, place in zip(verdict.kinds, (verdict.place, *verdict.other_places), strict=False):
        seen = difference_at(search, kind, place)
        found.append(
            Fact(
                kind=kind,
                place=seen.place if seen else place,
                tests=seen.test if seen else "",
                production=seen.production if seen else "",
                least=verdict.threshold if place == verdict.place else None,
                search=search.id,
                why=verdict.summary,
            )
        )
    return tuple(found)


# ---- the file


def with_facts(text: str | None, facts: Sequence[Fact], where: str = NAME) -> str:
    """Return the file with these facts; one at the same place gives way. Raises InvalidInput."""
    kept = {(fact.kind, fact.place): fact for fact in read_facts(text or "", where)}
    kept.update({(fact.kind, fact.place): fact for fact in facts})
    return _HEAD + "".join(f"\n{_table(fact)}" for fact in kept.values())


def _table(fact: Fact) -> str:
    lines = [
        "[[fact]]",
        f"kind = {_text(fact.kind.value)}",
        f"place = [{', '.join(_text(part) for part in fact.place)}]",
        f"tests = {_text(fact.tests)}",
        f"production = {_text(fact.production)}",
    ]
    if fact.least is not None:
        lines.append(f"least = {float(fact.least)!r}")
    lines += [f"search = {_text(fact.search)}", f"why = {_text(fact.why)}"]
    return "\n".join((*lines, ""))


def _text(text: str) -> str:
    """Return a text as a basic string of TOML, which is JSON's but for the delete character."""
    plain = text.encode("utf-8", "replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_facts(text: str, where: str = NAME) -> tuple[Fact, ...]:
    """Return the facts of a file; raises InvalidInput with the place for what is none."""
    try:
        tables = tomllib.loads(text).get("fact", [])
    except tomllib.TOMLDecodeError as problem:
        raise InvalidInput(f"it is no TOML: {problem}", where=where, rule="gap-parity") from problem
    if not isinstance(tables, list):
        raise _wrong(where, 1, "fact is a list of tables: [[fact]]")
    return tuple(_read(table, number, where) for number, table in enumerate(tables, 1))


def _read(table: Any, number: int, where: str) -> Fact:
    if not isinstance(table, dict):
        raise _wrong(where, number, "a fact is a table")
    place = table.get("place")
    if not (isinstance(place, list) and place and all(isinstance(part, str) for part in place)):
        raise _wrong(where, number, "place is a list of texts")
    least = table.get("least")
    if least is not None and (isinstance(least, bool) or not isinstance(least, int | float)):
        raise _wrong(where, number, "least is a number")
    texts = {key: table.get(key, "") for key in ("tests", "production", "search", "why")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _wrong(where, number, "tests, production, search and why are texts")
    try:
        kind = Kind(str(table.get("kind")))
    except ValueError as problem:
        raise _wrong(where, number, f"kind is one of {', '.join(Kind)}") from problem
    return Fact(kind=kind, place=tuple(place), least=None if least is None else float(least), **texts)


def _wrong(where: str, number: int, told: str) -> InvalidInput:
    return InvalidInput(
        f"fact {number}: {told}",
        where=where,
        rule="gap-parity",
        remedy="mend it, or remove it and let andon gap prevent write it again",
    )


# ---- the check


def _in_the_way(fact: Fact, observed: Observed) -> tuple[str, ...]:
    """Return the problems of a look that keep one fact from being told.

    Where the settings of both worlds were read, what is told of other settings, or of how the worlds answer,
    says nothing of this one.
    """
    if fact.kind is Kind.ENVIRONMENT and BOTH_READ in observed.looked:
        return tuple(problem for problem in observed.problems if fact.place[0] in problem)
    return observed.problems


def check(fact: Fact, observed: Observed | None, here: str | None) -> Checked:
    """Say whether a fact holds, by what both worlds look like now.

    `observed` is what a look at both worlds saw of its kind, `here` what the tests' world alone says of its
    place, in the words of `fact.production` (a number for a quantity); None where either cannot be told.
    """
    if here is not None and (alone := _alone(fact, here)) is not None:
        return _checked(fact, alone, f"the tests have {here}")
    if observed is None or not observed.looked:
        why = "; ".join(observed.problems) if observed and observed.problems else "it could not be looked at"
        return _checked(fact, None, why)
    same = [d for d in observed.differences if d.place == fact.place]
    if same:
        return _checked(fact, False, f"the tests have {same[0].test}, production {same[0].production}")
    if problems := _in_the_way(fact, observed):
        return _checked(fact, None, "; ".join(problems))
    return _checked(fact, True, "the worlds no longer differ there")


def _alone(fact: Fact, here: str) -> bool | None:
    """Judge by the tests' world alone; None where its words do not tell the worlds apart."""
    if fact.least is not None:
        try:
            return float(here) >= fact.least
        except ValueError:
            return None
    if not fact.production or fact.production == fact.tests:
        return None
    return here == fact.production


def _checked(fact: Fact, holds: bool | None, told: str) -> Checked:
    return Checked(fact=fact, holds=holds, told=told, remedy="" if holds else _remedy(fact, holds))


def _remedy(fact: Fact, holds: bool | None) -> str:
    if holds is None:
        return "let the check see production's side: a file of its settings, a recording, --i-own-this HOST"
    first = fact.place[0]
    match fact.kind:
        case Kind.ENVIRONMENT if fact.production == "missing":
            return f"set {first} in production too, or in neither world"
        case Kind.ENVIRONMENT:
            return f"set {first} in the tests' world to {_as(fact)}"
        case Kind.DATA:
            column = f".{fact.place[1]}" if len(fact.place) > 1 else ""
            return f"add a row to the test data in which {first}{column} is {_as(fact)}"
        case Kind.DEPENDENCY:
            return f"record {first}'s answers anew for the tests: {_as(fact)}"
        case Kind.SCALE if first == "rows":
            return f"fill {fact.place[1]} in the test data up to {_amount(fact)} rows"
        case Kind.SCALE | Kind.NETWORK:
            setting = _SETTINGS.get(first, "the latency")
            return f"raise {setting} under [gap.test], and run the tests so: {_amount(fact)}"


def _as(fact: Fact) -> str:
    return f"what production has ({fact.production})" if fact.production else "what production has"


def _amount(fact: Fact) -> str:
    return f"{fact.least:g}" if fact.least is not None else fact.production
