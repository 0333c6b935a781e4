"""The archive's acceptance checks: python3 tests/run.py REPORT."""

import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from os import environ

from kit.checks import run
from kit.client import get


def check_documents_are_listed():
    assert len(get("/documents").json()["documents"]) >= 7


def check_a_document_is_kept():
    assert get("/documents/3").json()["kept_for"] > 0


def check_a_document_is_stored():
    asked = urllib.request.Request(
        environ["BASE_URL"] + "/documents?name=plan.txt", data=b"a plan", method="POST"
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


run(globals(), sys.argv[1])
