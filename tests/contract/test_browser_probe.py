"""Playwright's tests: its own reports of every outcome, hostile ones, what is taken along; a real browser."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import stat
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Verdict
from andon.production.left_behind import LARGEST
from andon.production.playwright_probe import PlaywrightProbe
from andon.production.playwright_report import read_report
from andon.secrets.browser_trace import clean_trace
from andon.secrets.redaction import PatternRedactor

RECORDED = Path(__file__).parents[1] / "recorded" / "playwright"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xaeB`\x82"


# -- reports -------------------------------------------------------------------------------------------

OUTCOMES = [
    ("passed", Verdict.PASSED, "1 test passed"),
    (
        "failed-in-a-browser",
        Verdict.FAILED,
        "1 of 2 tests failed: checkout > pays, at see the receipt: Error:",
    ),
    ("failed-on-every-attempt", Verdict.FAILED, "at pay > see the receipt: Error: expect(received).toBe"),
    ("timed-out", Verdict.FAILED, "Test timeout of 300ms exceeded."),
    ("before-all", Verdict.FAILED, "the test account is locked"),
    ("attached", Verdict.FAILED, "'not even an Error'"),
    ("interrupted-by-another", Verdict.FAILED, "1 of 2 tests failed: checkout > pays"),
    ("flaky", Verdict.UNKNOWN, "1 flaky (checkout > pays"),
    ("skipped", Verdict.UNKNOWN, "of 2 tests: 1 skipped (checkout > pays by invoice)"),
    ("expected-to-fail", Verdict.UNKNOWN, "1 unclear (checkout > pays twice"),
    ("interrupted", Verdict.UNKNOWN, "skipped (checkout > pays)"),
    ("error-after-the-tests", Verdict.UNKNOWN, "outside the tests: Error: the account could not be removed"),
    ("no-test", Verdict.UNKNOWN, "outside the tests: Error: No tests found."),
    ("does-not-parse", Verdict.UNKNOWN, "outside the tests: SyntaxError"),
    ("no-browser", Verdict.UNKNOWN, "1 unseen (pays: Error: browserType.launch"),
    ("no-name", Verdict.UNKNOWN, "1 unseen (pays: Error: page.goto: net::ERR_NAME_NOT_RESOLVED"),
]


@pytest.mark.parametrize(("name", "verdict", "said"), OUTCOMES, ids=[outcome[0] for outcome in OUTCOMES])
def test_what_playwright_reports(name: str, verdict: Verdict, said: str) -> None:
    tests = read_report((RECORDED / f"{name}.json").read_bytes())
    assert (tests.verdict, said in tests.summary) == (verdict, True), tests.summary
    assert "\x1b" not in tests.summary + tests.detail


def test_every_recorded_report_is_judged() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == {name for name, _, _ in OUTCOMES}


def report(*tests: dict[str, object], **more: object) -> bytes:
    specs = [{"title": f"t{n}", "tests": [test]} for n, test in enumerate(tests)]
    suites = [{"title": "a.spec.ts", "file": "a.spec.ts", "specs": specs}]
    return json.dumps({"suites": suites, "errors": [], **more}).encode()


def attempts(*statuses: str, status: str = "expected", expected: str = "passed") -> dict[str, object]:
    return {"status": status, "expectedStatus": expected, "results": [{"status": s} for s in statuses]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"suites": [], "errors": []}',
        b'{"suites": 3, "errors": []}',
        b'{"suites": [{"specs": 3}], "errors": []}',
        b'{"suites": [], "errors": ["x"]}',
        b"[" * 100_000,
        b"\xff\xfe",
        report(attempts()),
        report(attempts("passed", status="flaky")),
        report(attempts("passed", status="unexpected")),
        report(attempts("passed", status="something new")),
        report(attempts("failed", expected="failed")),
        report(attempts("passed", expected="failed", status="unexpected")),
        report(attempts("something new")),
        report(attempts("passed"), attempts("skipped", status="skipped")),
        report(attempts("passed"), errors=[{"message": "worker died"}]),
    ],
)
def test_a_report_that_is_not_wholly_good_never_passes(content: bytes) -> None:
    assert read_report(content).verdict is Verdict.UNKNOWN


STATUSES = st.sampled_from(["passed", "failed", "timedOut", "skipped", "interrupted", "new"])
TESTS = st.builds(
    lambda statuses, status, expected: attempts(*statuses, status=status, expected=expected),
    st.lists(STATUSES, max_size=3),
    st.sampled_from(["expected", "unexpected", "flaky", "skipped", "new"]),
    st.sampled_from(["passed", "failed", "skipped"]),
)


@given(st.lists(TESTS, max_size=4))
def test_only_tests_that_passed_at_once_pass(tests: list[dict[str, object]]) -> None:
    verdict = read_report(report(*tests)).verdict
    assert (verdict is Verdict.PASSED) == (
        bool(tests)
        and all(
            t["expectedStatus"] == "passed"
            and t["status"] == "expected"
            and t["results"]
            and all(r["status"] == "passed" for r in t["results"])  # type: ignore[attr-defined]
            for t in tests
        )
    )


def test_a_report_full_of_escapes_is_shown_in_one_line() -> None:
    test = attempts("failed", status="unexpected")
    test["projectName"] = "\x1b[2J\n\u202eevil"
    test["results"][0]["error"] = {"message": "\x1b]0;title\x07no\n\n\nreceipt" + "x" * 100_000}  # type: ignore[index]
    tests = read_report(report(test))
    assert tests.summary.startswith("1 of 1 test failed: t0 [ evil]: no receiptxxx")
    assert len(tests.summary) < 400
    assert len(tests.detail) < 5000


# -- running -------------------------------------------------------------------------------------------


@pytest.fixture
def playwright(tmp_path: Path) -> Callable[..., Path]:
    """Install a program in its place that records its arguments and leaves what a test wants behind."""
    recorded = tmp_path / "arguments.json"

    def install(body: str) -> Path:
        program = tmp_path / "node_modules" / ".bin" / "playwright"
        program.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            f"#!{sys.executable}",
            "import json, os, shutil, sys",
            "report = os.environ['PLAYWRIGHT_JSON_OUTPUT_FILE']",
            "output = os.environ['ANDON_ATTACHMENTS']",
            "os.makedirs(output)",
            f"json.dump([sys.argv[1:], report, output], open({str(recorded)!r}, 'w'))",
            body,
        ]
        program.write_text("\n".join(lines) + "\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "shop.spec.ts").touch()
        return recorded

    return install


def probe(tmp_path: Path, **settings: object) -> PlaywrightProbe:
    return PlaywrightProbe("checkout", "shop.spec.ts", cwd=str(tmp_path), **settings)  # type: ignore[arg-type]


def copies(name: str) -> str:
    return f"shutil.copy({str(RECORDED / name)!r}, report)"


@pytest.mark.parametrize("keep_trace", [False, True])
def test_the_installed_playwright_runs_the_file_and_fetches_nothing(
    tmp_path: Path, playwright: Callable[..., Path], keep_trace: bool
) -> None:
    recorded = playwright(copies("passed.json"))
    assert probe(tmp_path, keep_trace=keep_trace).run().verdict is Verdict.PASSED
    arguments, report_file, output = json.loads(recorded.read_text())
    trace = "--trace=retain-on-failure" if keep_trace else "--trace=off"
    assert arguments == [
        "test", "shop.spec.ts", "--forbid-only", "--reporter=json",
        f"--output={output}", trace,
    ]  # fmt: skip
    assert not Path(report_file).exists()
    assert not Path(output).exists()


@pytest.mark.parametrize(
    ("body", "verdict", "said"),
    [
        (
            f"{copies('passed.json')}; sys.exit(1)",
            Verdict.UNKNOWN,
            "1 test passed, but the run ended with exit code 1",
        ),
        (f"{copies('timed-out.json')}; sys.exit(0)", Verdict.FAILED, "Test timeout"),
        ("sys.exit(0)", Verdict.UNKNOWN, "there is no report: exit code 0"),
        (
            "sys.exit('npm error: canceled')",
            Verdict.UNKNOWN,
            "there is no report: exit code 1: npm error: canceled",
        ),
        (f"print(open({str(RECORDED / 'passed.json')!r}).read())", Verdict.PASSED, "1 test passed"),
        ("print('{}')", Verdict.UNKNOWN, "not one of Playwright's"),
        ("os.mkdir(report)", Verdict.UNKNOWN, "its report cannot be read"),
        ("open(report, 'wb').truncate(1 << 26)", Verdict.UNKNOWN, "larger than"),
        (f"{copies('passed.json')}; import time; time.sleep(60)", Verdict.UNKNOWN, "time limit"),
    ],
    ids=["code", "zero", "none", "npm", "printed", "foreign", "directory", "huge", "hangs"],
)
def test_a_run_is_judged_by_report_and_ending(
    tmp_path: Path, playwright: Callable[..., Path], body: str, verdict: Verdict, said: str
) -> None:
    playwright(body)
    seen = probe(tmp_path, timeout=1.0 if "sleep" in body else 20.0).run()
    assert (seen.verdict, said in seen.summary) == (verdict, True), seen.summary
    assert "\n" not in seen.summary


def test_a_test_file_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    seen = probe(tmp_path).run()
    assert (seen.verdict, "shop.spec.ts does not exist" in seen.summary) == (Verdict.UNKNOWN, True)


def test_without_playwright_nothing_is_fetched_and_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "shop.spec.ts").touch()
    seen = probe(tmp_path).run()
    assert (seen.verdict, "npm install --save-dev" in seen.summary) == (Verdict.UNKNOWN, True)


def test_the_nearest_playwright_runs_the_tests(tmp_path: Path, playwright: Callable[..., Path]) -> None:
    playwright(copies("passed.json"))
    (tmp_path / "packages" / "web").mkdir(parents=True)
    (tmp_path / "packages" / "web" / "shop.spec.ts").touch()
    seen = PlaywrightProbe("p", "packages/web/shop.spec.ts", cwd=str(tmp_path)).run()
    assert seen.verdict is Verdict.PASSED


def leaves(**attachments: str) -> str:
    """Return a program whose report names these attachments: paths below the output, or elsewhere."""
    found = [{"name": name, "path": path} for name, path in attachments.items()]
    found.append(
        {"name": "inline", "contentType": "text/plain", "body": base64.b64encode(b"card declined").decode()}
    )
    found.append({"name": "not base64", "body": "\u2603"})
    test = attempts("failed", status="unexpected")
    test["results"][0]["attachments"] = found  # type: ignore[index]
    given = report(test).decode()
    return "\n".join(
        (
            f"open(output + '/a.png', 'wb').write({PNG!r})",
            "open(output + '/a.zip', 'wb').write(b'PK\\3\\4 trace')",
            "open(output + '/movie.webm', 'wb').write(b'\\x1aE\\xdf\\xa3\\0')",
            "os.symlink('/etc/passwd', output + '/link.png'); os.mkfifo(output + '/pipe.png')",
            f"open(output + '/large.png', 'wb').write({PNG!r} + bytes({LARGEST}))",
            f"open(report, 'w').write({given!r}.replace('OUTPUT', output)); sys.exit(1)",
        )
    )


ALL = {
    "screenshot": "OUTPUT/a.png",
    "trace": "OUTPUT/a.zip",
    "video": "OUTPUT/movie.webm",
    "link": "OUTPUT/link.png",
    "pipe": "OUTPUT/pipe.png",
    "large": "OUTPUT/large.png",
    "passwords": "/etc/passwd",
    "up": "OUTPUT/../../x",
    "gone": "OUTPUT/gone.png",
    "directory": "OUTPUT",
    "nul": "a\0b",
}


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({}, ["screenshot", "text"]),
        ({"keep_trace": True}, ["screenshot", "trace", "text"]),
        ({"keep_screenshot": False}, ["text"]),
    ],
)
def test_only_what_lies_in_its_own_directory_is_taken(
    tmp_path: Path, playwright: Callable[..., Path], settings: dict[str, object], kinds: list[str]
) -> None:
    playwright(leaves(**ALL))
    seen = probe(tmp_path, **settings).run()
    assert seen.verdict is Verdict.FAILED
    assert [a.kind for a in seen.attachments] == kinds
    assert seen.attachments[-1].content == b"card declined"


# -- a real browser ------------------------------------------------------------------------------------

#: A directory in which @playwright/test was installed from npm.
PLAYWRIGHT = os.environ.get("ANDON_TEST_PLAYWRIGHT", "")
CHROMIUM = shutil.which("chromium") or ""
needs_browser = pytest.mark.skipif(
    not (PLAYWRIGHT and CHROMIUM and shutil.which("node")),
    reason="needs chromium, node, and ANDON_TEST_PLAYWRIGHT, a directory with @playwright/test installed",
)
SPEC = """
import { test, expect } from '@playwright/test';
test('pays', async ({ page, context }) => {
  await page.goto('/');
  await page.fill('#card', 'typed-card-4242');
  await page.click('#pay');
  await test.step('see the receipt', async () => {
    await expect(page.locator('#receipt')).toHaveText('Thank you', { timeout: 2000 });
  });
});
"""
CONFIG = """
import { defineConfig } from '@playwright/test';
export default defineConfig({ use: { baseURL: %r, screenshot: 'only-on-failure', launchOptions: {
  executablePath: %r, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--no-first-run', '--disable-component-update', '--disable-sync'] } } });
"""
PAGE = b"""<title>Shop</title><input id=card type=password><div id=receipt></div><button id=pay onclick="
fetch('/pay', {method: 'POST', headers: {Authorization: 'Bearer ' + 'bearer-of-the-test'}, body: card.value})
.then(r => r.text()).then(t => receipt.textContent = t)">pay</button>"""


class Shop(BaseHTTPRequestHandler):
    receipt = b"Thank you"

    def do_GET(self) -> None:
        self.answer(PAGE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(type(self).receipt)

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "session=cookie-of-the-test")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@needs_browser
@pytest.mark.slow
def test_a_real_browser_sees_a_shop_break(tmp_path: Path, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node_modules").symlink_to(Path(PLAYWRIGHT) / "node_modules")
    (tmp_path / "shop.spec.ts").write_text(SPEC)
    (tmp_path / "playwright.config.ts").write_text(CONFIG % (shop, CHROMIUM))
    monkeypatch.setattr(Shop, "receipt", b"Thank you")
    well = probe(tmp_path, keep_trace=True).run()
    assert (well.verdict, well.summary, well.attachments) == (Verdict.PASSED, "1 test passed", ())
    monkeypatch.setattr(Shop, "receipt", b"Declined")
    broken = probe(tmp_path, keep_trace=True).run()
    assert broken.verdict is Verdict.FAILED
    assert "1 of 1 test failed: pays, at see the receipt: Error: expect(locator).toHaveText" in broken.summary
    kinds = {a.kind: a for a in broken.attachments}
    assert {"screenshot", "trace"} <= kinds.keys()
    clean = clean_trace(kinds["trace"].content, PatternRedactor(key=b"k"))
    assert clean.failure == ""
    recorded = (b"typed-card-4242", b"bearer-of-the-test", b"cookie-of-the-test")
    before, after = (unpacked(content) for content in (kinds["trace"].content, clean.content))
    assert all(any(secret in entry for entry in before.values()) for secret in recorded)
    for name, entry in after.items():
        assert not any(secret in entry for secret in recorded), name
        if name.endswith((".trace", ".network")):
            assert all(json.loads(line) for line in entry.split(b"\n") if line), name
    assert not list(tmp_path.glob("test-results"))


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
