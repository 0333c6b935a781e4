"""andon flags: what is switched on for whom, and turning it off. One module per verb."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

EPILOG = """\
examples:
  andon flags                        every flag: what it does now, who answers for it
  andon flags lint                   what is wrong with them, here and in the code
  andon flags remove new-pricing     the edit that takes it out of the code; --write makes it"""

#: A verb, the module that declares and does it, and one line for the help. Without a verb: the list.
VERBS: dict[str, tuple[str, str]] = {
    "lint": ("flags_lint", "what is wrong with them: nobody answers, past their day, nested, left over"),
    "remove": ("flags_remove", "take one out of code and definition, with one variant kept"),
    "list": ("flags_list", "every flag: what it does now, who answers for it"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for verb, (module, told) in VERBS.items():
        import_module(f"andon.cli.{module}").configure(verbs.add_parser(verb, help=told))


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    module = VERBS[arguments.verb or "list"][0]
    code: int = import_module(f"andon.cli.{module}").run(desk, arguments)
    return code
