"""The doctor's look at feature flags: would a kill work tonight?"""

from __future__ import annotations

import os

from andon.desk.diagnosis import Diagnosis, missing, ok
from andon.desk.flags.files import find_flag_files
from andon.errors import AndonError
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk

#: Flags that are named in one line.
_NAMED = 5


def feature_flags(desk: Desk) -> Iterator[Diagnosis]:
    """Say what the flag system is, whether it answers, and which flags could not be killed."""
    if not desk.config.flag_system.is_configured and desk.flag_system is None:
        for file in find_flag_files(desk.config.root)[:1]:
            yield missing(
                "flags",
                f"{file} is here, and Andon does not know it: no flag can be turned off",
                f'[flags] file = "{file}" in andon.toml',
            )
        return
    try:
        system = desk.flag_system
        if system is None:
            return
        flags = system.flags()
        health = system.health()
    except AndonError as problem:
        yield Diagnosis(subject="flags", state="broken", summary=str(problem), fix=problem.remedy)
        return
    killed = [flag.key for flag in flags if flag.kill is not None]
    told = f"{system.kind}, {system.address}: {counted(len(flags), 'flag')}"
    told += f", killed: {_some(killed)}" if killed else ""
    yield ok("flags", f"{told}; {health.summary}" if health.summary else told)
    for problem_told in health.problems:
        yield Diagnosis(
            subject="flags", state="broken", summary=problem_told, fix="[flags] in andon.toml; andon flags"
        )
    yield from _unsafe(flags)
    yield from _report(desk)
    yield from _to_ignore(desk)


def _unsafe(flags: Sequence[FlagSeen]) -> Iterator[Diagnosis]:
    """Name the flags of which nobody could say at night what turning them off means."""
    unsafe = [flag.key for flag in flags if not flag.safe_variant and flag.variants]
    if unsafe:
        yield missing(
            "safe variants",
            f"{counted(len(unsafe), 'flag')} {'does' if len(unsafe) == 1 else 'do'} not say which variant is "
            f"safe, so a kill cannot choose one: {_some(unsafe)}",
            "safeVariant in the flag's metadata",
        )


def _report(desk: Desk) -> Iterator[Diagnosis]:
    """Say whether the tests' report of flag states is there, which the SHIP gate reads."""
    config = desk.config.flag_system
    if not config.file:
        return
    if os.path.isfile(os.path.join(desk.config.root, config.report)):
        yield ok("flag states", f"{config.report} says with which states the tests ran")
    else:
        yield missing(
            "flag states",
            f"{config.report} is not here: nobody knows whether a test ever ran with a flag off",
            "run the tests where Andon is installed: its pytest plugin writes the report",
        )


def _to_ignore(desk: Desk) -> Iterator[Diagnosis]:
    """Name what is written beside the flags and belongs to one work tree only, where git would take it in."""
    config = desk.config.flag_system
    if not config.file:
        return
    written = {config.report: config.report} if config.report else {}
    if config.system == "andon" and not config.server:
        beside = f"{config.file}.overrides.json"
        written |= {beside: f"{beside}*", f"{beside}.lock": f"{beside}*"}
    try:
        rules = desk.ignores.here(tuple(written))
    except AndonError:  # no repository, no git: told in a line of its own
        return
    open_ones = [path for path in written if path in rules and not rules[path].ignores]
    taken = tuple(dict.fromkeys(written[path] for path in open_ones))
    if taken:
        yield missing(
            "flag files",
            f"git would take in what is of this machine only: {', '.join(taken)}",
            f"a line in .gitignore for {' and for '.join(taken)}",
        )


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more
