"""The credentials that artefacts hold in clear, collected so that they can be taken out everywhere. Pure.

Reports and traces of Playwright have `httpCredentials`, `extraHTTPHeaders`, cookies, the headers that were
sent, and whatever was typed.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from andon.gaps.artefacts import loose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names of headers, cookies, parameters and fields whose values are secret.
_NAMES = re.compile(
    r"authori[sz]ation|cookie|token|secret|(?:api|access|private|signing)[-_]?key|passw|passphrase|passcode"
    r"|kennwort|pwd|session|csrf|xsrf|credential|signature|jwt|bearer|\botp\b|one[-_]?time|\bpin\b|cvv|cvc"
    r"|card[-_]?num|iban|(?<![a-z])sid$|(?<![a-z])auth$|dsn$",
    re.IGNORECASE,
)
#: Calls whose arguments are what a person would type.
_TYPING = re.compile(r"fill|type|insert|sequentially", re.IGNORECASE)
_TYPED = "__playwright_value_"
#: The shortest value that is taken out everywhere; shorter ones are words.
SHORTEST = 4
#: The shortest value of a cookie whose name says nothing: shorter ones are `dark`, `de-DE`.
_COOKIE = 8
#: Values that are collected at most, their characters together, and how many are looked for in one piece.
MOST, CHARACTERS, PIECE = 5000, 400_000, 512
#: A scheme and what follows it, as in `Bearer ...`.
_BEARERS = re.compile(r"[A-Za-z][\w.-]{1,20} +(\S.*)")


@lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """True for the name of a header, cookie, parameter or field whose value is secret."""
    return bool(_NAMES.search(name))


class Credentials:
    """A growing set of values that are secret."""

    def __init__(self) -> None:
        self._values: dict[str, None] = {}
        self._characters = 0
        #: True when there were more than can be taken out: then no text may be kept.
        self.is_full = False

    @property
    def values(self) -> tuple[str, ...]:
        """The values."""
        return tuple(self._values)

    def add(self, value: str) -> None:
        """Remember a value; a long one in pieces, each of which is taken out."""
        value = value.strip()
        if len(value) < SHORTEST or value.lower() in _WORDS:
            return
        while len(value) >= 2 * PIECE:
            self._remember(value[:PIECE])
            value = value[PIECE:]
        self._remember(value)

    def _remember(self, piece: str) -> None:
        if piece in self._values or self.is_full:
            return
        self._characters += len(piece)
        if len(self._values) >= MOST or self._characters > CHARACTERS:
            self.is_full = True
            return
        self._values[piece] = None

    def add_header(self, value: str) -> None:
        """Remember the value of a header that carries credentials, whole and in its parts."""
        self.add(value)
        for part in re.split(r"[;\n]", value):
            self.add(part)
            name, _, assigned = part.strip().partition("=")
            if assigned and name.strip().lower() not in _ATTRIBUTES:
                self.add(assigned)
            if found := _BEARERS.fullmatch(part.strip()):
                self.add(found[1])
                self._add_basic(found[1])

    def add_url(self, url: str) -> None:
        """Remember the password of an address and its parameters that are named like a credential."""
        try:
            parts = urlsplit(url)
            password = parts.password
            pairs = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
        except ValueError:
            return
        if password:
            self.add(unquote(password))
        for name, value in pairs:
            if is_secret_name(name):
                self.add(value)

    def add_body(self, body: str, content_type: str = "") -> None:
        """Remember the fields of a JSON document or a form that are named like a credential."""
        begins = body.lstrip()[:1]
        if begins in ("{", "["):
            self.scan(loose.parsed(body.encode("utf-8", "replace")))
        elif "=" in body and (not content_type or "urlencoded" in content_type):
            try:
                pairs = parse_qsl(body[: 1 << 16])
            except ValueError:
                return
            for name, value in pairs:
                if is_secret_name(name):
                    self.add(value)

    def scan(self, document: object) -> None:
        """Remember every credential in a document of a report or a trace, however deep."""
        for value, is_header in _in(document):
            if is_header:
                self.add_header(value)
            else:
                self.add(value)

    def add_typed(self, call: dict[str, object], *, is_password: bool = False) -> None:
        """Remember what was typed, if the field or the value itself looks like a secret's."""
        params = loose.table(call, "params")
        method = f"{loose.text(call, 'method')} {loose.text(call, 'title')} {loose.text(call, 'apiName')}"
        if not _TYPING.search(method):
            return
        field = (
            f"{loose.text(params, 'selector')} {loose.text(params, 'locator')} {loose.text(call, 'subtitle')}"
        )
        for key in ("value", "text"):
            value = loose.text(params, key)
            if value and (is_password or is_secret_name(field) or _looks_secret(value)):
                self.add(value)

    def _add_basic(self, value: str) -> None:
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            return
        if ":" in decoded:
            self.add(decoded.partition(":")[2])


#: Values that are none.
_WORDS = frozenset(("true", "false", "null", "none", "undefined"))
#: What follows the value in a Set-Cookie.
_ATTRIBUTES = frozenset(
    ("path", "domain", "expires", "max-age", "samesite", "httponly", "secure", "priority")
)


def _looks_secret(value: str) -> bool:
    """True for one word of letters and digits, or with signs, that no person would read."""
    if len(value) < 8 or " " in value or "@" in value or re.fullmatch(r"[\d.,:/+-]+", value):
        return False
    has = (
        re.search(r"[a-z]", value),
        re.search(r"[A-Z]", value),
        re.search(r"\d", value),
        re.search(r"\W", value),
    )
    return bool(has[2]) and sum(map(bool, has)) >= 3


def _in(document: object) -> Iterator[tuple[str, bool]]:
    """Yield (value, whether it is a header's); a loop, because documents nest deeper than Python may."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += [one for one in value if isinstance(one, (dict, list))]
        elif isinstance(value, dict):
            waiting += [one for one in value.values() if isinstance(one, (dict, list))]
            yield from _in_object(value)


def _in_object(value: dict[str, object]) -> Iterator[tuple[str, bool]]:
    for key, inner in value.items():
        if is_secret_name(key) or (key == _TYPED and _is_secret_field(value)):
            yield from ((one, True) for one in _texts(inner))
    for cookie in loose.tables(value, "cookies") if "cookies" in value else ():
        if is_secret_name(loose.text(cookie, "name")) or len(loose.text(cookie, "value")) >= _COOKIE:
            yield loose.text(cookie, "value"), False
    name, said = value.get("name"), value.get("value")
    if isinstance(name, str) and isinstance(said, str) and is_secret_name(name):
        yield said, True
    username, password = value.get("username"), value.get("password")
    if isinstance(username, str) and isinstance(password, str):
        yield base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode(), False


def _is_secret_field(attributes: dict[str, object]) -> bool:
    """True for the attributes of a field, as a page's snapshot has them, in which a secret was typed."""
    named = " ".join(loose.text(attributes, key) for key in ("type", "name", "id", "autocomplete"))
    return is_secret_name(named) or _looks_secret(loose.text(attributes, _TYPED))


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a value that is secret as a whole; names of objects are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))
    elif isinstance(value, int) and not isinstance(value, bool) and 10**3 <= abs(value) < 10**19:
        yield str(value)
