"""How surely a planted weakness is found, and an old one is not, in the Python files of real repositories.

Each file with at least one old finding of ruff's security rules is changed: a comment is put on top, and one
weak line between two statements of it, indented as its neighbours. New has to be the planted line alone. The
peer sees the same scans and knows a finding by rule, file and line, as a plain baseline does.

    git clone --bare https://github.com/ansible/ansible
    ./dev bench new_findings ansible.git
"""

from __future__ import annotations

import argparse
import ast
import random
import subprocess
import sys
import time
from collections.abc import Iterator

from andon.production.scanner_ruff import RuffScanner
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.findings.compare import new_findings
from andon.response.findings.finding import Finding

#: Lines with one weakness each that need no import, and that count in tests too.
PLANTED = {
    "S102": "exec(given)",
    "S104": "bind('0.0.0.0')",
    "S108": "open('/tmp/state')",
    "S307": "eval(given)",
    "S604": "anything(given, shell=True)",
    "S608": "query = f'SELECT * FROM people WHERE name = {given}'",
}
TOP = "# A comment that moves everything.\n\n"
#: Files of a repository that are tried.
MOST = 300


def files(repository: str) -> Iterator[tuple[str, str]]:
    """Yield the Python files of HEAD with their texts, where they are UTF-8 and not huge."""
    listed = subprocess.run(
        ["git", "-C", repository, "ls-tree", "-r", "-z", "HEAD"], check=True, capture_output=True
    ).stdout
    for entry in listed.split(b"\0"):
        told, _, path = entry.partition(b"\t")
        if not path.endswith(b".py") or b" blob " not in told:
            continue
        name = told.split(b" ")[2].decode()
        content = subprocess.run(
            ["git", "-C", repository, "cat-file", "blob", name], check=True, capture_output=True
        ).stdout
        try:
            if len(content) < 200_000:
                yield path.decode(), content.decode()
        except UnicodeDecodeError:
            continue


def planted(text: str, chance: random.Random) -> tuple[str, str, int] | None:
    """Return rule, text and line after the change; None where no line can be put in."""
    lines = text.split("\n")
    try:
        nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt)]
    except (SyntaxError, ValueError):
        return None
    elses = frozenset(n for n, line in enumerate(lines, 1) if line.lstrip().startswith("elif"))
    places = [
        n for n in nodes if lines[n.lineno - 1][: n.col_offset].strip() == "" and not _is_first(n, elses)
    ]
    if not places:
        return None
    place, rule = chance.choice(places), chance.choice(sorted(PLANTED))
    at = min([place.lineno, *(d.lineno for d in getattr(place, "decorator_list", ()))]) - 1
    lines.insert(at, lines[place.lineno - 1][: place.col_offset] + PLANTED[rule])
    return rule, TOP + "\n".join(lines), at + 1 + TOP.count("\n")


def _is_first(node: ast.stmt, elses: frozenset[int]) -> bool:
    """True where a line before it would be no statement of the same block, or must not be there."""
    if isinstance(node, ast.If) and node.lineno in elses:
        return True
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return is_text or is_future


def by_line(base: list[Finding], head: list[Finding]) -> list[Finding]:
    """The peer: what a list of rule, file and line does not have."""
    known = {(f.rule, f.path, f.line) for f in base}
    return [f for f in head if (f.rule, f.path, f.line) not in known]


def measure(repository: str, seed: int) -> None:
    """Print one row."""
    chance, scanner = random.Random(seed), RuffScanner()
    texts = dict(files(repository))
    (*scans,) = scanner.scan("", texts)
    old = [f for scan in scans for f in scan.findings]
    chosen = sorted({f.path for f in old})
    chance.shuffle(chosen)
    wanted, after, changed = set(), {}, []
    for path in chosen[:MOST]:
        made = planted(texts[path], chance)
        if made is None:
            continue
        rule, text, line = made
        wanted.add((rule, path, line))
        after[path] = text
        added = tuple(Hunk(old_start=0, new_start=n, added=("",)) for n in (1, 2, line))
        changed.append(ChangedFile(path=path, kind=Kind.CHANGED, before=texts[path], after=text, hunks=added))
    base = [f for f in old if f.path in after]
    head = [f for scan in scanner.scan("", after) for f in scan.findings]
    began = time.process_time()
    ours = new_findings(base, head, Change(base="a", head="b", files=tuple(changed)))
    seconds = time.process_time() - began
    row = [repository.rstrip("/").rpartition("/")[2], str(len(wanted)), str(len(base))]
    for found in (list(ours), by_line(base, head)):
        keys = {(f.rule, f.path, f.line) for f in found}
        places = {(path, line) for _, path, line in wanted}
        beside = sum((f.path, f.line) not in places for f in found)
        row += [f"{len(keys & wanted) / max(len(wanted), 1):.1%}", str(beside)]
    print("| " + " | ".join([*row, f"{seconds / max(len(wanted), 1) * 1000:.1f}"]) + " |")


def main() -> int:
    """Measure each repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", help="bare clones or work trees")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    titles = ("repository", "planted", "old findings", "found", "old called new", "by line: found")
    print("| " + " | ".join((*titles, "by line: old called new", "ms a file")) + " |")
    print("|---|---|---|---|---|---|---|---|")
    for repository in arguments.repositories:
        measure(repository, arguments.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
