"""From a green browser suite and a broken page to a test that is red with the gap, and then green."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.drill.greetings import lacks
from tests.acceptance.drilled import DONE_AT_ONCE, check_the_end, drill


@pytest.fixture
def short_place() -> Iterator[Path]:
    """A temporary directory with a short path: Chromium puts a socket there, whose path is limited."""
    with tempfile.TemporaryDirectory(prefix="d-", dir="/tmp") as place:
        yield Path(place)


@pytest.mark.skipif(bool(lacks()), reason=lacks() or "nothing is missing")
def test_the_gap_is_found_and_closed(short_place) -> None:
    done = drill("tests-passed", short_place)
    check_the_end(done, proofs=3)
    actions = json.loads(done.andon("actions", "list", "--json", "-i", done.result["incident"]).stdout)[
        "actions"
    ]
    at_once = {action["title"]: action["proof"] for action in actions if action["title"] in DONE_AT_ONCE}
    assert set(at_once) == set(DONE_AT_ONCE)
    assert at_once[DONE_AT_ONCE[1]].endswith(" in docs/regressions.md")
    assert done.running() == "v1.4.0"
    status = json.loads(done.andon("status", done.result["incident"], "--json").stdout)
    assert status["status"] == "closed"
    timeline = done.timeline()
    (found,) = (text for text in timeline if text.startswith("the gap: "))
    assert "data" in found and "greeting" in found
    assert any("test against the gap" in text for text in timeline)


def test_what_is_missing_is_said(tmp_path) -> None:
    (tmp_path / "git").symlink_to(shutil.which("git") or "")
    ran = subprocess.run(
        [sys.executable, "-m", "andon", "drill", "tests-passed"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 3
    assert "needs a browser" in ran.stderr and "chromium" in ran.stderr
