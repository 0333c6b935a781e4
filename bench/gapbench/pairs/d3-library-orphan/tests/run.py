"""The library's checks: python3 tests/run.py REPORT."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from kit.checks import run
from kit.client import get


def check_a_member_has_loans():
    assert get("/members/2").json()["loans"]


def check_an_unknown_member():
    assert get("/members/99999").status == 404


def check_overdue_loans_are_listed():
    got = get("/overdue")
    assert got.status == 200, got.text
    assert all(loan["member"] for loan in got.json()["overdue"])


run(globals(), sys.argv[1])
