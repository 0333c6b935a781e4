"""What of a content is a secret that must not be committed: kinds and places, never a value. Pure.

Stricter than the redactor, which hides whatever could be one: nobody can justify what is found here, so what
stands in code, in tests and in documents must look like a real value. `scan` is the whole seam.
"""

from __future__ import annotations

import re

from andon.record import Record
from andon.secrets.patterns import find, is_harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Bytes that two neighbouring pieces of a large content have in common: longer than any secret but a key.
OVERLAP = 1 << 14
#: Findings of one content; a file with more is named by these.
MOST = 50

# The expressions are compiled by `re` when they are first needed, so that a clean commit pays for none.
_KEY_FILES = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))
_STORES = (".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
_ENV = r"(?i)(?:^|/)(?:\.env(?:[.-][^/]*)?|[^/]+\.env)$"
_ENV_SAMPLE = r"(?i)example|sample|template|dist|default|schema|test|ci$|\.(?:ts|js|py|rb|md|go)$"
_ENV_VALUE = rb"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=[ \t]*[^\s#]"
#: Files of which an unquoted value is a value, and not a name of the program.
_SETTINGS = (
    r"(?i)(?:\.(?:env|ini|cfg|conf|cnf|properties|ya?ml|toml|tfvars|netrc|npmrc|pypirc)|(?:^|/)\.?(?:netrc|npmrc"
    r"|pypirc|pgpass|dockerfile[^/]*|credentials))$"
)
#: Where made-up values are usual.
_MADE_UP = (
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|fixtures?|testdata|mocks?|examples?|samples?|docs?)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*[._-](?:test|spec)s?\.[^/]*|conftest\.py|[^/]*\.(?:md|rst|adoc))$"
)
#: What stands for a token in documents: nobody is given one that holds this.
_STAND_IN = (
    rb"(?i)example|placeholder|dummy|fake|your[-_]|xxxx|\*\*\*|\.\.\.|1234567|abcdefg"
    rb"|eyJzdWIiOiIxMjM0NTY3ODkw|<|\$\{|\{\{"
)
#: What else stands for a password.
_PLACEHOLDER = (
    rb"(?i)sample|changeme|change_me|replace|redacted|my[-_]|0{6}|abcdef|deadbeef|foobar|insert|todo|test"
    rb"|>|%\(|#\{"
)
_LOCAL_HOST = (
    rb"(?i)@(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0"
    rb"|[\w.-]*\.?(?:example|test|invalid|local)(?:\.(?:com|org|net))?)(?=[:/\s\"'?]|$)"
)
_SENTRY = rb"(?i)@[\w.-]*sentry"
_BASE64 = rb"[A-Za-z0-9+/=]"
#: Prefixed formats of providers: nothing else looks like them.
_PROVIDERS = frozenset((
    "aws-access-key", "github-token", "gitlab-token", "slack-token", "webhook", "stripe-key", "api-key",
    "google-key", "npm-token", "sendgrid-key", "digitalocean-token", "shopify-token", "huggingface-token",
    "docker-token", "vault-token", "jwt",
))  # fmt: skip
#: Shown in logs, and never alone a secret of a repository.
_IGNORED = frozenset(("cookie",))


class SecretFinding(Record):
    """A place that holds a secret, without the secret."""

    kind: str
    path: str
    #: From 1; 0 for the name of the file.
    line: int = 0
    #: Tells equal values apart from others within this process, and is of no use outside of it.
    mark: int = 0


def scan(content: bytes, path: str) -> tuple[SecretFinding, ...]:
    """Return the secrets in a content and in the name of its file, by line; at most MOST."""
    return scan_pieces((content,), path)


def scan_pieces(pieces: Iterable[bytes], path: str) -> tuple[SecretFinding, ...]:
    """Return what `scan` does of a content that comes in pieces, in bounded memory."""
    found = list(_of_name(path))
    seen: set[tuple[str, int]] = set()
    window, start, line, is_env = b"", 0, 1, _is_environment(path)
    for piece in pieces:
        kept = window[-OVERLAP:]
        gone = window[: len(window) - len(kept)]
        start, line = start + len(gone), line + gone.count(b"\n")
        window = kept + piece
        if is_env and re.search(_ENV_VALUE, window):
            found.append(SecretFinding(kind="environment-file", path=path, mark=hash(("name", _base(path)))))
            is_env = False
        bare = window.replace(b"\0", b"") if b"\0" in window else b""
        if not bare and window[:1] == b"\0":
            continue  # nothing but zeros
        for at, kind, value in _secrets(window, path):
            if (kind, start + at) not in seen and len(found) < MOST:
                seen.add((kind, start + at))
                number = line + window.count(b"\n", 0, at)
                found.append(SecretFinding(kind=kind, path=path, line=number, mark=hash(value)))
        for at, kind, value in _secrets(bare, path) if bare else ():  # UTF-16, or bytes in between
            if len(found) < MOST and not any(f.mark == hash(value) for f in found):
                number = line + bare.count(b"\n", 0, at)
                found.append(SecretFinding(kind=kind, path=path, line=number, mark=hash(value)))
    return tuple(sorted(found, key=lambda f: (f.line, f.kind)))


def new_secrets(before: Iterable[SecretFinding], after: Iterable[SecretFinding]) -> tuple[SecretFinding, ...]:
    """Return what is in `after` and not in `before`: what was there already came in with another commit."""
    known = {(f.kind, f.mark) for f in before}
    return tuple(f for f in after if (f.kind, f.mark) not in known)


def _of_name(path: str) -> Iterator[SecretFinding]:
    name = _base(path).lower()
    if name in _KEY_FILES or (name.endswith(_STORES) and not re.search(_MADE_UP, path)):
        yield SecretFinding(kind="key-file", path=path, mark=hash(("name", name)))
    whole = path.encode("utf-8", "backslashreplace")
    for _, kind, value in _secrets(whole, ""):
        yield SecretFinding(kind=f"{kind} in the name", path=path, mark=hash(value))


def _is_environment(path: str) -> bool:
    if "env" not in path.lower():
        return False
    return bool(re.search(_ENV, path)) and not re.search(_ENV_SAMPLE, _base(path))


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _secrets(content: bytes, path: str) -> Iterator[tuple[int, str, bytes]]:
    """Yield (place, kind, value) of what is a secret here; of overlapping ones the first kind that is."""
    ends: list[tuple[int, int]] = []
    for start, end, kind in find(content):
        value = content[start:end]
        if kind in _IGNORED or any(first < end and start < last for first, last in ends):
            continue
        if _is_secret(kind, value, content, start, end, path):
            ends.append((start, end))
            yield start, kind, value


def _is_secret(kind: str, value: bytes, content: bytes, start: int, end: int, path: str) -> bool:
    if kind == "private-key":
        return len(re.findall(_BASE64, value[30:])) >= 64
    if kind in _PROVIDERS:
        return not re.search(_STAND_IN, value) and len(set(value)) >= 9
    if (
        len(value) > 500
        or is_harmless(value)
        or re.search(_STAND_IN, value)
        or re.search(_PLACEHOLDER, value)
    ):
        return False
    is_settings = bool(re.search(_SETTINGS, path) or re.search(_ENV, path))
    if kind in ("url-password", "url-token"):
        after = content[end : end + 100]
        if re.match(_LOCAL_HOST, after) or re.match(_SENTRY, after):
            return False
        user = content[max(start - 100, 0) : start].rpartition(b"://")[2].rstrip(b":")
        return user != value and _is_random(value, 8 if is_settings else 10, path)
    if kind == "assignment":
        is_quoted = content[start - 1 : start] in (b'"', b"'", b"`")
        if not (is_quoted or is_settings):
            return False
        return _is_random(value, 8, path)
    return _is_random(value.strip(), 20, path)


def _is_random(value: bytes, least: int, path: str) -> bool:
    """True for a value that no person would type as a word: long enough, mixed, hardly repeating.

    Entropy is Shannon's, in bits a character; both bounds are our own, from the code of public projects.
    """
    is_made_up = bool(re.search(_MADE_UP, path))
    if len(value) < (max(least, 24) if is_made_up else least) or any(c in b" \t(){}[]" for c in value):
        return False
    if value[:1] in b"/.$@&*%!" or value.startswith((b"http", b"arn:", b"--")):
        return False
    has_digit, has_letter = any(48 <= c <= 57 for c in value), value.lower() != value.upper()
    return has_digit and has_letter and _entropy(value) >= (3.5 if is_made_up else 2.75)


def _entropy(value: bytes) -> float:
    from math import log2

    size = len(value)
    return -sum(n / size * log2(n / size) for n in (value.count(c) for c in set(value)))


def finds_its_canary() -> bool:
    """True when the engine still finds what it must; one without rules would find nothing in anything."""
    token = b"gh" + b"p_" + b"Zq8Lw2Xv7Rk4Tn9Bm3Hc6Jy1Pd5Fs0GaQeUi"
    return [f.kind for f in scan(b"token: " + token, "canary")] == ["github-token"]
