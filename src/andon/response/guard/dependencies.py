"""Which libraries a project asks for: the names in its manifests and lock files, by format."""

from __future__ import annotations

import json
import re
import tomllib

from andon.response.guard.places import name_of
from andon.response.risks.lockfiles import is_lockfile, read_lockfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAME = re.compile(r"\s{0,8}([A-Za-z0-9][\w.-]{0,100})")
_DEPENDENCY_KEYS = re.compile(
    r"(?i)dependencies|^requires?(?:-dev)?$|^packages$|^dev-packages$|^libraries$|^plugins$"
)
#: Names that a manifest asks for beside libraries.
_NO_LIBRARY = frozenset(("python", "php", "node", "npm", "ruby", "java"))

_GEM = re.compile(r"""(?m)^\s{0,20}gem[ (]\s{0,4}["']([\w.-]{1,100})""")
_GEMSPEC = re.compile(r"""\.add_(?:runtime_|development_)?dependency[ (]\s{0,4}["']([\w.-]{1,100})""")
_GRADLE = re.compile(
    r"""(?m)^\s{0,20}(?:\w{0,40}(?:[iI]mplementation|[aA]pi|[cC]ompile(?:Only)?|[rR]untimeOnly|[pP]rocessor|kapt|ksp"""
    r"""|classpath|platform)\w{0,20})[ (]+["']([\w.-]{1,120}:[\w.-]{1,120})"""
    r"""|\bid[ (]\s{0,4}["']([\w.-]{1,120})["']"""
)
_MAVEN = re.compile(r"<artifactId>\s{0,40}([^<\s]{1,200})\s{0,40}</artifactId>")
_MIX = re.compile(r"\{\s{0,8}:(\w{1,100})\s{0,4},\s{0,8}(?:[\"'~]|git:|github:|path:|only:|\[)")
_NUGET = re.compile(
    r"""<(?:PackageReference|PackageVersion|package)\s[^>]{0,200}?(?:Include|id)="([^"]{1,200})\""""
)
_SBT = re.compile(r""""[\w.-]{1,120}"\s{0,8}%%?%?\s{0,8}"([\w.-]{1,120})\"""")
_SWIFT = re.compile(
    r"""\.package\(\s{0,20}(?:name:[^,]{0,100},\s{0,20})?(?:url|path):\s{0,8}"([^"]{1,200})\""""
)
_POD = re.compile(r"""(?m)^\s{0,20}pod\s{1,4}["']([\w./+-]{1,100})""")
_GO = re.compile(r"(?m)^\s{0,8}(?:require\s{1,4})?([\w-]{1,60}\.[\w./~-]{2,200})\s{1,4}v\d")
_QUOTED_LIST = re.compile(
    r"(?:install_requires|setup_requires|tests_require"
    r"|extras_require)\s{0,8}[=:]\s{0,8}([\[{(][^\]}]{0,8000})"
)
_QUOTED = re.compile(r"""["']([A-Za-z0-9][\w.-]{0,100})[^"'\n]{0,200}["']""")
_YAML_ITEM = re.compile(r"(?m)^\s{1,20}-\s{1,4}([A-Za-z0-9][\w.-]{0,100})\s{0,4}(?:[=<>~!].{0,80})?$")
_PUB = re.compile(r"(?m)^  ([a-z_]\w{0,80}):")
_CFG = re.compile(r"(?ms)^(?:install_requires|setup_requires|tests_require)\s{0,4}=(.{0,6000}?)(?=^\S|\Z)")
_INCLUDE = re.compile(r"(?m)^\s{0,8}(?:git\+|https?://|svn\+|-e\s)(\S{1,300})")


def is_manifest(path: str) -> bool:
    """True for a file that names libraries, in any of the formats that are read."""
    return _reader(path) is not None or is_lockfile(path)


def libraries(path: str, text: str) -> frozenset[str] | None:
    """Return the names that a manifest or lock file asks for, lower case; None when it cannot be read."""
    if is_lockfile(path):
        return frozenset(name.lower() for name in read_lockfile(path, text)) | _addresses(path, text)
    read = _reader(path)
    if read is None:
        return None
    try:
        names = {name.lower().replace("_", "-") for name in read(text)}
    except (ValueError, RecursionError):
        return None
    return frozenset(names - _NO_LIBRARY)


def _addresses(path: str, text: str) -> frozenset[str]:
    """Return what a list of pip fetches from an address, and the lines that pin nothing."""
    if not path.lower().endswith(".txt"):
        return frozenset()
    return frozenset(name.lower() for name in _requirements(text))


def _reader(path: str) -> Callable[[str], Iterator[str]] | None:
    name = name_of(path).lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith((".txt", ".in")) and "requirements" in path.lower():
        return _requirements
    for ending, read in _BY_ENDING.items():
        if name.endswith(ending):
            return read
    return None


def _requirements(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        plain = line.partition("#")[0]
        if (match := _INCLUDE.match(line)) or (
            not plain.lstrip().startswith("-") and (match := _NAME.match(plain))
        ):
            yield match[1]


def _toml(text: str) -> Iterator[str]:
    yield from _tables(tomllib.loads(text), "")


def _json(text: str) -> Iterator[str]:
    yield from _tables(json.loads(text), "")


def _tables(value: object, key: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if key == "build-system" and name != "requires":
            continue
        if _DEPENDENCY_KEYS.search(str(name)) or key in ("optional-dependencies", "dependency-groups"):
            if isinstance(inner, dict) and not any(isinstance(i, list) for i in inner.values()):
                yield from (str(i) for i in inner)
                continue
            if isinstance(inner, list):
                yield from _listed(inner)
                continue
        yield from _tables(inner, str(name))


def _listed(items: list[object]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str) and (match := _NAME.match(item)):
            yield match[1]


def _matches(*patterns: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    def read(text: str) -> Iterator[str]:
        for pattern in patterns:
            for match in pattern.finditer(text):
                yield next((group for group in match.groups() if group), "")

    return read


def _setup(text: str) -> Iterator[str]:
    for found in _QUOTED_LIST.finditer(text):
        yield from (match[1] for match in _QUOTED.finditer(found[1]))


def _cfg(text: str) -> Iterator[str]:
    for found in _CFG.finditer(text):
        yield from _requirements(found[1])


_BY_NAME: dict[str, Callable[[str], Iterator[str]]] = {
    "pyproject.toml": _toml, "pipfile": _toml, "cargo.toml": _toml, "libs.versions.toml": _toml,
    "package.json": _json, "composer.json": _json,
    "setup.py": _setup, "setup.cfg": _cfg,
    "gemfile": _matches(_GEM), "podfile": _matches(_POD), "go.mod": _matches(_GO),
    "build.gradle": _matches(_GRADLE), "build.gradle.kts": _matches(_GRADLE), "pom.xml": _matches(_MAVEN),
    "mix.exs": _matches(_MIX), "build.sbt": _matches(_SBT), "package.swift": _matches(_SWIFT),
    "packages.config": _matches(_NUGET), "directory.packages.props": _matches(_NUGET),
    "environment.yml": _matches(_YAML_ITEM), "environment.yaml": _matches(_YAML_ITEM),
    "pubspec.yaml": _matches(_PUB),
}  # fmt: skip
_BY_ENDING: dict[str, Callable[[str], Iterator[str]]] = {
    ".gemspec": _matches(_GEMSPEC), ".csproj": _matches(_NUGET), ".fsproj": _matches(_NUGET),
    ".vbproj": _matches(_NUGET), ".gradle": _matches(_GRADLE),
}  # fmt: skip
