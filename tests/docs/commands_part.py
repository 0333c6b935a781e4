"""The listing of commands, made from the real parsers: argparse's own help differs between its versions."""

from __future__ import annotations

import argparse
from importlib import import_module

from andon.cli import main as door
from andon.cli.commands import COMMANDS, GROUPS
from tests.docs.marked import table


def parser_of(command: str) -> argparse.ArgumentParser:
    """Return the parser that reads a command's words."""
    return door._parser(command, import_module(f"andon.cli.{COMMANDS[command].module}"))


def overview() -> str:
    """Return every command with its sentence, in the groups of `andon --help`."""
    rows = []
    for title, names in GROUPS:
        rows += [(title, f"[`andon {name}`](#{name})", COMMANDS[name].summary) for name in names]
    return table(("to", "command", "does"), rows)


def everywhere() -> str:
    """Return what every command understands."""
    return table(("word", "means"), _words(parser_of("status"), common=True))


def listing() -> str:
    """Return one section for each command: its words, its subcommands with theirs, its examples."""
    return "\n" + "\n".join(_section(name) for _, names in GROUPS for name in names)


def _section(command: str) -> str:
    parser = parser_of(command)
    text = f"### {command}\n\n{_sentence(COMMANDS[command].summary)}\n{_table_of(parser)}"
    for subcommand, about, parser_below in subcommands(parser):
        text += f"\n**`andon {command} {subcommand}`**: {about}\n{_table_of(parser_below)}"
    if parser.epilog:
        text += f"\n```text\n{parser.epilog}\n```\n"
    return text


def subcommands(parser: argparse.ArgumentParser) -> list[tuple[str, str, argparse.ArgumentParser]]:
    """Return name, sentence and parser of each subcommand."""
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            about = {choice.dest: choice.help or "" for choice in action._choices_actions}
            found += [(name, about[name], below) for name, below in action.choices.items()]
    return found


def _table_of(parser: argparse.ArgumentParser) -> str:
    rows = _words(parser, common=False)
    return table(("word", "means"), rows).rstrip("\n") + "\n" if rows else ""


def _words(parser: argparse.ArgumentParser, *, common: bool) -> list[tuple[str, str]]:
    shared = {
        id(action)
        for group in parser._action_groups
        if group.title == "everywhere"
        for action in group._group_actions
    }
    rows = []
    for action in parser._actions:
        if isinstance(action, (argparse._HelpAction, argparse._SubParsersAction)):
            continue
        if (id(action) in shared) == common:
            rows.append((_called(action), _meaning(parser, action)))
    return rows


def _called(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{_value(action)}`"
    names = sorted(action.option_strings, key=len, reverse=True)
    value = "" if action.nargs == 0 else f" {_value(action)}"
    return ", ".join([f"`{names[0]}{value}`", *(f"`{name}`" for name in names[1:])])


def _value(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        name = action.metavar
    elif action.choices:
        name = "|".join(str(choice) for choice in action.choices)
    else:
        name = action.dest.upper()
    if action.nargs == "?":
        return f"[{name}]"
    return f"{name} ..." if action.nargs in ("+", "*") else name


def _meaning(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    said = (action.help or "") % {**vars(action), "prog": parser.prog}
    others = [
        other.option_strings[0]
        for group in parser._mutually_exclusive_groups
        if action in group._group_actions
        for other in group._group_actions
        if other is not action
    ]
    return f"{said} (not with {', '.join(f'`{name}`' for name in others)})" if others else said


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}{'' if summary.endswith(('?', '.')) else '.'}"
