"""Where a scanner's address of a file leads in the repository."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_SCHEME = re.compile(r"(?i)^file:(?://[^/\\]*)?")
_OTHER_SCHEME = re.compile(r"(?i)^[a-z][a-z0-9+.-]+://")
_DRIVE = re.compile(r"^/?[A-Za-z]:(?=/|$)")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def relative_path(
    uri: str, *, bases: tuple[str, ...] = (), root: str = "", paths: AbstractSet[str] = frozenset()
) -> str:
    """Return a path relative to the root of the repository; "" when it leads nowhere in it.

    `bases` are the addresses it is relative to, innermost first, `root` the directory that was scanned. A
    path of another machine counts as the file of the repository with the longest end in common, if any.
    An address is read as it is when a file has that name, else with its percent signs decoded.
    """
    if uri in paths:
        return uri
    whole = _decoded(uri)
    for base in bases:
        if _is_absolute(whole):
            break
        whole = f"{_decoded(base).rstrip('/')}/{whole}" if base not in ("", ".", "./") else whole
    if _OTHER_SCHEME.match(whole):
        return ""
    if not _is_absolute(whole):
        return _inside(whole, paths)
    plain, here = _plain(whole), _plain(_decoded(root))
    if here and (plain == here or plain.startswith(here.rstrip("/") + "/")):
        return _inside(plain[len(here.rstrip("/")) + 1 :], paths)
    own = _decoded(uri)
    return _longest_end(plain, paths) or ("" if _is_absolute(own) else _inside(own, paths))


def _decoded(uri: str) -> str:
    """Return an address with `/`, without `file://` and without percent signs."""
    text = _SCHEME.sub("", uri.replace("\\", "/"))
    if "%" not in text:
        return text
    raw = text.encode("utf-8", "surrogatepass")
    return _PERCENT.sub(lambda m: bytes((int(m[1], 16),)), raw).decode("utf-8", "backslashreplace")


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(_DRIVE.match(path)) or bool(_OTHER_SCHEME.match(path))


def _plain(path: str) -> str:
    """Return an absolute path with its `.` and `..` taken out; of a drive only what is below it."""
    return "/" + "/".join(_parts(_DRIVE.sub("", path)))


def _parts(path: str) -> list[str]:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return []
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _inside(path: str, paths: AbstractSet[str]) -> str:
    """Return a relative path; when no file has it, that of the one file whose end it is."""
    bare = "/".join(_parts(path))
    if not paths or bare in paths:
        return bare
    return _longest_end("/" + bare, paths) or bare


def _longest_end(path: str, paths: AbstractSet[str]) -> str:
    parts = _parts(path)
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        if tail in paths:
            return tail
    return ""
