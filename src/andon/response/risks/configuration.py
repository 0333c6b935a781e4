"""Names of configuration that the older release reads and that the newer range stopped providing."""

from __future__ import annotations

import re

from andon.response.risks.risk import Risk, is_beside, is_source
from andon.response.risks.settings import read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.risks.risk import Change

#: How an environment variable is called: what is written like this in a manifest is taken for one.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{3,}")
_DOCKER = re.compile(r"^\s{0,20}(?:ENV|ARG)\s+([A-Z][A-Z0-9_]{1,100})(?:[=\s]|$)", re.MULTILINE)
_UNIT = re.compile(r"""^Environment=["']?([A-Z][A-Z0-9_]{1,100})=""", re.MULTILINE)
#: How programs ask for a variable, in the languages people deploy.
_READS = re.compile(
    r"""(?:\benviron(?:\.get|\.pop|\.setdefault)?\s{0,4}[\[(]|\b[gG]etenv\s{0,4}\(|\bLookupEnv\(|"""
    r"""\bENV(?:\.fetch)?\s{0,4}[\[(]|\benv::var(?:_os)?\(|\benv(?:\.(?:str|int|bool|float|list|get|url|json))?\(|"""
    r"""\bconfig\(|\bprocess\.env\[)\s{0,40}["']([A-Z][A-Z0-9_]{1,100})["']"""
    r"""|\b(?:process|import\.meta)\.env\.([A-Z][A-Z0-9_]{1,100})"""
)
_PROVIDERS = re.compile(
    r"(?:^|/)(?:"
    r"\.?env(?:\.[\w-]{1,40})*|[\w-]{1,60}\.env(?:\.[\w-]{1,40})?|"
    r"(?:docker-)?compose[\w.-]{0,60}\.ya?ml|dockerfile[\w.-]{0,40}|[\w.-]{0,60}\.dockerfile|"
    r"(?:fly|app|render|vercel|netlify|railway|serverless|netlify|procfile|app-spec)\.(?:toml|json|ya?ml)|"
    r"values[\w.-]{0,60}\.ya?ml|(?:settings|config|configuration|application)[\w.-]{0,60}\.(?:ya?ml|toml|json)|"
    r"[\w.@-]{1,80}\.service"
    r")$",
    re.IGNORECASE,
)
#: Directories of manifests: every YAML file in one provides configuration.
_MANIFESTS = frozenset(
    (
        "k8s", "kubernetes", "manifests", "deploy", "deployment", "deployments", "charts", "chart", "helm",
        "overlays", "base", "kustomize", "templates", "config", "infra",
    )
)  # fmt: skip
_CHART_VALUES = re.compile(r"(?:^|/)values[\w.-]{0,60}\.ya?ml$", re.IGNORECASE)
#: Names that no longer are read and were never listed anywhere: more than these are counted only.
_MOST_QUIET = 12


def is_provider(path: str) -> bool:
    """True for a file that tells which configuration a deployment is given."""
    if is_beside(path):
        return False
    lowered = path.lower()
    if _PROVIDERS.search(lowered):
        return True
    return lowered.endswith((".yml", ".yaml")) and bool(_MANIFESTS.intersection(lowered.split("/")[:-1]))


def configuration_risks(changes: Sequence[Change]) -> Iterator[Risk]:
    """Return the names that were provided and are no more, then those only the older code reads."""
    was: dict[str, tuple[str, int]] = {}
    still: set[str] = set()
    readers: dict[str, tuple[str, int]] = {}
    read_now: set[str] = set()
    for change in changes:
        if is_provider(change.path):
            for name, line in _provided(change.path, change.old):
                was.setdefault(name, (change.path, line))
            still.update(name for name, _ in _provided(change.path, change.new))
        if is_source(change.path) and not is_beside(change.path):
            for name, line in _read(change.old):
                readers.setdefault(name, (change.path, line))
            read_now.update(name for name, _ in _read(change.new))
    gone = {name: place for name, place in was.items() if name not in still}
    for name, (path, line) in gone.items():
        reader = readers.get(name)
        by = f"; the older code reads it in {reader[0]}:{reader[1]}" if reader else ""
        text = f"{name} is no longer provided{by}"
        yield Risk(kind="configuration", path=path, line=line, text=text, is_loud=reader is not None)
    quiet = [name for name in readers if name not in read_now and name not in was and name not in still]
    for name in quiet[:_MOST_QUIET]:
        path, line = readers[name]
        text = f"only the older code reads {name}: is it still set?"
        yield Risk(kind="configuration", path=path, line=line, text=text)
    if len(quiet) > _MOST_QUIET:
        more = len(quiet) - _MOST_QUIET
        yield Risk(kind="configuration", path="", text=f"{more} more names that only the older code reads")


def _provided(path: str, text: str) -> Iterator[tuple[str, int]]:
    lowered = path.lower()
    name = lowered.rpartition("/")[2]
    if "dockerfile" in name:
        yield from _matches(_DOCKER, text)
    elif name.endswith(".service"):
        yield from _matches(_UNIT, text)
    else:
        chart = bool(_CHART_VALUES.search(lowered))
        for setting in read_settings(path, text):
            own = setting.names[-1]
            named = [name for name in setting.names if _VARIABLE.fullmatch(name)]
            if named:
                yield named[-1], setting.line
            elif own in ("name", "key") and _VARIABLE.fullmatch(setting.value):
                yield setting.value, setting.line
            elif chart and "-" not in setting.names:
                yield ".".join(setting.names), setting.line


def _read(text: str) -> Iterator[tuple[str, int]]:
    return _matches(_READS, text)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    """Return each match's name with its line, counting lines only once."""
    line, counted = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        yield next(group for group in match.groups() if group), line


def provided_names(path: str, text: str) -> frozenset[str]:
    """Return the names of configuration that a file provides, without their values."""
    return frozenset(name for name, _ in _provided(path, text))
