"""andon init: write a commented andon.toml from what is found here."""

from __future__ import annotations

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, say
from andon.desk.init import detect, write_config, write_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.init import Found
    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--service", default="", help="the service's name (default: the directory's)")
    parser.add_argument("--print", dest="only_print", action="store_true", help="print it, write nothing")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Look, write, tell."""
    found = detect(desk.config.root, arguments.service or desk.config.service)
    text = write_text(found)
    if arguments.only_print:
        if wants_json(arguments):
            print_json({"text": text, "found": whole(found)})
        else:
            say(text)
        return 0
    path = write_config(desk.config.root, text)
    if wants_json(arguments):
        print_json({"written": path, "found": whole(found)})
        return 0
    print(f"wrote {one_line(path)}")
    for name in found.__fields__:
        if shown := _in_words(found, name):
            print(f"  {name.replace('_', ' ')}: {one_line(shown)}")
    next_line("see what is still missing", "andon doctor")
    return 0


def _in_words(found: Found, name: str) -> str:
    """Return what was found under a name; what is only a comment of the file says so."""
    comment = " (a comment in andon.toml: remove the # if that is right)"
    if name == "test":
        return " ".join(found.test) + comment if found.test else ""
    if name == "flags":
        return ", ".join(found.flags) + comment if found.flags else ""
    if name == "flagd":
        return "a compose file names it" if found.flagd else ""
    if name == "hints":
        hints = ", ".join(f"{hint.kind} ({hint.file})" for hint in found.hints)
        return hints + comment if hints else ""
    value = getattr(found, name)
    return ", ".join(value) if isinstance(value, tuple) else str(value)
