"""Ruff's security rules over Python files, with the repository's own settings and exceptions left out."""

from __future__ import annotations

import os
import shutil
import sys

from andon.errors import Unavailable
from andon.production.process import run
from andon.production.scan_place import place_for
from andon.record import replace
from andon.response.findings.ruff import TOOL, read_ruff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.response.findings.finding import Scan

#: Seconds for all files; 31,000 lines take 0.2.
TIMEOUT = 120.0
#: Bytes of an answer.
_LIMIT = 64 << 20
#: Files of one run: each is an argument.
_AT_ONCE = 2000
#: What it must find, or it reads nothing.
_CANARY = "import pickle\n\npickle.loads(b'')\n"
_CANARY_NAME = "canary.py"
_CANARY_RULE = "S301"


class RuffScanner:
    """The port `Scanner` with `ruff check --select S`."""

    name = TOOL
    is_whole = False

    def __init__(self, program: str = "") -> None:
        """Take the program; "" for the one on PATH or beside this Python."""
        self._program = program

    def covers(self, path: str, text: str) -> bool:
        """True for Python: by its ending, or by the interpreter its first line names."""
        if path.lower().endswith((".py", ".pyi")):
            return True
        return text.startswith("#!") and "python" in text.split("\n", 1)[0]

    def scan(self, commit: str, texts: Mapping[str, str]) -> tuple[Scan, ...]:
        """Return what it finds in the texts by path; raises Unavailable when it did not look."""
        del commit  # the texts are all it needs
        program = self._find()
        paths = list(texts)
        scans = [
            self._scan(program, {path: texts[path] for path in paths[first : first + _AT_ONCE]})
            for first in range(0, len(paths), _AT_ONCE)
        ]
        return tuple(scans)

    def _scan(self, program: str, texts: Mapping[str, str]) -> Scan:
        names = {f"f{n}{'.pyi' if path.endswith('.pyi') else '.py'}": path for n, path in enumerate(texts)}
        files = {name: texts[path] for name, path in names.items()} | {_CANARY_NAME: _CANARY}
        arguments = [
            program, "check", "--isolated", "--no-cache", "--no-respect-gitignore", "--ignore-noqa",
            "--exit-zero", "--quiet", "--select", "S", "--output-format", "json", "--", *files,
        ]  # fmt: skip
        with place_for(files) as place:
            done = run(arguments, cwd=place, timeout=TIMEOUT, limit=_LIMIT, head=_LIMIT, apart=True)
        if not done.succeeded or done.left_out:
            raise _did_not_look(done.account if not done.left_out else "it says more than is read")
        canary = f"\0{_CANARY_NAME}"
        scan = read_ruff(done.raw, {**texts, canary: _CANARY}, {**names, _CANARY_NAME: canary})
        if not any(f.path == canary and f.rule == _CANARY_RULE for f in scan.findings):
            raise _did_not_look("it does not find the weakness of a file that has one")
        return replace(scan, findings=tuple(f for f in scan.findings if f.path != canary))

    def _find(self) -> str:
        beside = os.path.join(os.path.dirname(sys.executable), "ruff")
        found = self._program or shutil.which("ruff") or (beside if os.access(beside, os.X_OK) else "")
        if not found:
            raise _did_not_look("there is no ruff on PATH")
        return found


def _did_not_look(why: str) -> Unavailable:
    return Unavailable(
        f"ruff did not look at the Python files: {why}",
        where="no-new-finding",
        rule="no-new-finding",
        remedy="install it where the gate runs: pip install ruff",
    )
