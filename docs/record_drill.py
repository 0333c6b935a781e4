"""Runs the drill and puts what it printed into the README: `.venv/bin/python docs/record_drill.py`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BEGIN, END = "<!-- recording:begin -->\n", "<!-- recording:end -->\n"
#: Seconds a drill may take.
LIMIT = 300.0


def record() -> str:
    """Return what the drill prints on a terminal of 100 columns without colours; raises when it fails."""
    with tempfile.TemporaryDirectory() as place:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("ANDON_") and k not in ("TMPDIR", "TEMP")
        }
        settings = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "", "TZ": "UTC"}
        done = subprocess.run(
            [sys.executable, "-m", "andon", "drill"],
            cwd=place,
            env={**kept, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            timeout=LIMIT,
            check=True,
        )
    return without_this_machine(done.stdout)


def without_this_machine(text: str) -> str:
    """Return the text without the places that are only on this machine."""
    text = text.replace(sys.executable, "python").replace(sys.prefix, ".venv").replace(str(ROOT), "ANDON")
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 3 else text


def with_recording(page: str, recording: str) -> str:
    """Return the page with another recording; raises ValueError when it has no place for one."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for a recording")
    lines = recording.strip("\n").splitlines()
    text = "\n".join(line.rstrip() for line in lines)
    head = f"<details>\n<summary>The whole recording: {len(lines)} lines</summary>\n"
    return f"{before}{begin}\n{head}\n```text\n{text}\n```\n\n</details>\n\n{end}{after}"


if __name__ == "__main__":
    README.write_text(with_recording(README.read_text(encoding="utf-8"), record()), encoding="utf-8")
