"""The reports' checks: python3 tests/run.py REPORT."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from kit.checks import run
from kit.client import get


def check_reports_are_listed():
    assert "sales" in get("/reports").json()["reports"]


def check_sales_by_region():
    got = get("/reports/sales")
    assert got.status == 200, got.text
    assert len(got.json()["sales"]) >= 2


run(globals(), sys.argv[1])
