"""The shop with greetings: two releases, its suite in a browser, the two worlds that Andon may compare."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

from andon.drill.environment import environment
from andon.drill.releases import Edit, Release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.drill.world import World

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Where `./dev` puts Playwright Test.
_MODULES = os.path.join(sys.prefix, "browser", "node_modules")

PAGE = '''"""The page that customers see; it asks for what it shows."""

PAGE = """<!doctype html>
<html lang="en">
<title>Tea and cups</title>
<h1>Tea and cups</h1>
<ul id="products"></ul>
<p id="greeting"></p>
<p id="status">One moment ...</p>
<script>
fetch("/").then(answer => {
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}).then(shop => {
  for (const one of shop.products) {
    const line = document.createElement("li");
    line.textContent = one.name;
    document.getElementById("products").append(line);
  }
  document.getElementById("status").textContent = "Open";
}).catch(() => {
  document.getElementById("status").textContent = "Something went wrong";
});
</script>
</html>
"""
'''

SEED = '''"""Fill the tests' database: `python ops/seed_tests.py DATABASE`."""

import sqlite3
import sys
from contextlib import closing

sys.path.insert(0, ".")

from shop import store

ORDERS = ((1, "A001", 940, "p-000001", "For Ada"), (2, "A002", 5400, "p-000002", "Happy birthday, Tom!"))

if __name__ == "__main__":
    store.migrate(sys.argv[1])
    with closing(sqlite3.connect(sys.argv[1])) as book, book:
        book.executemany(
            "INSERT INTO orders (sequence, number, amount, receipt, greeting) VALUES (?, ?, ?, ?, ?)", ORDERS
        )
'''

SPEC = """import { expect, test } from "@playwright/test";

test("the page lists what is for sale", async ({ page }) => {
  await page.goto("/shop");
  await expect(page.locator("#status")).toHaveText("Open");
  await expect(page.locator("#products li")).toHaveText(["Stoneware cup", "Iron pot", "Green tea"]);
});

test("a basket has a price", async ({ request }) => {
  const answer = await request.post("/cart", { data: { items: [{ sku: "tea", quantity: 2 }] } });
  expect(answer.status()).toBe(200);
  expect((await answer.json()).subtotal).toBe(900);
});
"""
_LAST = "  expect((await answer.json()).subtotal).toBe(900);\n});\n"
GREETED = """
test("the warmest greeting is on the page", async ({ page }) => {
  await page.goto("/shop");
  await expect(page.locator("#greeting")).toHaveText("Happy birthday, Tom!");
});
"""
#: How the tests' world differs from the file that production's shop reads.
_TESTS = {"port": 0, "database": "e2e/tests.db", "log": "e2e/tests.log", "payments": "http://127.0.0.1:9"}

_SERVER = (
    Edit(
        file="shop/server.py",
        old="        document = json.dumps(content).encode()\n",
        new="        is_page = isinstance(content, str)\n"
        "        document = content.encode() if isinstance(content, str) else json.dumps(content).encode()\n",
    ),
    Edit(
        file="shop/server.py",
        old='        self.send_header("Content-Type", "application/json")\n',
        new='        kind = "text/html; charset=utf-8" if is_page else "application/json"\n'
        '        self.send_header("Content-Type", kind)\n',
    ),
    Edit(
        file="shop/server.py",
        old="def cart(settings: Settings, request: dict[str, object]) -> Answer:\n",
        new="def page(_settings: Settings, _request: dict[str, object]) -> Answer:\n"
        '    """Show the shop."""\n'
        "    return 200, PAGE\n\n\n"
        "def cart(settings: Settings, request: dict[str, object]) -> Answer:\n",
    ),
    Edit(
        file="shop/server.py",
        old='    ("GET", "/health"): health,\n',
        new='    ("GET", "/shop"): page,\n    ("GET", "/health"): health,\n',
    ),
    Edit(
        file="shop/server.py",
        old="from .payments import PaymentsUnavailable\n",
        new="from .page import PAGE\nfrom .payments import PaymentsUnavailable\n",
    ),
)

#: A page, greetings, and settings that the environment may override: with a browser suite, and all well.
BEFORE = Release(
    version="v1.4.0",
    message="A page for the shop, and a greeting with an order",
    author="Lena",
    edits=(
        Edit(
            file="migrations/0003_greetings.sql",
            old="",
            new="ALTER TABLE orders ADD COLUMN greeting TEXT;\n",
        ),
        Edit(
            file="shop/orders.py",
            old='            "INSERT INTO orders (sequence, number, amount, receipt) VALUES (?, ?, ?, ?)",\n'
            "            (sequence, number, amount, receipt),\n",
            new='            "INSERT INTO orders (sequence, number, amount, receipt, greeting)'
            ' VALUES (?, ?, ?, ?, ?)",\n'
            '            (sequence, number, amount, receipt, str(request.get("greeting", ""))),\n',
        ),
        Edit(
            file="shop/settings.py",
            old="            values = json.load(file)\n",
            new="            values = json.load(file)\n"
            '        values |= {name: os.environ[key] for name in values if (key := f"SHOP_{name.upper()}")'
            " in os.environ}\n",
        ),
        Edit(file="shop/settings.py", old="import json\n", new="import json\nimport os\n"),
        Edit(
            file="shop/settings.py",
            old='        self.port: int = values["port"]\n',
            new='        self.port: int = int(values["port"])\n',
        ),
        Edit(file="shop/page.py", old="", new=PAGE),
        *_SERVER,
        Edit(file="ops/seed_tests.py", old="", new=SEED),
        Edit(file="ops/tests.json", old="", new=json.dumps(_TESTS, indent=2) + "\n"),
        Edit(file="e2e/shop.spec.ts", old="", new=SPEC),
    ),
)

#: Every order that was made through the shop has a greeting, if an empty one. The imported ones have none.
RELEASE = Release(
    version="v1.5.0",
    message="Show the warmest greeting on the page",
    author="Tom",
    edits=(
        Edit(
            file="shop/store.py",
            old="def next_sequence(",
            new="def warmest(connection: sqlite3.Connection) -> str:\n"
            '    """Return the longest greeting that came with an order."""\n'
            '    rows = connection.execute("SELECT greeting FROM orders")\n'
            '    return max((row["greeting"].strip() for row in rows), key=len, default="")\n\n\n'
            "def next_sequence(",
        ),
        Edit(
            file="shop/server.py",
            old='"products": store.products(connection)}',
            new='"products": store.products(connection), "greeting": store.warmest(connection)}',
        ),
        Edit(
            file="shop/page.py",
            old='  document.getElementById("status").textContent = "Open";\n',
            new='  document.getElementById("greeting").textContent = shop.greeting;\n'
            '  document.getElementById("status").textContent = "Open";\n',
        ),
        Edit(file="e2e/shop.spec.ts", old=_LAST, new=_LAST + GREETED),
    ),
)
#: What the tests' data lacked: an order as the import of years ago left them.
IMPORTED = Edit(
    file="ops/seed_tests.py",
    old='(2, "A002", 5400, "p-000002", "Happy birthday, Tom!"))',
    new='(2, "A002", 5400, "p-000002", "Happy birthday, Tom!"), (3, "A003", 700, "p-000003", None))',
)
CURE = Edit(
    file="shop/store.py", old='row["greeting"].strip() for', new='(row["greeting"] or "").strip() for'
)


def lacks() -> str:
    """Say what is missing for a suite in a browser; "" when nothing is."""
    if not _browser():
        return "this scenario needs a browser: install chromium (Debian, Ubuntu: sudo apt install chromium)"
    if not shutil.which("node"):
        return "this scenario needs Node.js: install nodejs and npm, then run it again with ./dev drill"
    if not os.path.isdir(_MODULES):
        return "this scenario needs Playwright Test, which ./dev drill tests-passed installs (it needs npm)"
    return ""


def _browser() -> str:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), "")


def prepare(world: World) -> None:
    """Give the repository its browser, the tests their database, and Andon the two worlds."""
    repository = world.repository
    os.symlink(_MODULES, os.path.join(repository.path, "e2e", "node_modules"))
    repository.write(
        ".gitignore", "__pycache__/\ne2e/node_modules\ne2e/test-results/\ne2e/tests.db*\ne2e/tests.log\n"
    )
    repository.write("e2e/playwright.config.ts", _playwright_config())
    repository.write("andon.toml", repository.read("andon.toml") + _gap_toml(world))
    seed(world)


def seed(world: World) -> None:
    """Make the tests' database anew; raises RuntimeError when that cannot be."""
    repository = world.repository
    for left in glob.glob(os.path.join(glob.escape(repository.path), "e2e", "tests.db*")):
        os.remove(left)
    code, words = repository.run("ops/seed_tests.py", "e2e/tests.db")
    if code:
        raise RuntimeError(f"the tests' database could not be made: {words}")


def _playwright_config() -> str:
    launch = {"executablePath": _browser(), "args": ["--no-sandbox"] if os.getuid() == 0 else []}
    return f"""import {{ defineConfig }} from "@playwright/test";

export default defineConfig({{
  testDir: ".",
  timeout: 6000 * Number(process.env.PATIENCE || 5),
  expect: {{ timeout: 1000 * Number(process.env.PATIENCE || 5) }},
  reporter: [["line"], ["json", {{ outputFile: "test-results/report.json" }}]],
  use: {{ baseURL: process.env.BASE_URL, trace: "on", launchOptions: {json.dumps(launch)} }},
}});
"""


def _gap_toml(world: World) -> str:
    start = json.dumps([sys.executable, "-B", "-m", "shop", "ops/tests.json"])
    return f"""
# The suite that passes, and the two worlds that may differ.
[gap]
suite = ["node_modules/.bin/playwright", "test"]
flavour = "playwright"
directory = "e2e"
artefacts = ["test-results"]

[gap.test]
start = {start}
port_variable = "SHOP_PORT"
health = "/health"
database = "sqlite:e2e/tests.db"
database_variable = "SHOP_DATABASE"
set = {{ SHOP_DATABASE = "e2e/tests.db", TZ = "UTC" }}

[gap.prod]
start = {start}
port_variable = "SHOP_PORT"
health = "/health"
database = {json.dumps("sqlite:" + os.path.join(world.production, "shop.db"))}
database_variable = "SHOP_DATABASE"
set = {{ TZ = "Europe/Berlin" }}
users = 20
"""


@contextmanager
def tests_world(world: World) -> Iterator[str]:
    """Run the shop of the work tree with the tests' database; yields its address."""
    port = world.free_port()
    env = environment({"SHOP_PORT": str(port), "SHOP_DATABASE": "e2e/tests.db"})
    command = [sys.executable, "-B", "-m", "shop", "ops/tests.json"]
    with subprocess.Popen(command, cwd=world.repository.path, env=env) as shop:
        try:
            world.wait_for(lambda: _answers(port), "the tests' shop")
            yield f"http://127.0.0.1:{port}"
        finally:
            shop.terminate()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def run_suite(world: World, *files: str) -> tuple[int, str]:
    """Run the suite, or only some of its files, as the pipeline does.

    Returns its exit code and what it printed at the end. The pipeline's machine may be busy: it waits longer
    than a developer would.
    """
    began = time.monotonic()
    with tests_world(world) as address:
        ran = subprocess.run(
            ["node_modules/.bin/playwright", "test", *files],
            cwd=os.path.join(world.repository.path, "e2e"),
            env=environment({"BASE_URL": address, "CI": "1", "PATIENCE": "20"}),
            check=False,
            capture_output=True,
            text=True,
            timeout=1200,
        )
    lines = [line for line in ran.stdout.splitlines() if line.strip()]
    last = [line for line in lines if "Error:" in line or "FATAL:" in line][:3] + lines[-4:]
    took = time.monotonic() - began
    return ran.returncode, "\n".join([" ".join(("$ npx playwright test", *files)), *last, f"({took:.0f} s)"])
