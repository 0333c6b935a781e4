"""andon gate: what the repository accepts now, at a hook, in CI, or where it is pushed to."""

from __future__ import annotations

import sys

from andon.cli.as_json import print_json, wants_json
from andon.cli.gate_table import CODES, Judged, passes, plain, show, verdict_of
from andon.desk.gate.context import Asked
from andon.desk.gate.run import run_gate
from andon.desk.gate.standing import standing, standing_at
from andon.errors import AndonError, InvalidInput, NotFound
from andon.incident.words import Gear
from andon.response.gates.judge import Effect, GateRow, Judgement
from andon.response.gates.results import unknown
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.gate.standing import Standing
    from andon.desk.ports import Desk
    from andon.response.gates.ci import Build
    from andon.wiring.desk import WiredDesk

#: It opens the desk itself: a configuration that cannot be read is an answer of the gate.
NEEDS_NO_DESK = True
EPILOG = """\
examples:
  andon gate pre-commit                      before a commit
  andon gate commit-msg .git/COMMIT_EDITMSG  the message of a commit
  andon gate pre-push origin URL             as git's hook calls it, references on standard input
  andon gate ci --base origin/main           the commits of this branch
  andon gate pre-receive                     as git's hook calls it on a server
  andon gate violations [RULE]               who passed which rule, and what is proposed
  andon gate harden RULE --reason "..."      let a rule block where it warns; relax takes it back
  andon gate ban [LIST]                      what must not come back here; with a file or -, add what it says
  andon gate lift SUBJECT --reason "..."     let something come back after all"""
#: What `cli.gate_rules` does.
_VERBS = ("harden", "relax", "violations")
#: What `cli.gate_ban` does.
_BANS = ("ban", "lift")
_POINTS = (
    Point.PRE_COMMIT, Point.COMMIT_MSG, Point.PRE_PUSH, Point.CI, Point.PRE_RECEIVE, Point.REFERENCES,
)  # fmt: skip
#: Bytes of a message, and of what git sends to a hook.
_LARGEST = 1 << 24


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument(
        "point",
        choices=(*(p.value for p in _POINTS), *_VERBS, *_BANS),
        help="where the gate stands; or what to do with a rule",
    )
    parser.add_argument(
        "first",
        nargs="?",
        metavar="FILE|REMOTE|RULE",
        help="commit-msg: the file; pre-push: the remote; reference-transaction: the state; "
        "harden, relax, violations: the rule; ban: a list; lift: what is on it",
    )
    parser.add_argument("second", nargs="?", metavar="URL", help="pre-push: the remote's address")
    parser.add_argument("--base", metavar="COMMIT", default="", help="ci: what the commits are compared with")
    parser.add_argument("--head", metavar="COMMIT", default="", help="ci: the commit that is judged")
    parser.add_argument("--gear", default="", help="ci, pre-receive: the gear where no journal can be asked")
    parser.add_argument(
        "--sarif", metavar="FILE", default="", help="write SARIF 2.1.0 too; - for standard output"
    )
    parser.add_argument("--reason", default="", help="harden, relax, lift: why")
    for side, when in (("base", "before"), ("head", "after")):
        told = f"ci: what scanners wrote {when} the change, for no-new-finding"
        parser.add_argument(f"--sarif-{side}", metavar="FILE[,FILE]", default="", help=told)
    parser.add_argument("--verbose", action="store_true", help="show every rule, also those that pass")


def run(_desk: None, arguments: argparse.Namespace) -> int:
    """Ask the rules of the point, show a table for each change; return 0, 1 (refused) or 3 (undecided)."""
    from andon.wiring.opening import open_gate_desk

    if arguments.point in _VERBS:
        from andon.cli import gate_rules

        with open_gate_desk(arguments) as desk:
            return gate_rules.run(desk, arguments)
    if arguments.point in _BANS:
        from andon.cli import gate_ban

        with open_gate_desk(arguments) as desk:
            return gate_ban.run(desk, arguments)
    point = Point(arguments.point)
    _refuse_foreign_words(point, arguments)
    if point is Point.REFERENCES:
        from andon.cli import gate_references

        return gate_references.run(arguments, _given(point)) if gate_references.is_asked(arguments) else 0
    try:
        desk = open_gate_desk(arguments)
    except AndonError as problem:
        if problem.rule != "configuration":
            raise
        return _tell((_unreadable(point, problem),), arguments)
    with desk:
        judged = _judged(desk, point, arguments)
        code = _tell(judged, arguments)
        if not wants_json(arguments) and arguments.sarif != "-":
            _propose(desk, judged)
        return code


def _propose(desk: Desk, judged: tuple[Judged, ...]) -> None:
    """Say which of the rules that warned here were violated so often that they should block."""
    warned = {row.result.rule for one in judged for row in one.judgement.rows if row.effect is Effect.WARNS}
    if not warned:
        return
    from andon.desk.gate.answered import gate_record

    try:
        record = gate_record(desk)
    except AndonError:  # no journal: nothing is counted
        return
    if not any(record.proposes_hard_gate(rule) for rule in warned):
        return
    from andon.cli.terminal import one_line
    from andon.response.gates.hardening import proposal_told, proposals

    for proposal in proposals(record):
        if proposal.rule in warned:
            print(f"proposed: {one_line(proposal_told(proposal))}  ->  {one_line(proposal.command)}")


def _judged(desk: WiredDesk, point: Point, arguments: argparse.Namespace) -> tuple[Judged, ...]:
    given = _given(point) if point in (Point.PRE_PUSH, Point.PRE_RECEIVE) else ""
    asked = _asked(desk, point, arguments, given)
    if point not in (Point.CI, Point.PRE_PUSH):
        return _judged_here(desk, point, asked, arguments)
    judged = []
    desks = {_loaded(desk): (desk, asked, standing(desk))}
    try:
        for number, one in enumerate(asked):
            content = _before(desk, point, one)
            if content not in desks:
                other = _as_it_was(desk, one, arguments)
                its_own = asked if other is desk else _asked(other, point, arguments, given)
                desks[content] = (other, its_own, standing(other))
            own, its_own, found = desks[content]
            judged.append(_one(own, point, its_own[number], found, arguments))
    finally:
        for own, _, _ in desks.values():
            if own is not desk:
                own.close()
    return tuple(judged)


def _judged_here(
    desk: Desk, point: Point, asked: tuple[Asked, ...], arguments: argparse.Namespace
) -> tuple[Judged, ...]:
    """Return what the gate says by the configuration that is here; of a commit, keep that it passed."""
    from andon.desk.gate.receipts import give_while_committing, staged_before

    staged = staged_before(desk) if point is Point.PRE_COMMIT else ("", "")
    found = standing(desk)
    judged = tuple(_one(desk, point, one, found, arguments) for one in asked)
    if point in (Point.PRE_COMMIT, Point.COMMIT_MSG):
        give_while_committing(desk, judged[0].judgement, staged, asked[0].message)
    return judged


def _one(desk: Desk, point: Point, one: Asked, found: Standing, arguments: argparse.Namespace) -> Judged:
    branches = (one.branch, one.target.removeprefix("refs/heads/"))
    stands = standing_at(
        desk,
        found,
        branches,
        said=Gear.named(arguments.gear) if arguments.gear else None,
        is_away=point in (Point.CI, Point.PRE_RECEIVE),
        arriving=[commit.id for commit in one.arriving or ()],
    )
    judgement = run_gate(desk, point, one, stands)
    if point in (Point.PRE_PUSH, Point.CI) and one.arriving:
        from andon.desk.gate.receipts import give_after

        give_after(desk, judgement, one.arriving)
    target, branch = one.target, one.branch
    if any(row.result.rule == "secrets" and row.effect is Effect.BLOCKS for row in judgement.rows):
        from andon.desk.redacting import redacted

        target, branch = redacted(desk, target), redacted(desk, branch)  # a name can be what is secret
    return Judged(
        judgement=judgement,
        why=stands.why,
        incident=stands.incident_id,
        target=target,
        branch=branch,
        base=one.base,
        head=one.head,
        words=desk.config.words,
    )


def _asked(desk: Desk, point: Point, arguments: argparse.Namespace, given: str) -> tuple[Asked, ...]:
    from andon.desk.gate.asking import staged, written

    if point is Point.PRE_COMMIT:
        return (staged(desk),)
    if point is Point.COMMIT_MSG:
        return (written(desk, _message(arguments.first)),)
    return _arriving(desk, point, arguments, given)


def _arriving(desk: Desk, point: Point, arguments: argparse.Namespace, said: str) -> tuple[Asked, ...]:
    from andon.desk.gate.arriving import built, pushed, received
    from andon.record import replace

    if point is Point.CI:
        given = [tuple(filter(None, w.split(","))) for w in (arguments.sarif_base, arguments.sarif_head)]
        return (replace(built(desk, _build(arguments)), sarif_base=given[0], sarif_head=given[1]),)
    from andon.response.gates.pushed import read_pre_push, read_pre_receive

    if point is Point.PRE_PUSH:
        remote, address = arguments.first or "", arguments.second or ""
        return pushed(desk, read_pre_push(said), remote, address)
    return received(desk, read_pre_receive(said))


def _build(arguments: argparse.Namespace) -> Build:
    from andon.production.ci_environment import this_build
    from andon.record import replace

    build = this_build()
    if arguments.head:
        build = replace(build, heads=(arguments.head,))
    if arguments.base:
        build = replace(build, bases=(arguments.base,), is_push=False)
    return build


def _as_it_was(desk: WiredDesk, asked: Asked, arguments: argparse.Namespace) -> WiredDesk:
    """Return the desk with the configuration before the change: no change can switch its own gate off."""
    from andon.wiring.opening import open_gate_desk

    try:
        return open_gate_desk(arguments, asked.onto or asked.base)
    except AndonError:  # it was broken before; what is there now could be read
        return desk


def _before(desk: WiredDesk, point: Point, asked: Asked) -> bytes | None:
    """Return the configuration that holds: that of the branch the commits are for, else where they began.

    Where a push starts, one that is not there yet is believed; it may be the first that the branch gets.
    """
    from andon.config.load import NAME

    before = asked.onto or asked.base
    if asked.problem or not before or (asked.deletes and not asked.onto):
        return _loaded(desk)
    content = desk.ranges.file(before, NAME)
    return _loaded(desk) if content is None and point is Point.PRE_PUSH else content


def _loaded(desk: WiredDesk) -> bytes | None:
    """Return the file that the desk's configuration was read from; None when there is none."""
    try:
        with open(desk.config.path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _message(path: str | None) -> bytes:
    if not path:
        raise InvalidInput(
            "the file with the message is missing",
            where="andon gate commit-msg",
            rule="usage",
            remedy="andon gate commit-msg .git/COMMIT_EDITMSG",
        )
    try:
        with open(path, "rb") as file:
            return _whole(file.read(_LARGEST + 1), path)
    except OSError as problem:
        raise NotFound(
            f"the message cannot be read: {problem.strerror}", where=path, remedy="call it from the hook"
        ) from problem


def _given(point: Point) -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise InvalidInput(
            "nothing comes on standard input",
            where=f"andon gate {point.value}",
            rule="usage",
            remedy="it is called by git's hook; by hand: andon gate ci --base origin/main",
        )
    given = _whole(sys.stdin.buffer.read(_LARGEST + 1), "standard input")
    return given.decode("utf-8", "backslashreplace")


def _whole(content: bytes, where: str) -> bytes:
    """Return what was read when it is all of it: what is cut off would pass unseen."""
    if len(content) > _LARGEST:
        raise InvalidInput(
            f"more than {_LARGEST} bytes are not judged", where=where, rule="usage", remedy="push it in parts"
        )
    return content


def _refuse_foreign_words(point: Point, arguments: argparse.Namespace) -> None:
    """Raise InvalidInput for a word that means nothing at this point: it would be ignored."""
    taken = {Point.COMMIT_MSG: 1, Point.PRE_PUSH: 2, Point.REFERENCES: 1}.get(point, 0)
    extra = [word for word in (arguments.first, arguments.second)[taken:] if word]
    if (arguments.base or arguments.head) and point is not Point.CI:
        extra.append("--base" if arguments.base else "--head")
    if (arguments.sarif_base or arguments.sarif_head) and point is not Point.CI:
        extra.append("--sarif-base" if arguments.sarif_base else "--sarif-head")
    if arguments.gear and point not in (Point.CI, Point.PRE_RECEIVE):
        extra.append("--gear")
    if arguments.reason:
        extra.append("--reason")
    if extra:
        raise InvalidInput(
            f"{extra[0]} means nothing here",
            where=f"andon gate {point.value}",
            rule="usage",
            remedy="andon gate --help",
        )
    if arguments.gear and Gear.named(arguments.gear) is None:
        raise InvalidInput(
            f"{arguments.gear!r} is no gear",
            where="--gear",
            rule="usage",
            remedy="--gear EXPLORE, BUILD, SHIP or HOTFIX (or L0 to L3)",
        )


def _unreadable(point: Point, problem: AndonError) -> Judged:
    row = GateRow(result=unknown("configuration", str(problem), problem.remedy), effect=Effect.BLOCKS)
    judgement = Judgement(point=point, gear=Gear.BUILD, rows=(row,))
    return Judged(judgement=judgement, why="assumed: the configuration cannot be read")


def _tell(judged: tuple[Judged, ...], arguments: argparse.Namespace) -> int:
    if arguments.sarif:
        _write_sarif(judged, arguments.sarif)
    if wants_json(arguments):
        print_json(plain(judged))
    elif judged and arguments.sarif != "-" and not _is_told_already(judged, arguments):
        show(judged, is_quiet=not arguments.verbose and arguments.point != Point.CI.value)
    return CODES[verdict_of(judged)]


def _is_told_already(judged: tuple[Judged, ...], arguments: argparse.Namespace) -> bool:
    """True for a message that is in order: the gate before it has printed the line of this commit."""
    return arguments.point == Point.COMMIT_MSG.value and not arguments.verbose and all(map(passes, judged))


def _write_sarif(judged: tuple[Judged, ...], place: str) -> None:
    import json

    from andon import __version__
    from andon.errors import Unavailable
    from andon.response.gates.sarif_report import sarif_report

    report = sarif_report([one.judgement for one in judged], __version__)
    text = json.dumps(report, indent=2, ensure_ascii=True) + "\n"
    if place == "-":
        print(text, end="")
        return
    try:
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise Unavailable(f"it cannot be written: {problem.strerror}", where=place) from problem
