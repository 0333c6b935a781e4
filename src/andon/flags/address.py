"""Where the flag server is, and what a request to it begins with. Pure; the token is never shown."""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record


class Address(Record):
    """An http:// or https:// address, taken apart."""

    is_secret: bool
    host: str
    port: int
    #: What stands before every path, without a slash at its end.
    prefix: str

    def __str__(self) -> str:
        """Write it as it was given."""
        return f"{'https' if self.is_secret else 'http'}://{self.authority}{self.prefix}"

    @property
    def authority(self) -> str:
        """Return host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secret else 80) else f"{host}:{self.port}"


def read_address(text: str) -> Address:
    """Take an address apart; raises InvalidInput for one that is not `http[s]://host[:port][/prefix]`."""
    scheme, separator, rest = text.partition("://")
    authority, _, path = rest.partition("/")
    host, port = _host_and_port(authority)
    default = {"http": 80, "https": 443}.get(scheme.lower(), 0)
    is_known = bool(separator and default and host) and (not port or (port.isascii() and port.isdigit()))
    is_plain = _is_plain(host) and _is_plain(path) and not set("?#@") & {*host, *path}
    if not is_known or not is_plain:
        raise InvalidInput(
            "the address of a flag server is http[s]://HOST:PORT, without user, query or spaces",
            rule="flag-server",
        )
    number = int(port) if port and len(port) < 6 else 0 if port else default
    if not 0 < number < 65536:
        raise InvalidInput("a port is a number from 1 to 65535", rule="flag-server")
    trimmed = path.strip("/")
    return Address(
        is_secret=scheme.lower() == "https",
        host=host,
        port=number,
        prefix=f"/{trimmed}" if trimmed else "",
    )


def _host_and_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = authority.partition(":")
    return host, port


def check_token(token: str) -> str:
    """Return the token; raises InvalidInput for one that no header can hold, without showing it."""
    if not _is_plain(token):
        raise InvalidInput("the flag server's token has spaces, or what is not ASCII", rule="flag-server")
    return token


def request(address: Address, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a request, head and body in one piece: two writes would wait for each other."""
    lines = [
        f"{method} {address.prefix}{path} HTTP/1.1",
        f"Host: {address.authority}",
        "User-Agent: andon-flags",
        "Accept-Encoding: identity",
        *(f"{name}: {_header(value)}" for name, value in headers.items() if value),
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join((*lines, "", "")).encode("ascii") + body


def _header(value: str) -> str:
    """Write what is not printable ASCII with percent signs, so that no name becomes a second header."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(
        sign if sign.isascii() and sign.isprintable() else "".join(f"%{byte:02X}" for byte in sign.encode())
        for sign in value
    )


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
