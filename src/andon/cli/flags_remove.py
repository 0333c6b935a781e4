"""andon flags remove: the edit that takes a flag out of code and definition; shown, or made with --write."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, say, style
from andon.desk.flags.removal import carry_out, plan_removal
from andon.desk.redacting import redacted, shown
from andon.flags.hygiene.finding import command
from andon.incident.words import counted
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flags.removal import FileEdit, FlagRemoval
    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", help="the flag")
    parser.add_argument(
        "--keep", metavar="VARIANT", default="", help="on, off or a variant; else what everybody gets now"
    )
    parser.add_argument(
        "--write", action="store_true", help="make the edit in the work tree, not only show it"
    )
    parser.add_argument("--reason", default="", help="why it goes although something speaks against it")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Show or make the edit; 1 where something speaks against it and it was only shown."""
    removal = plan_removal(desk, arguments.key, arguments.keep)
    if arguments.write:
        carry_out(desk, removal, arguments.reason)
    diffs = {edit.path: redacted(desk, _diff(edit)) for edit in removal.edits}
    removal = replace(
        removal,
        value=shown(desk, removal.value),
        left=shown(desk, removal.left),
        against=shown(desk, removal.against),
        unknown=shown(desk, removal.unknown),
    )
    is_refused = bool(removal.against) and not arguments.reason.strip()
    if wants_json(arguments):
        print_json(_plain(removal, diffs, is_written=arguments.write))
        return 1 if is_refused else 0
    if not arguments.write:
        for diff in diffs.values():
            say(diff)
    _print_rest(removal)
    files = counted(len(removal.edits), "file")
    deed = "changed" if arguments.write else "would change"
    print(
        f"{one_line(removal.key)} kept as {one_line(removal.variant)}: {files} {deed}, "
        f"{counted(removal.calls, 'call')} gone, {counted(len(removal.left), 'place')} left to a person"
    )
    if arguments.write:
        next_line("run the tests, and look at what was changed", "git diff")
    elif removal.edits:
        next_line("make the edit", _command(arguments, removal))
    return 1 if is_refused else 0


def _print_rest(removal: FlagRemoval) -> None:
    for place in removal.left:
        where = f"{place.path}:{place.line}" if place.line else place.path
        print(f"  {style('look', 'yellow')}  {one_line(where)}  {one_line(place.why)}")
    for why in removal.against:
        print(f"  {style('against it', 'red')}  {one_line(why)}")
    for why in removal.unknown:
        print(f"  {style('not known', 'yellow')}  {one_line(why)}")


def _command(arguments: argparse.Namespace, removal: FlagRemoval) -> str:
    keep = ("--keep", arguments.keep) if arguments.keep else ()
    why = ('--reason "WHY"',) if removal.against else ()
    return command("remove", removal.key, *keep, "--write", *why)


def _diff(edit: FileEdit) -> str:
    from difflib import unified_diff

    before, after = (raw.decode("utf-8", "replace").splitlines() for raw in (edit.before, edit.after))
    return "\n".join(unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}", lineterm=""))


def _plain(removal: FlagRemoval, diffs: dict[str, str], *, is_written: bool) -> dict[str, object]:
    return {
        "flag": removal.key,
        "kept": removal.variant,
        "value": removal.value,
        "written": is_written,
        "files": [{"path": path, "diff": diff} for path, diff in diffs.items()],
        "calls": removal.calls,
        "left": [whole(place) for place in removal.left],
        "against": list(removal.against),
        "unknown": list(removal.unknown),
    }
