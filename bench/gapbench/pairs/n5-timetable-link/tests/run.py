"""The timetable's checks: python3 tests/run.py REPORT."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from kit.checks import run
from kit.client import get


def check_lines_are_listed():
    assert len(get("/lines").json()["lines"]) >= 4


def check_a_line_has_its_stops():
    got = get("/lines/4")
    assert got.status == 200, got.text
    assert len(got.json()["stops"]) == 80


run(globals(), sys.argv[1])
