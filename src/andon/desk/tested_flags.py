"""The flags of the flag file beside the states that the tests ran with."""

from __future__ import annotations

import os

from andon.desk.flags.report import read_flag_report
from andon.errors import NotFound, Unavailable
from andon.flags.reading import read_document
from andon.flags.tested_states import is_passing, untested
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.desk.ports import Desk
    from andon.flags.tested_states import StateReport, TestedState


class TestedFlag(Record):
    """A flag with the states that tests ran with, and those that none did."""

    __test__ = False

    key: str
    states: tuple[TestedState, ...] = ()
    untested: tuple[str, ...] = ()
    #: False for a flag that a test asked for and the flag file does not have.
    is_defined: bool = True
    #: True for a flag that comes and goes: both its states must work.
    is_passing: bool = True


class TestedFlags(Record):
    """The report of a run and what it says of each flag."""

    __test__ = False

    report: StateReport
    flags: tuple[TestedFlag, ...] = ()


def tested_flags(desk: Desk, key: str = "") -> TestedFlags:
    """Return what the tests ran with, of one flag or of all that are defined or were asked for.

    Raises NotFound without a report, and for a flag that neither has; InvalidInput for a wrong file.
    """
    report = read_flag_report(desk)
    defined = _defined(desk)
    keys = dict.fromkeys([*defined, *(state.flag for state in report.states)])
    if key and key not in keys:
        raise NotFound(
            f"there is no flag {key}, and no test asked for it",
            rule="flags-tested",
            remedy="andon flags tests",
        )
    found = tuple(_tested(k, defined.get(k), report) for k in ([key] if key else keys))
    return TestedFlags(report=report, flags=found)


def _tested(key: str, flag: Mapping[str, Any] | None, report: StateReport) -> TestedFlag:
    return TestedFlag(
        key=key,
        states=tuple(state for state in report.states if state.flag == key),
        untested=untested(key, flag, report.states) if flag is not None else (),
        is_defined=flag is not None,
        is_passing=flag is not None and is_passing(flag),
    )


def _defined(desk: Desk) -> Mapping[str, Any]:
    """Return the flags of the work tree's flag file; none where no file is configured."""
    path = desk.config.flag_system.file
    if not path:
        return {}
    try:
        with open(os.path.join(desk.config.root, path), "rb") as file:
            content = file.read()
    except OSError as problem:
        raise Unavailable(
            f"the flag file cannot be read: {problem.strerror}", where=path, remedy="check file in [flags]"
        ) from problem
    flags = read_document(content, path).get("flags", {})
    return {k: f for k, f in flags.items() if isinstance(f, dict)} if isinstance(flags, dict) else {}
