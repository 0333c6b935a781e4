"""A page's third party, stood for in a real browser: a HAR that the browser recorded, and a pinned script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from andon.config.model_gap import GapConfig, GapDependencyConfig
from andon.gaps import beliefs as believed
from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.experiment import Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind
from andon.production.gap.dependency import DependencyDimension
from andon.secrets.service import ServiceRedactor
from tests.browsers import CHROMIUM, needs_chromium
from tests.integration.gap.upstreams import upstream

pytestmark = needs_chromium
OLD, NEW = (f"document.title = 'rates {n}'".encode() for n in (1, 2))
SCRIPT = {"Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*"}
PIN = f"sha384-{base64.b64encode(hashlib.sha384(OLD).digest()).decode()}"


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield found
        finally:
            found.close()


def page_with(cdn: str) -> tuple[int, dict[str, str], bytes]:
    page = (
        f'<title>none</title><script src="{cdn}/lib.js" integrity="{PIN}" crossorigin="anonymous"></script>'
    )
    return 200, {"Content-Type": "text/html"}, page.encode()


def believed_of(page: bytes) -> Beliefs:
    seen = Exchange(method="GET", path="/", status=200, answer=page.decode())
    return Beliefs(tests=(believed.TestBelief(id="t", title="t", outcome="passed", exchanges=(seen,)),))


def test_a_script_from_elsewhere_is_as_in_production_and_its_digest_is_checked(tmp_path: Path) -> None:
    with upstream({"GET /lib.js": (200, SCRIPT, OLD)}) as cdn, upstream({}) as app, browser() as chromium:
        app.answers["GET /"] = page_with(cdn.url)
        context = chromium.new_context(record_har_path=tmp_path / "test.har", record_har_content="embed")
        page = context.new_page()
        page.goto(app.url)
        assert page.title() == "rates 1"
        context.close()
        (tmp_path / "prod.json").write_text(
            json.dumps(
                {"answers": [{"ask": f"GET {cdn.url}/lib.js", "text": NEW.decode(), "headers": SCRIPT}]}
            )
        )
        one = DependencyDimension(
            GapConfig(),
            [
                GapDependencyConfig(
                    world="test", name="cdn", variable="CDN", url=cdn.url, recording="test.har"
                ),
                GapDependencyConfig(world="prod", name="cdn", variable="CDN", recording="prod.json"),
            ],
            str(tmp_path),
            ServiceRedactor("", (), str),
        )
        seen = one.observe(
            believed_of(page_with(cdn.url)[2]),
            Failure(text="Failed to find a valid digest in the 'integrity' attribute"),
        )
        assert (seen.differences[0].place[2], seen.differences[0].weight) == ("body", 4)
        titles = []
        for parts in ((), one.parts()):
            world = Setting(str(tmp_path), {})
            with one.prepare(world, parts):
                app.answers["GET /"] = page_with(world.variables["CDN"])
                page = chromium.new_page()
                page.goto(app.url)
                titles.append(page.title())
                page.close()
        assert titles == ["rates 1", "none"]
        held = one.took_hold([Part(kind=Kind.DEPENDENCY, place=("cdn",))], Ran())
        assert held is not None
        assert held.holds
