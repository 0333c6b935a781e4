"""andon flags serve: the flag server, for this service's processes and for any language's OpenFeature SDK."""

from __future__ import annotations

import os
import sys

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import one_line
from andon.errors import InvalidInput
from andon.secrets.spoken import hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.cli.quick_words import Words
    from andon.server.flag_serving import Settings
    from andon.wiring.desk import WiredDesk

HOST, PORT = "127.0.0.1", 8014
ADMIN, READ = "ANDON_FLAGS_TOKEN", "ANDON_FLAGS_READ_TOKEN"


def configure(parser: argparse.ArgumentParser | Words) -> None:
    """Declare the verb's words."""
    parser.add_argument(
        "--host", default=HOST, help=f"where it listens (default: {HOST}; anything else needs tokens)"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"the port (default: {PORT}; 0: any that is free)"
    )
    parser.add_argument("--file", metavar="FLAGS", default="", help="the flag file (default: [flags] file)")
    parser.add_argument(
        "--state",
        metavar="DIR",
        default="",
        help="where kills and rollouts are kept (default: beside the journal)",
    )
    parser.add_argument(
        "--after",
        type=int,
        default=0,
        metavar="VERSION",
        help="count on from here, when clients have newer sets than the state",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a web page that may evaluate by OFREP; may be given again",
    )


def run(desk: WiredDesk, arguments: argparse.Namespace) -> int:
    """Serve until a signal; print one line with the address once requests are answered."""
    from andon.server.flag_serving import serve

    as_json = wants_json(arguments)

    def ready(address: str) -> None:
        if as_json:
            print_json({"address": address, "process": os.getpid()})
        else:
            print(f"serving flags at {address} (process {os.getpid()}); Ctrl-C stops it")
        sys.stdout.flush()

    def tell(told: str) -> None:
        print(one_line(hidden(told), 400), file=sys.stderr, flush=True)

    return serve(settings_of(desk, arguments), ready, tell)


def settings_of(desk: WiredDesk, arguments: argparse.Namespace) -> Settings:
    """Return what to serve, from the words, the configuration and the environment.

    Raises InvalidInput when no flag file is named, Refused for tokens that leave the switches open.
    """
    from andon.server.flag_access import Access
    from andon.server.flag_serving import Settings

    config = desk.config.flag_system
    file = arguments.file or (os.path.join(desk.config.root, config.file) if config.file else "")
    if not file:
        raise InvalidInput(
            "no file defines the flags",
            where=desk.config.path or desk.config.root,
            rule="flag-file",
            remedy='[flags] in andon.toml: file = "flags.json"; or andon flags serve --file flags.json',
        )
    if not 0 <= arguments.port < 1 << 16 or not 0 <= arguments.after < 1 << 53:
        wrong = "--port" if not 0 <= arguments.port < 1 << 16 else "--after"
        raise InvalidInput(
            "that number is out of range", where=wrong, rule="usage", remedy="andon flags serve --help"
        )
    named = config.token.removeprefix("$") if config.system == "andon" else ""
    return Settings(
        host=arguments.host,
        port=arguments.port,
        file=os.path.abspath(file),
        state=os.path.abspath(arguments.state or state_directory(desk)),
        access=Access(
            admin=os.environ.get(named or ADMIN, "") or os.environ.get(ADMIN, ""),
            read=os.environ.get(READ, ""),
        ),
        after=arguments.after,
        origins=tuple(arguments.allow_origin),
    )


def state_directory(desk: WiredDesk) -> str:
    """Return where the state of this service's flag server is kept: beside its journal, or in user data."""
    from andon.journal.open import default_place

    place = default_place(desk.config.service) if "://" in desk.place else os.path.expanduser(desk.place)
    return os.path.join(os.path.dirname(os.path.abspath(place)), "flags")
