"""andon gap parity: for CI, whether the tests' world shares with production what a gap once came from."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, one_line, style
from andon.desk.gap.parity import check_parity

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.gaps.prevention.parity import Checked

_SHOWN = {True: ("same", "green"), False: ("differs", "red"), None: ("not known", "yellow")}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument(
        "--i-own-this", action="append", default=[], metavar="HOST", help="this host may be asked, read-only"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Check every fact; return 0 (all hold), 1 (one does not) or 3 (one cannot be known)."""
    found = check_parity(desk, tuple(arguments.i_own_this))
    code = code_of(found)
    if wants_json(arguments):
        print_json({"facts": [_plain(one) for one in found], "holds": {0: True, 1: False}.get(code)})
        return code
    for one in found:
        word, colour = _SHOWN[one.holds]
        place = one_line(" ".join(one.fact.place), 80)
        print(
            f"{style(f'{word:<10}', 'bold', colour)} {one.fact.kind.value} {style(place, 'bold')}:"
            f" {one_line(one.told, 200)}"
        )
        if one.holds is not True:
            print(f"             since {one_line(one.fact.search)}: {one_line(one.fact.why, 200)}")
            print(f"             {one_line(one.remedy, 200)}")
    if code:
        next_line("what the search found", "andon gap report")
    return code


def code_of(found: tuple[Checked, ...]) -> int:
    """Return the exit code."""
    if any(one.holds is False for one in found):
        return 1
    return 3 if any(one.holds is None for one in found) else 0


def _plain(one: Checked) -> dict[str, object]:
    fact = one.fact
    return {
        "kind": fact.kind.value,
        "place": list(fact.place),
        "tests": fact.tests,
        "production": fact.production,
        "least": fact.least,
        "search": fact.search,
        "holds": one.holds,
        "told": one.told,
        "remedy": one.remedy,
    }
