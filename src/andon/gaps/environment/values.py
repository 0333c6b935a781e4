"""What may be known of a setting's value: facts about its form, and whether it is the same. Pure.

A value never leaves this module but when it is one of a closed vocabulary, under a key that names no secret.
Two values are the same when their digests are, which are keyed: the key lives as long as one search, so that
nobody can find a short value by trying.
"""

from __future__ import annotations

import hmac
import re
from enum import StrEnum

from andon.record import Record

_SECRET_KEY = re.compile(
    r"pass|pwd|secret|token|credential|private|api_?key|access_?key|signing|salt|pepper|auth|webhook|cookie"
    r"|session|cert|jwt|pin$|otp|license|_key$|^key$|dsn$|_pem$",
    re.IGNORECASE,
)
#: Keys that a word of the list above is in although they hold no secret.
_NO_SECRET_KEY = re.compile(
    r"(?:_|\b)(?:ttl|timeout|seconds|minutes|days|age|expir\w*|enabled|required|samesite|secure|httponly|name"
    r"|length|rounds|algorithm|type|mode|level|limit|size|count|engine)$|^(?:author\w*)",
    re.IGNORECASE,
)
_TRUE_FALSE = frozenset(("true", "false", "yes", "no", "on", "off"))
_LEVEL_WORDS = """
trace debug info notice warn warning error critical fatal silent development production staging test testing
none default
"""
_LEVELS = frozenset(_LEVEL_WORDS.split())
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_DECIMAL = re.compile(r"[+-]?\d{1,12}\.\d{1,9}")
_COMMA = re.compile(r"[+-]?\d{1,12},\d{1,9}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):(?://|(?=[^\s/]))")
_SCHEME_WORDS = """
http https ws wss ftp ftps sftp file s3 gs redis rediss postgres postgresql mysql mariadb mongodb mongodb+srv
amqp amqps mqtt kafka nats smtp smtps ldap ldaps sqlite jdbc tcp udp unix grpc memcached mailto sqlserver
"""
_SCHEMES = frozenset(_SCHEME_WORDS.split())
_ZONE = re.compile(
    r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Etc)"
    r"/[A-Z][A-Za-z_+-]{1,24}(?:/[A-Z][A-Za-z_]{1,24})?|Etc/GMT[+-]\d{1,2}|UTC|GMT|Z|Zulu"
)
_LOCALE = re.compile(
    r"(?:[a-z]{2}_[A-Z]{2}|C|POSIX)(?:\.(?:UTF-?8|ISO-?8859-?\d{1,2}|[Ll]atin-?1|ANSI_X3\.4-1968))?(?:@euro)?"
    r"|[a-z]{2}(?:-[A-Z]{2})?",
)
_ENCODING = re.compile(
    r"utf-?8(?:-sig)?|utf-?16|ascii|us-ascii|latin-?1|iso-?8859-\d{1,2}|cp125\d|cp437", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"change.?me|replace.?me|your[-_ ]|example|placeholder|dummy|xxxx|\btodo\b|\btbd\b|\bfixme\b|insert[-_ ]"
    r"|^<.*>$|^\{\{.*\}\}$|^\$\{[^}]*\}$|^%\w+%$|__\w+__",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Form(StrEnum):
    """What a value looks like."""

    EMPTY = "empty"
    BOOLEAN = "true or false"
    WHOLE = "a whole number"
    DECIMAL = "a number"
    COMMA = "a number with a comma"
    LEVEL = "a level or a mode"
    ZONE = "a time zone"
    LOCALE = "a locale"
    ENCODING = "an encoding"
    ADDRESS = "an address"
    PATH = "a path"
    LIST = "a list"
    JSON = "JSON"
    TEXT = "a text"


class Facts(Record):
    """What is known of one value; nothing of it can be told back to the value."""

    form: Form
    #: Keyed digest of the whole value.
    digest: str
    #: Of the value without white space, quotes and difference of case around it.
    trimmed: str
    #: Bucket of its length: `1 to 8 characters`.
    length: str
    #: Scheme of an address, in lower case.
    scheme: str = ""
    is_secret: bool = False
    #: White space around it, among it a line end.
    is_untrimmed: bool = False
    has_line_end: bool = False
    #: Quotes around it that the application will see.
    is_quoted: bool = False
    #: A boolean that is not written in lower case, or as a word other than true and false.
    is_odd_boolean: bool = False
    is_placeholder: bool = False
    is_ascii: bool = True
    has_controls: bool = False
    #: The value itself, when everybody may see it; "" otherwise.
    shown: str = ""

    @property
    def words(self) -> str:
        """What may be told of it, as a phrase."""
        if self.form is Form.EMPTY:
            return "empty" if not self.is_untrimmed else "nothing but white space"
        told = self.shown or _told(self)
        more = [
            word
            for is_so, word in (
                (self.is_untrimmed, "with a line end" if self.has_line_end else "with white space around it"),
                (self.is_quoted, "with quotes around it"),
                (self.is_placeholder, "that looks like a placeholder"),
                (not self.is_ascii, "with letters beyond ASCII"),
                (self.has_controls, "with control characters"),
            )
            if is_so
        ]
        return ", ".join((told, *more))


def _told(facts: Facts) -> str:
    kind = "a secret" if facts.is_secret else facts.form.value
    if facts.scheme and not facts.is_secret:
        kind = f"{kind} ({facts.scheme})"
    return f"{kind} of {facts.length}"


def facts(key: str, value: str, secret: bytes | bytearray) -> Facts:
    """Return what may be known of a value; `secret` is the key of the digests."""
    stripped = value.strip()
    plain = unquoted(stripped)
    form = form_of(plain)
    hidden = is_secret(key, value)
    scheme = _SCHEME.match(plain) if form is Form.ADDRESS else None
    return Facts(
        form=form,
        digest=_digest(value, secret),
        trimmed=_digest(plain.lower(), secret),
        length=bucket(len(value)),
        scheme=_scheme_shown(scheme[1]) if scheme else "",
        is_secret=hidden,
        is_untrimmed=value != stripped,
        has_line_end=value != value.rstrip("\r\n"),
        is_quoted=plain != stripped,
        is_odd_boolean=form is Form.BOOLEAN and stripped not in ("true", "false"),
        is_placeholder=_is_placeholder(plain),
        is_ascii=value.isascii(),
        has_controls=bool(_CONTROLS.search(value)),
        shown="" if hidden else _shown(plain, form),
    )


def _scheme_shown(scheme: str) -> str:
    return scheme.lower() if scheme.lower() in _SCHEMES else "another scheme"


def _is_placeholder(plain: str) -> bool:
    words = " ".join(word for word in plain.split() if "@" not in word and "://" not in word)
    return bool(_PLACEHOLDER.search(re.sub(r"\bexample\.(?:com|org|net)\b", "", words)))


def form_of(plain: str) -> Form:
    """Return what a value without quotes and white space around it looks like."""
    if not plain:
        return Form.EMPTY
    for form, matches in _FORMS:
        if matches(plain):
            return form
    return Form.TEXT


def is_secret(key: str, value: str) -> bool:
    """True when a value must not be seen: by its key's name, by its look, or for a password inside of it."""
    name = snake(key)
    if _SECRET_KEY.search(name) and not _NO_SECRET_KEY.search(name):
        return True
    if re.search(r"://[^\s/@]{0,300}:[^\s/@]{1,300}@", value):
        return True
    return "-----BEGIN " in value or _looks_random(value.strip())


def hidden_parts(key: str, value: str) -> tuple[str, ...]:
    """Return what must be taken out of every text because of a setting: its value, or who asks in an address.

    A plain word is none of it, although its key is a secret's: it stands in texts of other things, too.
    """
    in_addresses = re.findall(r"://([^\s/@]{1,300})@", value)
    found = [part for one in in_addresses for part in one.split(":")]
    if not in_addresses and is_secret(key, value):
        found += [value.strip(), unquoted(value.strip())]
    plain = (one.strip() for one in found)
    return tuple(dict.fromkeys(one for one in plain if len(one) >= 8 and not _is_word(one)))


def _is_word(text: str) -> bool:
    return text.isalpha() and (text.islower() or text.isupper() or text.istitle())


def _looks_random(value: str) -> bool:
    """True for one long word that mixes letters and digits as no name does."""
    if len(value) < 16 or not re.fullmatch(r"[\w+/=.~:-]+", value) or _ZONE.fullmatch(value):
        return False
    changes = len(re.findall(r"(?<=\d)[A-Za-z]|(?<=[A-Za-z])\d", value))
    return changes >= 3 and len(set(value)) >= 10


def snake(key: str) -> str:
    """Return a key as variables are written: `db.primaryHost` becomes `db_primary_Host`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"[.\-\s/]+", "_", key))


def unquoted(text: str) -> str:
    """Return a text without one pair of quotes around it."""
    is_pair = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`"
    return text[1:-1].strip() if is_pair else text


def bucket(length: int) -> str:
    """Return in which range a length lies: its exact value would help to guess."""
    low = 1
    for high in (8, 16, 32, 64, 128, 256, 1024):
        if length <= high:
            return f"{low} to {high} characters"
        low = high + 1
    return "more than 1024 characters"


def _shown(plain: str, form: Form) -> str:
    if form is Form.WHOLE:
        return plain if len(plain) <= 5 else ""
    is_closed = form in (Form.BOOLEAN, Form.LEVEL, Form.ZONE, Form.LOCALE, Form.ENCODING)
    return plain if is_closed else ""


def _digest(value: str, secret: bytes | bytearray) -> str:
    return hmac.new(secret, value.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _is_address(plain: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://|(?:sqlite|jdbc|mailto|amqp):", plain))


def _is_path(plain: str) -> bool:
    return bool(re.fullmatch(r"(?:/|\./|\.\./|~/|[A-Za-z]:\\)[^\s,;]*", plain))


def _is_json(plain: str) -> bool:
    return (plain[0], plain[-1]) in (("{", "}"), ("[", "]"))


_FORMS = (
    (Form.BOOLEAN, lambda plain: plain.lower() in _TRUE_FALSE),
    (Form.WHOLE, _WHOLE.fullmatch),
    (Form.DECIMAL, _DECIMAL.fullmatch),
    (Form.COMMA, _COMMA.fullmatch),
    (Form.LEVEL, lambda plain: plain.lower() in _LEVELS),
    (Form.ENCODING, _ENCODING.fullmatch),
    (Form.ZONE, _ZONE.fullmatch),
    (Form.LOCALE, _LOCALE.fullmatch),
    (Form.ADDRESS, _is_address),
    (Form.PATH, _is_path),
    (Form.JSON, _is_json),
    (Form.LIST, lambda plain: bool(re.fullmatch(r"[^,;\s]+(?:\s*[,;]\s*[^,;\s]+)+", plain))),
)
