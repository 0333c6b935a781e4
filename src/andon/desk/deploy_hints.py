"""Which deployer the files of a repository speak for; only ever written as a comment, for a person."""

from __future__ import annotations

import os
import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_CHARTS = (
    "Chart.yaml",
    "chart/Chart.yaml",
    "helm/Chart.yaml",
    "deploy/chart/Chart.yaml",
    "charts/Chart.yaml",
)
_MANIFESTS = ("k8s", "kubernetes", "manifests", "deploy/k8s", "deploy/kubernetes", "deploy/manifests")
_WORKLOAD = re.compile(r"^kind:\s*['\"]?(Deployment|Rollout)['\"]?\s*$", re.MULTILINE)
#: Files of a directory of manifests that are looked at, and bytes of each.
_MOST, _BEGINNING = 30, 65536


class Hint(Record):
    """A deployer that a file speaks for."""

    file: str
    kind: str
    #: Its required settings; a value that no file tells is the service's name, or an example.
    settings: tuple[tuple[str, str], ...] = ()


def deploy_hints(root: str, service: str) -> tuple[Hint, ...]:
    """Return what the repository's files speak for, the surest first; nothing is run."""
    return tuple(_hints(root, service))


def _hints(root: str, service: str) -> Iterator[Hint]:
    if text := _beginning(root, "fly.toml"):
        yield Hint(file="fly.toml", kind="fly", settings=(("app", _value(text, "app", "=") or service),))
    if "service:" in _beginning(root, "config/deploy.yml"):
        yield Hint(file="config/deploy.yml", kind="kamal")
    if os.path.isfile(os.path.join(root, "vercel.json")):
        domain = f"{service}.example.com"
        yield Hint(file="vercel.json", kind="vercel", settings=(("project", service), ("domain", domain)))
    yield from _kubernetes(root, service)
    for name in sorted(_names(os.path.join(root, ".github", "workflows"))):
        if "deploy" in name.lower() and name.endswith((".yml", ".yaml")):
            file = f".github/workflows/{name}"
            yield Hint(file=file, kind="github-actions", settings=(("workflow", name),))
            break
    for name in _COMPOSE:
        if os.path.isfile(os.path.join(root, name)):
            image = f"registry.example.com/{service}"
            yield Hint(file=name, kind="compose", settings=(("services", service), ("image", image)))
            break
    if _beginning(root, "Procfile"):
        yield Hint(file="Procfile", kind="heroku", settings=(("app", service),))


def _kubernetes(root: str, service: str) -> Iterator[Hint]:
    for name in _CHARTS:
        if text := _beginning(root, name):
            release = _value(text, "name", ":") or service
            yield Hint(file=name, kind="helm", settings=(("release", release),))
            return
    for directory in _MANIFESTS:
        for name in sorted(_names(os.path.join(root, directory)))[:_MOST]:
            if not name.endswith((".yml", ".yaml")):
                continue
            place = f"{directory}/{name}"
            found = _WORKLOAD.search(_beginning(root, place))
            if found and found[1] == "Rollout":
                yield Hint(file=place, kind="argo-rollouts", settings=(("rollout", service),))
                return
            if found:
                yield Hint(file=place, kind="kubectl", settings=(("deployment", service),))
                return


def _value(text: str, key: str, sign: str) -> str:
    """Return the plain value of a top-level key; "" when there is none that can stand in a setting."""
    found = re.search(rf"^{key}\s*{sign}\s*['\"]?([A-Za-z0-9][\w.-]*)['\"]?\s*(?:#.*)?$", text, re.MULTILINE)
    return found[1] if found else ""


def _names(path: str) -> list[str]:
    try:
        return [name for name in os.listdir(path) if name.isascii() and name.isprintable()]
    except OSError:
        return []


def _beginning(root: str, name: str) -> str:
    path = os.path.join(root, name)
    try:
        if not os.path.isfile(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_BEGINNING)
    except OSError:
        return ""
