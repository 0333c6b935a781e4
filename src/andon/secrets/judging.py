"""Is what looks like a secret one, and how sure is that? One judgement for each hit of the table. Pure.

Nobody can justify what is judged BLOCK, so that is only what nothing else looks like: a token of a provider's
form with the right checksum, a private key, a password in an address, any real value in an environment file.
What a person has to look at is REVIEW; None is what stands in a secret's place without being one.
"""

from __future__ import annotations

import re

from andon.record import Record
from andon.secrets.checksums import CHECKS, decoded
from andon.secrets.finding import Tier
from andon.secrets.formats import row_of
from andon.secrets.formats.row import LOWER
from andon.secrets.patterns import is_harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.secrets.formats import Format

# The expressions are compiled by `re` when they are first needed, so that a clean commit pays for none.
_ENV = r"(?i)(?:^|/)(?:\.env(?:[.-][^/]*)?|[^/]+\.env)$"
_ENV_SAMPLE = r"(?i)example|sample|template|dist|default|schema|test|ci$|\.(?:ts|js|py|rb|md|go)$"
#: Files of which an unquoted value is a value, and not a name of the program.
_SETTINGS = (
    r"(?i)(?:\.(?:env[\w.-]*|ini|cfg|conf|cnf|properties|ya?ml|toml|tfvars|netrc|npmrc|pypirc|config|prefs"
    r"|editorconfig|service|sh|bash|zsh|fish|profile|bashrc|zshrc|bash_profile|dockercfg|htpasswd)"
    r"|(?:^|/)\.?(?:netrc|npmrc"
    r"|pypirc|pgpass|dockerfile[^/]*|credentials|s3cfg|esmtprc|tugboat|hub|config|env[\w.-]*))$"
)
#: Where made-up values are usual: tests and what they need.
_MADE_UP = (
    r"(?i)(?:^|/)(?:tests?|t|specs?|__tests__|e2e|fixtures?|testdata|testing|mocks?|examples?|samples?|demos?"
    r"|tutorials?|benchmarks?|stories)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*[._-](?:test|spec|example|sample|template|dist|stories|e2e)s?(?:\.[^/]*)?"
    r"|[^/]*(?:tests?|specs?)\.[a-z]{1,5}|conftest\.py)$"
)
#: Where they are usual, too, and where real ones are written down: guides, notes.
_DOCUMENT = (
    r"(?i)(?:^|/)docs?/|(?:^|/)(?:[^/]*\.(?:md|mdx|rst|adoc|txt|ipynb|html?|po|snap|svg)"
    r"|(?:readme|changelog|changes|history|authors)[^/]*)$"
)
#: What stands for a token in documents: nobody is given one that holds this.
_STAND_IN = (
    rb"(?i)example|placeholder|dummy|fake|your[-_]|your(?=token|key|secret|pass|api)|xxxx|\*\*\*|\.\.\."
    rb"|1234567|abcdefg|qwerty"
    rb"|eyJzdWIiOiIxMjM0NTY3ODkw|[<>]|\$\{|\{\{|deadbeef|0{8}|redacted|changeme|insert|sample"
)
#: Keys that a provider prints in its documentation or builds into its emulator, without their prefixes.
_PUBLISHED = (
    rb"4eC39HqLyjWDarjtT1zdp7dc|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1|C2y6yDjf5/R\+ob0N8A7Cgv30VRDJIWEHLM"
    rb"|wJalrXUtnFEMI|uV3F3YluFJax1cknvbcG|je7MtGbClwBF|Zj6D1xZ6dV4fNwlkUPWQ3"
)
#: What else stands for a password.
_PLACEHOLDER = (
    rb"(?i)change[_-]?(?:me|this|it)|replace|[-_]here|^my[-_]|^the[-_]|^some[-_]|^a[-_]|hunter2|abcdef|foobar"
    rb"|todo|s3cr3t|s3cret|passw(?:or|0r)d|passwd|p[a4]ss[wp]|secret|test|%\(|%s|#\{|\$[({A-Za-z_]|@\{|^env[.:(]"
    rb"|process\.env|getenv|environ|^vault[:.]|^(?:op|ref|ssm|arn|secretsmanager)(?::|\+)|&lt;|letmein|welcome"
    rb"|not[-_]?a[-_]|invalid|wrong|bogus|default|none$|null$|undefined|correct-?horse|[_-]v\d+$"
)
#: Passwords that nobody takes for one.
_COMMON = frozenset(
    b"password passwd pass pwd postgres guest root admin secret user username test token mysql redis foo"
    b" bar baz changeme example qwerty 123456 hunter2 pw key value".split()
)
#: Names of passwords, of which a plain word in a settings file may be one.
_PASSWORD_NAME = rb"(?i)pass(?:word|wd|phrase)?\d?$|pwd$"
_LOCAL_HOST = (
    rb"(?i)@(?:localhost|127\.0\.0\.\d+|\[::1\]|0\.0\.0\.0|host\.docker\.internal"
    rb"|[\w.-]*\.?(?:example|test|invalid|local)(?:\.(?:com|org|net|io))?)(?=[:/\s\"'?,)]|$)"
)
_SENTRY = rb"(?i)@[\w.-]*sentry"
#: Names of what is no secret, whatever it holds: things that are counted, shown, or published.
_OPEN_NAME = (
    rb"(?i)(?:public|pub|hash|hashed|digest|checksum|sha\d*|nonce|etag|id|ids|url|uri|path|file|dir|name|names"
    rb"|expir\w*|version|length|len|size|type|types|count|limit|max|min|field|fields|column|header|headers|param"
    rb"|params|prefix|suffix|label|title|regex|pattern|format|endpoint|host|method|class|kind|scheme|algorithm"
    rb"|message|msg|error|text|help|hint|description|placeholder|integrity|fingerprint|primary|foreign|cache"
    rb"|sort|index|partition|object|group|lookup|translation|i18n|locale|site|recaptcha_site|turbo|map|maps)"
    rb"(?:[_-]?(?:key|keys|token|tokens))?$"
)
#: A value that is made of words, as names of things are.
_WORDS = (
    rb"(?:[A-Za-z]{2,}\d{0,2}|[A-Z][a-z]+|\d{1,4}|[a-z])"
    rb"(?:[-_./: ,]+(?:[A-Za-z]{2,}\d{0,3}|\d{1,4}|[A-Za-z]\d{0,3}))*[-_./:]?"
)
_HUMPS = rb"[a-z]+(?:[A-Z][a-z]+){1,9}\d{0,2}|(?:[A-Z][a-z]+){2,10}\d{0,2}|[A-Za-z]{3,20}\d{1,4}"
_REFERENCE = (
    rb"[A-Za-z_][\w]*(?:(?:\.|->|::)[A-Za-z_]\w*)+(?:\(\)?)?"
    rb"|[A-Z][A-Z0-9_]{3,}|\w+\(.*|\w+\[.*|@[\w/.-]+|&\w+"
)
_UUID = rb"[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}"
_CONNECTION = (
    rb"(?i)(?:server|data source|host|user(?: ?id|name)?|uid|database|initial catalog|jdbc:\w+:)[^\r\n]*$"
)
#: Kinds of no provider, each with a judgement of its own.
_IGNORED = frozenset(("cookie",))
#: Bytes before and after a hit that a judgement may look at.
AROUND = 200


class Place(Record):
    """What a path says about the values in its file."""

    #: A file with the settings of an environment, and no example of one.
    is_environment: bool = False
    #: Unquoted values are values.
    is_settings: bool = False
    #: Tests, fixtures, examples: made-up values are usual.
    is_made_up: bool = False
    #: What people read: guides, notes, pages.
    is_document: bool = False
    #: What the name of the file says it holds alone: key, pgpass, or nothing of the kind.
    holds: str = ""


def place_of(path: str) -> Place:
    """Return what a path says about the values in its file; "" is a message or a name."""
    name = path.rpartition("/")[2].lower()
    holds = (
        "key"
        if re.search(r"(?:\.|_|-|^)(?:key|secret|token)$", name)
        else "pgpass"
        if "pgpass" in name
        else ""
    )
    return Place(
        holds=holds,
        is_environment=is_environment(path),
        is_settings=bool(re.search(_SETTINGS, path) or re.search(_ENV, path)),
        is_made_up=bool(re.search(_MADE_UP, path)),
        is_document=bool(re.search(_DOCUMENT, path)),
    )


def is_environment(path: str) -> bool:
    """True for an environment file that is no example of one."""
    if "env" not in path.lower():
        return False
    return bool(re.search(_ENV, path)) and not re.search(_ENV_SAMPLE, path.rpartition("/")[2])


def judge(kind: str, value: bytes, place: Place, before: bytes = b"", after: bytes = b"") -> Tier | None:
    """Return how sure it is that a value of a kind is a secret where it stands; None when it is none.

    `before` and `after` are the up to AROUND bytes beside it. Bounds on length and entropy are our own, from
    the corpus of bench/secret_recall.py and the histories of bench/secret_benign.py.
    """
    if kind in _IGNORED or re.search(_PUBLISHED, value):
        return None
    if kind == "private-key":
        return Tier.BLOCK if _holds_a_key(value) else None
    row = row_of(kind, value)
    if kind == "jwt":
        return _judge_jwt(value, place)
    if row is None or not row.provider or row.provider in ("database", "netrc", "account"):
        if kind == "password-hash":
            return None if place.is_made_up else Tier.REVIEW
        own = _JUDGES.get(kind, _judge_assignment)
        return (
            None
            if _stands_for_one(value)
            else own(Seen(value=value, place=place, before=before, after=after))
        )
    return _judge_token(row, value, place)


# -- tokens of providers -----------------------------------------------------------------------------------


#: Bytes from which a value of small letters and digits without a digit is words: (26/36) to the 32nd is 3e-5.
_WORDY = 32


def _judge_token(row: Format, value: bytes, place: Place) -> Tier | None:
    if re.search(_STAND_IN, value) or not _is_varied(value):
        return None
    size = len(value)
    if row.least and size < row.least:
        return None
    if row.is_named and not _is_mixed(value):
        return None
    if size >= _WORDY and row.letters == LOWER and not re.search(rb"[0-9]", value):
        return None  # names in the symbols of a program, one after the other
    if row.kind == "api-key" and not _is_api_key(value):
        return None
    if row.kind == "docker-login":
        return _judge_login(value, place)
    if row.checksum and not CHECKS[row.checksum](value[: row.most] if 0 < row.most == row.least else value):
        return None if place.is_made_up else Tier.REVIEW
    if row.most and size > row.most and not row.checksum:
        return None if place.is_made_up or size > 2 * row.most else Tier.REVIEW
    return Tier.BLOCK if row.is_sure and not (row.is_named and place.is_made_up) else Tier.REVIEW


def _is_mixed(value: bytes) -> bool:
    """True for a value with letters and digits that hardly repeats itself."""
    has_digit = any(48 <= c <= 57 for c in value)
    return (
        has_digit
        and value.lower() != value.upper()
        and entropy(value) >= 3.0
        and not re.fullmatch(_HUMPS, value)
    )


def _is_varied(value: bytes) -> bool:
    """True for a value that hardly repeats itself and does not count up."""
    if len(set(value)) < 9:
        return False
    steps = sum(value[n + 1] - value[n] in (0, 1) for n in range(len(value) - 1))
    return steps * 3 < len(value)


def _is_api_key(value: bytes) -> bool:
    """True for `sk-` and one long random word: names such as sk-toggle-3 begin like that, too."""
    body = max(value.replace(b"_", b"-").split(b"-"), key=len)
    return len(body) >= 20 and sum(48 <= c <= 57 for c in body) >= 3 and entropy(body) >= 3.0


def _judge_login(value: bytes, place: Place) -> Tier | None:
    """Judge a name and a password in base64."""
    name, colon, password = decoded(value).partition(b":")
    if not colon or not name.isascii() or len(password) < 4 or _stands_for_one(password):
        return None
    return Tier.REVIEW if place.is_made_up else Tier.BLOCK


def _judge_jwt(value: bytes, place: Place) -> Tier | None:
    if re.search(_STAND_IN, value) or not CHECKS["jwt"](value):
        return None
    said = decoded(value.split(b".")[1])
    if b"1234567890" in said or b"John Doe" in said:
        return None
    is_open = b'"anon"' in said  # the key that every visitor of a page is given
    return Tier.REVIEW if is_open or place.is_made_up else Tier.BLOCK


def _holds_a_key(value: bytes) -> bool:
    body = value[30:]
    letters = re.findall(rb"[A-Za-z0-9+/=]{16,}", body)
    whole = b"".join(letters)
    return len(whole) >= 64 and len(set(whole)) >= 20 and not re.search(rb"(?i)x{8}|\.{3}|example", body)


# -- values without a form of their own --------------------------------------------------------------------


class Seen(Record):
    """A value and what is around it."""

    value: bytes
    place: Place
    before: bytes
    after: bytes


def _judge_address(seen: Seen) -> Tier | None:
    """Judge the password in an address."""
    if re.match(_LOCAL_HOST, seen.after) or re.match(_SENTRY, seen.after) or _is_template(seen.value):
        return None
    user = seen.before.rpartition(b"://")[2].rstrip(b":")
    if user == seen.value or seen.value.lower() in _COMMON:
        return None
    is_story = seen.place.is_made_up or seen.place.is_document
    if is_random(seen.value, 8):
        return Tier.REVIEW if is_story else Tier.BLOCK
    return None if is_story or len(seen.value) < 4 else Tier.REVIEW


def _judge_long_name(seen: Seen) -> Tier | None:
    """Judge a token that stands as the name in an address."""
    if re.match(_LOCAL_HOST, seen.after) or re.match(_SENTRY, seen.after) or not is_random(seen.value, 20):
        return None
    return Tier.REVIEW if seen.place.is_made_up or entropy(seen.value) < 3.0 else Tier.BLOCK


def _judge_connection(seen: Seen) -> Tier | None:
    if (
        not re.search(_CONNECTION, seen.before)
        or _is_template(seen.value)
        or re.search(rb"(?i)localhost|127\.0\.0\.1", seen.before)
    ):
        return None
    if is_random(seen.value, 8) and not seen.place.is_made_up:
        return Tier.BLOCK
    return (
        None
        if seen.place.is_made_up or re.search(_PLACEHOLDER, seen.value) or len(seen.value) < 6
        else Tier.REVIEW
    )


def _judge_login_file(seen: Seen) -> Tier | None:
    if seen.place.is_made_up or not seen.place.is_settings or re.search(_PLACEHOLDER, seen.value):
        return None
    return Tier.BLOCK if is_random(seen.value, 8) else Tier.REVIEW


def _judge_command(seen: Seen) -> Tier | None:
    if not is_random(seen.value, 8) or re.search(_PLACEHOLDER, seen.value):
        return None
    return None if seen.place.is_made_up and not is_random(seen.value, 16) else Tier.REVIEW


def _judge_header(seen: Seen) -> Tier | None:
    word = seen.value.strip().rstrip(b"\\\"',;)")
    if re.search(_PLACEHOLDER, word) or not is_random(word, 20):
        return None
    return None if seen.place.is_made_up and entropy(word) < 3.5 else Tier.REVIEW


def _judge_sure(_: Seen) -> Tier | None:
    return Tier.BLOCK


def _judge_key_content(seen: Seen) -> Tier | None:
    if not is_random(seen.value, 32):
        return None
    return Tier.REVIEW if seen.place.is_made_up else Tier.BLOCK


def _judge_assignment(seen: Seen) -> Tier | None:
    """Judge what is given to a name such as password or api_key."""
    if re.search(_PLACEHOLDER, seen.value) or len(seen.value) > 500 or b"://" in seen.value:
        return None
    line = seen.before.rpartition(b"\n")[2]
    is_given = line[-1:] in (b'"', b"'", b"`", b">") or bool(
        re.match(rb"\s*(?:\$ )?(?:export|set|env)\s", line, re.IGNORECASE)
    )
    if not (is_given or seen.place.is_settings) or re.search(_OPEN_NAME, _name_before(seen.before)):
        return None
    if not is_random(seen.value, 16 if seen.place.is_made_up else 12 if seen.place.is_document else 8):
        is_plain = (
            seen.place.is_settings
            and not (seen.place.is_made_up or seen.place.is_document)
            and len(seen.value) >= 6
        )
        is_word = is_plain and not re.search(rb"[\s(){}\[\]]|^[@&*!|>]|://|[.]\w+[.]", seen.value)
        if not is_word or not re.search(_PASSWORD_NAME, _name_before(seen.before)):
            return None
        return Tier.BLOCK if seen.place.is_environment else Tier.REVIEW
    if (seen.place.is_made_up or seen.place.is_document) and entropy(seen.value) < 3.3:
        return None
    return Tier.BLOCK if seen.place.is_environment else Tier.REVIEW


_JUDGES = {
    "url-password": _judge_address,
    "url-token": _judge_long_name,
    "connection-string": _judge_connection,
    "netrc-password": _judge_login_file,
    "command-password": _judge_command,
    "authorization": _judge_header,
    "bearer-token": _judge_header,
    "assignment": _judge_assignment,
    "environment-value": _judge_sure,
    "key-content": _judge_key_content,
}


def _name_before(before: bytes) -> bytes:
    """Return the name that a value is given to, as far as it stands on the same line."""
    line = before.rpartition(b"\n")[2]
    found = re.search(
        rb"([\w.-]{1,80})[\"'`\])]{0,3}\s*(?:[\w.<>&\[\]]{1,20}\s*)?(?::=|=>|==?|[:,(=>])\s*\S{0,3}$", line
    )
    return found[1] if found else b""


def _stands_for_one(value: bytes) -> bool:
    if _is_dense(value):
        return False
    return is_harmless(value) or bool(re.search(_STAND_IN, value)) or _is_template(value)


def _is_template(value: bytes) -> bool:
    return bool(re.search(rb"[{}]|\$[A-Z_(]|%[sdr(]|^\$|<\w", value))


def is_random(value: bytes, least: int) -> bool:
    """True for a value that no person would type as a word: long enough, mixed, hardly repeating.

    Entropy is Shannon's, in bits a character; both bounds are our own, from the code of public projects.
    """
    if len(value) < least:
        return False
    if any(c in b" \t(){}[]<>" for c in value) or value[:1] in b"/.$%&":
        return _is_dense(value)
    if value.startswith((b"http", b"arn:", b"--", b"../", b"./")) or (
        re.fullmatch(_UUID, value) and least < 30
    ):
        return value[8:9] == b"-" and re.fullmatch(_UUID, value) is not None and entropy(value) > 3
    has_digit = any(48 <= c <= 57 for c in value)
    has_letter = value.lower() != value.upper()
    has_sign = any(c in b"!@#$%^&*+=?~;" for c in value)
    if not has_letter or not (has_digit or has_sign) or entropy(value) < 2.75:
        return False
    return not any(re.fullmatch(form, value) for form in (_WORDS, _HUMPS, _REFERENCE))


def _is_dense(value: bytes) -> bool:
    """True for a long value of all the signs of the keyboard, as generators of salts make them."""
    signs = sum(33 <= c <= 126 and not chr(c).isalnum() for c in value)
    return len(value) >= 40 and signs >= 10 and value.count(b" ") <= 4 and entropy(value) >= 4.7


def entropy(value: bytes) -> float:
    """Return Shannon's entropy of a value, in bits a character."""
    from math import log2

    size = len(value)
    return -sum(n / size * log2(n / size) for n in (value.count(c) for c in set(value)))
