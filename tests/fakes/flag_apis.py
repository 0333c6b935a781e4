"""Unleash and LaunchDarkly on the loopback: they answer from tests/recorded/flags and keep what is changed.

They answer in the formats of the published descriptions, and turn away what those do not have.
"""

from __future__ import annotations

import copy
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

RECORDED = Path(__file__).parents[1] / "recorded" / "flags"
TOKEN = "token-of-the-stub"

#: Status, body and headers of an answer.
Answered = tuple[int, Any, dict[str, str]]


class Heard:
    """One request."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        parts = urlsplit(target)
        self.method = method
        self.target = target
        self.path = [unquote(part) for part in parts.path.split("/")[1:]]
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.headers = headers
        self.body: Any = json.loads(body) if body else None

    def __repr__(self) -> str:
        return f"{self.method} {self.target}"


class Stub:
    """A server that hears, answers as it was told once, and else as `answer` says."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.heard: list[Heard] = []
        #: Answers for the next requests whose method and end of the path match, before any other.
        self.instead: list[tuple[str, str, Answered]] = []
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                heard = Heard(
                    self.command,
                    self.path,
                    {k.lower(): v for k, v in self.headers.items()},
                    self.rfile.read(length),
                )
                with stub._lock:
                    stub.heard.append(heard)
                    status, body, headers = stub._answered(heard)
                content = (
                    body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client may hang up
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next(self, method: str, end: str, status: int, body: Any = None, **headers: str) -> None:
        """Answer the next such request so."""
        self.instead.append(
            (method, end, (status, body, {k.replace("_", "-"): v for k, v in headers.items()}))
        )

    def asked(self, method: str) -> list[str]:
        """Return the targets of all requests with a method."""
        return [heard.target for heard in self.heard if heard.method == method]

    def _answered(self, heard: Heard) -> Answered:
        for at, (method, end, answer) in enumerate(self.instead):
            if heard.method == method and urlsplit(heard.target).path.endswith(end):
                del self.instead[at]
                return answer
        if heard.headers.get("authorization") != TOKEN:
            return 401, {"message": f"the token {heard.headers.get('authorization')} is not known"}, {}
        found = self.answer(heard)
        return found if len(found) == 3 else (*found, {})

    def answer(self, heard: Heard) -> Any:
        raise NotImplementedError


def recorded(name: str) -> Any:
    """Return the state that a stub begins with."""
    return json.loads((RECORDED / name).read_text())


class UnleashStub(Stub):
    """The part of Unleash's Admin API that Andon speaks to; tags and environments can be changed."""

    def __init__(self) -> None:
        whole = recorded("unleash.json")
        self.features = {feature["name"]: feature for feature in whole["features"]}
        self.applications, self.instances, self.usage = (
            whole["applications"],
            whole["instances"],
            whole["usage"],
        )
        super().__init__()

    def answer(self, heard: Heard) -> Any:
        match heard.method, heard.path:
            case "GET", ["api", "admin", "projects", "shop", "features"]:
                return 200, {"version": 2, "features": [_listed(f) for f in self.features.values()]}
            case "GET", ["api", "admin", "projects", "shop", "features", key]:
                feature = {k: v for k, v in self.features.get(key, {}).items() if k != "tags"}
                return (200, feature) if feature else _missing("feature")
            case "POST", [
                "api",
                "admin",
                "projects",
                "shop",
                "features",
                key,
                "environments",
                name,
                ("on" | "off") as to,
            ]:
                return self._switch(key, name, to == "on")
            case "GET", ["api", "admin", "features", key, "tags"]:
                return 200, {"version": 1, "tags": self.features[key]["tags"]}
            case "PUT", ["api", "admin", "features", key, "tags"]:
                return self._tags(key, heard.body)
            case "GET", ["api", "admin", "projects", "shop", "applications"]:
                return 200, self.applications
            case "GET", ["api", "admin", "metrics", "instances", app, "environment", _]:
                return 200, {"instances": self.instances.get(app, [])}
            case "GET", ["api", "admin", "client-metrics", "features", key]:
                none = {"version": 1, "maturity": "stable", "featureName": key, "lastHourUsage": []}
                return 200, self.usage.get(key, {**none, "seenApplications": []})
        return _missing("route")

    def _switch(self, key: str, name: str, on: bool) -> Any:
        environment = next((e for e in self.features[key]["environments"] if e["name"] == name), None)
        if environment is None:
            return _missing("environment")
        if on and all(strategy["disabled"] for strategy in environment["strategies"]):
            added = {"name": "flexibleRollout", "disabled": False, "parameters": {"rollout": "100"}}
            environment["strategies"].append(added)
        environment["enabled"] = on
        return 200, None

    def _tags(self, key: str, body: Any) -> Any:
        assert set(body) == {"addedTags", "removedTags"}
        assert all(2 <= len(tag["value"]) <= 50 and tag["type"] == "simple" for tag in body["addedTags"])
        tags = self.features[key]["tags"]
        tags += [tag for tag in body["addedTags"] if tag not in tags]
        self.features[key]["tags"] = [tag for tag in tags if tag not in body["removedTags"]]
        return 200, {"version": 1, "tags": self.features[key]["tags"]}


def _listed(feature: dict[str, Any]) -> dict[str, Any]:
    """Return a feature as the list has it: less of everything."""
    names = (
        "name",
        "type",
        "description",
        "stale",
        "favorite",
        "impressionData",
        "createdAt",
        "lastSeenAt",
        "tags",
    )
    parts = ("name", "type", "enabled", "sortOrder", "variantCount", "lastSeenAt", "hasStrategies")
    environments = [{part: e[part] for part in parts} for e in feature["environments"]]
    return {**{name: feature[name] for name in names}, "environments": environments}


def _missing(what: str) -> Any:
    return 404, {"id": "1", "name": "NotFoundError", "message": f"no such {what}"}


class LaunchDarklyStub(Stub):
    """The part of LaunchDarkly's REST API that Andon speaks to; flags can be turned on and off."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        whole = recorded("launchdarkly.json")
        self.flags = {flag["key"]: flag for flag in whole["flags"]}
        self.statuses, self.audit = whole["statuses"], whole["audit"]
        super().__init__(context)

    def answer(self, heard: Heard) -> Any:
        match heard.method, heard.path:
            case "GET", ["api", "v2", "flags", "shop"]:
                return 200, self._page(heard)
            case "GET", ["api", "v2", "flags", "shop", key]:
                assert heard.query == {"env": "production"}
                return (200, self.flags[key]) if key in self.flags else _not_there()
            case "PATCH", ["api", "v2", "flags", "shop", key]:
                return self._patch(key, heard) if key in self.flags else _not_there()
            case "GET", ["api", "v2", "flag-statuses", "shop", "production"]:
                return 200, self.statuses
            case "GET", ["api", "v2", "auditlog"]:
                return 200, self._log(heard)
        return _not_there()

    def _page(self, heard: Heard) -> Any:
        assert heard.query["env"] == "production"
        offset, limit = int(heard.query["offset"]), int(heard.query["limit"])
        found = list(self.flags.values())
        return {"items": found[offset : offset + limit], "totalCount": len(found), "_links": {}}

    def _patch(self, key: str, heard: Heard) -> Any:
        assert heard.headers["content-type"] == "application/json; domain-model=launchdarkly.semanticpatch"
        assert set(heard.body) == {"environmentKey", "comment", "instructions"}
        assert heard.body["environmentKey"] == "production"
        ((instruction),) = heard.body["instructions"]
        on = {"turnFlagOn": True, "turnFlagOff": False}[instruction["kind"]]
        assert set(instruction) == {"kind"}
        environment = self.flags[key]["environments"]["production"]
        if environment["on"] is not on:
            environment["on"] = on
            environment["version"] += 1
            environment["lastModified"] += 1000
            entry = copy.deepcopy(self.audit[-1])
            entry["date"] = self.audit[0]["date"] + 1000
            entry["comment"] = heard.body["comment"]
            entry["titleVerb"] = f"turned {'on' if on else 'off'} the flag"
            entry["target"]["resources"] = [f"proj/shop:env/production:flag/{key}"]
            self.audit.insert(0, entry)
        return 200, self.flags[key]

    def _log(self, heard: Heard) -> Any:
        limit, before = int(heard.query["limit"]), int(heard.query.get("before", 1 << 60))
        assert 1 <= limit <= 20
        place, _, key = heard.query["spec"].rpartition("/")
        found = [
            entry
            for entry in self.audit
            for of in entry["target"]["resources"]
            if entry["date"] < before
            and (of == f"{place}/{key}" or (key == "*" and of.startswith(f"{place}/")))
        ]
        return {"items": found[:limit], "_links": {}}


def _not_there() -> Any:
    return 404, {"code": "not_found", "message": "invalid resource identifier"}
