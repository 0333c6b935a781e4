"""Bringing a purged history to a remote: what replaces what it has, each reference under a condition."""

from __future__ import annotations

import json
import os
import re

from andon.desk.leak.accounts import KEPT_BY_HOST, Pushed, PushPlan
from andon.errors import Refused, Unavailable
from andon.incident.parts import RefPush
from andon.production.history_mirror import MAP
from andon.production.history_remote import TIMEOUT, address_of, reaching, references_at, shown_address
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from andon.production.history_git import MirrorGit
    from andon.production.history_mirror import HistoryMirror

#: References that one push carries: an argument list has its limit.
_TOGETHER = 400
#: What a host keeps itself and takes from nobody: pull and merge requests, and what it hides.
_KEPT = re.compile(
    r"refs/(?:pull|pull-requests|merge-requests|changes|cache-automerge|keep-around|pipelines|environments)/"
)
_NOT_HERE = "the remote has something here that this clone has not: andon leak purge --yes takes it along"


def plan(mirror: HistoryMirror, remote: str, tell: Callable[[str], None]) -> PushPlan:
    """Ask a remote what it has and return what replaces it; raises Refused, NotFound, Unavailable."""
    if not mirror.is_whole:
        raise Refused(
            "there is no purged mirror here",
            where=mirror.path,
            rule="leak-push",
            remedy="andon leak purge --yes",
        )
    kept = read_map(mirror)
    address = address_of(mirror.root, remote, mirror.remover)
    tell(f"asking {remote} what it has")
    now = references_at(_reaching(mirror), address)
    objects = kept.objects
    present = _present(mirror.git, [*now.values()])
    refs: list[RefPush] = []
    unchanged = 0
    for ref, old in sorted(now.items()):
        new_name, new = kept.references.get((ref, old)) or (_cleaned(mirror, ref), objects.get(old, old))
        known = old in objects or old in present
        if ref.startswith("refs/replace/") and (old in objects or ref[13:] in objects):
            refs.append(RefPush(ref=ref, old=old, new=""))
        elif not known:
            refs.append(
                RefPush(ref=ref, old=old, new=old, refused=KEPT_BY_HOST if _KEPT.match(ref) else _NOT_HERE)
            )
        elif new_name != ref:
            refs += [
                RefPush(ref=ref, old=old, new="", refused=_by_host(ref)),
                RefPush(ref=new_name, old="", new=new),
            ]
        elif new == old:
            unchanged += 1
        else:
            refs.append(RefPush(ref=ref, old=old, new=new, refused=_by_host(ref)))
    return PushPlan(remote=remote, address=shown_address(address), refs=tuple(refs), unchanged=unchanged)


def push(mirror: HistoryMirror, planned: PushPlan, tell: Callable[[str], None]) -> Pushed:
    """Push what is planned; each reference moves only if the remote still has what was planned from."""
    address = address_of(mirror.root, planned.remote, mirror.remover)
    wanted = [r for r in planned.refs if not r.refused]
    kept = [r.ref for r in planned.refs if r.refused == KEPT_BY_HOST]
    failed = {r.ref: r.refused for r in planned.refs if r.refused and r.ref not in kept}
    for some in _batches(wanted):
        tell(f"pushing {len(some)} references to {planned.remote}")
        failed |= _push(mirror, address, some)
    tell(f"asking {planned.remote} what it has now")
    now = references_at(_reaching(mirror), address)
    for one in wanted:
        if one.ref not in failed and now.get(one.ref, "") != one.new:
            failed[one.ref] = "the remote says it has something else now"
    done = [r.ref for r in wanted if r.ref not in failed]
    return Pushed(
        pushed=tuple(_cleaned(mirror, ref) for ref in done),
        failed=tuple(f"{_cleaned(mirror, ref)}: {why}" for ref, why in failed.items()),
        kept=tuple(_cleaned(mirror, ref) for ref in kept),
    )


def _reaching(mirror: HistoryMirror) -> MirrorGit:
    return reaching(mirror.root, mirror.path, mirror.remover)


def _push(mirror: HistoryMirror, address: str, refs: Sequence[RefPush]) -> dict[str, str]:
    """Push some references and return those that were not taken, with the reason."""
    git = _reaching(mirror)
    leases = [f"--force-with-lease={r.ref}:{r.old}" for r in refs]
    wanted = [f"{r.new}:{r.ref}" for r in refs]
    options = ("--porcelain", "--no-follow-tags", "--no-signed", "--recurse-submodules=no", "--no-thin")
    done = git.ask("push", *options, *leases, "--", address, *wanted, timeout=TIMEOUT)
    told = _answers(done.raw)
    failed: dict[str, str] = {}
    for one in refs:
        flag, summary = told.get(one.ref, ("!", git.told(done)))
        if flag == "!":
            said = mirror.remover.clean_name(summary.encode("utf-8", "surrogateescape"))
            failed[one.ref] = _why(said.decode("utf-8", "replace"))
    return failed


def _answers(raw: bytes) -> dict[str, tuple[str, str]]:
    """Return flag and summary by reference, of `git push --porcelain`."""
    found = {}
    for line in raw.decode("utf-8", "surrogateescape").splitlines():
        flag, tab, rest = line.partition("\t")
        names, second, summary = rest.partition("\t")
        if tab and second and len(flag) == 1:
            found[names.partition(":")[2]] = (flag, summary)
    return found


def _why(summary: str) -> str:
    if "stale info" in summary:
        return "somebody pushed there meanwhile: fetch it, andon leak locate, and purge again"
    if "fetch first" in summary or "non-fast-forward" in summary:
        return "the remote allows no push that rewrites: its administrator has to allow it for a moment"
    return f"{summary}: a rule of the remote refuses it; its administrator has to allow it for a moment"


class KeptMap(Record):
    """What became of each object and reference, as a purge wrote it down."""

    #: Old to new: commits, tags and whatever references point to.
    objects: dict[str, str]
    #: (old name, old object) to (new name, new object).
    references: dict[tuple[str, str], tuple[str, str]]
    first: tuple[str, ...]


def read_map(mirror: HistoryMirror) -> KeptMap:
    """Return what the purge of this mirror wrote down; raises Unavailable."""
    try:
        with open(os.path.join(mirror.room, MAP), encoding="ascii") as file:
            kept = json.load(file)
    except (OSError, ValueError) as problem:
        raise Unavailable(
            "what became of each commit is not known any more",
            where=mirror.room,
            rule="leak-push",
            remedy="andon leak purge --yes",
        ) from problem
    return KeptMap(
        objects={**kept["commits"], **{old: new for _, _, old, new in kept["refs"]}},
        references={(name, old): (new_name, new) for name, new_name, old, new in kept["refs"]},
        first=tuple(kept["first"]),
    )


def _present(git: MirrorGit, objects: Iterable[str]) -> set[str]:
    given = "".join(f"{one}\n" for one in dict.fromkeys(objects)).encode()
    if not given:
        return set()
    answer = git.answer("cat-file", "--batch-check=%(objectname)", given=given).decode("ascii", "replace")
    return {line for line in answer.splitlines() if " " not in line}


def _by_host(ref: str) -> str:
    return KEPT_BY_HOST if _KEPT.match(ref) else ""


def _batches(refs: Sequence[RefPush]) -> Iterator[Sequence[RefPush]]:
    for start in range(0, len(refs), _TOGETHER):
        yield refs[start : start + _TOGETHER]


def _cleaned(mirror: HistoryMirror, ref: str) -> str:
    return mirror.remover.clean_name(ref.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )
