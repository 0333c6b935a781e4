"""More than fifty secrets, planted wherever two worlds and a suite have some, are never said or kept."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import sqlite3
import string
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.acceptance.gap_shop import GapShop

ALPHABET = string.ascii_letters + string.digits

#: Says at its start, in its log, in its answers and their headers what no application should say.
TALKS = """
import os, sys
print("connecting with password=" + os.environ["MAIL_PASSWORD"], file=sys.stderr, flush=True)
print("config:", {k: v for k, v in os.environ.items() if k in NAMES}, flush=True)
print("Authorization: Bearer " + BEARER, file=sys.stderr, flush=True)
print("postgresql://shop:" + URL_PASSWORD + "@db.internal/shop refused", flush=True)
"""

CONTAINER = """\
#!{python}
import json, sys
print(json.dumps([{{"Config": {{"Env": {env!r}}}}}]))
"""


class Planted:
    """Secrets by where they stand; made from a seed, so that no scanner stumbles over this file."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.values: dict[str, str] = {}

    def __call__(self, where: str, form: str = "password") -> str:
        """Return a new secret of a form and remember where it stands."""
        made = self._made(form)
        self.values[where] = made
        return made

    def _word(self, length: int, alphabet: str = ALPHABET) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(length - 2)) + "4z"

    def _made(self, form: str) -> str:
        match form:
            case "github":
                return "gh" + "p_" + self._word(36)
            case "stripe":
                return "sk_" + "live_" + self._word(24)
            case "aws":
                return "AK" + "IA" + self._word(18, string.ascii_uppercase + "234567").upper()[:16]
            case "jwt":
                head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
                body = base64.urlsafe_b64encode(f'{{"sub":"{self._word(12)}"}}'.encode()).decode().rstrip("=")
                return f"{head}.{body}.{self._word(43)}"
            case "phrase":
                return f"Tr0ub4dor and {self._word(8)}"
            case "signs":
                return f"{self._word(8)}/+&{self._word(8)}"
            case _:
                return self._word(18)


def forms(values: dict[str, str]) -> dict[str, str]:
    """Return the values as they are, and as JSON, a URL and base64 have them."""
    found = {}
    for where, value in values.items():
        found[where] = value
        found[f"{where}, for a URL"] = quote(value, safe="")
        found[f"{where}, in JSON"] = json.dumps(value)[1:-1]
        found[f"{where}, in base64"] = base64.b64encode(value.encode()).decode().rstrip("=")
    return found


@pytest.fixture
def plant() -> Planted:
    return Planted(int(os.environ.get("GAP_SECRETS_SEED", "7")))


@pytest.fixture
def shop(tmp_path: Path, plant: Planted) -> GapShop:
    shop = GapShop(tmp_path)
    settings(shop, plant)
    rows(shop, plant)
    application(shop, plant)
    suite(shop, plant)
    recording(shop, plant)
    trace(shop, plant)
    shop.configure(
        gap='artefacts = ["trace.zip", "report.xml"]',
        prod=f"set = {{ LICENCE_SECRET = {json.dumps(plant('andon.toml set'))} }}\n"
        'dependency = [{ name = "payments", variable = "PAYMENTS_URL", recording = "prod.har" }]',
        test='dependency = [{ name = "payments", variable = "PAYMENTS_URL", recording = "test.har" }]',
    )
    shop.write("body.json", json.dumps({"user": "mina", "password": plant("the failing body")}))
    return shop


def settings(shop: GapShop, plant: Planted) -> None:
    common = {"ADMIN_NAME": "root"}
    for world in ("test", "prod"):
        named = {
            "MAIL_PASSWORD": plant(f"{world}.env password"),
            "GITHUB_TOKEN": plant(f"{world}.env github", "github"),
            "STRIPE_KEY": plant(f"{world}.env stripe", "stripe"),
            "AWS_ACCESS_KEY_ID": plant(f"{world}.env aws", "aws"),
            "JWT_SECRET": plant(f"{world}.env jwt secret", "signs"),
            "PASS_PHRASE": f"'{plant(f'{world}.env phrase', 'phrase')}'",
            "SESSION_TOKEN": plant(f"{world}.env jwt", "jwt"),
            "REDIS_URL": f"redis://:{plant(f'{world}.env redis url')}@127.0.0.1:1/0",
            "SENTRY_DSN": f"https://{plant(f'{world}.env sentry')}@errors.example.com/7",
            "GREETING": plant(f"{world}.env any value"),
            "LAST_SECRET": f'"{plant(f"{world}.env with white space")} "',
            "BANNER": world,
            "STORE_TZ": "UTC" if world == "test" else "Asia/Tokyo",
        }
        lines = "".join(f"{key}={value}\n" for key, value in {**common, **named}.items())
        shop.write(f"{world}.env", lines)


def rows(shop: GapShop, plant: Planted) -> None:
    for world in ("test", "prod"):
        path = shop.root / "data" / f"{world}.db"
        with sqlite3.connect(path) as database:
            database.execute("ALTER TABLE orders ADD COLUMN password TEXT")
            database.execute("ALTER TABLE orders ADD COLUMN note TEXT")
            for number in range(1, 4):
                database.execute(
                    "UPDATE orders SET password = ?, note = ?, email = ? WHERE id = ?",
                    (
                        plant(f"{world} row {number} password"),
                        plant(f"{world} row {number} note", "github"),
                        f"{plant(f'{world} row {number} e-mail').lower()}@example.org",
                        number,
                    ),
                )
            for number in (1, 2, 3):  # as it is in the file
                plant.values[f"{world} row {number} e-mail"] = plant.values[
                    f"{world} row {number} e-mail"
                ].lower()
            if world == "prod":
                database.execute("UPDATE orders SET email = NULL WHERE id = 17")
        database.close()


def application(shop: GapShop, plant: Planted) -> None:
    text = (shop.root / "app.py").read_text()
    talks = TALKS.replace("BEARER", repr(plant("the log's bearer"))).replace(
        "URL_PASSWORD", repr(plant("the log's address"))
    )
    names = ("GITHUB_TOKEN", "STRIPE_KEY", "JWT_SECRET", "MAIL_PASSWORD", "LICENCE_SECRET", "PASS_PHRASE")
    talks = talks.replace("NAMES", repr(names))
    text = text.replace("import json, os", f"{talks}\nimport json, os", 1)
    text = text.replace(
        'raise ValueError("fiscal year 2027 is not open for STORE_TZ")',
        'raise ValueError("fiscal year 2027 is not open for STORE_TZ: api_key=" + os.environ["STRIPE_KEY"]'
        ' + " and " + os.environ["MAIL_PASSWORD"])',
    )
    text = text.replace(
        'told = 500, {"error": "Internal Server Error"}',
        'told = 500, {"error": "Internal Server Error", "token": os.environ["GITHUB_TOKEN"],'
        f' "password": {plant("the answer")!r}, "environment": dict(os.environ)}}',
    )
    text = text.replace("    def answer(self):", "    do_POST = do_GET\n\n    def answer(self):")
    cookie, onward = plant("a cookie of the answer"), plant("an address in a header")
    text = text.replace(
        'self.send_header("Content-Type", "application/json")',
        'self.send_header("Content-Type", "application/json")\n'
        f'        self.send_header("Set-Cookie", "session={cookie}; HttpOnly")\n'
        f'        self.send_header("Location", "https://mina:{onward}@shop.example.com/")',
    )
    shop.write("app.py", text)


def suite(shop: GapShop, plant: Planted) -> None:
    text = (shop.root / "suite.py").read_text()
    bearer, typed = plant("a test's message", "jwt"), plant("a test's typed password")
    printed = plant("what the suite prints", "stripe")
    text = text.replace(
        "said, failed = str(problem), failed + 1",
        f"said, failed = str(problem) + ' Authorization: Bearer {bearer} password={typed}', failed + 1\n"
        f"        print('token={printed}')",
    )
    shop.write("suite.py", text)
    shop.write(
        "report.xml",
        '<testsuites><testsuite name="shop"><testcase classname="suite" name="test_invoice" time="0.1">'
        f"<system-out>password={plant('the report')} Bearer {plant('the report, bearer', 'jwt')}</system-out>"
        f'<properties><property name="api_key" value="{plant("a property of the report", "github")}"/>'
        "</properties></testcase></testsuite></testsuites>",
    )


def exchange(plant: Planted, whose: str, url: str, answer: dict[str, object]) -> dict[str, object]:
    """Return a HAR entry with secrets in everything that may hold one."""
    query = plant(f"{whose}: query")
    return {
        "startedDateTime": "2026-11-27T10:00:00.000Z",
        "time": 12.0,
        "request": {
            "method": "POST",
            "url": f"{url}?api_key={query}",
            "httpVersion": "HTTP/1.1",
            "cookies": [{"name": "session", "value": plant(f"{whose}: cookie")}],
            "headers": [
                {"name": "Authorization", "value": f"Bearer {plant(f'{whose}: bearer', 'jwt')}"},
                {"name": "X-Api-Key", "value": plant(f"{whose}: key", "stripe")},
            ],
            "queryString": [{"name": "api_key", "value": query}],
            "postData": {
                "mimeType": "application/json",
                "text": json.dumps({"password": plant(f"{whose}: body"), "amount": 3}),
            },
            "headersSize": -1,
            "bodySize": -1,
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "Set-Cookie", "value": f"sid={plant(f'{whose}: set-cookie')}; HttpOnly"},
            ],
            "content": {
                "size": 40,
                "mimeType": "application/json",
                "text": json.dumps({**answer, "token": plant(f"{whose}: answer", "github")}),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 12, "receive": 0},
    }


def recording(shop: GapShop, plant: Planted) -> None:
    answers: dict[str, dict[str, object]] = {"test": {"amount": 3}, "prod": {"amount": {"value": 3}}}
    for world, answer in answers.items():
        entry = exchange(plant, f"{world}.har", "https://payments.example.com/charge", answer)
        log = {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": [entry]}
        shop.write(f"{world}.har", json.dumps({"log": log}))


def trace(shop: GapShop, plant: Planted) -> None:
    """Write a trace as pytest-playwright does, with a password that was typed and a console that talks."""
    typed = plant("a password typed in a trace")
    said = plant("the console of a trace", "stripe")
    steps = [
        {
            "type": "context-options",
            "version": 10,
            "origin": "library",
            "browserName": "chromium",
            "options": {
                "baseURL": "http://127.0.0.1:4173",
                "httpCredentials": {"username": "mina", "password": plant("credentials of a trace")},
                "extraHTTPHeaders": [
                    {"name": "Authorization", "value": f"Basic {plant('a header of a trace')}"}
                ],
            },
            "title": "suite.py::test_invoice",
            "sdkLanguage": "python",
        },
        {
            "type": "before",
            "callId": "c1",
            "class": "Frame",
            "method": "fill",
            "params": {"selector": 'internal:label="Password"i', "value": typed},
        },
        {"type": "after", "callId": "c1", "result": {}},
        {"type": "console", "messageType": "error", "text": f"login failed, token={said}", "location": {}},
    ]
    snapshot = exchange(plant, "a trace", "http://127.0.0.1:4173/invoices/7", {"invoice": "7"})
    network = [{"type": "resource-snapshot", "snapshot": snapshot}]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, lines in (("trace.trace", steps), ("trace.network", network)):
            archive.writestr(name, "\n".join(json.dumps(line) for line in lines))
    (shop.root / "trace.zip").write_bytes(packed.getvalue())


def in_a_container(shop: GapShop, plant: Planted) -> dict[str, str]:
    """Let `docker inspect` tell production's settings, and return the environment in which it is found."""
    import sys

    env = [
        "STORE_TZ=Asia/Tokyo",
        f"MAIL_PASSWORD={plant('a container: password')}",
        f"API_TOKEN={plant('a container: token', 'github')}",
        f"GREETING={plant('a container: any value')}",
        f"DATABASE_URL=postgresql://shop:{plant('a container: address')}@db.internal/shop",
    ]
    tools = shop.root.parent / "tools"
    tools.mkdir()
    (tools / "docker").write_text(CONTAINER.format(python=sys.executable, env=env))
    (tools / "docker").chmod(0o755)
    return {"PATH": f"{tools}:{shop.environment['PATH']}"}


#: What the test itself wrote, below the home of the shop.
OWN = (
    "shop/app.py", "shop/suite.py", "shop/test.env", "shop/prod.env", "shop/data/", "shop/andon.toml",
    "cache/andon/config-", "shop/body.json", "shop/report.xml", "shop/trace.zip", "shop/test.har",
    "shop/prod.har", "tools/",
)  # fmt: skip


def kept(shop: GapShop) -> dict[str, bytes]:
    """Return every file that Andon wrote, anywhere below the home of the shop, temporary ones too."""
    home = shop.root.parent
    named = ((path, path.relative_to(home).as_posix()) for path in home.rglob("*"))
    return {
        name: path.read_bytes()
        for path, name in named
        if path.is_file() and not path.is_symlink() and not name.startswith(OWN)
    }


def test_no_secret_of_either_world_is_said_or_kept(shop: GapShop, plant: Planted) -> None:
    asked = f"/invoices/7?token={plant('the failing query')}"
    zone = ("--url", asked, "--status", "500")
    row = ("--url", "/receipts/17", "--method", "POST", "--body", "@body.json", "--status", "500")
    said = {}

    def say(name: str, *words: str, **environment: str) -> None:
        done = shop.andon(*words, **environment)
        said[name] = (done.stdout + done.stderr).encode()

    say("plan", "gap", *zone, "--plan")
    say("plan in JSON", "gap", *zone, "--plan", "--json")
    say("declare", "declare", "invoices answer 500", "--severity", "P1")
    say("search in an incident", "gap", *zone, "--report", "zone.html")
    assert b"STORE_TZ" in said["search in an incident"], said["search in an incident"].decode()
    say("timeline", "timeline", "--json")
    say("report", "gap", "report", "--out", "again.html")
    for one in json.loads(shop.andon("evidence", "list", "--json").stdout):
        say(f"evidence {one['evidence']}", "evidence", "show", one["evidence"])
    say("prevention", "gap", "prevent", "--write")
    say("prevention in JSON", "gap", "prevent", "--no-proof", "--json")
    say("parity", "gap", "parity")
    say("search for programs", "gap", *row, "--only", "data", "--json", "--report", "row.html")
    environment = in_a_container(shop, plant)
    shop.reconfigure('env = "prod.env"', 'env = "container:shop"')
    say("a container", "gap", *zone, "--observe", "--json", **environment)
    say("log", "log", "export")
    assert len(plant.values) > 50
    written = {**said, **kept(shop)}
    told = "\n".join(f"--- {name}\n{content.decode()}" for name, content in said.items())
    assert {"shop/zone.html", "shop/row.html", "shop/again.html"} <= written.keys(), told
    assert any("journal" in name for name in written)
    leaks = [
        f"{where} in {name}: ...{content[max(place - 120, 0) : place + 20]!r}"
        for where, value in forms(plant.values).items()
        for name, content in written.items()
        if (place := content.find(value.encode())) >= 0
    ]
    assert not leaks, "\n".join(leaks)
    assert shop.left() == []
