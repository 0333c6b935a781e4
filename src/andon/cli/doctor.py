"""andon doctor: what is configured, reachable, missing, and how to fix it."""

from __future__ import annotations

import sys

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.doctor import diagnose
from andon.desk.redacting import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.diagnosis import Diagnosis
    from andon.desk.ports import Desk

_COLOURS = {"ok": "green", "missing": "yellow", "broken": "red", "unknown": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words: it has none of its own."""
    del parser


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Look at everything; exit 1 when something is broken."""
    found: list[Diagnosis] = []
    for diagnosis in (shown(desk, one) for one in diagnose(desk)):  # what others wrote may be in it
        found.append(diagnosis)
        if not wants_json(arguments):
            _show(diagnosis)
    broken = [d for d in found if d.state == "broken"]
    if wants_json(arguments):
        print_json([whole(d) for d in found])
        return 1 if broken else 0
    first = next((d for d in (*broken, *found) if d.state != "ok" and d.fix), None)
    if first is None:
        next_line("everything answers; rehearse it", "andon drill")
    else:
        next_line(f"{first.subject}: {first.summary}", first.fix)
    return 1 if broken else 0


#: Columns of the state and the subject; the table is printed as it is made.
_LEAST = (7, 20)


def _show(diagnosis: Diagnosis) -> None:
    state = style(diagnosis.state, _COLOURS[diagnosis.state])
    rows([(state, diagnosis.subject, diagnosis.summary)], least=_LEAST)
    if diagnosis.fix and diagnosis.state != "ok":
        rows([("", "", style(f"-> {one_line(diagnosis.fix)}", "dim"))], least=_LEAST)
    sys.stdout.flush()
