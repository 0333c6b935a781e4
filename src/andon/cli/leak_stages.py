"""andon leak locate ... cleanup: each stage of the response, carried out and told."""

from __future__ import annotations

import os
from datetime import timedelta

from andon.cli.leak_told import ended, progress, tell_places, text_ended
from andon.cli.output import headline, print_json, say_next, summary, wants_json, whole
from andon.cli.terminal import one_line
from andon.desk.leak.room import known_credentials
from andon.desk.recording import record
from andon.errors import Refused
from andon.incident.commands import AttachEvidence, ChangeSeverity, RecordLeak
from andon.incident.events import CredentialRevoked, EvidenceAttached, PurgePushed
from andon.incident.leak_state import HERE
from andon.incident.leaking import leak_of, refuse_early_clean_up, refuse_unlocated, refuse_unverified
from andon.incident.words import Verdict, counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.leak.accounts import Adoption
    from andon.desk.leak.located import Located
    from andon.desk.ports import Desk
    from andon.incident.leak_state import LeakEvent
    from andon.incident.state import Incident
    from andon.incident.words import EvidenceHash

#: What becomes of a file that leaked whole, in the work tree: told before and after.
_WHOLE_FILE = {
    False: "it leaked whole; where it is committed, it goes from the work tree too: keep the rest of it",
    True: "gone from the work tree too; write it anew with the new secrets, where git ignores it",
}
#: Steps that an event lists.
_LISTED = 200


def run_stage(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    """Carry out the stage that the verb names."""
    match arguments.verb:
        case "locate":
            return _locate(desk, arguments, state)
        case "exposure":
            return _exposure(desk, arguments, state)
        case "backup":
            return _backup(desk, arguments, state)
        case "purge":
            return _purge(desk, arguments, state)
        case "verify":
            return _verify(desk, arguments, state)
        case "push":
            return _push(desk, arguments, state)
        case "adopt":
            return _adopt(desk, arguments, state)
        case "ban":
            from andon.cli.leak_ban import run_ban

            return run_ban(desk, arguments, state)
        case _:
            return _clean_up(desk, arguments, state)


def _keep(desk: Desk, state: Incident, event: LeakEvent, title: str = "") -> Incident:
    """Record a stage, and attach what it stored as evidence."""
    action = f"A{len(state.actions) + 1}"
    due = desk.clock.now() + timedelta(days=desk.config.review.action_days)
    state = record(desk, state, RecordLeak(event=event, action=action, owner=desk.actor, due_at=due))
    stored: EvidenceHash | None = getattr(event, "evidence", None)
    if stored is None or any(e.evidence == stored for e in state.evidence):
        return state
    blob = desk.evidence.get(stored)
    attached = EvidenceAttached(
        evidence=stored,
        kind="leak",
        title=title,
        media_type=blob.media_type,
        size=len(blob.content),
        source="andon leak",
    )
    return record(desk, state, AttachEvidence(evidence=attached))


# ---- where it is, and since when


def _search(desk: Desk, arguments: argparse.Namespace, state: Incident) -> Located:
    from andon.desk.leak.locate import locate

    with progress(arguments) as tell:
        return locate(desk, known_credentials(desk, state), tell)


def _locate(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    found = _search(desk, arguments, state)
    state = _keep(desk, state, found.event, "every place that holds a leaked secret")
    code = 0 if found.verdict is Verdict.PASSED else 3
    if wants_json(arguments):
        print_json(
            {
                **summary(state, desk.clock.now()),
                "located": whole(found.event),
                "places": list(found.places),
                "incomplete": list(found.incomplete),
                "notes": list(found.notes),
            }
        )
        return code
    print(headline(state))
    print(f"  {one_line(found.event.summary)}")
    if found.event.in_head:
        print("  what is checked out now holds it too: the purge takes it out of HEAD as well")
    tell_places(found.places, whole=arguments.whole)
    for text in found.incomplete:
        print(f"  NOT COMPLETE: {one_line(text)}")
    for text in found.notes:
        print(f"  note: {one_line(text)}")
    say_next(state)
    return code


def _exposure(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.exposure import Alert, assess_exposure
    from andon.secrets.leak.urgency import READERS, urgency

    refuse_unlocated(state)
    found = _search(desk, arguments, state)
    leak = leak_of(state)
    dead = {r.event.mark: r.at for r in desk.history(state.id) if isinstance(r.event, CredentialRevoked)}
    alerts = (Alert(at=leak.alerted_at, text="the host's alert"),) if leak.alerted_at else ()
    with progress(arguments) as tell:
        exposure = assess_exposure(
            desk, found, tell, ask_remote=arguments.ask_remote, revoked=dead, alerts=alerts
        )
    event = exposure.event
    state = _keep(desk, state, event, "since when the secrets could be read, and by whom")
    seen = {r.visibility for r in event.remotes}
    readers = next((r for r in READERS if r in seen), "local")
    proposed, why = urgency(readers)
    told = [event.summary]
    told += [f"{r.remote} ({r.visibility}): {', '.join(r.refs[:5])}; {r.evidence}" for r in event.remotes]
    told += [f"released as {', '.join(exposure.releases[:10])}"] if exposure.releases else []
    told += [f"note: {text}" for text in exposure.notes]
    if proposed.is_worse_than(state.severity):
        state = record(desk, state, ChangeSeverity(severity=proposed, reason=why))
        told.append(f"escalated to {proposed}: {why}")
    elif state.severity.is_worse_than(proposed) and not found.incomplete:
        told.append(f'less than feared ({why}): andon severity {proposed} --reason "..." if you agree')
    told += [f"NOT COMPLETE: {text}" for text in found.incomplete]
    ended(desk, arguments, state, told, exposure=whole(event), incomplete=list(found.incomplete))
    return 0 if found.verdict is Verdict.PASSED else 3


# ---- the history


def _backup(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.backup import BackupOptions, back_up

    options = BackupOptions(room=desk.leak_room.place(state.id), credentials=known_credentials(desk, state))
    with progress(arguments) as tell:
        event, bundle = back_up(desk, state, options, tell)
    state = _keep(desk, state, event)
    told = [
        f"{counted(bundle.references, 'reference')} in {bundle.path}, {bundle.size} bytes, for you alone",
        f"it holds the secrets: an action item says to delete it after {event.delete_after:%Y-%m-%d}",
    ]
    told += [f"in it without a name: {text}" for text in bundle.unnamed[:5]]
    return ended(desk, arguments, state, told, backup=whole(event))


def _purge(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.purge import PurgeOptions, account_in_words, forecast_in_words, foresee, purge

    leak = leak_of(state)
    refuse_unlocated(state)
    is_asked = leak.exposure is not None and arguments.yes and not arguments.offline
    remotes = tuple(r.remote for r in leak.exposure.remotes) if leak.exposure and is_asked else ()
    options = PurgeOptions(
        room=desk.leak_room.place(state.id),
        credentials=known_credentials(desk, state),
        paths=leak.paths,
        remotes=remotes,
    )
    if not arguments.yes:
        with progress(arguments) as tell:
            forecast = foresee(desk, state, options, tell)
        text = f"{forecast_in_words(forecast)}nothing was changed: --yes does it, in a fresh mirror\n"
        return text_ended(desk, arguments, state, text, forecast=whole(forecast))
    with progress(arguments) as tell:
        event, forecast, account = purge(desk, state, options, tell)
    state = _keep(desk, state, event, "what the purge changed")
    return text_ended(desk, arguments, state, account_in_words(forecast, account), purged=whole(event))


def _verify(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.verify import VerifyOptions, proof_in_words, verify

    options = VerifyOptions(
        room=desk.leak_room.place(state.id),
        credentials=known_credentials(desk, state),
        accepted=tuple(arguments.accept),
    )
    with progress(arguments) as tell:
        event, proof = verify(desk, state, options, tell)
    state = _keep(desk, state, event, "what the search after the purge found")
    code = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}[event.verdict]
    return text_ended(desk, arguments, state, proof_in_words(proof), code, verified=whole(event))


# ---- the remotes, and this clone


def _push(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.push import PushOptions, plan_push, push

    leak = leak_of(state)
    refuse_unverified(state)
    wanted = (arguments.remote,) if arguments.remote else tuple(r for r in leak.unpushed if r != HERE)
    if not wanted:
        raise Refused(
            "every remote that is known to have had it has the rewritten history",
            where=state.id,
            rule="leak-push",
            remedy="andon leak adopt, for this clone; another remote: andon leak push --remote NAME",
        )
    room, credentials = desk.leak_room.place(state.id), known_credentials(desk, state)
    text, failed = "", False
    for remote in wanted:
        options = PushOptions(room=room, credentials=credentials, remote=remote)
        with progress(arguments) as tell:
            planned, _, texts = plan_push(desk, state, options, tell)
            state = _keep(
                desk, state, planned, f"how {remote} gets the rewritten history, and who must do what"
            )
            if not arguments.yes:
                text += texts.whole
                continue
            event, done = push(desk, state, options, tell)
        state = _keep(desk, state, event)
        failed = failed or bool(done.failed)
        text += f"{remote}: {counted(len(done.pushed), 'reference')} pushed\n"
        text += "".join(f"refused: {one}\n" for one in done.failed)
        text += "".join(f"only the host can remove: {one}\n" for one in done.kept)
        text += f"letters for clones, forks and the host: andon evidence show {str(planned.evidence)[7:19]}\n"
    if not arguments.yes:
        text += "\nnothing was pushed: --yes does it\n"
    return text_ended(desk, arguments, state, text, 1 if failed else 0)


def _adopt(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.adopt import AdoptOptions, adopt

    options = AdoptOptions(
        room=desk.leak_room.place(state.id),
        credentials=known_credentials(desk, state),
        write=arguments.yes,
    )
    whole_files = {path: os.path.join(desk.config.root, path) for path in leak_of(state).paths}
    here = [path for path, place in whole_files.items() if os.path.lexists(place)]
    with progress(arguments) as tell:
        found = adopt(desk, state, options, tell)
    gone = [path for path in here if not os.path.lexists(whole_files[path])]
    purged = leak_of(state).purged
    is_news = bool(found.steps or found.survivors) or HERE in leak_of(state).unpushed
    if arguments.yes and purged is not None and not found.hindrances and is_news:
        event = PurgePushed(
            operation=purged.operation,
            remote=HERE,
            pushed=tuple(found.steps[:_LISTED]),
            failed=tuple((found.survivors or ())[:_LISTED]),
        )
        state = _keep(desk, state, event)
    text = _adoption_in_words(found, write=arguments.yes)
    for path in gone if arguments.yes else here:
        text += f"\n{path}: " + _WHOLE_FILE[arguments.yes]
    code = 1 if found.hindrances or found.survivors else 0
    return text_ended(desk, arguments, state, text, code, adoption=whole(found))


def _adoption_in_words(found: Adoption, *, write: bool) -> str:
    lines = [*found.steps, *(f"in the way: {text}" for text in found.hindrances)]
    if found.survivors is not None:
        lines += [f"still here: {text}" for text in found.survivors] or ["this clone is free of it"]
    elif not write:
        lines.append("nothing was changed: --yes does it")
    return "\n".join(lines or ["nothing to do: this clone has the new history"])


def _clean_up(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.leak.tidying import tidy

    if not arguments.yes:
        refuse_early_clean_up(state)
    with progress(arguments) as tell:
        event = tidy(desk, state, tell, with_backup=arguments.now)
    state = _keep(desk, state, event)
    told = [event.summary]
    told += [f"gone: {os.path.basename(path)}" for path in event.removed]
    told += [f"left: {text}" for text in event.left]
    ended(desk, arguments, state, told, cleaned=whole(event))
    return 0 if event.verdict is Verdict.PASSED else 1
