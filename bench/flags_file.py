"""What a kill costs in a flagd file of 1,000 flags, beside reading and writing that file as a whole.

Processor time of this process, the median of some rounds. The floor writes the file anew and loses its
comments, its order of blanks and what was there before; Andon's edit keeps them, and reads what it writes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from andon.flags.overrides import KILL, Override
from andon.production.flag_outline import outline
from andon.production.flags_file import FlagFile

FLAGS = 1000
KEY = "flag-500"
#: Milliseconds of processor time that a kill may take.
BUDGETS = {"json": 250.0, "yaml": 1500.0}


def document() -> dict[str, Any]:
    """Return flags with a rule of three conditions each."""
    rule = {
        "if": [
            {
                "and": [
                    {"ends_with": [{"var": "email"}, "@example.com"]},
                    {"in": [{"var": "country"}, ["de", "fr"]]},
                ]
            },
            "on",
            None,
        ]
    }
    flag = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": rule,
        "metadata": {"owner": "mia", "purpose": "a flag among many", "kind": "release"},
    }
    return {"flags": {f"flag-{number}": flag for number in range(FLAGS)}}


def spent(act: Callable[[], object]) -> float:
    """Return the milliseconds of processor time of one act."""
    outline.cache_clear()
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000


def whole(path: Path, load: Callable[[str], Any], dump: Callable[[Any], str]) -> None:
    """Read a file, change one flag, write the file."""
    found = load(path.read_text())
    found["flags"][KEY]["defaultVariant"] = "off"
    path.with_suffix(".other").write_text(dump(found))


def measured(path: Path, load: Callable[[str], Any], dump: Callable[[Any], str], rounds: int) -> list[float]:
    """Return the milliseconds of the floor, the list, a kill and its undo."""
    system = FlagFile(str(path))
    kill = Override(flag=KEY, layer=KILL, variant="off", operation="bench")
    acts = (
        lambda: whole(path, load, dump),
        system.flags,
        lambda: system.put(kill),
        lambda: system.take(KEY, KILL, "bench"),
    )
    taken = [[spent(act) for act in acts] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def main() -> int:
    """Measure and print a table; with --check fail when a kill takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="exit 1 when a kill takes longer than it may")
    arguments = parser.parse_args()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    plain = json.loads(json.dumps(document()))
    ways: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
        "json": (json.loads, lambda found: json.dumps(found, indent=2)),
        "yaml": (lambda text: yaml.load(text, Loader=loader), lambda found: yaml.dump(found, Dumper=dumper)),
    }
    late = False
    print(f"| {FLAGS} flags | read and written whole, ms | list, ms | kill, ms | undo, ms | kill / whole |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for name, (load, dump) in ways.items():
            path = Path(place) / f"flags.{name}"
            text = dump(plain)
            path.write_text(text)
            floor, listed, killed, undone = measured(path, load, dump, arguments.rounds)
            if path.read_text() != text:
                raise SystemExit("the undo did not restore the file")
            late = late or killed > BUDGETS[name]
            times = f"{floor:.0f} | {listed:.0f} | {killed:.0f} | {undone:.0f} | {killed / floor:.1f}"
            print(f"| {name}, {len(text) // 1000} kB | {times} |")
    return 1 if arguments.check and late else 0


if __name__ == "__main__":
    raise SystemExit(main())
