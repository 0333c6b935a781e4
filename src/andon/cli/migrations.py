"""andon migrations: what a rollback has to take back, and whether that holds on a disposable copy."""

from __future__ import annotations

import os

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.migration_range import revision
from andon.desk.migrations import incident_for, keep, review
from andon.errors import InvalidInput
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.migrations import Review
    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.response.trial import TrialResult

_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}
_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNKNOWN: "yellow"}
#: Where the trial database's address is looked for when neither the command nor andon.toml names one.
VARIABLE = "ANDON_TRIAL_DSN"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("base", nargs="?", default="", help="the release to go back to (last known good)")
    parser.add_argument("head", nargs="?", default="", help="the release that runs (what runs now)")
    parser.add_argument("--trial", action="store_true", help="run them up and down on a disposable copy")
    parser.add_argument(
        "--trial-dsn",
        default="",
        metavar="DSN",
        help="where copies may be made: '$NAME' of a variable with a PostgreSQL address, or sqlite:PATH",
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the range, the gate's verdict and the risks; try it when asked, and record the trial."""
    if arguments.base and not arguments.head:
        raise InvalidInput(
            "one release alone is no range",
            rule="range",
            remedy=f"andon migrations {arguments.base} HEAD; or neither, for last known good and what runs",
        )
    state = incident_for(desk, getattr(arguments, "incident", None))
    looked = review(desk, state, arguments.base, arguments.head)
    told = not wants_json(arguments)
    if told:
        _show(looked)
    result = _tried(desk, looked, arguments) if arguments.trial or arguments.trial_dsn else None
    is_kept = result is not None and state is not None
    if result is not None and state is not None:
        state = keep(desk, state, looked, result)
    verdict, reason = looked.after(result)
    if told:
        if result is not None:
            _show_trial(result)
        print(style("verdict", "bold"))
        print(f"  {style(verdict.value, _COLOURS[verdict])}  {one_line(reason)}")
        _say_next(looked, verdict, result, state if is_kept else None)
    else:
        print_json(_plain(looked, result, verdict, reason, state if is_kept else None))
    return _CODES[verdict]


def _tried(desk: Desk, looked: Review, arguments: argparse.Namespace) -> TrialResult:
    from andon.desk.trial import try_range  # the SQL reader: only for who tries

    told = not wants_json(arguments)
    if told:
        print(style("trial", "bold"))

    def tell(line: str) -> None:
        if told:
            print(style(f"  {one_line(line)} ...", "dim"), flush=True)

    return try_range(desk, looked.range, desk.trial(_address(desk, arguments.trial_dsn)), tell)


def _address(desk: Desk, given: str) -> str:
    """Return where copies are made: as given, as configured, or from the environment; no password."""
    address = given or desk.config.trial.copy_of or (f"${VARIABLE}" if os.environ.get(VARIABLE) else "")
    if not address:
        raise InvalidInput(
            "nothing says where a copy may be made",
            rule="trial-dsn",
            remedy="--trial-dsn sqlite: for an empty SQLite file; or export "
            f"{VARIABLE}=postgresql://user@host/database; or copy_of under [trial] in andon.toml",
        )
    if not address.startswith(("$", "sqlite:")) and _holds_password(address):
        raise InvalidInput(
            "a password on the command line or in andon.toml can be read by others",
            where="--trial-dsn",
            rule="trial-dsn",
            remedy=f"put the address into a variable: export {VARIABLE}=...; then --trial-dsn '${VARIABLE}'",
        )
    return address


def _holds_password(address: str) -> bool:
    who = address.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return ":" in who or "password" in address.lower()


def _show(looked: Review) -> None:
    print(style(f"back from {one_line(looked.from_version)} to {one_line(looked.to_version)}", "bold"))
    print(style("migrations", "bold"))
    rows(
        (
            m.path,
            m.framework.value,
            revision(m),
            "a way down of its own"
            if m.down
            else "both ways in one program"
            if m.is_program
            else "no way down",
        )
        for m in looked.range.migrations
    )
    if not looked.range.migrations:
        print("  none in the range")
    if looked.range.obstacle:
        print(f"  {one_line(looked.range.obstacle)}")
    print(style("gate", "bold"))
    gate = looked.gate
    print(f"  {style(gate.verdict.value, _COLOURS[gate.verdict])}  ({gate.route})  {one_line(gate.reason)}")
    for answer in gate.answers:
        print(f"  {one_line(f'{answer.question}: {answer.verdict}, {answer.text}')}")
    for finding in gate.findings:
        print(f"    at {one_line(finding)}")
    for step in gate.steps:
        print(f"  first: {one_line(step)}")
    print(style("risks", "bold"))
    rows(("!" if r.is_loud else "", r.kind, r.place, r.text) for r in looked.risks.risks)
    if looked.risks.left_out:
        print(f"  and {looked.risks.left_out} more")
    if not looked.risks.risks:
        print("  none found beyond the database")


def _show_trial(result: TrialResult) -> None:
    rows(
        (style(s.verdict.value, _COLOURS[s.verdict]), f"{s.seconds:.1f} s", s.name, s.summary)
        for s in result.steps
    )
    for line in result.differences:
        print(f"    {one_line(line, 200)}")
    if not result.steps:
        print(f"  {style(result.verdict.value, _COLOURS[result.verdict])}  {one_line(result.summary)}")


def _say_next(looked: Review, verdict: Verdict, result: TrialResult | None, state: Incident | None) -> None:
    if state is not None:
        next_line(
            f"recorded in {state.id}", "andon rollback" if verdict is Verdict.PASSED else "andon decide"
        )
    elif result is None and looked.range.migrations and verdict is not Verdict.PASSED:
        next_line("see whether the way down holds, on a copy", "andon migrations --trial")
    elif verdict is Verdict.PASSED:
        next_line("the database does not stand in the way", "andon status")
    else:
        next_line("going back is not shown to be safe: mend it forward", "andon decide hotfix")


def _plain(
    looked: Review, result: TrialResult | None, verdict: Verdict, reason: str, state: Incident | None
) -> dict[str, object]:
    return {
        "from": looked.from_version,
        "to": looked.to_version,
        "migrations": [
            {
                "path": m.path,
                "framework": m.framework.value,
                "revision": revision(m),
                "has_down": bool(m.down) or m.is_program,
            }
            for m in looked.range.migrations
        ],
        "obstacle": looked.range.obstacle,
        "gate": whole(looked.gate),
        "risks": [{**whole(risk), "place": risk.place} for risk in looked.risks.risks],
        "risks_left_out": looked.risks.left_out,
        "trial": whole(result) if result is not None else None,
        "verdict": verdict,
        "reason": reason,
        "recorded_in": state.id if state is not None else None,
    }
