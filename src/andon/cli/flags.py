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
  andon flags tests                  which states the tests ran with, and which no test ever did
  andon flags serve --port 8014      stream the flags to every process, and speak OFREP"""

#: A verb, the module that declares and does it, and one line for the help. Without a verb: the list.
VERBS: dict[str, tuple[str, str]] = {
    "list": ("flags_list", "every flag: what it does now, who answers for it"),
    "tests": ("flags_tests", "which states of a flag the tests ran with, and which no test ever did"),
    "serve": ("flags_serve", "the flag server: streams changes to every process, and speaks OFREP"),
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
