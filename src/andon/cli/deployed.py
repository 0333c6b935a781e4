"""andon deployed: record a deployment, or say what is known of a release."""

from __future__ import annotations

from andon.cli.output import finish, print_json, wants_json
from andon.cli.terminal import next_line, one_line
from andon.desk.casefile import load, open_ids
from andon.desk.declare import read_moment
from andon.desk.deployments import judge, read_ledger, record_deployment
from andon.desk.hotfix import record_hotfix
from andon.errors import InvalidInput
from andon.incident.words import ReleaseVerdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

EPILOG = """\
examples:
  andon deployed v1.4.2                                  after every deployment, in your pipeline
  andon deployed v1.4.2 --verdict good --reason "a week in production without errors"
  andon deployed v1.4.3 --hotfix                         the fix of the open incident went out"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("version", help="as the deployer calls it")
    parser.add_argument("--commit", default="", help="default: what the version means in git")
    parser.add_argument("--at", default="", metavar="WHEN", help="when: 10m, 02:14, ISO 8601 (default: now)")
    parser.add_argument("--verdict", choices=[v.value for v in ReleaseVerdict], help="what is known of it")
    parser.add_argument("--reason", default="", help="how that is known")
    purpose = parser.add_mutually_exclusive_group()
    purpose.add_argument("--hotfix", action="store_true", help="it is the fix of the open incident")
    purpose.add_argument(
        "--rollback", action="store_true", help="it was put back by hand in the open incident"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record it in the ledger and, for a hotfix, in the incident."""
    version, commit = arguments.version, _commit(desk, arguments.commit)
    if not _is_a_name(version):
        raise InvalidInput(f"{version[:80]!r} is no version", rule="version", remedy="andon deployed v1.2.3")
    when = read_moment(arguments.at, desk.clock.now()) if arguments.at else None
    if arguments.hotfix or arguments.rollback:
        state = load(desk, getattr(arguments, "incident", None))
        purpose = "hotfix" if arguments.hotfix else "rollback"
        state = record_hotfix(desk, state, version, purpose=purpose, commit=commit)
        return finish(arguments, state, desk.clock.now(), f"{purpose} {version} is recorded")
    if arguments.verdict and not arguments.reason.strip():
        raise InvalidInput(
            "a verdict needs a reason: it will be trusted at 3 a.m.",
            rule="verdict",
            remedy=f'andon deployed {version} --verdict {arguments.verdict} --reason "how you know"',
        )
    known = read_ledger(desk).find(version)
    if known is None or arguments.at or not arguments.verdict:
        record_deployment(desk, version, commit=commit, deployed_at=when)
    if arguments.verdict:
        judge(desk, version, ReleaseVerdict(arguments.verdict), arguments.reason)
    release = read_ledger(desk).find(version)
    if wants_json(arguments):
        print_json(release)
        return 0
    if release is not None:
        since = f"{release.deployed_at:%Y-%m-%d %H:%M UTC}"
        print(f"{one_line(version)}  {release.verdict}  {since}  {one_line(release.reason)}")
    if open_ids(desk):
        next_line("an incident is open", "andon status")
    else:
        next_line("see whether it is good", "andon verify")
    return 0


def _is_a_name(version: str) -> bool:
    """Say whether `version` can be shown and typed again: printable, without blanks, of a readable length."""
    fits = 0 < len(version) <= 128 and version.isprintable() and not version.startswith("-")
    return fits and not any(letter.isspace() for letter in version)


def _commit(desk: Desk, given: str) -> str:
    """Return the commit that was named: an id as it is, anything else as git understands it."""
    digits = given.lower()
    if not given or (7 <= len(given) <= 64 and set(digits) <= set("0123456789abcdef")):
        return digits
    return desk.repository.commit_of(given)
