"""The migration gate against what migrations really do: judged statically, and run up, down and up again.

Give clones of projects with Alembic migrations, such as `git clone https://github.com/pypi/warehouse`. The
truth comes from bench/migration_truth.py, on a throw-away PostgreSQL with a row in every table; `--truth`
names a directory that keeps it, so that a second run takes seconds. Unsafe is a migration whose way down does
not bring schema and rows back. Beside the gate stands the rule of thumb: the way down has a body.

Whether "safe" is said of what was not understood: each migration that is called safe is judged again with one
statement added that nobody can read, and must not be called safe any more.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from collections import Counter
from pathlib import Path

from andon.incident.words import Verdict
from andon.response.schema.judge import judge
from andon.response.schema.layouts import Framework, read_layout
from bench.migration_truth import Truth, measure, places, read, saver

#: In per cent: unsafe ones that are caught, safe calls that are right, safe ones that are not believed.
CAUGHT, PRECISE, CAUTIOUS = 95.0, 97.0, 15.0

#: One statement that nobody can read without running it; put at the beginning of a way.
OPAQUE = (
    "op.execute(some_text)",
    "op.execute(f'DROP TABLE {name}')",
    "op.get_bind().execute(build())",
    "session.query(Model).delete()",
    "helper(op)",
    "exec(code)",
    "op.invoke(thing)",
    "for row in rows:\n        op.drop_table(row)",
    "if flag:\n        op.drop_table('a')",
    "op.execute('DO $x$ BEGIN NULL; END $x$')",
    "op.execute('SELECT do_it()')",
    "op.execute('what is this')",
)


def main() -> int:
    """Measure every project and print one table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", nargs="+", type=Path, help="a clone with Alembic migrations")
    parser.add_argument("--truth", type=Path, metavar="DIRECTORY", help="where answers are kept")
    parser.add_argument(
        "--place", default="", help="the directory that holds `versions`; default: the first one"
    )
    parser.add_argument("--wrong", action="store_true", help="list what was judged wrongly")
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    given = parser.parse_args()
    missed = False
    for root in given.repository:
        place = given.place or next(places(root), "")
        if not place:
            raise SystemExit(f"{root}: no Alembic migrations")
        kept = given.truth / f"{root.resolve().name}.json" if given.truth else None
        truth = measure(root, place, read(kept), saver(kept))
        missed |= compare(root, place, truth, tell_wrong=given.wrong)
    return 1 if given.check and missed else 0


def compare(root: Path, place: str, truth: Truth, *, tell_wrong: bool) -> bool:
    """Print the table of one project; return whether a target is missed."""
    texts = {f"versions/{f.name}": f.read_text() for f in sorted((root / place / "versions").glob("*.py"))}
    migrations = {m.path: m for m in read_layout(texts).migrations if m.framework is Framework.ALEMBIC}
    ran = {f"versions/{t['file']}": t for t in truth.values() if t["ran"]}
    began = time.process_time()
    safe = {path: judge(m).reversible is Verdict.PASSED for path, m in migrations.items()}
    spent = time.process_time() - began
    gate: Counter[tuple[bool, bool]] = Counter((bool(t["restored"]), safe[p]) for p, t in ran.items())
    thumb: Counter[tuple[bool, bool]] = Counter(
        (bool(t["restored"]), has_a_body(texts[p])) for p, t in ran.items()
    )
    print(f"{root.resolve().name}: {len(migrations)} migrations, {len(ran)} could be run, ", end="")
    print(f"{sum(t['restored'] for t in ran.values())} of them restore schema and rows")
    print(f"  {'':<26}{'the gate':>10}{'has a body':>12}{'target':>9}")
    missed = False
    for name, share, target in (
        ("unsafe ones caught", caught, CAUGHT),
        ('right when it says "safe"', precise, PRECISE),
        ("safe ones not believed", cautious, -CAUTIOUS),
    ):
        ours, theirs = share(gate), share(thumb)
        missed |= ours < target if target > 0 else ours > -target
        bound = f">= {target:.0f} %" if target > 0 else f"<= {-target:.0f} %"
        print(f"  {name:<26}{ours:>8.1f} %{theirs:>10.1f} %{bound:>9}")
    blind, tried = believed_unread({p: texts[p] for p, is_safe in safe.items() if is_safe})
    missed |= blind > 0
    print(f'  "safe" with something unread in it: {blind} of {tried} (target: 0)')
    print(f"  {spent / max(len(migrations), 1) * 1000:.1f} ms of processor time a migration")
    if tell_wrong:
        for path, told in sorted(ran.items()):
            if safe[path] != bool(told["restored"]):
                print(f"    {'called safe' if safe[path] else 'not believed'}: {path}  {told['why']}")
    return missed


def caught(counted: Counter[tuple[bool, bool]]) -> float:
    """Return the share of unsafe migrations that were not called safe."""
    return 100 * counted[False, False] / max(counted[False, False] + counted[False, True], 1)


def precise(counted: Counter[tuple[bool, bool]]) -> float:
    """Return the share of migrations called safe that are."""
    return 100 * counted[True, True] / max(counted[True, True] + counted[False, True], 1)


def cautious(counted: Counter[tuple[bool, bool]]) -> float:
    """Return the share of safe migrations that were not called so."""
    return 100 * counted[True, False] / max(counted[True, False] + counted[True, True], 1)


def has_a_body(text: str) -> bool:
    """Say whether `downgrade` does anything at all: the rule of thumb."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade":
            return any(not isinstance(s, (ast.Pass, ast.Raise)) and not is_text(s) for s in node.body)
    return False


def is_text(statement: ast.stmt) -> bool:
    """True for a docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def believed_unread(texts: dict[str, str]) -> tuple[int, int]:
    """Return how many stay "safe" with an unreadable statement in one way, and how many were tried."""
    blind = tried = 0
    for number, (path, text) in enumerate(sorted(texts.items())):
        for way in ("upgrade", "downgrade"):
            changed = with_statement(text, way, OPAQUE[(number + tried) % len(OPAQUE)])
            if changed is None:
                continue
            tried += 1
            (migration,) = read_layout({path: changed}).migrations
            blind += judge(migration).reversible is Verdict.PASSED
    return blind, tried


def with_statement(text: str, way: str, statement: str) -> str | None:
    """Return `text` with a statement at the beginning of a function; None when it has no such function."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == way:
            lines = text.split("\n")
            first = node.body[0].lineno - 1
            return "\n".join([*lines[:first], f"    {statement}", *lines[first:]])
    return None


if __name__ == "__main__":
    sys.exit(main())
