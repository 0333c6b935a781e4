"""Sixty secrets wherever artefacts hold them: none is in the beliefs, their summary, or the report."""

from __future__ import annotations

import base64
import io
import json
import random
import zipfile
from pathlib import Path

from andon.gaps.beliefs import plain
from andon.gaps.coverage import cover
from andon.gaps.failure import Failure
from andon.gaps.report.page import page
from tests.unit.gaps.artefacts.recordings import packed, written
from tests.unit.gaps.report.searches import search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Planting:
    """Makes secrets that no pattern knows, and remembers them."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self.all: list[str] = []

    def __call__(self) -> str:
        letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
        self.all.append("".join(self._chance.choice(letters) for _ in range(14)) + "7q")
        return self.all[-1]


def entry(url: str, sent: Any, answer: Any, plant: Planting, form: str = "") -> dict[str, Any]:
    """Return a HAR entry with a secret wherever there is room for one."""
    basic = base64.b64encode(f"ada:{plant()}".encode()).decode()
    return {
        "startedDateTime": "2026-01-01T10:00:00Z",
        "time": 12,
        "request": {
            "method": "POST",
            "url": url,
            "headers": [
                {"name": "Authorization", "value": f"Bearer {plant()}"},
                {"name": "Proxy-Authorization", "value": f"Basic {basic}"},
                {"name": "Cookie", "value": f"sid={plant()}; theme=dark"},
                {"name": "X-Api-Key", "value": plant()},
                {"name": "X-CSRF-Token", "value": plant()},
            ],
            "cookies": [{"name": "anything", "value": plant()}],
            "queryString": [{"name": "access_token", "value": plant()}],
            "postData": {
                "mimeType": "application/x-www-form-urlencoded" if form else "application/json",
                "text": form or json.dumps(sent),
            },
        },
        "response": {
            "status": 200,
            "headers": [
                {"name": "Set-Cookie", "value": f"session={plant()}; Path=/; HttpOnly"},
                {"name": "Location", "value": f"/next?token={plant()}"},
            ],
            "cookies": [{"name": "refresh", "value": plant()}],
            "content": {"mimeType": "application/json", "text": json.dumps(answer)},
        },
    }


def entries(plant: Planting) -> list[dict[str, Any]]:
    shared = plant()
    return [
        entry(
            f"https://ada:{plant()}@shop.example/api/pay?api_key={plant()}#access_token={plant()}",
            {
                "password": plant(),
                "deep": [{"clientSecret": plant()}],
                "card_number": plant(),
                "note": f"say {shared}",
            },
            {
                "token": plant(),
                "user": {"sessionId": plant()},
                "jwt": [plant()],
                "apiKey": shared,
                "name": "Ada",
            },
            plant,
        ),
        entry(
            "https://shop.example/api/login",
            None,
            [f"echo {shared}"],
            plant,
            form=f"user=ada&passwd={plant()}&otp={plant()}",
        ),
    ]


def call(name: str, method: str, **params: Any) -> dict[str, Any]:
    return {"type": "before", "callId": name, "class": "Frame", "method": method, "params": params}


def trace(plant: Planting) -> bytes:
    typed, guessed, resolved = plant(), plant(), plant()
    snapped = {"type": "password", "__playwright_value_": plant()}
    calls = [
        {
            "type": "context-options",
            "version": 10,
            "sdkLanguage": "javascript",
            "title": "a.spec.ts:3 › signs in",
            "options": {
                "baseURL": f"https://ada:{plant()}@shop.example",
                "httpCredentials": {"username": "ada", "password": plant()},
                "extraHTTPHeaders": [{"name": "X-Secret", "value": plant()}],
                "storageState": {"cookies": [{"name": "sid", "value": plant()}]},
                "proxy": {"server": "http://proxy.example", "username": "u", "password": plant()},
            },
        },
        call("c@1", "fill", selector="#password", value=typed),
        call("c@2", "fill", selector="#x", value=guessed),
        call("c@3", "type", selector="#y", text=resolved),
        {"type": "log", "callId": "c@3", "message": 'locator resolved to <input id="y" type="password"/>'},
        call(
            "c@4",
            "expect",
            selector="#z",
            expression="to.have.text",
            expectedText=[{"string": f"is {typed}"}],
        ),
        {"type": "console", "messageType": "error", "text": f"sent {guessed} and {resolved}"},
        {"type": "frame-snapshot", "snapshot": {"html": ["INPUT", snapped]}},
    ]
    network = [{"type": "resource-snapshot", "snapshot": one} for one in entries(plant)]
    return packed(
        {
            "0-trace.trace": "\n".join(map(json.dumps, calls)).encode(),
            "0-trace.network": "\n".join(map(json.dumps, network)).encode(),
        }
    )


def report(plant: Planting) -> str:
    use = {
        "baseURL": f"https://u:{plant()}@shop.example",
        "httpCredentials": {"username": "ada", "password": plant()},
        "extraHTTPHeaders": {"Authorization": f"Bearer {plant()}", "X-Api-Key": plant()},
        "storageState": {"cookies": [{"name": "sid", "value": plant()}]},
    }
    config = {
        "filteredProjects": [{"use": use}],
        "metadata": {"gitCommit": {"hash": "abc"}, "deployToken": plant()},
    }
    return json.dumps({"config": config, "suites": [], "stats": {}})


def blob(plant: Planting) -> bytes:
    secret = plant()
    step = {
        "id": "1",
        "category": "pw:api",
        "title": f'Fill "{secret}"',
        "params": {"locator": "getByLabel('Password')", "value": secret},
    }
    expected = {
        "id": "2",
        "category": "expect",
        "title": 'Expect "toHaveValue"',
        "params": {"locator": "#a", "expected": secret},
    }
    test = {"testId": "t", "title": "types", "location": {"file": "b.spec.ts", "line": 1}}
    events = [
        {"method": "onBlobReportMetadata", "params": {"version": 2}},
        {"method": "onConfigure", "params": {"config": {"version": "1.65.1", "apiToken": plant()}}},
        {"method": "onProject", "params": {"project": {"suites": [{"title": "b", "entries": [test]}]}}},
        {"method": "onStepBegin", "params": {"testId": "t", "step": step}},
        {"method": "onStepBegin", "params": {"testId": "t", "step": expected}},
        {"method": "onTestEnd", "params": {"test": {"testId": "t"}, "result": {"status": "passed"}}},
    ]
    return packed({"report.jsonl": "\n".join(map(json.dumps, events)).encode()})


def html(plant: Planting) -> str:
    inner = io.BytesIO()
    test = {"title": "t", "location": {"file": "c.spec.ts", "line": 2}, "outcome": "expected"}
    step = {"title": 'Expect "toHaveText"', "params": {"expected": "id", "password": plant()}}
    with zipfile.ZipFile(inner, "w") as held:
        held.writestr(
            "report.json", json.dumps({"metadata": {"sessionToken": plant()}, "files": [{"fileId": "f"}]})
        )
        held.writestr("f.json", json.dumps({"tests": [{**test, "results": [{"steps": [step]}]}]}))
    content = base64.b64encode(inner.getvalue()).decode()
    begin = '<html><template id="playwrightReportBase64">data:application/zip;base64,'
    return f"{begin}{content}</template></html>"


def junit(known: str) -> str:
    failure = f'<failure message="{known}">{known}</failure>'
    case = f'<testcase classname="tests.test_a" name="test_a[{known}]">{failure}</testcase>'
    return f'<testsuite name="pytest">{case}</testsuite>'


def test_no_planted_secret_comes_out(tmp_path: Path) -> None:
    plant = Planting()
    files: dict[str, bytes | str] = {
        "trace__zip": trace(plant),
        "report__json": report(plant),
        "blob__zip": blob(plant),
        "index__html": html(plant),
        "all__har": json.dumps({"log": {"entries": entries(plant)}}),
    }
    files["junit__xml"] = junit(plant.all[0])
    broken = packed({"0-trace.trace": b"{"}) + plant.all[1].encode()
    files["broken__zip"] = broken[: len(broken) // 2] + plant.all[2].encode()
    assert len(set(plant.all)) >= 60
    beliefs = written(tmp_path, **files)
    failure = Failure(method="POST", path="/api/pay", status=500, text="KeyError")
    assert beliefs.redactions >= 20
    assert len(beliefs.exchanges) == 4
    said = {
        "beliefs": repr(beliefs),
        "plain": json.dumps(plain(beliefs)),
        "coverage": repr(cover(beliefs, failure)),
        "page": page(search(), beliefs, failure),
        "problems": repr(beliefs.problems),
    }
    leaked = {(where, secret) for where, text in said.items() for secret in plant.all if secret in text}
    assert not leaked
    assert "Ada" in said["beliefs"], "what is no secret stays"
