"""Web addresses: taken apart for a request, and shown without the credentials they carry. Pure."""

from __future__ import annotations

import base64
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from andon.errors import InvalidInput
from andon.production.process import clean

#: Names of query parameters whose values are secrets.
_SECRET_NAMES = ("token", "key", "secret", "pass", "pwd", "auth", "sig", "credential", "session", "code")


def shown(url: str) -> str:
    """Return an address without credentials: no user information, no values of secret parameters."""
    try:
        parts = urlsplit(url)
        if not parts.netloc and not url.startswith(("/", "?")):
            return "an address that cannot be read"
        query = "&".join(_masked(pair) for pair in parts.query.split("&")) if parts.query else ""
        place = parts.netloc.rpartition("@")[2]
        return clean(parts._replace(netloc=place, query=query, fragment="").geturl().encode())
    except ValueError:
        return "an address that cannot be read"


def _masked(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}=***" if equals and any(word in name.lower() for word in _SECRET_NAMES) else pair


def parsed(url: str) -> SplitResult:
    """Take a web address apart; raises InvalidInput."""
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
        )
    except ValueError as error:
        raise InvalidInput("the address cannot be read") from error
    if not usable or any(c <= " " or c == "\x7f" for c in url):
        raise InvalidInput(f"{shown(url)!r} is not an http or https address")
    return parts


def target(parts: SplitResult) -> str:
    """Return the path and query as a request line carries them."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return path + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else "")


def authorization(parts: SplitResult) -> dict[str, str]:
    """Return the header for the user information in an address; nothing without one."""
    user, at, _ = parts.netloc.rpartition("@")
    return {"Authorization": "Basic " + base64.b64encode(unquote(user).encode()).decode()} if at else {}


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port: what credentials belong to."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def joined(base: str, reference: str) -> str:
    """Return where a redirect leads; "" when that cannot be read."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return ""


def why_not_followed(source: str, destination: str) -> str:
    """Return why a redirect must not be followed; "" when it may."""
    try:
        scheme = urlsplit(destination).scheme
    except ValueError:
        return "redirected to an address that cannot be read"
    if scheme not in ("http", "https"):
        return f"redirected to {shown(destination)}, which is no web address"
    if source.startswith("https:") and scheme != "https":
        return f"redirected from https to {shown(destination)}"
    return ""
