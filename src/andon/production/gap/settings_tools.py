"""Settings that a tool knows: of a container, of a Compose service, of something in a Kubernetes cluster."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64

from andon.errors import AndonError, InvalidInput, NotFound
from andon.production.tool_answer import Answer, ask_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds a tool may take.
_TIMEOUT = 15.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")


def of_container(name: str, root: str) -> dict[str, str]:
    """Return the variables of a container, by `docker inspect`; raises NotFound, Unavailable."""
    _refuse_odd(name, "container:NAME")
    command = ("docker", "inspect", "--type", "container", name)
    found = ask_json(command, cwd=root, timeout=_TIMEOUT).entries()
    if not found:
        raise NotFound(f"there is no container {name}", remedy="docker ps")
    pairs = found[0].plain("Config", "Env")
    texts = [pair for pair in pairs if isinstance(pair, str)] if isinstance(pairs, list) else []
    return {key: value for key, _, value in (pair.partition("=") for pair in texts) if key}


def of_compose(service: str, root: str) -> dict[str, str]:
    """Return the variables of a service as Compose works them out; raises as `of_container` does."""
    _refuse_odd(service, "compose:SERVICE")
    answer = ask_json(("docker", "compose", "config", "--format", "json"), cwd=root, timeout=_TIMEOUT)
    services = answer.plain("services")
    if not isinstance(services, dict) or service not in services:
        raise NotFound(f"there is no service {service} in the Compose file", remedy="docker compose config")
    given = answer.plain("services", service, "environment")
    if not isinstance(given, dict):
        return {}
    return {str(key): _plain(value) for key, value in given.items() if value is not None}


def of_kubernetes(place: str, root: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the variables of the first container of `KIND/NAME`, and what of them is not known.

    `KIND/NAME/CONTAINER` takes another container. Config maps and secrets that it names are read too.
    Raises as `of_container` does.
    """
    parts = place.split("/")
    if len(parts) not in (2, 3) or not all(_NAME.fullmatch(part) for part in parts):
        raise InvalidInput(f"kubernetes:{place} is not understood", remedy="write kubernetes:deployment/NAME")
    answer = _kubectl("/".join(parts[:2]), root)
    containers = _containers(answer)
    wanted = [one for one in containers if len(parts) == 2 or one.text("name") == parts[2]]
    if not wanted:
        raise NotFound(f"{place} has no such container", remedy=f"kubectl get {'/'.join(parts[:2])} -o yaml")
    cluster = _Cluster(root)
    variables: dict[str, str] = {}
    for source in wanted[0].entries("envFrom"):
        variables |= cluster.all_of(source)
    for one in wanted[0].entries("env"):
        variables |= cluster.one(one)
    return variables, tuple(cluster.problems)


class _Cluster:
    """Looks up what the variables of a container are taken from, each thing once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: dict[str, dict[str, str]] = {}
        self.problems: list[str] = []

    def all_of(self, source: Answer) -> dict[str, str]:
        prefix = source.text("prefix")
        for kind, key in (("configmap", "configMapRef"), ("secret", "secretRef")):
            if source.has(key):
                name = source.text(key, "name")
                return {f"{prefix}{k}": v for k, v in self._data(kind, name).items()}
        return {}

    def one(self, variable: Answer) -> dict[str, str]:
        name = variable.text("name")
        if variable.has("value"):
            given = variable.plain("value")
            return {name: _plain(given)}
        for kind, key in (("configmap", "configMapKeyRef"), ("secret", "secretKeyRef")):
            if variable.has("valueFrom", key):
                data = self._data(kind, variable.text("valueFrom", key, "name"))
                wanted = variable.text("valueFrom", key, "key")
                if wanted in data:
                    return {name: data[wanted]}
                return {}
        if variable.has("valueFrom"):
            self.problems.append(f"{name} is filled in by the cluster when the pod starts")
            return {}
        return {name: ""} if name else {}

    def _data(self, kind: str, name: str) -> dict[str, str]:
        place = f"{kind}/{name}"
        if place not in self._known:
            self._known[place] = self._asked(kind, name, place)
        return self._known[place]

    def _asked(self, kind: str, name: str, place: str) -> dict[str, str]:
        if not _NAME.fullmatch(name):
            return {}
        try:
            answer = _kubectl(place, self._root)
        except AndonError:
            # What the tool said could hold what is in it.
            self.problems.append(f"{place} could not be read: kubectl get {place}")
            return {}
        texts = {key: _plain(answer.plain("data", key)) for key in _keys(answer.plain("data"))}
        return {key: _decoded(value) for key, value in texts.items()} if kind == "secret" else texts


def _containers(answer: Answer) -> tuple[Answer, ...]:
    """Return the containers of a pod, or of what makes pods."""
    for path in (
        ("spec", "template", "spec"),
        ("spec", "jobTemplate", "spec", "template", "spec"),
        ("spec",),
    ):
        if isinstance(answer.plain("spec"), dict) and _has(answer, path):
            return answer.entries(*path, "containers")
    return ()


def _has(answer: Answer, path: tuple[str, ...]) -> bool:
    return all(answer.has(*path[: n + 1]) for n in range(len(path))) and answer.has(*path, "containers")


def _kubectl(place: str, root: str) -> Answer:
    return ask_json(("kubectl", "get", place, "-o", "json"), cwd=root, timeout=_TIMEOUT)


def _keys(table: object) -> Iterator[str]:
    return iter(key for key in table if isinstance(key, str)) if isinstance(table, dict) else iter(())


def _decoded(value: str) -> str:
    try:
        return a2b_base64(value).decode("utf-8", "surrogateescape")
    except Error:
        return ""


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _refuse_odd(name: str, form: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is no name", remedy=f"write env = {form!r} in andon.toml")
