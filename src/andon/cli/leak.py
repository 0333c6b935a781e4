"""andon leak: a secret got out. Where the response stands, and every step of it."""

from __future__ import annotations

from datetime import timedelta

from andon.cli.output import finish, headline, print_json, say_next, summary, wants_json, whole
from andon.cli.terminal import one_line, rows, style
from andon.desk.casefile import all_incidents, load, open_incidents
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.errors import InvalidInput, NotFound, Refused
from andon.incident import events as e
from andon.incident.commands import RecordLeak, TakeShortcut
from andon.incident.leak_state import SKIPPABLE, Stage
from andon.incident.leaking import leak_of, open_backups, residual
from andon.incident.words import Status, counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.leak_state import Leak
    from andon.incident.state import Incident

EPILOG = """\
examples:
  andon leak start --finding a1b2c3      the gate found it: six digits, never the value
  andon leak start --value               paste it; nothing is shown, nothing is recorded but its mark
  andon leak start --path .env.prod      a whole file leaked: every value in it
  andon leak start --alert alert.json    what the host's secret scanning says
  andon leak                             where it stands, and the one command that comes next
  andon leak rotate a1b2c3 --reason "revoked in the console; the old key answers 403"
  andon leak purge                       what would be rewritten; --yes does it, in a fresh mirror
  andon leak push --yes                  with a lease for every reference, never by force alone

What is rewritten is never your repository, and nothing is purged before every secret is revoked or skipped
on the record. Everything can be interrupted and said again."""

#: The verbs whose work is in modules of their own.
_STAGES = ("locate", "exposure", "backup", "purge", "verify", "push", "adopt", "ban", "cleanup")

#: What can be asked, and done, when the incident is closed: the day of a backup comes later.
_CLOSED_TOO = (None, "status", "report", "cleanup")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("status", help="where it stands (also without a verb)")
    start = verbs.add_parser("start", help="a secret got out: declare it, or add to what is open")
    start.add_argument("--value", action="store_true", help="asked without echo; or piped, one a line")
    start.add_argument("--finding", action="append", default=[], metavar="MARK", help="what the gate found")
    start.add_argument(
        "--alert", default="", metavar="FILE", help="a host's alert as JSON; - is standard input"
    )
    start.add_argument("--path", action="append", default=[], metavar="FILE", help="a file that leaked whole")
    start.add_argument("--severity", "-s", default="", help="default: by who could read it; in doubt P0")
    start.add_argument("--new", action="store_true", help="another incident, although a leak is open")
    start.add_argument("--yes", "-y", action="store_true", help="also short values and ordinary words")
    locate = verbs.add_parser("locate", help="every object and name that holds it, in any encoding")
    locate.add_argument("--all", action="store_true", dest="whole", help="print every place")
    exposure = verbs.add_parser("exposure", help="since when could it be read, and by whom")
    exposure.add_argument("--ask-remote", action="store_true", help="ask the remotes over the network")
    rotate = verbs.add_parser("rotate", help="how to replace each secret; answer for one that is dead")
    rotate.add_argument("mark", nargs="?", default="", help="the six digits; without: the checklist")
    rotate.add_argument("--reason", "-r", default="", help="how it is known, or why it is skipped")
    rotate.add_argument("--skip", action="store_true", help="go on although it still works; it comes back")
    rotate.add_argument("--owner", default="", help="who replaces what is skipped (default: you)")
    verbs.add_parser("backup", help="keep the history as it is in one private file, with a last day")
    purge = verbs.add_parser("purge", help="rewrite a fresh mirror without the secrets")
    purge.add_argument("--yes", "-y", action="store_true", help="do it; else only tell what would change")
    purge.add_argument(
        "--offline", action="store_true", help="do not ask the remotes for what only they have"
    )
    verify = verbs.add_parser("verify", help="search the mirror and fresh clones of it, byte by byte")
    verify.add_argument(
        "--accept", action="append", default=[], metavar="OBJECT", help="nobody can read it; you looked"
    )
    push = verbs.add_parser("push", help="the plan, the texts for others, and the push")
    push.add_argument("--yes", "-y", action="store_true", help="push; else only plan")
    push.add_argument("--remote", default="", help="default: every remote that had it")
    adopt = verbs.add_parser("adopt", help="bring this clone to the rewritten history")
    adopt.add_argument("--yes", "-y", action="store_true", help="do it; else only tell")
    ban = verbs.add_parser("ban", help="refuse the old objects and values from now on")
    ban.add_argument("--export", default="", metavar="FILE", help="write the list for a server instead")
    cleanup = verbs.add_parser("cleanup", help="remove mirror, clones, values and the backup after its day")
    cleanup.add_argument("--now", action="store_true", help="the backup too, before its day")
    cleanup.add_argument("--yes", "-y", action="store_true", help="although a stage is left that needs them")
    skip = verbs.add_parser("skip", help="leave a stage out, on the record")
    skip.add_argument("stage", choices=[s.value for s in SKIPPABLE], help="which one")
    skip.add_argument("--reason", "-r", default="", help="why")
    skip.add_argument("--owner", default="", help="who does it later (default: you)")
    judge = verbs.add_parser("judge", help="what the leak still means")
    judge.add_argument("severity", nargs="?", default="", help="P0 ... P4 (default: by rule)")
    judge.add_argument("--reason", "-r", default="", help="why")
    verbs.add_parser("report", help="the security impact assessment, as the postmortem will have it")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, say where the leak stands."""
    from andon.production.leak_room import no_core_dumps

    no_core_dumps()
    if arguments.verb == "start":
        from andon.cli.leak_start import run_start

        return run_start(desk, arguments)
    state = _leak(desk, getattr(arguments, "incident", None), closed_too=arguments.verb in _CLOSED_TOO)
    if arguments.verb in _STAGES:
        from andon.cli import leak_stages

        return leak_stages.run_stage(desk, arguments, state)
    match arguments.verb:
        case "rotate":
            return _rotate(desk, arguments, state)
        case "skip":
            return _skip(desk, arguments, state)
        case "judge":
            return _judge(desk, arguments, state)
        case "report":
            return _report(desk, arguments, state)
        case _:
            return _stand(desk, arguments, state)


def _leak(desk: Desk, wanted: str | None, *, closed_too: bool) -> Incident:
    """Return the incident that is meant: the named one, else the only open one with a leak.

    With `closed_too`, a closed one whose backup is still kept is meant when none is open.
    """
    if not wanted:
        found = [state for state in open_incidents(desk) if state.leak is not None]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            raise InvalidInput(
                f"several leaks are open: {', '.join(s.id for s in found)}",
                rule="which-incident",
                remedy=f"andon leak -i {found[-1].id}",
            )
        if closed_too and (owed := [s for s in all_incidents(desk) if s.leak and open_backups(s)]):
            return owed[0]
        raise NotFound("no leak is open", rule="leak-reported", remedy="andon leak start --help")
    state = load(desk, wanted, closed_too=closed_too)
    leak_of(state)
    if state.status is Status.CLOSED and not closed_too:
        raise Refused(
            f"{state.id} is closed",
            where=state.id,
            rule="closed-is-final",
            remedy=f'andon reopen {state.id} --reason "why"',
        )
    return state


# ---- where it stands


def _stand(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    leak = leak_of(state)
    if wants_json(arguments):
        print_json({**summary(state, desk.clock.now()), "leak": plain(leak)})
        return 0
    print(headline(state))
    rows(_credential_rows(leak))
    print()
    rows(_stage_rows(leak))
    _say_next(state)
    return 0


def plain(leak: Leak) -> dict[str, Any]:
    """Return the leak for programs: the stage that comes next, and all that is known."""
    proven = {"unrevoked": [c.mark for c in leak.unrevoked], "unpushed": leak.unpushed}
    return {"stage": leak.stage.value, **proven, **whole(leak)}


def standing(leak: Leak, mark: str) -> str:
    """Return `revoked`, `STILL WORKS` for one that is skipped, or `not revoked`."""
    if any(r.mark == mark for r in leak.revoked):
        return "revoked"
    return "STILL WORKS" if any(s.mark == mark for s in leak.skipped) else "not revoked"


def _credential_rows(leak: Leak) -> list[tuple[str, ...]]:
    colours = {"revoked": "green", "STILL WORKS": "red", "not revoked": "yellow"}
    return [
        (c.mark, c.kind, style(stands, colours[stands]), c.seen_at)
        for c in leak.credentials
        if (stands := standing(leak, c.mark))
    ]


def _backup_stands(leak: Leak) -> str:
    if leak.backup is None:
        return ""
    is_gone = leak.cleaned is not None and not leak.cleaned.left
    return "deleted" if is_gone else f"to be deleted after {leak.backup.delete_after:%Y-%m-%d}"


def _stage_rows(leak: Leak) -> list[tuple[str, str, str]]:
    told = {
        Stage.LOCATE: leak.located and leak.located.summary,
        Stage.EXPOSURE: leak.exposure and leak.exposure.summary,
        Stage.ROTATE: f"{len(leak.credentials) - len(leak.unrevoked)} of {len(leak.credentials)} revoked",
        Stage.BACKUP: _backup_stands(leak),
        Stage.PURGE: leak.purged and f"{counted(leak.purged.commits, 'commit')} rewritten in a mirror",
        Stage.VERIFY: leak.verified and leak.verified.summary,
        Stage.PUSH: ", ".join(
            f"{p.remote}: {counted(len(p.pushed), 'reference')}" for p in leak.newest_pushes
        ),
        Stage.BAN: ", ".join(dict.fromkeys(b.place for b in leak.banned)),
        Stage.CLEAN_UP: leak.cleaned and leak.cleaned.summary,
        Stage.JUDGE: leak.judged and f"{leak.judged.residual}: {leak.judged.reason}",
    }
    found = []
    for stage, text in told.items():
        if stage in leak.passed_over:
            found.append(("skipped", stage.value, "left out on the record"))
            continue
        sign = "ok" if stage in leak.done else "next" if stage is leak.stage else ""
        found.append((sign, stage.value, text or ""))
    return found


def _say_next(state: Incident) -> None:
    say_next(state, by_name=False)


# ---- secrets that are replaced, or not


def _rotate(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    leak = leak_of(state)
    mark = arguments.mark.strip().lower()
    if not mark:
        return _checklist(desk, arguments, state)
    reason = " ".join(redacted(desk, arguments.reason).split())
    if arguments.skip:
        due = desk.clock.now() + timedelta(days=1)
        state = record(
            desk,
            state,
            RecordLeak(
                event=e.RevocationSkipped(mark=mark, reason=reason),
                action=f"A{len(state.actions) + 1}",
                owner=arguments.owner or desk.actor,
                due_at=due,
            ),
        )
        told = f"{mark} still works; follow-up {state.actions[-1].id}, due {due:%Y-%m-%d}"
    else:
        state = record(desk, state, RecordLeak(event=e.CredentialRevoked(mark=mark, statement=reason)))
        told = f"{mark} is dead, says {desk.actor}"
    leak = leak_of(state)
    left = counted(len(leak.waiting_for_revocation), "secret")
    return finish(arguments, state, desk.clock.now(), told, f"{left} to go")


def _checklist(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    leak = leak_of(state)
    if wants_json(arguments):
        listed = [{**whole(c), "standing": standing(leak, c.mark)} for c in leak.credentials]
        print_json({**summary(state, desk.clock.now()), "credentials": listed})
        return 0
    print(headline(state))
    for credential in leak.credentials:
        stands = standing(leak, credential.mark)
        print(f"  {style(credential.mark, 'bold')}  {one_line(credential.kind)}  {stands}")
        if stands == "revoked":
            said = next(r.statement for r in leak.revoked if r.mark == credential.mark)
            print(f"      {one_line(said)}")
            continue
        for number, step in enumerate(credential.rotation.split("\n"), 1):
            print(f"      {number}. {one_line(step)}")
    _say_next(state)
    return 0


def _skip(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    due = desk.clock.now() + timedelta(days=desk.config.review.action_days)
    command = TakeShortcut(
        item=f"leak:{arguments.stage}",
        reason=redacted(desk, arguments.reason),
        action=f"A{len(state.actions) + 1}",
        owner=arguments.owner or desk.actor,
        due_at=due,
    )
    state = record(desk, state, command)
    told = f"{arguments.stage} is left out; follow-up {state.actions[-1].id}, due {due:%Y-%m-%d}"
    return finish(arguments, state, desk.clock.now(), told)


# ---- what it means


def _judge(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.cli.output import severity_of

    proposed, why = residual(state)
    severity = severity_of(arguments.severity) if arguments.severity else proposed
    reason = redacted(desk, arguments.reason) or ("" if arguments.severity else why)
    state = record(desk, state, RecordLeak(event=e.LeakJudged(residual=severity, reason=reason)))
    return finish(arguments, state, desk.clock.now(), f"residual severity {severity}: {reason}")


def _report(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.cli.terminal import say
    from andon.desk.postmortem import prepare

    sections = [s for s in prepare(desk, state).postmortem.sections if s.key in ("artefacts", "security")]
    if wants_json(arguments):
        told = {f.key: f.value for section in sections for f in section.fields}
        print_json({**summary(state, desk.clock.now()), "leak": plain(leak_of(state)), "report": told})
        return 0
    print(headline(state))
    for section in sections:
        print(style(section.title, "bold"))
        for field in section.fields:
            if field.value:
                say(f"  {field.label}: " + field.value.replace("\n", "\n    "))
    _say_next(state)
    return 0
