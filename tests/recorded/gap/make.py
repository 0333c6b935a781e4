"""Makes the artefacts of this directory anew: `python tests/recorded/gap/make.py [--only 10]`.

Runs the two suites beside it against `shop.py` with Playwright Test of several versions, fetched by npm, and
with pytest-playwright, in a temporary directory; the browser is the system's Chromium. What is kept is cut
down, and names no path of the machine.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: Version of the trace format, and a version of Playwright Test that writes it.
VERSIONS = {7: "1.45.3", 8: "1.59.1", 9: "1.63.0", 10: "1.65.1"}
NEWEST = max(VERSIONS)
#: The address in what is kept.
ADDRESS = "http://127.0.0.1:4173"
#: Snapshots of the page and pictures of it that a kept trace has.
SNAPSHOTS, FRAMES = 1, 2


def main() -> int:
    """Make all, or those of one version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, choices=sorted(VERSIONS))
    only = parser.parse_args().only
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("there is no Chromium on this machine")
    with tempfile.TemporaryDirectory(prefix="recorded") as home:
        shop = subprocess.Popen([sys.executable, str(HERE / "shop.py")], stdout=subprocess.PIPE, text=True)
        try:
            assert shop.stdout is not None
            url = f"http://127.0.0.1:{shop.stdout.readline().strip()}"
            environment = os.environ | {"CHROMIUM": chromium, "BASE_URL": url, "NO_COLOR": "1"}
            for version, release in VERSIONS.items():
                if only in (None, version):
                    node(Path(home) / str(version), version, release, url, environment)
            if only in (None, NEWEST):
                python(Path(home) / "python", url, environment)
        finally:
            shop.terminate()
            shop.wait()
    return 0


def node(work: Path, version: int, release: str, url: str, environment: dict[str, str]) -> None:
    """Keep the artefacts of one version of Playwright Test; of the newest, of every sort."""
    copied("suite", work, url)
    quiet = environment | {"PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", f"@playwright/test@{release}"],
        cwd=work,
        env=quiet,
        check=True,
    )
    subprocess.run(["node_modules/.bin/playwright", "test"], cwd=work, env=environment, check=True)
    reports = work / "reports"
    same = Rewriting(work, url)
    trace = next(reports.glob("results/*hammer*/trace.zip"))
    keep(f"trace-v{version}.zip", same.trace(trace.read_bytes()))
    page = (reports / "html" / "index.html").read_text()
    if version == min(VERSIONS):
        keep("html-older.html", same.page(page))
        return
    if version == NEWEST:
        keep("html.html", same.page(page))
        keep("trace-api.zip", same.trace(next(reports.glob("results/*stock*/trace.zip")).read_bytes()))
        keep("report.json", same.text((reports / "report.json").read_bytes()))
        keep("junit.xml", same.text((reports / "junit.xml").read_bytes()))
        keep("blob.zip", same.blob((reports / "blob" / "report.zip").read_bytes()))


def python(work: Path, url: str, environment: dict[str, str]) -> None:
    """Keep what pytest-playwright leaves."""
    copied("pysuite", work, url)
    (work / "journeys.py").rename(work / "test_shop.py")  # under this name the tests here would run it
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tracing", "on"]
    command += ["--output", "results", "--junitxml", "junit.xml", "--base-url", url, "--rootdir", "."]
    subprocess.run(command, cwd=work, env=environment, check=True)
    same = Rewriting(work, url)
    trace = next(work.glob("results/*hammer*/trace.zip"))
    keep("trace-python.zip", same.trace(trace.read_bytes()))
    keep("junit-pytest.xml", same.text((work / "junit.xml").read_bytes()))


def copied(name: str, work: Path, url: str) -> None:
    """Copy a suite to where it runs, with the recorded answer for the shop's address."""
    shutil.copytree(HERE / name, work)
    recorded = (HERE / "suite" / "weather.har").read_text().replace("BASE_URL", url)
    (work / "weather.har").write_text(recorded)


def keep(name: str, content: bytes) -> None:
    """Write one file and say how large it is."""
    (HERE / name).write_bytes(content)
    print(f"{name}: {len(content)} bytes")


class Rewriting:
    """Cuts artefacts down and gives them the same address and directory wherever they were made."""

    def __init__(self, work: Path, url: str) -> None:
        self._pairs = [
            (str(work), "/srv/shop"),
            (str(work).replace("/private", ""), "/srv/shop"),
            (url, ADDRESS),
        ]
        self._ports = (url.rpartition(":")[2], ADDRESS.rpartition(":")[2])

    def text(self, content: bytes) -> bytes:
        """Return a text with the other address and directory."""
        for old, new in self._pairs:
            content = content.replace(old.encode(), new.encode())
        old, new = self._ports
        content = re.sub(rb'("_serverPort": ?)' + old.encode(), rb"\g<1>" + new.encode(), content)
        return re.sub(rb'hostname="[^"]*"', b'hostname=""', content)

    def trace(self, content: bytes) -> bytes:
        """Return a trace with a few of its snapshots and pictures."""
        entries = unpacked(content)
        frames = sorted(name for name in entries if name.endswith(".jpeg"))
        dropped = set(frames[: -FRAMES or None])
        kept = {}
        for name, entry in entries.items():
            if name in dropped or (name.startswith("resources/src@")):
                continue
            kept[name] = entry if name.endswith((".jpeg", ".png")) else self.text(self._lines(name, entry))
        return packed(kept)

    def _lines(self, name: str, content: bytes) -> bytes:
        if not name.endswith(".trace"):
            return content
        lines, snapshots = [], 0
        for line in content.splitlines():
            if b'"frame-snapshot"' in line:
                snapshots += b"planted-typed" in line
                if b"planted-typed" not in line or snapshots > SNAPSHOTS:
                    continue
            lines.append(line)
        return b"\n".join(lines) + b"\n"

    def blob(self, content: bytes) -> bytes:
        """Return a blob report with its traces cut down."""
        entries = unpacked(content)
        return packed({n: self.trace(e) if n.endswith(".zip") else self.text(e) for n, e in entries.items()})

    def page(self, content: str) -> bytes:
        """Return of an HTML report what comes after the viewer's program: the contents."""
        start = content.rindex("playwrightReportBase64")
        start = max(content.rfind("<template", 0, start), content.rfind("<script>", 0, start))
        found = re.search(r"base64,([A-Za-z0-9+/=]+)", content[start:])
        assert found is not None
        inner = {n: self.text(e) for n, e in unpacked(base64.b64decode(found[1])).items()}
        for name in inner:
            inner[name] = json.dumps(json.loads(inner[name])).encode()
        held = base64.b64encode(packed(inner)).decode()
        tail = content[start:].replace(found[1], held)
        return f"<!DOCTYPE html>\n<html><body><div id='root'></div></body></html>\n{tail}\n".encode()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the entries of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: dict[str, bytes]) -> bytes:
    """Return a zip of entries, the same for the same entries."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return into.getvalue()


if __name__ == "__main__":
    sys.exit(main())
