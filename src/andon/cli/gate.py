"""andon gate: what the repository accepts now, at a hook, in CI, or where it is pushed to."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import one_line, rows, style
from andon.desk.gate.context import Asked
from andon.desk.gate.run import run_gate
from andon.incident.words import Verdict
from andon.response.gates.judge import Effect
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.response.gates.judge import GateRow, Judgement

_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}
_SHOWN = {
    Effect.PASSES: ("passes", "green"),
    Effect.BLOCKS: ("blocks", "red"),
    Effect.WARNS: ("warns", "yellow"),
    Effect.WAIVED: ("waived", "cyan"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("point", choices=("pre-commit",), help="where the gate stands")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Ask the rules of the point, show one table, and return 0, 1 (refused) or 3 (could not decide)."""
    judgement = run_gate(desk, Point(arguments.point), Asked())
    if wants_json(arguments):
        print_json(_plain(judgement))
    else:
        show(judgement)
    return _CODES[judgement.verdict]


def show(judgement: Judgement) -> None:
    """Print the table of a gate: rule, what follows, evidence, way out."""
    print(f"gate {judgement.point} in gear {style(judgement.gear.value, 'bold')}")
    rows([_cells(row) for row in judgement.rows])


def _cells(row: GateRow) -> tuple[str, str, str]:
    word, colour = _SHOWN[row.effect]
    told = one_line(row.result.evidence)
    if row.result.remedy and row.effect is not Effect.PASSES:
        told += f"  ->  {one_line(row.result.remedy)}"
    return row.result.rule, style(word, colour), told


def _plain(judgement: Judgement) -> dict[str, object]:
    return {
        "point": judgement.point.value,
        "gear": judgement.gear.value,
        "verdict": judgement.verdict.value,
        "rows": [
            {
                "rule": row.result.rule,
                "verdict": row.result.verdict.value,
                "effect": row.effect.value,
                "evidence": row.result.evidence,
                "remedy": row.result.remedy,
                "objections": list(row.result.objections),
            }
            for row in judgement.rows
        ],
    }
