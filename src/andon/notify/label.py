"""Names for addresses that may be shown and recorded, because the addresses themselves are secrets."""

from __future__ import annotations

import hashlib

#: Schemes whose host is a host; in most others a token stands in its place.
_NAMING_A_HOST = frozenset(
    f"{name}{secure}"
    for name in ("apprise", "form", "gotify", "http", "json", "mailto", "matrix", "mmost", "rocket", "xml")
    for secure in ("", "s")
)
_IN_A_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
_LONGEST_HOST = 60
#: Query parameters that hold a password in Apprise's addresses.
_SECRET_PARAMETERS = frozenset(("pass", "password", "passwd", "pwd", "secret", "token"))


def label(target: str) -> str:
    """Return a name for an address: its scheme, its host where that is certain, and a short hash.

    The hash tells two addresses of one host apart. Passwords are left out of it: people choose them, and six
    hexadecimal digits would be enough to find a weak one. Two addresses that differ in nothing else share a
    name. Any text is accepted.
    """
    scheme, separator, rest = target.strip().partition("://")
    scheme = scheme.lower()
    if not separator or not scheme or not scheme.isascii() or not scheme.replace("+", "").isalnum():
        return f"(no address)#{_hash(target)}"
    host = _host(rest) if scheme in _NAMING_A_HOST else ""
    return f"{scheme[:20]}://{host}…#{_hash(f'{scheme}://{_without_passwords(rest)}')}"


def _host(rest: str) -> str:
    """Return the host, "" when it cannot be told from a password written with `@`, `/` or `?` in it."""
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    if "@" in rest[end:] or rest.count("@") > 1:
        return ""
    host = rest[:end].rpartition("@")[2].partition(":")[0].lower()
    return host if len(host) <= _LONGEST_HOST and _IN_A_HOST.issuperset(host) else ""


def _without_passwords(rest: str) -> str:
    """Drop what lies between the first `:` and the last `@`, and the parameters that hold a password."""
    user, at, place = rest.rpartition("@")
    before, mark, query = f"{user.partition(':')[0]}{at}{place}".partition("?")
    kept = (pair for pair in query.split("&") if pair.partition("=")[0].lower() not in _SECRET_PARAMETERS)
    return f"{before}{mark}{'&'.join(kept)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
