"""Where we are and who we are, found in git's own files without starting git: every command pays for this."""

from __future__ import annotations

import os

#: Bytes of a configuration file that are read.
_LIMIT = 1 << 18
#: How deep included configuration files may nest, as in git.
_DEPTH = 10


def find_root(start: str) -> str | None:
    """Return the root of the work tree around `start`, or the bare repository it lies in; None outside git.

    Worktrees and submodules, whose `.git` is a file, have roots of their own.
    """
    place = os.path.abspath(start)
    while True:
        if _is_repository(place):
            return place
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above


def git_directory(root: str) -> str | None:
    """Return the directory in which git keeps what belongs to this work tree alone; None when broken."""
    entry = os.path.join(root, ".git")
    if os.path.isdir(entry):
        return entry
    if not os.path.exists(entry):
        return root if is_git_directory(root) else None
    pointer = _read(entry)
    if pointer is None or not pointer.startswith("gitdir:"):
        return None
    target = os.path.join(root, pointer.removeprefix("gitdir:").strip())
    return os.path.normpath(target) if os.path.isdir(target) else None


def common_directory(root: str) -> str | None:
    """Return the directory that all worktrees of the repository share: configuration, hooks, objects."""
    own = git_directory(root)
    if own is None:
        return None
    shared = _read(os.path.join(own, "commondir"))
    return os.path.normpath(os.path.join(own, shared.strip())) if shared and shared.strip() else own


def git_identity(root: str | None) -> str | None:
    """Return `Name <email>` as git would sign a commit made at `root`; None when git's files do not say.

    None too when a conditional include that is not read here could decide it.
    """
    name, email = os.environ.get("GIT_AUTHOR_NAME", ""), os.environ.get("GIT_AUTHOR_EMAIL", "")
    own = git_directory(root) if root else None
    for path in _configurations(root):
        if name and email:
            break
        found: dict[str, str] = {}
        if not _collect(path, own, found, _DEPTH):
            return None
        name = name or found.get("author.name") or found.get("user.name", "")
        email = email or found.get("author.email") or found.get("user.email", "")
    name, email = _printable(name), _printable(email)
    if not name:
        return email or None
    return f"{name} <{email}>" if email else name


def _configurations(root: str | None) -> tuple[str, ...]:
    """Return git's configuration files, the one that decides first."""
    own = git_directory(root) if root else None
    shared = common_directory(root) if root else None
    local = [os.path.join(own, "config.worktree")] if own else []
    local += [os.path.join(shared, "config")] if shared else []
    chosen = os.environ.get("GIT_CONFIG_GLOBAL")
    if chosen is not None:
        return (*local, chosen)
    home = os.path.expanduser("~")
    xdg = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    everybody = () if os.environ.get("GIT_CONFIG_NOSYSTEM") else ("/etc/gitconfig",)
    return (*local, os.path.join(home, ".gitconfig"), os.path.join(xdg, "git", "config"), *everybody)


def _collect(path: str, own: str | None, found: dict[str, str], depth: int) -> bool:
    """Read a configuration file into `found`, later lines winning; False when it cannot be understood."""
    text = _read(path)
    if text is None:
        return True
    section = ""
    for line in text.replace("\\\n", "").splitlines():
        line = line.strip()
        if line.startswith("["):
            header, _, line = line[1:].partition("]")
            kind, _, rest = header.partition(" ")
            section = f"{kind.lower()} {rest.strip()}".strip()
            line = line.strip()
        key, _, value = line.partition("=")
        key = f"{section}.{key.strip().lower()}"
        if key in ("user.name", "user.email", "author.name", "author.email"):
            found[key] = _value(value)
        elif section.startswith("include") and key.endswith(".path"):
            included = os.path.join(os.path.dirname(path), os.path.expanduser(_value(value)))
            applies = True if section == "include" else _applies(section, path, own)
            if applies is None or (applies and not (depth and _collect(included, own, found, depth - 1))):
                return False
    return True


def _applies(section: str, path: str, own: str | None) -> bool | None:
    """Say whether `includeif "gitdir:DIRECTORY/"` is about this repository; None for any other condition."""
    condition = section.removeprefix("includeif").strip().strip('"')
    kind, _, place = condition.partition(":")
    if kind not in ("gitdir", "gitdir/i") or any(c in place for c in "*?[\\") or not place.endswith("/"):
        return None
    if own is None:
        return False
    place = os.path.expanduser(place)
    if place.startswith("./"):
        place = os.path.join(os.path.dirname(path), place[2:])
    if not os.path.isabs(place):
        return None
    candidates = {own + "/", os.path.realpath(own) + "/"}
    places = {place, os.path.realpath(place) + "/"}
    if kind == "gitdir/i":
        candidates, places = {c.lower() for c in candidates}, {p.lower() for p in places}
    return any(c.startswith(p) for c in candidates for p in places)


def _value(text: str) -> str:
    """Return a configuration value without quotes, escapes and comment."""
    value, quoted, escaped = "", False, False
    for letter in text.strip():
        if escaped:
            value, escaped = value + {"n": "\n", "t": "\t", "b": ""}.get(letter, letter), False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter in "#;" and not quoted:
            return value.rstrip()
        else:
            value += letter
    return value


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() and letter not in "<>").strip()


def _is_repository(place: str) -> bool:
    entry = os.path.join(place, ".git")
    if os.path.isdir(entry):
        return is_git_directory(entry)
    if os.path.isfile(entry):
        return git_directory(place) is not None
    return is_git_directory(place)


def is_git_directory(place: str) -> bool:
    """Say whether a directory holds a repository, by the three entries that git itself looks for."""
    return (
        os.path.lexists(os.path.join(place, "HEAD"))
        and os.path.isdir(os.path.join(place, "refs"))
        and os.path.isdir(os.path.join(place, "objects"))
    )


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LIMIT)
    except OSError:
        return None
