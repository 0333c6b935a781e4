"""For the rules of the gates: a situation in which each says no, and one in which it says yes."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from andon.config.model import Config
from andon.config.model_team import GatesConfig
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.standing import Standing
from andon.incident.gate_events import ShipRecorded
from andon.incident.words import Gear, Verdict
from andon.record import replace
from andon.response.change import Change, ChangeCommit, ChangedFile, Hunk, Kind
from andon.response.gates.table import Point
from tests.fakes.changes import FakeChanges
from tests.fakes.desk import FakeDesk
from tests.fakes.ranges import FakeRanges

BASE, HEAD = "b" * 40, "c" * 40
BRANCH = "hotfix/INC-7"
HOTFIX = Standing(
    gear=Gear.HOTFIX, why="INC-7 P1 is in response", assumed_branch=BRANCH, assumed_incident="INC-7"
)


class Example:
    """A rule asked at one point, in a small repository."""

    def __init__(
        self,
        *files: ChangedFile,
        point: Point = Point.PRE_PUSH,
        gear: Gear = Gear.BUILD,
        asked: Asked | None = None,
        stands: Standing | None = None,
        message: str = "INC-7: mend it",
        heads: dict[str, tuple[str, ...]] | None = None,
        strays: tuple[str, ...] = (),
        shipped: bool = False,
        problems: tuple[str, ...] = (),
        texts: bool = True,
        contents: dict[str, bytes] | None = None,
    ) -> None:
        commit = ChangeCommit(id=HEAD, message=message, parents=(BASE,))
        change = Change(base=BASE, head=HEAD, files=files, commits=(commit,), problems=problems)
        usual = Asked(base=BASE, head=HEAD, branch="main", target="refs/heads/main")
        self.asked = asked or (Asked(branch="main", message=message) if point is Point.COMMIT_MSG else usual)
        self.point = point
        self.stands = stands or Standing(gear=gear, why="declared")
        first = ChangeCommit(id=BASE, message="first")
        kept = {(HEAD, path): content for path, content in (contents or {}).items()}
        ranges = {(BASE, HEAD): change, ("", HEAD): change}
        self._changes = FakeChanges(change, ranges, contents=kept)
        self._ranges = FakeRanges((first, commit), heads=heads, strays=strays)
        self._shipped = shipped

    def context(self, root: Path) -> GateContext:
        """Return what the rule looks at."""
        config = Config(service="shop", gates=GatesConfig(protected=("main",)))
        desk = FakeDesk(root, config=config, changes=self._changes, ranges=self._ranges)
        if self._shipped:
            decision = ShipRecorded(commit=HEAD, version="v1.2.0", verdict=Verdict.PASSED)
            desk.append("service:shop", (decision,))
        return GateContext(desk, self.point, self.stands, self.asked)


def added(path: str, *lines: str, **fields: str) -> ChangedFile:
    """Return a file that is new with these lines."""
    hunks = (Hunk(old_start=0, new_start=1, added=lines),)
    file = ChangedFile(path=path, kind=Kind.ADDED, new_mode="100644", hunks=hunks)
    return replace(file, **fields)


def link(path: str, target: str) -> ChangedFile:
    """Return a new symbolic link."""
    return added(path, target, new_mode="120000")


def changed(path: str, before: str, after: str) -> ChangedFile:
    """Return a file whose text is another afterwards, with one hunk for each run of lines that differ."""
    old, new = before.splitlines(), after.splitlines()
    hunks = tuple(
        Hunk(
            old_start=i + 1 if j > i else i,
            new_start=k + 1 if m > k else k,
            removed=tuple(old[i:j]),
            added=tuple(new[k:m]),
        )
        for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )
    return ChangedFile(
        path=path,
        kind=Kind.CHANGED,
        old_mode="100644",
        new_mode="100644",
        hunks=hunks,
        before=before,
        after=after,
    )


def fix(*files: ChangedFile) -> Example:
    """Return the hotfix with these files."""
    return Example(*files, stands=HOTFIX, asked=_ON_HOTFIX)


_ON_HOTFIX = Asked(base=BASE, head=HEAD, branch=BRANCH, target=f"refs/heads/{BRANCH}")
_PAY = "def pay(amount):\n    total = amount * 2\n    return total\n"
_FIX = changed("shop/pay.py", _PAY, _PAY.replace("* 2", "* 3"))
_TEST = "def test_pay():\n    assert pay(1) == 3\n\n\ndef test_free():\n    assert pay(0) == 0\n"
_LOG = b"## REG-1 - free things\n\n- **Test:** tests/test_pay.py::test_free\n"
_MANY = "\n".join(f"line_{n} = {n}" for n in range(100)) + "\n"
_TAG = Asked(base=BASE, head=HEAD, target="refs/tags/v1.2.0")

#: By rule: what it says no to or cannot say, and what it says yes to.
EXAMPLES: dict[str, tuple[Callable[[], Example], Callable[[], Example]]] = {
    "range-known": (
        lambda: Example(asked=Asked(head=HEAD, problem="this clone is shallow", remedy="deepen it")),
        lambda: Example(added("a", "x")),
    ),
    "gear-known": (
        lambda: Example(stands=Standing(gear=Gear.BUILD, why="assumed", problem="no journal")),
        Example,
    ),
    "readable": (
        lambda: Example(added("a.bin", unread="binary")),
        lambda: Example(added("a", "x")),
    ),
    "conflict-markers": (
        lambda: Example(added("a", "x", "<<<<<<< HEAD", "y", "=======", "z", ">>>>>>> topic")),
        lambda: Example(added("a", "=======", "a heading", "<<<<<<<")),
    ),
    "links-inside": (
        lambda: Example(link("a", "../../etc/passwd")),
        lambda: Example(link("docs/a", "../lib/b")),
    ),
    "names-incident": (
        lambda: Example(asked=_ON_HOTFIX, stands=HOTFIX, message="mend it"),
        lambda: Example(asked=_ON_HOTFIX, stands=HOTFIX, message="INC-7: mend it"),
    ),
    "only-the-hotfix": (
        lambda: Example(stands=HOTFIX, heads={BRANCH: ("d" * 40,)}, strays=(HEAD,)),
        lambda: Example(stands=HOTFIX, heads={BRANCH: (HEAD,)}),
    ),
    "minimal": (
        lambda: fix(*(changed(f"shop/m{n}.py", _MANY, _MANY.replace("= ", "= 1")) for n in range(6))),
        lambda: fix(_FIX),
    ),
    "no-feature": (
        lambda: fix(
            changed(
                "shop/pay.py",
                _PAY,
                f"{_PAY}\n\n@app.route('/refund')\ndef refund(amount):\n    return -amount\n",
            )
        ),
        lambda: fix(_FIX),
    ),
    "no-refactoring": (
        lambda: fix(
            _FIX,
            replace(changed("shop/new.py", _MANY, _MANY), kind=Kind.RENAMED, old_path="shop/old.py"),
        ),
        lambda: fix(_FIX),
    ),
    "tests-kept": (
        lambda: fix(_FIX, changed("tests/test_pay.py", _TEST, _TEST.split("\n\n\n")[0] + "\n")),
        lambda: fix(_FIX, changed("tests/test_pay.py", _TEST, _TEST.replace("== 3", "== 4"))),
    ),
    "regression-tests": (
        lambda: Example(contents={"docs/regressions.md": _LOG}),
        lambda: Example(contents={"docs/regressions.md": _LOG, "tests/test_pay.py": _TEST.encode()}),
    ),
    "ship-recorded": (
        lambda: Example(asked=_TAG, gear=Gear.SHIP),
        lambda: Example(asked=_TAG, gear=Gear.SHIP, shipped=True),
    ),
}
