"""Does nothing come back that was purged? Compares what arrives with the ban list of this repository."""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.incident.words import counted
from andon.response.gates.results import Objection, failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from andon.desk.gate.context import GateContext
    from andon.desk.ports_changes import Changes
    from andon.response.change import Change
    from andon.response.gates.results import RuleResult
    from andon.secrets.bans import Ban, BannedValues

RULE = "banned"
_WAY_OUT = (
    "this history is older than the purge: git fetch, then git rebase --onto the branch as it is there now, "
    "or clone again; never merge the old history"
)
#: Places that are told; the rest is counted.
_TOLD = 100


def check(context: GateContext) -> RuleResult:
    """Object to every banned commit, content or value that arrives; raises InvalidInput for a broken list."""
    text = context.desk.bans.read()
    if not text:
        return passed(RULE, "there is no ban list here")
    from andon.secrets.bans import BannedValues, read_bans

    try:
        bans = read_bans(text)
    except ValueError as problem:
        raise InvalidInput(
            "this line is none of a ban list",
            where=f"{context.desk.bans.place}:{problem}",
            rule=RULE,
            remedy="look at it, and import the list again: andon gate ban FILE",
        ) from problem
    objects = {ban.subject: ban for ban in bans if ban.kind == "object"}
    values = BannedValues(bans)
    found: list[Objection] = []
    looked: dict[str, tuple[Ban, ...]] = {}
    for change in context.each_commit():
        found += _objects(change, objects)
        if values:
            found += _values(context.desk.changes, change, values, looked)
    if context.asked.message and values:
        found += _told(values.found((context.asked.message.encode(),)), "the message of the tag")
    if not found:
        return passed(RULE, f"none of {counted(len(bans), 'thing')} on the list")
    told = "; ".join(o.text + (f" in {o.path}" if o.path else "") for o in found[:3])
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return failed(RULE, told + more, _WAY_OUT, tuple(found[:_TOLD]))


def _objects(change: Change, objects: dict[str, Ban]) -> Iterator[Objection]:
    for commit in change.commits:
        if commit.id in objects:
            yield _objection(objects[commit.id], f"commit {commit.id[:10]}")
    for file in change.files:
        if file.new_object in objects:
            yield _objection(objects[file.new_object], f"commit {change.head[:10]}", file.path)


def _values(
    changes: Changes, change: Change, values: BannedValues, looked: dict[str, tuple[Ban, ...]]
) -> Iterator[Objection]:
    files = [file for file in change.files if file.new_object and not file.is_submodule]
    new = [file.new_object for file in files if file.new_object not in looked]
    for identity, pieces in changes.objects(tuple(dict.fromkeys(new))):
        looked[identity] = values.found(pieces)
    for file in files:
        bans = dict.fromkeys((*looked[file.new_object], *values.found((_bytes(file.path),))))
        for ban in bans:
            yield _objection(ban, f"commit {change.head[:10]}" if change.head else "", file.path)
    for commit in change.commits:
        yield from _told(values.found((_bytes(commit.message),)), f"the message of {commit.id[:10]}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _told(bans: Iterable[Ban], place: str) -> Iterator[Objection]:
    return (_objection(ban, place) for ban in bans)


def _objection(ban: Ban, place: str, path: str = "") -> Objection:
    where = f" ({place})" if place else ""
    return Objection(rule=RULE, path=path, text=f"{ban.told}{where}", snippet=f"{place} {ban.subject}")
