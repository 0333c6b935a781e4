"""andon verify: run the smoke tests and read the logs: is the failure gone?"""

from __future__ import annotations

from andon.cli.amounts import seconds
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.casefile import load, open_ids
from andon.desk.verify import run_verification, verify_quietly
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.events import ProbeOutcome, VerificationRan

_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}
_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNKNOWN: "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--watch", type=seconds, default=10.0, metavar="SECONDS", help="watch logs this long")
    parser.add_argument(
        "--ignoring", metavar="WORDS", default="", help="an error in the logs that is known to be harmless"
    )
    parser.add_argument("--reason", "-r", default="", help="why it is harmless; it becomes an action item")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Verify the open incident; without one, see whether the running release is good."""
    wanted = getattr(arguments, "incident", None)
    if wanted is None and not open_ids(desk):
        return _outside(desk, arguments)
    state = load(desk, wanted)
    told = not wants_json(arguments)

    def tell(line: str) -> None:
        if told:
            print(style(f"  {one_line(line)}", "dim"), flush=True)

    verified = run_verification(
        desk,
        state,
        watch=arguments.watch,
        tell=tell,
        ignoring=(arguments.ignoring,) if arguments.ignoring.strip() else (),
        reason=arguments.reason,
    )
    code = _CODES[verified.verification.verdict]
    now = desk.clock.now()
    if not told:
        print_json({**summary(verified.incident, now), "verification": whole(verified.verification)})
        return code
    show_verification(verified.verification)
    finish(arguments, verified.incident, now)
    return code


def show_verification(found: VerificationRan) -> None:
    """Print what each smoke test and the logs said, and the verdict."""
    _show_probes(found.probes)
    print(f"  logs: {found.logs}: {one_line(found.logs_summary)}")
    verdict = style(f"verification {found.verdict}", "bold", _COLOURS[found.verdict])
    parts = f"failure gone: {found.failure_gone}, critical paths: {found.critical_paths}, logs: {found.logs}"
    print(f"{verdict}  {parts}")


def _show_probes(probes: tuple[ProbeOutcome, ...]) -> None:
    rows((p.verdict.value, p.name, p.summary) for p in probes)


def _outside(desk: Desk, arguments: argparse.Namespace) -> int:
    probes, verdict, judged = verify_quietly(desk)
    if wants_json(arguments):
        print_json({"verdict": verdict.value, "judged_good": judged, "probes": [whole(p) for p in probes]})
        return _CODES[verdict]
    _show_probes(probes)
    match verdict:
        case Verdict.PASSED:
            told = "no release is judged: which one runs is not known, or an incident found it bad"
            next_line(f"{judged} is now known to be good" if judged else told, "andon releases")
        case Verdict.FAILED:
            next_line("production is hurt", 'andon declare "what is broken"')
        case _:
            step = (
                "give it smoke tests: [[smoke]] in andon.toml"
                if not probes
                else "not every smoke test could tell"
            )
            next_line(step, "andon doctor")
    return _CODES[verdict]
