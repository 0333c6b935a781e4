"""andon deployed: record a deployment, a change without one, or what is known of a release."""

from __future__ import annotations

from andon.cli.output import finish, print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, style
from andon.cli.version import commit_named, version_named
from andon.desk.casefile import load, open_ids
from andon.desk.declare import read_moment
from andon.desk.deployments import judge, read_ledger, record_change, record_deployment
from andon.desk.hotfix import record_hotfix
from andon.desk.lost_fixes import lost_fixes
from andon.errors import InvalidInput
from andon.incident.words import ReleaseVerdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from andon.desk.lost_fixes import LostFix
    from andon.desk.ports import Desk
    from andon.incident.ledger import Block

EPILOG = """\
examples:
  andon deployed v1.4.2                                  after every deployment, in your pipeline
  andon deployed v1.4.2 --verdict good --reason "a week in production without errors"
  andon deployed v1.4.3 --hotfix                         the fix of the open incident went out
  andon deployed v1.4.4 --aborted                        it was begun and broke off
  andon deployed --config "PAYMENTS_URL" --at 10m        no release: a setting was changed"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("version", nargs="?", default="", help="as the deployer calls it")
    parser.add_argument("--commit", default="", help="default: what the version means in git")
    parser.add_argument("--at", default="", metavar="WHEN", help="when: 10m, 02:14, ISO 8601 (default: now)")
    parser.add_argument("--verdict", choices=[v.value for v in ReleaseVerdict], help="what is known of it")
    parser.add_argument("--reason", default="", help="how that is known")
    parser.add_argument("--artefact", default="", help="what was deployed: an image, a path, an address")
    parser.add_argument("--schema", default="", help="its newest migration (default: what git says)")
    parser.add_argument("--aborted", action="store_true", help="the deployment broke off; it does not run")
    parser.add_argument(
        "--config", default="", metavar="WHAT", help="instead: a setting was changed, by name"
    )
    parser.add_argument("--flag", default="", metavar="WHAT", help="instead: a flag was turned, by name")
    purpose = parser.add_mutually_exclusive_group()
    purpose.add_argument("--hotfix", action="store_true", help="it is the fix of the open incident")
    purpose.add_argument(
        "--rollback", action="store_true", help="it was put back by hand in the open incident"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record it in the ledger and, for a hotfix, in the incident."""
    when = read_moment(arguments.at, desk.clock.now()) if arguments.at else None
    if arguments.config or arguments.flag:
        return _changed(desk, arguments, when)
    version, commit = version_named(arguments.version), commit_named(desk, arguments.commit)
    if arguments.hotfix or arguments.rollback:
        state = load(desk, getattr(arguments, "incident", None))
        purpose = "hotfix" if arguments.hotfix else "rollback"
        state = record_hotfix(desk, state, version, purpose=purpose, commit=commit)
        told = [f"{purpose} {version} is recorded"]
        if purpose == "hotfix" and state.hotfix is None:
            told.append(_on_its_own(desk, version))
        return finish(arguments, state, desk.clock.now(), *told)
    if arguments.verdict and not arguments.reason.strip():
        raise InvalidInput(
            "a verdict needs a reason: it will be trusted at 3 a.m.",
            rule="verdict",
            remedy=f'andon deployed {version} --verdict {arguments.verdict} --reason "how you know"',
        )
    known = read_ledger(desk).find(version)
    is_new = known is None or arguments.at or not arguments.verdict
    if is_new:
        record_deployment(
            desk,
            version,
            commit=commit,
            deployed_at=when,
            artefact=arguments.artefact,
            schema=arguments.schema,
            is_aborted=arguments.aborted,
        )
    if arguments.verdict:
        judge(desk, version, ReleaseVerdict(arguments.verdict), arguments.reason)
    return _tell(desk, arguments, version, is_running=bool(is_new) and not arguments.aborted)


def _on_its_own(desk: Desk, version: str) -> str:
    """Return what nobody watches about a fix that was begun without `andon hotfix start`."""
    release = read_ledger(desk).find(version)
    if release is None or not release.commit:
        return (
            f"which commit it is made of is not known, so nobody will notice when a release lacks it: "
            f"andon deployed {version} --commit COMMIT"
        )
    return "bring it to the main line yourself: only the next `andon deployed` and the SHIP gate ask for it"


def _changed(desk: Desk, arguments: argparse.Namespace, when: datetime | None) -> int:
    """Record a change without a release."""
    if arguments.version or (arguments.config and arguments.flag):
        raise InvalidInput(
            "one thing at a time: a release, a setting or a flag",
            rule="deployed",
            remedy='andon deployed --config "WHAT"',
        )
    kind = "configuration" if arguments.config else "flag"
    event = record_change(desk, kind, arguments.config or arguments.flag, when)
    if wants_json(arguments):
        print_json(event)
        return 0
    print(f"{kind} changed {event.changed_at:%Y-%m-%d %H:%M UTC}: {one_line(event.what)}")
    next_line("see whether it is good", "andon status" if open_ids(desk) else "andon verify")
    return 0


def _tell(desk: Desk, arguments: argparse.Namespace, version: str, *, is_running: bool) -> int:
    ledger = read_ledger(desk)
    release = ledger.find(version)
    block = ledger.block_on(version) if is_running else None
    lost = lost_fixes(desk, release.commit if release else "", version=version) if is_running else ()
    if wants_json(arguments):
        print_json({**whole(release), "lost_fixes": lost} if release is not None else None)
        return 1 if block else 0
    if release is not None:
        since = f"{release.deployed_at:%Y-%m-%d %H:%M UTC}"
        told = (one_line(version), release.verdict, since, release.commit[:10], one_line(release.reason))
        print("  ".join(filter(None, told)))
    for fix in lost:
        _warn_of_lost(version, fix)
    if block is not None:
        return _warn(version, block)
    if lost:
        next_line("bring it to the main line", f"andon hotfix finish --incident {lost[0].incident}")
        return 0
    if open_ids(desk):
        next_line("an incident is open", "andon status")
    else:
        next_line("see whether it is good", "andon verify")
    return 0


def _warn(version: str, block: Block) -> int:
    """Say loudly that a blocked release is in production again: recorded it is, allowed it was not."""
    where = f" since {block.incident}" if block.incident else ""
    same = "" if block.version == version else f"the code of {block.version}, "
    text = f"BLOCKED RELEASE IS BACK: {version}, {same}blocked{where}: {block.reason}"
    print(style(one_line(text, 400), "bold", "red"))
    print("  the ledger has it, as it is the truth; stop whatever deployed it, and go back again")
    next_line("look", "andon releases")
    return 1


def _warn_of_lost(version: str, fix: LostFix) -> None:
    """Say that a fix went out of production with this release: what it cured may be back."""
    if fix.is_certain:
        text = f"A FIX IS LOST: {version} lacks the hotfix {fix.version} of {fix.incident}"
        print(style(one_line(text, 300), "bold", "red"))
    else:
        text = (
            f"whether {version} holds the hotfix {fix.version} of {fix.incident} is not known: {fix.reason}"
        )
        print(style(one_line(text, 300), "yellow"))
