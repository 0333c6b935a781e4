"""PostgreSQL addresses in the forms in which applications take them."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from typing import Any

#: What a driver's name is put between: `postgresql+psycopg://`, `jdbc:postgresql://`.
_FORM = re.compile(r"^((?:jdbc:)?(?:postgres|postgresql|pgsql|psql|postgis)(?:\+\w+)?)://", re.IGNORECASE)
#: Words of libpq that a URL of another driver may not know.
_OWN = ("user", "password", "host", "port", "dbname", "hostaddr")


def is_address(text: str) -> bool:
    """True for what is an address of PostgreSQL, whatever driver it names."""
    return bool(_FORM.match(text))


def for_libpq(text: str) -> str:
    """Return an address without the driver's name, as libpq takes it."""
    return _FORM.sub("postgresql://", text)


def is_loopback(given: dict[str, Any]) -> bool:
    """True when every host of a parsed address is this machine, also with what libpq's variables add."""
    if _service(given):
        return False  # a file outside the project says where that is
    return all(_is_here(host) for host in (*_listed(given, "hostaddr"), *_listed(given, "host")))


def host_of(given: dict[str, Any]) -> str:
    """Return the host to ask consent for; `localhost` for a socket."""
    if is_loopback(given):
        return "localhost"
    found = [host for host in (*_listed(given, "host"), *_listed(given, "hostaddr")) if not _is_here(host)]
    return ",".join(dict.fromkeys(found)) or _service(given)


def _service(given: dict[str, Any]) -> str:
    return str(given.get("service") or os.environ.get("PGSERVICE") or "")


def _listed(given: dict[str, Any], word: str) -> list[str]:
    """Return what an address names, else what libpq takes from its variable (PGHOST, PGHOSTADDR)."""
    return str(given.get(word) or os.environ.get(f"PG{word.upper()}") or "").split(",")


def _is_here(host: str) -> bool:
    plain = host.strip("[]").lower()
    if plain in ("", "localhost") or plain.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(plain).is_loopback
    except ValueError:
        return False


def in_form(given: str, parts: dict[str, Any]) -> str:
    """Return the address of parsed `parts` in the form in which another was given.

    That is a URL with a driver's name and its own query, libpq's words, or the database's name alone.
    """
    found = _FORM.match(given)
    if found or not given.strip():
        query = urlsplit(_FORM.sub("postgresql://", given)).query if found else ""
        return _url(found[1] if found else "postgresql", parts, query)
    if "=" in given:
        return " ".join(f"{word}={_value(value)}" for word, value in parts.items())
    return str(parts.get("dbname") or "")


def _url(scheme: str, parts: dict[str, Any], query: str) -> str:
    user, password = (
        quote(str(parts.get("user") or ""), safe=""),
        quote(str(parts.get("password") or ""), safe=""),
    )
    who = f"{user}{f':{password}' if password else ''}@" if user else ""
    host, port = str(parts.get("host") or ""), str(parts.get("port") or "")
    rest = {k: v for k, v in parts.items() if k not in _OWN}
    if scheme.lower().startswith("jdbc:"):
        who = ""
        rest = {**{k: parts[k] for k in ("user", "password") if parts.get(k)}, **rest}
    kept = [part for part in query.split("&") if part and unquote(part.split("=")[0]) not in (*_OWN, *rest)]
    if host.startswith("/") or "," in host:
        rest = {"host": host, **({"port": port} if port else {}), **rest}
        host = ""
    else:
        host = f"[{host}]" if ":" in host else host
        host += f":{port}" if port else ""
    words = "&".join(part for part in (urlencode(rest), *kept) if part)
    name = quote(str(parts.get("dbname") or ""), safe="")
    return f"{scheme}://{who}{host}/{name}{f'?{words}' if words else ''}"


def _value(value: object) -> str:
    text = str(value)
    if text and not re.search(r"[\s'\\]", text):
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
