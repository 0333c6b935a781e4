"""The labels' checks: python3 tests/run.py REPORT."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from kit.checks import run
from kit.client import get


def check_addresses_are_listed():
    assert len(get("/addresses").json()["addresses"]) >= 7


def check_zones_are_known():
    assert "a" in get("/zones").json()["zones"]


def check_labels_are_printed():
    got = get("/labels")
    assert got.status == 200
    assert got.text.count("\f") >= 6


run(globals(), sys.argv[1])
