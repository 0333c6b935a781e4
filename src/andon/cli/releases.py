"""andon releases: the ledger of deployments with what is known of each release, and what may be deployed."""

from __future__ import annotations

from andon.cli.amounts import count
from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, one_line, rows, style
from andon.cli.version import commit_named, version_named
from andon.desk.casefile import open_ids
from andon.desk.deployments import block_release, read_ledger, survey, tagged, unblock_release
from andon.desk.way_back import lineage
from andon.errors import InvalidInput
from andon.incident.words import ReleaseVerdict, Verdict
from andon.response.admission import admit
from andon.response.bad_ranges import bad_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.deployments import Production
    from andon.desk.ports import Desk
    from andon.incident.ledger import Block, Release
    from andon.response.admission import Admission
    from andon.response.bad_ranges import BadRange

EPILOG = """\
examples:
  andon releases
  andon releases check v1.4.3 --commit 4f3c2a1e        in your pipeline, before it deploys
  andon releases block v1.4.3 --reason "it loses orders"
  andon releases unblock v1.4.3 --reason "it was the database"

check exits with 0 when nothing is known against the version, with 1 when it is blocked or was judged bad,
and with 3 when it may have the fault of a blocked release, or the ledger cannot be read."""

#: Exit codes of `check`.
_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--limit", type=count, default=20, help="newest first (default 20)")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    check = verbs.add_parser("check", help="may this version be deployed? For pipelines")
    check.add_argument("--commit", default="", help="what it is made from (default: what it means in git)")
    check.add_argument("--with-fix", action="store_true", help="you know that it has the fix")
    block = verbs.add_parser("block", help="keep a release from being deployed again")
    unblock = verbs.add_parser("unblock", help="let a blocked release be deployed again")
    for parser_of in (check, block, unblock):
        parser_of.add_argument("version", help="as the deployer calls it")
    for parser_of in (block, unblock):
        parser_of.add_argument("--reason", "-r", default="", help="why")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, ask the deployer and print the ledger."""
    match arguments.verb:
        case "check":
            return _check(desk, arguments)
        case "block":
            reason = _reason(arguments)
            version = version_named(arguments.version)
            return _told(arguments, block_release(desk, version, "", reason), "blocked")
        case "unblock":
            reason = _reason(arguments)
            return _told(arguments, unblock_release(desk, arguments.version, reason), "not blocked any more")
        case _:
            return _list(desk, arguments)


def _reason(arguments: argparse.Namespace) -> str:
    reason = str(arguments.reason).strip()
    if not reason:
        raise InvalidInput(
            f"to {arguments.verb} a release needs a reason: somebody will ask at 3 a.m.",
            rule="blocked-release",
            remedy=f'andon releases {arguments.verb} {arguments.version} --reason "why"',
        )
    return reason


def _told(arguments: argparse.Namespace, block: Block, what: str) -> int:
    if wants_json(arguments):
        print_json(block)
        return 0
    print(f"{one_line(block.version)} is {what}")
    next_line("what a pipeline is told now", f"andon releases check {one_line(block.version)}")
    return 0


# ---- check


def _check(desk: Desk, arguments: argparse.Namespace) -> int:
    version = version_named(arguments.version)
    ledger = read_ledger(desk)
    commit = commit_named(desk, arguments.commit, version)
    found = admit(
        ledger, version, commit, lineage(desk, ledger, {version: commit}), has_fix=arguments.with_fix
    )
    if wants_json(arguments):
        print_json({"version": version, "commit": commit, "may_be_deployed": found})
        return _CODES[found.verdict]
    words = {Verdict.PASSED: "yes", Verdict.FAILED: "NO", Verdict.UNKNOWN: "unknown"}
    print(f"{words[found.verdict]}: {one_line(found.reason, 400)}")
    if found.verdict is not Verdict.PASSED:
        next_line(*_way_out(found, version))
    return _CODES[found.verdict]


def _way_out(found: Admission, version: str) -> tuple[str, str]:
    because = one_line(found.because_of)
    match found.rule:
        case "blocked-release":
            return "when it is known to be innocent", f'andon releases unblock {because} --reason "why"'
        case "judged-bad":
            return "when it is known to be good", f'andon deployed {because} --verdict good --reason "how"'
        case "empty-ledger":
            elsewhere = f"andon releases check {version} --journal PLACE"
            return (
                "record what runs; or, if the ledger is kept elsewhere",
                f"andon deployed VERSION; or {elsewhere}",
            )
        case "code-unknown":
            return "name its commit", f"andon releases check {version} --commit COMMIT"
        case "history-unknown":
            known = f"andon releases check {version} --with-fix"
            return "fetch the history; or when it has the fix", f"git fetch --unshallow --tags; or {known}"
        case _:
            return "when it has the fix", f"andon releases check {version} --with-fix"


# ---- list


def _list(desk: Desk, arguments: argparse.Namespace) -> int:
    production = survey(desk)
    ledger = production.ledger
    releases = ledger.releases[::-1][: arguments.limit]
    ranges = tuple(r for r in bad_ranges(ledger, lineage(desk, ledger)) if r.is_open)
    tags = tagged(desk, ledger)
    if wants_json(arguments):
        print_json(
            {
                "running": production.running,
                "is_confirmed": production.is_confirmed,
                "releases": releases,
                "open_bad_ranges": ranges,
                "blocked": ledger.blocks,
                "tagged": [{"version": tag, "commit": commit, "source": "tag"} for tag, commit in tags],
                "changes": ledger.changes[-arguments.limit :],
                "unknown": [{"source": s, "reason": why} for s, why in production.failures],
            }
        )
        return 0
    for source, reason in production.failures:
        print(f"unknown: {one_line(source)}: {one_line(reason)}")
    rows(_row(r, production) for r in releases)
    rows(("", tag, "unknown", "a tag", commit[:10], "nobody saw it deployed") for tag, commit in tags[::-1])
    _print_ranges(ranges)
    _print_blocks(production)
    return _say_next(desk, releases)


def _row(release: Release, production: Production) -> tuple[str, ...]:
    proof = f" (evidence {release.evidence.rpartition(':')[2][:12]})" if release.evidence else ""
    return (
        "->" if release.version == production.running else "",
        release.version,
        release.verdict.value,
        f"{release.deployed_at:%Y-%m-%d %H:%M:%S}",
        release.commit[:10],
        f"{release.source} {release.reason}{proof}",
    )


def _print_ranges(ranges: tuple[BadRange, ...]) -> None:
    if ranges:
        print(style("open bad ranges: no way back leads there until a newer release is judged good", "bold"))
    for one in ranges:
        span = one.releases[0] if len(one.releases) == 1 else f"{one.releases[0]} to {one.releases[-1]}"
        listed = f" ({', '.join(one.releases)})" if 2 < len(one.releases) <= 6 else ""
        where = f" in {one.incident}" if one.incident else ""
        print(f"  {one_line(f'{span}{listed}: {one.version} was judged bad{where}: {one.reason}', 300)}")


def _print_blocks(production: Production) -> None:
    for block in production.ledger.blocks:
        where = f" since {block.incident}" if block.incident else ""
        print(f"  {one_line(f'blocked{where}: {block.version}: {block.reason}', 300)}")
    back = production.ledger.block_on(production.running) if production.running else None
    if back is not None:
        print(style(f"BLOCKED RELEASE IS BACK: {one_line(production.running)} runs", "bold", "red"))


def _say_next(desk: Desk, releases: tuple[Release, ...]) -> int:
    unknown = [r for r in releases if r.verdict is ReleaseVerdict.UNKNOWN]
    if not releases:
        next_line("record what is in production", "andon deployed VERSION")
    elif open_ids(desk):
        next_line("an incident is open", "andon status")
    elif unknown:
        next_line(
            f"{len(unknown)} of them nobody knows to be good; if you know one",
            f'andon deployed {unknown[0].version} --verdict good --reason "how you know"',
        )
    else:
        next_line("see whether what runs is good", "andon verify")
    return 0
