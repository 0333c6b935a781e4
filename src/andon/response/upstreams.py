"""Whom a connection error blames: the hosts in messages about refused, lost and late connections."""

from __future__ import annotations

import re

#: What says that somebody else did not answer.
_TROUBLE = re.compile(
    r"connection refused|ECONNREFUSED|timed? ?out|ETIMEDOUT|ESOCKETTIMEDOUT|deadline exceeded|ECONNRESET|"
    r"reset by peer|ENOTFOUND|EAI_AGAIN|getaddrinfo|no such host|name or service not known|unreachable|"
    r"EHOSTUNREACH|max retries exceeded|RemoteDisconnected|server closed the connection|"
    r"could not connect|failed to connect|unable to connect|connect failed|no live upstreams|"
    r"bad gateway|service unavailable|too many requests|\b(?:502|503|504|429)\b",
    re.IGNORECASE,
)
_POOL = re.compile(r"host='([\w.-]+)', port='?(\d+)")
_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,15}://(?:[^\s/@]*@)?(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d+))?", re.IGNORECASE
)
_PAIR = re.compile(
    r"(?<![\w.:/@-])(\[[0-9a-f:]+\]|[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?):(\d{2,5})(?!\w|[.:]\w)"
)
_NAMED = re.compile(
    r"(?:ENOTFOUND|EAI_AGAIN|lookup|host:?)\s+\"?([a-z0-9][\w-]*(?:\.[\w-]+)+)", re.IGNORECASE
)
#: Ends of names that are files, in `orders.py:12`.
_FILES = frozenset(
    (
        "py", "pyc", "java", "kt", "scala", "js", "mjs", "cjs", "jsx", "ts", "tsx", "go", "rb", "rs", "c",
        "h", "cc", "cpp", "cs", "php", "ex", "exs", "erl", "swift", "lua", "sql", "sh", "log", "txt", "yml",
        "yaml", "json", "toml", "html", "css", "vue", "pl",
    )
)  # fmt: skip
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def names_upstream(text: str) -> tuple[str, ...]:
    """Return the hosts, as `host:port` where a port is named, that the text blames; none without trouble."""
    found: dict[str, None] = {}
    for line in text.split("\n"):
        if _TROUBLE.search(line):
            found.update(dict.fromkeys(_hosts(line)))
    named = {host.rpartition(":")[0] for host in found if ":" in host}
    return tuple(host for host in found if host not in named)


def _hosts(line: str) -> list[str]:
    hosts = [f"{host}:{port}" for host, port in _POOL.findall(line)]
    hosts += [f"{host}:{port}" if port else host for host, port in _URL.findall(line)]
    hosts += [f"{host}:{port}" for host, port in _PAIR.findall(line) if _is_host(host, int(port))]
    return hosts + _NAMED.findall(line)


def _is_host(host: str, port: int) -> bool:
    if host.startswith("[") or _ADDRESS.fullmatch(host) or host == "localhost":
        return True
    name, dot, end = host.rpartition(".")
    if dot:
        return bool(name) and end.lower() not in _FILES and end.isalpha()
    # A bare word is the name of a service (`redis:6379`), not the `line:12` of a message.
    return (
        port >= 1024 and host[0].islower() and host not in ("error", "code", "line", "status", "pid", "port")
    )
