"""What a program must not import with its flags: each of these costs milliseconds or megabytes at the start.

Counted in modules, so that a busy machine cannot make it fail; bench/flags_import.py has the times.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

#: Beyond Andon's own: what an import of the client and a first evaluation may load. `mmh3` is compiled.
ALLOWED = {"__future__", "marshal", "mmh3", "mmh3.mmh3", "types"}

IMPORT = "from andon.flags.client import connect, from_file"
EVALUATE = """
from andon.flags.evaluator import Evaluator
evaluator = Evaluator()
evaluator.replace({"flags": {"a": {"state": "ENABLED", "variants": {"on": True, "off": False},
    "defaultVariant": "off", "targeting": {"if": [{"==": [{"var": "country"}, "at"]}, "on", "off"]}}}})
assert evaluator.boolean("a", False, {"country": "at"}) is True
"""


def loaded(program: str) -> set[str]:
    """Return the modules that a program loads beyond the bare interpreter."""
    whole = f"import sys\nbefore = set(sys.modules)\n{program}\nafter = set(sys.modules) - before\n"
    words = [sys.executable, "-c", f"{whole}import json; print(json.dumps(sorted(after)))"]
    return set(json.loads(subprocess.run(words, check=True, capture_output=True).stdout))


@pytest.mark.parametrize("program", [IMPORT, IMPORT + EVALUATE], ids=["import", "evaluation"])
def test_the_client_imports_nothing_that_costs_time(program: str) -> None:
    found = loaded(program)
    foreign = {name for name in found if not name.startswith("andon")} - ALLOWED
    assert foreign == set()
    assert not {
        name for name in found if name.startswith("andon.") and not name.startswith("andon.flags")
    } - {
        "andon.errors",
        "andon.record",
    }


def test_a_connection_loads_only_what_it_needs() -> None:
    found = loaded(IMPORT + "\nconnect('http://127.0.0.1:1').close()")
    assert not found & {
        "http",
        "http.client",
        "ssl",
        "urllib",
        "urllib.parse",
        "logging",
        "asyncio",
        "email",
        "uuid",
    }
    assert not found & {"random", "dataclasses", "typing", "tempfile", "subprocess", "yaml"}


@pytest.mark.parametrize("module", ["openfeature_provider", "openfeature_client"])
def test_without_openfeatures_sdk_the_import_says_what_to_install(module: str) -> None:
    program = f"import sys\nsys.modules['openfeature'] = None\nimport andon.flags.{module}\n"
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    told = "ModuleNotFoundError: OpenFeature's SDK is not installed: pip install 'andon[openfeature]'"
    assert done.stderr.splitlines()[-1] == told
