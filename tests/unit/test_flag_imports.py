"""What an application loads that evaluates flags: nothing that costs milliseconds or megabytes."""

from __future__ import annotations

import subprocess
import sys

#: What is heavy, or would bring something heavy; `json` and `yaml` come with the first file that is read.
HEAVY = (
    "argparse",
    "asyncio",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "http",
    "inspect",
    "json",
    "logging",
    "pathlib",
    "re",
    "socket",
    "ssl",
    "struct",
    "threading",
    "typing",
    "urllib",
    "yaml",
)
ASKING = """
import sys
before = set(sys.modules)
from andon.flags.evaluator import Evaluator
evaluator = Evaluator()
shared = {"fractional": [["on", 5], ["off", 95]]}
rule = {"if": [{"sem_ver": [{"var": "version"}, ">", "1.2.0"]}, "on", shared]}
variants = {"on": True, "off": False}
flag = {"state": "ENABLED", "variants": variants, "defaultVariant": "off", "targeting": rule}
evaluator.replace({"flags": {"f": flag}})
assert evaluator.boolean("f", False, {"version": "2.0.0"}) is True
assert evaluator.boolean_details("f", False, {"targetingKey": "ann"}).error_code is None
evaluator.findings(), evaluator.counts(), evaluator.last_used()
print(*sorted(set(sys.modules) - before))
"""


def test_an_evaluation_loads_nothing_heavy() -> None:
    command = [sys.executable, "-S", "-E", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{ASKING}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert not set(loaded).intersection(HEAVY)
    ours = [name for name in loaded if name.startswith("andon.")]
    assert len(ours) <= 16
    assert all(name.startswith(("andon.flags", "andon.errors", "andon.record")) for name in ours)
