"""Beginning a hotfix: a branch from the release that runs, where it disturbs nobody's work."""

from __future__ import annotations

import os
import re

from andon.desk.deployments import commit_of, survey
from andon.desk.recording import record
from andon.errors import AndonError, Refused
from andon.incident.commands import StartHotfix
from andon.incident.events import HotfixStarted
from andon.incident.hotfixing import refuse_without_hotfix_decision
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")


class Begun(Record):
    """The incident with its hotfix, and where that is."""

    incident: Incident
    hotfix: HotfixStarted
    #: The work tree in which the branch is checked out now; "" when it is in none.
    place: str
    #: False when it was begun before.
    is_new: bool = True
    #: What to know about the place, one sentence each.
    notes: tuple[str, ...] = ()


def start_hotfix(desk: Desk, state: Incident, name: str = "", *, apart: bool = False) -> Begun:
    """Make the branch of the hotfix from the release that runs, and check it out; said again, find it.

    In place when nothing is uncommitted here, else, or when `apart`, in a work tree of its own. Raises
    Refused outside an emergency, before the decision, and when the commit that runs is not known.
    """
    refuse_without_hotfix_decision(state)
    branch = branch_named(state, name)
    known = state.hotfix
    if known is not None and (not name or known.branch == branch):
        place = desk.branches.place_of(known.branch)
        if not place:
            place = _check_out(desk, known.branch, _newest(desk, state, known), apart=apart)
        return Begun(
            incident=state,
            hotfix=known,
            place=place,
            is_new=False,
            notes=_notes(desk, known.base_commit, place),
        )
    version, commit = running_commit(desk, state)
    tip = desk.branches.tip(branch)
    if tip and not desk.branches.contains(tip, commit):
        raise Refused(
            f"the branch {branch} is there, and does not come from {version}",
            where=state.id,
            rule="hotfix-branch",
            remedy="give the hotfix another name: andon hotfix start NAME",
        )
    place = desk.branches.place_of(branch) if tip else ""
    place = place or _check_out(desk, branch, commit, apart=apart)
    is_apart = os.path.realpath(place) != os.path.realpath(desk.branches.root)
    started = HotfixStarted(
        branch=branch, base_version=version, base_commit=commit, worktree=place if is_apart else ""
    )
    state = record(desk, state, StartHotfix(started=started))
    return Begun(incident=state, hotfix=started, place=place, notes=_notes(desk, commit, place))


def branch_named(state: Incident, name: str) -> str:
    """Return `hotfix/INC-n` or `hotfix/INC-n-name`; raises Refused for a name that no branch can have."""
    word = name.strip().lower().replace(" ", "-").removeprefix(f"hotfix/{state.id.lower()}").strip("-/")
    if not word:
        return f"hotfix/{state.id}"
    if not _NAME.fullmatch(word) or ".." in word or word.endswith((".", ".lock")):
        raise Refused(
            f"{name[:80]!r} cannot be part of a branch's name",
            where=state.id,
            rule="hotfix-branch",
            remedy="a few letters, digits and dashes: andon hotfix start empty-basket",
        )
    return f"hotfix/{state.id}-{word}"


def running_commit(desk: Desk, state: Incident) -> tuple[str, str]:
    """Return the version that runs and its commit; raises Refused when either is not known."""
    production = survey(desk)
    version = production.running
    if not version:
        why = "; ".join(reason for _, reason in production.failures)
        raise Refused(
            f"which release runs is not known, and a hotfix starts from it, not from main: {why}".rstrip(
                ": "
            ),
            where=state.id,
            rule="hotfix-base",
            remedy="andon deployed VERSION --commit COMMIT, for what is in production now",
        )
    release = production.ledger.find(version)
    told = (release.commit if release else "") or commit_of(desk, version)
    if not told:
        raise _unknown_commit(state, version, "neither the ledger nor a tag says")
    try:
        return version, desk.repository.commit_of(told)
    except AndonError as problem:
        raise _unknown_commit(state, version, str(problem)) from problem


def _unknown_commit(state: Incident, version: str, why: str) -> Refused:
    return Refused(
        f"the commit of {version}, which runs, is not known here: {why}",
        where=state.id,
        rule="hotfix-base",
        remedy=f"git fetch --all --tags; or andon deployed {version} --commit COMMIT",
    )


def _newest(desk: Desk, state: Incident, known: HotfixStarted) -> str:
    """Return where a branch that somebody removed is made again: at what was checked last, or its base."""
    for check in reversed(state.hotfix_checks):
        try:
            return desk.repository.commit_of(check.commit)
        except AndonError:
            continue
    return known.base_commit


def _check_out(desk: Desk, branch: str, commit: str, *, apart: bool) -> str:
    """Check the branch out here, or in a work tree beside this one, with the configuration lent to it.

    Beside it when work here is unfinished, and when switching would take the configuration away with it.
    """
    if not (apart or desk.branches.uncommitted() or _loses_configuration(desk, commit)):
        return desk.branches.start(branch, commit)
    root = os.path.realpath(desk.branches.root)
    place = wanted = f"{root}-{branch.replace('/', '-')}"
    number = 1
    while os.path.lexists(place):
        number += 1
        place = f"{wanted}-{number}"
    place = desk.branches.start(branch, commit, place)
    if desk.config.path:
        desk.branches.lend(desk.config.path, place)
    return place


def _loses_configuration(desk: Desk, commit: str) -> bool:
    """True when andon.toml is part of what is checked out here, and not of the release that runs."""
    name = os.path.basename(desk.config.path)
    if not name:
        return False
    try:
        here = desk.repository.content(desk.repository.head(), name)
        return here is not None and desk.repository.content(commit, name) is None
    except AndonError:
        return False


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _notes(desk: Desk, base: str, place: str) -> tuple[str, ...]:
    """Return what to know about a work tree of its own; nothing where the branch is checked out here."""
    root, path, journal = desk.config.root, desk.config.path, desk.config.journal
    if os.path.realpath(place) == os.path.realpath(root):
        return ()
    notes, name = [], os.path.basename(path)
    if name:
        try:
            there = desk.repository.content(base, name)
        except AndonError:
            there = None
        if there is None:
            notes.append(f"{name} is not part of the release that runs: a copy lies there; do not commit it")
        elif there != _read(path):
            notes.append(f"{name} is another one in the release that runs than here")
    if journal and "://" not in journal and not os.path.isabs(os.path.expanduser(journal)):
        notes.append(f"the journal lies here: export ANDON_JOURNAL={os.path.join(root, journal)}")
    return tuple(notes)
