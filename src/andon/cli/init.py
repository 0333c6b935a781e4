"""andon init: write a commented andon.toml from what is found here."""

from __future__ import annotations

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, say
from andon.desk.init import detect, write_config, write_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

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
        value = getattr(found, name)
        if value:
            shown = ", ".join(value) if isinstance(value, tuple) else value
            print(f"  {name.replace('_', ' ')}: {one_line(shown)}")
    next_line("see what is still missing", "andon doctor")
    return 0
