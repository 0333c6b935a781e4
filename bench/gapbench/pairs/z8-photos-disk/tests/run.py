"""The photos' checks: python3 tests/run.py REPORT."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from kit.checks import run
from kit.client import get, post


def check_photos_are_listed():
    assert len(get("/photos").json()["photos"]) >= 8


def check_the_model_is_known():
    assert get("/model").json()["model"] >= 3


def check_a_photo_is_added():
    assert post("/photos").json()["bytes"] > 0


run(globals(), sys.argv[1])
