"""Which files hold secrets by their names, what shows that one does, and which ones stand for it. Pure.

Facts about names are those of the tools that read such files; the choice of what is usual to commit is ours.
"""

from __future__ import annotations

import re
from enum import StrEnum

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Holds(StrEnum):
    """What a file holds, by its name."""

    SETTINGS = "settings of an environment"
    KEY = "a private key"
    CREDENTIALS = "credentials"
    STATE = "the state of an infrastructure, with its passwords"


class Guarded(Record):
    """One line of a .gitignore, and the names that it is there for."""

    line: str
    probes: tuple[str, ...]
    #: Files that the line would take with it, and that belong into the repository.
    but: tuple[str, ...] = ()
    #: Asked only where a file with this ending is tracked; "" for always.
    where: str = ""


#: Not asked: `.env.test`, `.npmrc`, `.envrc` and `.flaskenv`, which many projects commit on purpose.
GUARDED: tuple[Guarded, ...] = (
    Guarded(line=".env", probes=(".env",)),
    Guarded(
        line=".env.*",
        probes=(
            ".env.local",
            ".env.production",
            ".env.staging",
            ".env.development",
            ".env.master",
            ".env.production.local",
        ),
        but=(".env.example",),
    ),
    Guarded(line="*.env", probes=("prod.env", "production.env")),
    Guarded(line="*.pem", probes=("server.pem",)),
    Guarded(line="*.key", probes=("server.key",)),
    Guarded(line="*.p12", probes=("store.p12",)),
    Guarded(line="*.pfx", probes=("store.pfx",)),
    Guarded(line="*.jks", probes=("store.jks",)),
    Guarded(line="*.keystore", probes=("release.keystore",)),
    Guarded(line="id_rsa", probes=("id_rsa",)),
    Guarded(line="id_ecdsa", probes=("id_ecdsa",)),
    Guarded(line="id_ed25519", probes=("id_ed25519",)),
    Guarded(line="*credentials.json", probes=("credentials.json", "aws-credentials.json")),
    Guarded(line="aws-credentials", probes=("aws-credentials",)),
    Guarded(line="*service-account*.json", probes=("service-account.json", "gcp-service-account.json")),
    Guarded(line=".netrc", probes=(".netrc",)),
    Guarded(line=".pypirc", probes=(".pypirc",), where=".py"),
    Guarded(line="kubeconfig", probes=("kubeconfig",)),
    Guarded(line="*.tfstate*", probes=("terraform.tfstate", "terraform.tfstate.backup"), where=".tf"),
    Guarded(line="*.tfvars", probes=("terraform.tfvars", "prod.auto.tfvars"), where=".tf"),
)

#: Parts of a name by which a file of settings is one to copy from, with no value of its own.
_EXAMPLE = frozenset((
    "example", "examples", "sample", "samples", "template", "tmpl", "tpl", "dist", "default", "defaults",
    "schema",
))  # fmt: skip
#: Parts by which its values are made up, and usual to commit; or it is encrypted.
_HARMLESS = frozenset((
    "test", "tests", "testing", "ci", "vault", "enc", "encrypted", "gpg", "asc", "age", "sops",
))  # fmt: skip
_CODE = (
    ".ts",
    ".js",
    ".mjs",
    ".cjs",
    ".py",
    ".rb",
    ".go",
    ".rs",
    ".php",
    ".java",
    ".sh",
    ".md",
    ".rst",
    ".html",
)
_ENVIRONMENT = re.compile(r"\.env(?:[.-].+)?|[^/]+\.env")
_KEYS = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))
_STORES = (".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
_CREDENTIALS = re.compile(
    r"(?:.*[._-])?credentials\.(?:json|csv)|aws[_-]credentials|.*service[_-]?account.*\.json"
    r"|client_secret.*\.json|[._]netrc|\.pypirc|\.pgpass|\.git-credentials|\.dockercfg|kubeconfig|\.s3cfg"
)
#: Files of that kind whose name is too common without its directory.
_IN_ITS_PLACE = (".aws/credentials", ".kube/config", ".docker/config.json")
_STATE = (".tfstate", ".tfstate.backup")
#: Where made-up files are usual.
_MADE_UP = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|fixtures?|testdata|mocks?|examples?|samples?|docs?)/"
)

_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
_VALUE = re.compile(
    rb"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.]*[ \t]*=[ \t]*(?![ \t\r\n#]|(?:\"\"|'')[ \t\r]*$)[^\s]"
)
#: What such a file holds when it is in use: a JSON key, a line of its tool's format.
_IN_USE = re.compile(
    rb'(?i)"(?:private_key|client_secret|refresh_token|secret_?access_?key|password|auth)"\s*:\s*"[^"<$]{8,}'
    rb"|secret_?(?:access_?)?key\s*[=,]\s*[^\s<$]{8,}|\bpassword\s*[=:\s]\s*[^\s<$%]{4,}|://[^\s:/]+:[^\s/<$]+@"
    rb"|client-key-data:\s*\S{8,}|\btoken:\s*[^\s<$]{8,}|(?m:^[^:#\s]+:\d*\*?:[^:\s]*:[^:\s]+:\S+)"
)
_ENTRY = re.compile(
    r"""(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]{0,99})[ \t]*=[ \t]*"""
    r"""(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\r\n]*))"""
)


def holds(path: str) -> Holds | None:
    """Return what a file holds by its name; None for one that is no secret, an example, or encrypted."""
    name = _base(path).lower()
    if _ENVIRONMENT.fullmatch(name):
        is_other = name.endswith(_CODE) or _parts(name) & (_EXAMPLE | _HARMLESS)
        return None if is_other else Holds.SETTINGS
    if name in _KEYS or name.endswith((*_STORES, ".pem", ".key")):
        return None if name == "debug.keystore" else Holds.KEY  # that one is the same for everybody
    if _parts(name) & _EXAMPLE:
        return None
    if name.endswith(_STATE):
        return Holds.STATE
    if _CREDENTIALS.fullmatch(name) or path.lower().endswith(_IN_ITS_PLACE):
        return Holds.CREDENTIALS
    return None


def is_in_use(what: Holds, path: str, content: bytes) -> bool | None:
    """True when a content shows that the file holds a secret, False when it holds none, None in doubt.

    Where made-up files are usual, the most that is said is a doubt.
    """
    found = _in_use(what, _base(path).lower(), content)
    return None if found and _MADE_UP.search(path.lower()) else found


def _in_use(what: Holds, name: str, content: bytes) -> bool | None:
    if not content.strip():
        return False
    match what:
        case Holds.SETTINGS:
            return bool(_VALUE.search(content))
        case Holds.KEY if name.endswith((".pem", ".key")):
            return bool(_PRIVATE_KEY.search(content))
        case Holds.KEY if name in _KEYS:
            return True if _PRIVATE_KEY.search(content) else None
        case Holds.KEY:
            return True
        case Holds.STATE:
            return True if b'"resources"' in content or b'"outputs"' in content else None
        case Holds.CREDENTIALS:
            return True if _IN_USE.search(content) or _PRIVATE_KEY.search(content) else None


def is_example(path: str) -> bool:
    """True for the example of a file of settings, such as `.env.example` or `prod.env.sample`."""
    parts = _parts(_base(path).lower())
    return "env" in parts and bool(parts & _EXAMPLE) and not path.lower().endswith(_CODE)


def example_of(path: str, paths: Iterable[str]) -> str:
    """Return which of `paths` is the example of a file of settings: its own, else the general one; or "".

    `.env.production.example` stands for `.env.production` alone, `.env.example` for every one beside it.
    """
    place, parts = _place(path), _parts(_base(path).lower())
    beside = sorted(p for p in paths if _place(p) == place and is_example(p))
    own = (p for p in beside if _parts(_base(p).lower()) - _EXAMPLE == parts)
    general = (p for p in beside if _parts(_base(p).lower()) - _EXAMPLE == {"env"})
    return next(own, "") or next(general, "")


class Entry(Record):
    """One `NAME=value` of a file of settings; the value is for comparing only, and is never shown."""

    name: str
    value: str
    line: int


def entries(text: str) -> Iterator[Entry]:
    """Yield what a file of settings sets, in its order."""
    at, line = 0, 1
    for found in _ENTRY.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        bare = re.sub(r"(?:^|\s)#.*$", "", found[4] or "").strip()
        yield Entry(name=found[1], value=found[2] or found[3] or bare, line=line)


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _place(path: str) -> str:
    return path.rpartition("/")[0]


def _parts(name: str) -> set[str]:
    return set(filter(None, re.split(r"[._-]", name)))
