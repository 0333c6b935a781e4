"""Opening the desk for the directory in which a command was given: its configuration, journal and actor."""

from __future__ import annotations

import os

from andon.config.load import load_config
from andon.config.model import Config
from andon.errors import NotFound
from andon.secrets.spoken import hide_with
from andon.wiring.desk import WiredDesk

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


#: Seconds a gate waits for the journal: whoever commits or pushes waits with it.
GATE_PATIENCE = 3.0


def open_desk(arguments: argparse.Namespace) -> WiredDesk:
    """Return the desk for the directory the command was given in; use it as a context manager."""
    root = _root()
    return _desk(arguments, load_config(root, _default_service(root)))


def open_gate_desk(arguments: argparse.Namespace, commit: str = "") -> WiredDesk:
    """Return the desk for a gate: it waits for the journal for three seconds only.

    Its configuration is that of the work tree; with `commit`, that commit's own. In a bare repository it is
    the file beside HEAD, else that of the commit HEAD stands for: never one that is only being pushed.
    """
    root = _root()
    service = _default_service(root.removesuffix(".git").rstrip("/") or root)
    if commit:
        config = _committed(root, commit, service) or Config(service=service, root=root)
    else:
        config = load_config(root, service)
        if not config.path and not os.path.lexists(os.path.join(root, ".git")):
            config = _committed(root, "HEAD", service) or config
    desk = _desk(arguments, config)
    desk.patience = GATE_PATIENCE
    return desk


def open_reference_desk(arguments: argparse.Namespace) -> WiredDesk:
    """Return the desk for a reference that moves: what cannot be read as a configuration does not matter."""
    from andon.errors import AndonError

    try:
        return open_gate_desk(arguments)
    except AndonError as problem:
        if problem.rule != "configuration":
            raise
    root = _root()
    return _desk(arguments, Config(service=_default_service(root), root=root))


def _committed(root: str, commit: str, service: str) -> Config | None:
    """Return the configuration in a commit; None when it has none. Raises InvalidInput for a broken one."""
    from andon.config.load import NAME
    from andon.config.read import read_config
    from andon.production.git_ranges import GitRanges

    content = GitRanges(root).file(commit, NAME)
    if content is None:
        return None
    return read_config(content, path=f"{commit[:10]}:{NAME}", root=root, default_service=service)


def _root() -> str:
    from andon.production.workplace import find_root

    try:
        start = os.getcwd()
    except OSError as problem:
        raise NotFound(
            "the directory you are in is not there any more",
            rule="directory",
            remedy="cd into the repository",
        ) from problem
    return find_root(start) or start


def _desk(arguments: argparse.Namespace, config: Config) -> WiredDesk:
    place = getattr(arguments, "journal", "") or os.environ.get("ANDON_JOURNAL", "")
    desk = WiredDesk(
        config=config,
        place=place or _in(config.root, config.journal),
        actor=getattr(arguments, "actor", "") or os.environ.get("ANDON_ACTOR", ""),
        command=getattr(arguments, "command_id", ""),
    )
    hide_with(lambda text: desk.redactor.redact_words(text))
    return desk


def _in(root: str, journal: str) -> str:
    """Return the configured journal: a path is meant from the root, wherever the command is given."""
    if not journal or "://" in journal:
        return journal
    return os.path.join(root, os.path.expanduser(journal))


def _default_service(root: str) -> str:
    name = os.path.basename(os.path.abspath(root)).lstrip(".")
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) or "service"
