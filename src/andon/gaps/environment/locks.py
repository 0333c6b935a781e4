"""Files that fix the versions of what an application is built from: read, and compared. Pure.

Formats: package-lock.json (v1 to v3), pnpm-lock.yaml, yarn.lock, poetry.lock, uv.lock, Pipfile.lock, go.mod,
requirements and constraints with `==`, Gemfile.lock, Cargo.lock, composer.lock. What is not understood is no
package.
"""

from __future__ import annotations

import json
import re
import tomllib

from andon.gaps.experiment import Difference
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from andon.gaps.failure import Failure

#: Differences that are told of one file.
_MOST = 20
_PINNED = re.compile(r"(?m)^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*===?\s*([\w.!+-]+)")
_GO = re.compile(r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w./-]+)\s+(v[\w.+-]+)")
_GEM = re.compile(r"(?m)^ {4}([\w.-]+) \(([\w.-]+)\)$")
_PNPM = re.compile(r"(?m)^ {2}['\"]?/?((?:@[\w.-]+/)?[\w.-]+)[@/](\d[\w.+-]*)(?:\([^)]*\))*['\"]?:\s*$")
_YARN = re.compile(r"(?m)^\"?((?:@[\w.-]+/)?[\w.-]+)@[^\n]*:\n {2}version:? \"?([\w.+-]+)")


def packages(name: str, text: str) -> dict[str, str]:
    """Return the versions that a lock file fixes, by package; {} for one that is not understood."""
    reading = next((reads for form, reads in _FORMATS if form.fullmatch(name)), None)
    if reading is None:
        return {}
    try:
        return reading(text)
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return {}


def is_lock(name: str) -> bool:
    """True for the name of a file that fixes versions."""
    return any(form.fullmatch(name) for form, _ in _FORMATS)


def compare_locks(
    name: str, test: Mapping[str, str], production: Mapping[str, str], failure: Failure
) -> tuple[Difference, ...]:
    """Return the packages that differ in one lock file, weightiest first."""
    found = []
    for package in sorted({*test, *production}):
        ours, theirs = test.get(package, "missing"), production.get(package, "missing")
        if ours == theirs:
            continue
        weight, reasons = _weight(package, ours, theirs, failure)
        found.append(
            Difference(
                kind=Kind.ENVIRONMENT,
                place=(f"package {package}",),
                test=ours,
                production=theirs,
                weight=weight,
                reasons=reasons,
                summary=f"{package} is {theirs} in production and {ours} in test",
                probe="lock file",
                command=f"diff of {name}",
            )
        )
    return tuple(sorted(found, key=lambda one: -one.weight))[:_MOST]


def _weight(package: str, test: str, production: str, failure: Failure) -> tuple[int, tuple[str, ...]]:
    breaks = "missing" in (test, production) or test.split(".")[0] != production.split(".")[0]
    if is_named(failure, package):
        return 5, (f"the failure names {package}",)
    if breaks and (common := shared(failure, package)):
        return 4, (f"it shares {' and '.join(sorted(common))} with the failure", "another major version")
    return (2, ("another major version",)) if breaks else (1, ())


def _package_lock(text: str) -> dict[str, str]:
    document: Any = json.loads(text)
    found = {
        name: one["version"] for name, one in (document.get("dependencies") or {}).items() if "version" in one
    }
    for place, one in (document.get("packages") or {}).items():
        name = place.rpartition("node_modules/")[2]
        if place.count("node_modules/") == 1 and "version" in one:
            found[name] = one["version"]
    return {name: str(version) for name, version in found.items()}


def _toml_packages(text: str) -> dict[str, str]:
    listed = tomllib.loads(text).get("package", [])
    return {str(one["name"]): str(one["version"]) for one in listed if "name" in one and "version" in one}


def _pipfile(text: str) -> dict[str, str]:
    default: Any = json.loads(text).get("default", {})
    return {name: one["version"].lstrip("=") for name, one in default.items() if "version" in one}


def _composer(text: str) -> dict[str, str]:
    return {str(one["name"]): str(one["version"]) for one in json.loads(text).get("packages", [])}


def _by(pattern: re.Pattern[str]) -> Callable[[str], dict[str, str]]:
    return lambda text: dict(pattern.findall(text))


def _requirements(text: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PINNED.findall(text)}


_FORMATS: tuple[tuple[re.Pattern[str], Callable[[str], dict[str, str]]], ...] = (
    (re.compile(r"package-lock\.json|npm-shrinkwrap\.json"), _package_lock),
    (re.compile(r"pnpm-lock\.yaml"), _by(_PNPM)),
    (re.compile(r"yarn\.lock"), _by(_YARN)),
    (re.compile(r"poetry\.lock|uv\.lock|Cargo\.lock"), _toml_packages),
    (re.compile(r"Pipfile\.lock"), _pipfile),
    (re.compile(r"composer\.lock"), _composer),
    (re.compile(r"go\.mod"), _by(_GO)),
    (re.compile(r"Gemfile\.lock"), _by(_GEM)),
    (re.compile(r"(?:requirements|constraints)[\w.-]*\.txt"), _requirements),
)
