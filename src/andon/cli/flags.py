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
  andon flags kill new-pricing       off for everybody, confirmed, then verified
  andon flags status new-pricing     where it stands, who has it, what was done to it
  andon flags enable new-pricing --fix v1.4.1      on again: mended, tested, in watched stages
  andon flags undo K1-0a1b2c3d --reason "it was the cache"      exactly as before the kill
  andon flags rollout new-pricing 5% 25% 100% --every 10m      stage by stage; killed when something breaks
  andon flags exposures new-pricing  who got which variant, and whether the shares are as they were meant
  andon flags tests                  which states the tests ran with, and which no test ever did
  andon flags lint                   what is wrong with them, here and in the code
  andon flags remove new-pricing     the edit that takes it out of the code; --write makes it
  andon flags serve --port 8014      stream the flags to every process, and speak OFREP"""

#: A verb, the module that declares and does it, and one line for the help. Without a verb: the list.
VERBS: dict[str, tuple[str, str]] = {
    "list": ("flags_list", "every flag: what it does now, who answers for it"),
    "status": ("flags_status", "where a flag stands: definition, rollout, kill, who has it, its history"),
    "kill": ("flags_kill", "turn a flag off for everybody; see that it is off and the symptom gone"),
    "undo": ("flags_undo", "take a kill back exactly, for a reason"),
    "enable": ("flags_enable", "turn a killed flag on again: fix, tests of both states, watched stages"),
    "rollout": ("flags_rollout", "spread a variant stage by stage, watched; show it, stop it, take it back"),
    "exposures": ("flags_exposures", "how often each variant was served, against what was meant"),
    "lint": ("flags_lint", "what is wrong with them: nobody answers, past their day, nested, left over"),
    "remove": ("flags_remove", "take one out of code and definition, with one variant kept"),
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
