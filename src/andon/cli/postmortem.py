"""andon postmortem: draft, edit, lint, publish, show."""

from __future__ import annotations

import os

from andon.cli.editing import edit_text
from andon.cli.output import finish, print_json, wants_json
from andon.cli.terminal import is_interactive, next_line, one_line, say, style
from andon.desk import postmortem as desk_postmortem
from andon.desk.casefile import load
from andon.desk.team_files import read_given
from andon.errors import InvalidInput
from andon.review.postmortem import KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from andon.desk.ports import Desk
    from andon.desk.postmortem import Drafted
    from andon.incident.state import Incident

EPILOG = """\
examples:
  andon postmortem draft
  andon postmortem edit                       (in your editor)
  andon postmortem edit --set lessons/went-well="the rollback took two minutes"
  andon postmortem lint
  andon postmortem publish"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("draft", help="draft it from the events and say what a person still has to write")
    edit = verbs.add_parser("edit", help="complete it, in an editor or with --set or --from")
    edit.add_argument(
        "--set", action="append", default=[], metavar="KEY=TEXT", help=f"write a field: {', '.join(KEYS)}"
    )
    edit.add_argument("--from", dest="source", default="", metavar="FILE", help="take an edited document in")
    verbs.add_parser("lint", help="what is missing; exit code 1 when something is")
    verbs.add_parser("publish", help="write the finished document into the repository")
    verbs.add_parser("show", help="print the document (the published one, else the draft)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, show the document."""
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    match arguments.verb:
        case "draft":
            return _draft(desk, state, arguments)
        case "edit":
            return _edit(desk, state, arguments)
        case "lint":
            return _lint(desk_postmortem.prepare(desk, state), arguments)
        case "publish":
            return _publish(desk, state, arguments)
        case _:
            return _show(desk, state, arguments)


def _draft(desk: Desk, state: Incident, arguments: argparse.Namespace) -> int:
    drafted = desk_postmortem.draft(desk, state)
    if wants_json(arguments):
        print_json(_for_programs(drafted))
        return 0
    fields = [f for f in drafted.postmortem.fields if not f.optional]
    done = sum(1 for f in fields if f.value)
    print(f"{state.id}: {done} of {len(fields)} fields are drafted from {drafted.postmortem.length} events")
    _tell_missing(drafted)
    return 0


def _edit(desk: Desk, state: Incident, arguments: argparse.Namespace) -> int:
    if arguments.set:
        state, changed = desk_postmortem.write(desk, state, _settings(arguments.set))
    elif arguments.source:
        state, changed = desk_postmortem.write_edited(desk, state, read_given(arguments.source))
    elif is_interactive():
        desk_postmortem.refuse_finished(desk, state)
        before = desk_postmortem.prepare(desk, state).markdown
        name = f"{state.id}-postmortem"

        def take(after: str) -> tuple[Incident, tuple[str, ...]]:
            now = load(desk, state.id)
            return desk_postmortem.write_edited(desk, now, after, before)

        state, changed = edit_text(before, name, take)
    else:
        raise InvalidInput(
            "nobody is there to edit it",
            where=state.id,
            rule="postmortem-edit",
            remedy='andon postmortem edit --set KEY="text"; or --from FILE',
        )
    drafted = desk_postmortem.prepare(desk, state)
    if wants_json(arguments):
        print_json({**_for_programs(drafted), "changed": list(changed)})
        return 0
    print(f"{state.id}: {', '.join(changed)} written" if changed else f"{state.id}: nothing changed")
    _tell_missing(drafted)
    return 0


def _lint(drafted: Drafted, arguments: argparse.Namespace) -> int:
    if wants_json(arguments):
        print_json(_for_programs(drafted))
    else:
        _tell_missing(drafted)
    return 1 if drafted.missing else 0


def _publish(desk: Desk, state: Incident, arguments: argparse.Namespace) -> int:
    published = desk_postmortem.publish(desk, state)
    return finish(
        arguments,
        published.incident,
        desk.clock.now(),
        f"published: {published.path}",
        f"kept as evidence {published.evidence}",
    )


def _show(desk: Desk, state: Incident, arguments: argparse.Namespace) -> int:
    drafted = desk_postmortem.prepare(desk, state)
    if wants_json(arguments):
        print_json(_for_programs(drafted))
        return 0
    published = desk_postmortem.published_text(desk, state)
    say((published if published is not None else drafted.markdown).rstrip("\n"))
    return 0


def _settings(given: list[str]) -> dict[str, str]:
    texts = {}
    for setting in given:
        key, equals, text = setting.partition("=")
        if not equals:
            raise InvalidInput(
                f"{one_line(setting, 40)!r} is not KEY=TEXT",
                rule="postmortem-field",
                remedy='andon postmortem edit --set lessons/went-well="..."',
            )
        texts[key.strip()] = text
    return texts


def _tell_missing(drafted: Drafted) -> None:
    state = drafted.incident
    for lack in drafted.missing:
        print(f"  {style(one_line(lack.key), 'yellow')}: {one_line(lack.why)}")
        print(style(f"    {one_line(lack.question)}", "dim"))
    if state.published is not None:
        next_line(f"published: {state.published.path}", "andon status")
    elif drafted.missing:
        first = drafted.missing[0]
        by_key = first.key in KEYS
        command = "andon postmortem edit" if by_key and is_interactive() else first.remedy
        next_line(f"{len(drafted.missing)} to write, by a person", command)
    elif state.mitigated is None:
        next_line("nothing is missing, but the harm has not stopped yet", "andon status")
    else:
        next_line("nothing is missing", "andon postmortem publish")


def _for_programs(drafted: Drafted) -> dict[str, Any]:
    made = drafted.postmortem
    published = drafted.incident.published
    return {
        "incident": made.incident,
        "due_at": made.due_at,
        "published": published.path if published else None,
        "file": os.path.basename(published.path) if published else None,
        "fields": [
            {
                "key": f.key,
                "question": f.question,
                "text": f.value,
                "by": "person" if f.text else "history" if f.value else None,
            }
            for f in made.fields
        ],
        "missing": list(drafted.missing),
        "chain_head": made.chain_head,
        "markdown": drafted.markdown,
    }
