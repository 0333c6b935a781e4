"""Reaching a remote from a mirror as the user's own clone does: its address, its settings, what it has."""

from __future__ import annotations

import os

from andon.errors import NotFound, Unavailable
from andon.production.address import shown
from andon.production.history_git import MirrorGit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.secrets.leak.removal import Remover

#: Seconds a remote may take for one answer.
TIMEOUT = 3600.0
#: The user's settings by which a remote is reached; they are passed on, never printed.
_REACHING = r"^(credential\.|http\.|https\.|url\.|ssh\.|core\.sshcommand|core\.askpass|protocol\.)"


def address_of(root: str, remote: str, remover: Remover) -> str:
    """Return where a clone pushes to; a path becomes whole. Raises NotFound."""
    done = MirrorGit(root, remover, is_ours=False).ask("remote", "get-url", "--push", "--", remote)
    if not done.succeeded:
        raise NotFound(
            f"no remote is called {remote}", where=root, rule="leak-remote", remedy="git remote -v"
        )
    address = done.raw.decode("utf-8", "surrogateescape").splitlines()[0]
    local = os.path.join(root, os.path.expanduser(address))
    return os.path.abspath(local) if "://" not in address and os.path.isdir(local) else address


def shown_address(address: str) -> str:
    """Return an address for people: a path, or a URL without what only its owner may see."""
    if "://" in address:
        return shown(address)
    return address.rpartition("@")[2] if ":" in address else address


def reaching(root: str, git_dir: str, remover: Remover) -> MirrorGit:
    """Return git in another directory, with the settings by which the clone at `root` reaches its remotes."""
    listed = MirrorGit(root, remover, is_ours=False).ask(
        "config", "--local", "--null", "--get-regexp", _REACHING
    )
    git = MirrorGit(git_dir, remover, is_ours=False)
    entries = [entry.decode("utf-8", "surrogateescape") for entry in listed.raw.split(b"\0") if entry]
    for number, entry in enumerate(entries):
        key, _, value = entry.partition("\n")
        git.environment[f"GIT_CONFIG_KEY_{number}"] = key
        git.environment[f"GIT_CONFIG_VALUE_{number}"] = value
    git.environment["GIT_CONFIG_COUNT"] = str(len(entries))
    return git


def references_at(git: MirrorGit, address: str) -> dict[str, str]:
    """Return what a remote has, by reference; raises Unavailable."""
    done = git.ask("ls-remote", "--quiet", "--refs", "--", address, timeout=TIMEOUT)
    if not done.succeeded:
        raise Unavailable(
            f"the remote cannot be asked: {git.told(done)}",
            where=shown_address(address),
            rule="leak-remote",
            remedy="when it can be reached, the same again",
        )
    lines = done.raw.decode("utf-8", "surrogateescape").splitlines()
    return {ref: name for name, _, ref in (line.partition("\t") for line in lines)}
