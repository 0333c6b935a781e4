"""andon secrets: look for secrets when you want to, and keep the reviewed exceptions."""

from __future__ import annotations

from importlib import import_module

from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

EPILOG = """\
examples:
  andon secrets scan                             what is staged
  andon secrets scan --range main..HEAD          each commit by itself
  andon secrets scan src config/app.yml          files and directories, as they are on disk
  andon secrets scan --history --unreachable     every object of the repository
  andon secrets scan --merge scan.sarif          with what another tool found
  andon secrets except FINGERPRINT --owner ann --reason "made for tests" --until 2027-01-31
  andon secrets exceptions                       what may stay, who answers for it, until when
  andon secrets audit                            would git keep secret files out, and are any committed?
  andon secrets audit --write                    add the lines that .gitignore lacks"""

#: A verb, the module that declares and does it, and one line for the help.
VERBS: dict[str, tuple[str, str]] = {
    "scan": ("secrets_scan", "look for secrets: staged, in a range, in files, in the whole history"),
    "except": ("secrets_except", "write a reviewed exception for a finding"),
    "exceptions": ("secrets_exceptions", "list the exceptions"),
    "audit": ("secrets_audit", "ask git what it would ignore, and look for secret files that are in"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for verb, (module, told) in VERBS.items():
        import_module(f"andon.cli.{module}").configure(verbs.add_parser(verb, help=told))


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    if not arguments.verb:
        raise InvalidInput(
            "it does not say what to do",
            where="andon secrets",
            rule="usage",
            remedy=f"andon secrets {' | '.join(VERBS)}",
        )
    code: int = import_module(f"andon.cli.{VERBS[arguments.verb][0]}").run(desk, arguments)
    return code
