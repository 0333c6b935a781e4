"""andon flags tests: which states of which flags the tests ran with, and which no test ever did."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import one_line, rows, style
from andon.desk.redacting import shown
from andon.desk.tested_flags import tested_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.desk.tested_flags import TestedFlag, TestedFlags


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", nargs="?", default="", help="only this one, with the tests of each state")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the report of the last run; return 1 when a flag that comes and goes has an untested state."""
    found = shown(desk, tested_flags(desk, arguments.key))
    lacking = [flag for flag in found.flags if flag.untested and flag.is_passing]
    if wants_json(arguments):
        print_json(
            {
                "commit": found.report.commit,
                "clean": found.report.is_clean,
                "flags": [_plain(flag) for flag in found.flags],
            }
        )
        return 1 if lacking else 0
    _show(found, with_tests=bool(arguments.key))
    if lacking:
        print(f"\nno test ever ran with: {', '.join(one_line(_lack(flag)) for flag in lacking)}")
        print(f'a test of both states: @pytest.mark.flag_states("{one_line(lacking[0].key)}")')
    return 1 if lacking else 0


def _show(found: TestedFlags, *, with_tests: bool) -> None:
    made = one_line(found.report.commit[:10]) or "no commit"
    print(f"tests at {made}{'' if found.report.is_clean else ', with changes that are in no commit'}")
    if not found.flags:
        print("no flags are defined, and no test asked for one")
        return
    rows([_row(flag) for flag in found.flags])
    if with_tests:
        for state in found.flags[0].states:
            for test in state.tests:
                print(f"  {one_line(state.variant)}: {one_line(test)}")


def _row(flag: TestedFlag) -> tuple[str, str, str]:
    ran = ", ".join(f"{state.variant} ({state.count})" for state in flag.states) or "-"
    lacks = f"never: {', '.join(flag.untested)}" if flag.untested else ""
    return one_line(flag.key), one_line(ran), style(one_line(lacks), "red") if lacks else ""


def _lack(flag: TestedFlag) -> str:
    return f"{flag.key} {'/'.join(flag.untested)}"


def _plain(flag: TestedFlag) -> dict[str, object]:
    return {
        "key": flag.key,
        "defined": flag.is_defined,
        "passing": flag.is_passing,
        "untested": list(flag.untested),
        "states": [
            {"variant": s.variant, "value": s.value, "count": s.count, "tests": list(s.tests)}
            for s in flag.states
        ],
    }
