"""The address of a PostgreSQL database, taken apart, and put together with a relay in its place. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from andon.record import Record

_URL = re.compile(
    r"(?P<scheme>(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://)(?P<who>[^@/?#]*@)?"
    r"(?P<host>\[[^\]]*\]|[^:/?#,]*)(?::(?P<port>\d+))?(?P<rest>(?:/[^?#]*)?)(?:\?(?P<query>[^#]*))?"
)
_WORD = re.compile(r"(?P<key>host|hostaddr|port)\s*=\s*(?P<value>'(?:\\.|[^'\\])*'|\S+)")
_PORT = 5432
_HOST_KEYS = ("host", "hostaddr", "port")


class Link(Record):
    """Where a database is."""

    #: A name, an address, or a directory with a socket.
    host: str
    port: int


def link_of(address: str) -> Link | None:
    """Return where the database of an address is; None for what is no PostgreSQL on one host."""
    if found := _URL.fullmatch(address.strip()):
        query = dict(parse_qsl(found["query"] or "", keep_blank_values=True))
        host = query.get("host") or query.get("hostaddr") or found["host"].strip("[]").replace("%2F", "/")
        port = query.get("port") or found["port"] or str(_PORT)
    elif "=" in address and "://" not in address:
        words = {one["key"]: one["value"].strip("'") for one in _WORD.finditer(address)}
        if not words and "dbname" not in address:
            return None
        host, port = words.get("hostaddr") or words.get("host", ""), words.get("port", str(_PORT))
    else:
        return None
    if "," in host or not port.isdigit():
        return None
    return Link(host=host or "localhost", port=int(port))


def relayed(address: str, host: str, port: int) -> str:
    """Return the address with another host and port; what `link_of` does not know is returned as it is."""
    if found := _URL.fullmatch(address.strip()):
        query = [
            (k, v) for k, v in parse_qsl(found["query"] or "", keep_blank_values=True) if k not in _HOST_KEYS
        ]
        tail = f"?{urlencode(query)}" if query else ""
        return f"{found['scheme']}{found['who'] or ''}{host}:{port}{found['rest']}{tail}"
    if link_of(address) is None:
        return address
    return f"{_WORD.sub('', address).strip()} host={host} port={port}"
