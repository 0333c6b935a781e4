"""The report of the states that the tests ran with, as the pytest plugin left it in the work tree."""

from __future__ import annotations

import json
import os

from andon.config.load import write_private
from andon.errors import InvalidInput, NotFound
from andon.flags.tested_states import LARGEST, from_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.flags.tested_states import StateReport


def report_path(desk: Desk) -> str:
    """Return where the report lies: `[flags] report`, from the root of the repository."""
    return os.path.join(desk.config.root, desk.config.flag_system.report)


def read_flag_report(desk: Desk) -> StateReport:
    """Return the report; raises NotFound when there is none, InvalidInput for what is no report."""
    path = report_path(desk)
    name = desk.config.flag_system.report
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        raise NotFound(
            "no report of tested flag states",
            where=name,
            rule="flags-tested",
            remedy="andon ship test; or pytest, with andon installed beside it",
        ) from problem
    return parse_flag_report(content, name)


def keep_flag_report(desk: Desk, commit: str, content: bytes | None) -> None:
    """Keep the report that the tests left in a checkout of `commit`; one of anything else is not taken."""
    if content is None:
        return
    try:
        report = parse_flag_report(content, desk.config.flag_system.report)
    except InvalidInput:
        return
    if report.commit == commit:
        write_private(report_path(desk), content)


def parse_flag_report(content: bytes, name: str) -> StateReport:
    """Return a report from its bytes; raises InvalidInput for what is none."""
    if len(content) > LARGEST:
        raise InvalidInput("the report is larger than 64 MB", where=name, rule="flags-tested")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise InvalidInput(
            f"it is no JSON: {problem}", where=name, rule="flags-tested", remedy="run the tests again"
        ) from problem
    return from_plain(value, name)
