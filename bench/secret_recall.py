"""How many secrets are found, and what else: Andon and the scanners that are installed, on the same files.

The corpus is made by bench/secret_corpus.py; its author wrote the table, too, so two public corpora that
others labelled can be given: leaky-repo, and CredData with bare clones of some of what it labels
(its own download needs the network; the original files are measured, whose values are not masked).
Scanners are looked for on the PATH and run without validation and update checks.

    ./dev bench secret_recall
    ./dev bench secret_recall --leaky leaky-repo.git --creddata CredData.git PyGithub.git lego.git
"""

from __future__ import annotations

import argparse
import binascii
import csv
import hashlib
import io
import json
import os
import resource
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from andon.secrets.finding import Tier
from andon.secrets.hits import hits
from andon.secrets.judging import is_environment
from bench.secret_corpus import Line, make

#: Path below the root and line -> kinds found there.
Found = dict[tuple[str, int], list[str]]


def andon(root: Path, tiers: tuple[Tier, ...] = (Tier.BLOCK, Tier.REVIEW)) -> Found:
    """Return what Andon finds below a folder."""
    found: Found = {}
    for file in sorted(root.rglob("*")):
        if not file.is_file() or file.is_symlink():
            continue
        content, path = file.read_bytes(), str(file.relative_to(root))
        if b"\0" in content[:8000]:
            content = content.replace(b"\0", b"")
        for hit in hits(content, path):
            if hit.tier in tiers:
                _put(found, path, content, hit.start, hit.end, f"{hit.kind} ({hit.tier})")
    return found


def _put(found: Found, path: str, content: bytes, start: int, end: int, kind: str) -> None:
    first = content.count(b"\n", 0, start) + 1
    for line in range(first, first + content.count(b"\n", start, max(end - 1, start)) + 1):
        found.setdefault((path, line), []).append(kind)


def gitleaks(root: Path) -> Found:
    """Return what gitleaks finds."""
    told = _report(
        ["gitleaks", "dir", root, "--no-banner", "-l", "error", "-f", "json", "--exit-code", "0", "-r"]
    )
    return _lines(
        root, ((f["File"], f["StartLine"], f["EndLine"], f["RuleID"]) for f in json.loads(told or "[]"))
    )


def betterleaks(root: Path) -> Found:
    """Return what Betterleaks finds."""
    told = json.loads(
        _report(["betterleaks", root, "--no-banner", "-s", "-l", "error", "--exit-code", "0", "-o"])
    )
    places = ((f["location"], f["rule_id"]) for f in told.get("findings") or ())
    return _lines(root, ((p["path"], p["start_line"], p["end_line"], rule) for p, rule in places))


def kingfisher(root: Path) -> Found:
    """Return what Kingfisher finds."""
    quiet = ["--no-validate", "--no-update-check", "--no-dedup", "--format", "jsonl"]
    told = _report(["kingfisher", "scan", root, *quiet, "-o"])
    rows = (json.loads(line) for line in told.splitlines() if '"finding"' in line)
    found = ((r["finding"], r["rule"]["id"]) for r in rows)
    return _lines(
        root, ((f["path"], f["line"], f["line"] + f["snippet"].count("\n"), rule) for f, rule in found)
    )


def detect_secrets(root: Path) -> Found:
    """Return what detect-secrets finds."""
    done = subprocess.run(
        ["detect-secrets", "scan", "--all-files", "--no-verify", "."],
        cwd=root,
        capture_output=True,
        text=True,
    )
    results = json.loads(done.stdout or "{}").get("results", {})
    rows = (
        (str(root / p), f["line_number"], f["line_number"], f["type"])
        for p, fs in results.items()
        for f in fs
    )
    return _lines(root, rows)


PEERS: dict[str, Callable[[Path], Found]] = {
    "gitleaks": gitleaks,
    "betterleaks": betterleaks,
    "kingfisher": kingfisher,
    "detect-secrets": detect_secrets,
}


def _report(command: list[object]) -> str:
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        subprocess.run([*map(str, command), str(report)], capture_output=True, check=False, cwd=place)
        return report.read_text(encoding="utf-8") if report.exists() else ""


def _lines(root: Path, rows: Iterable[tuple[str, int, int, str]]) -> Found:
    found: Found = {}
    for path, first, last, kind in rows:
        name = os.path.relpath(path, root)
        for line in range(first, max(first, last) + 1):
            found.setdefault((name, line), []).append(kind)
    return found


def scanners() -> dict[str, Callable[[Path], Found]]:
    """Return Andon in both tiers and in the blocking one alone, and every peer on the PATH."""
    there = {name: peer for name, peer in PEERS.items() if shutil.which(name)}
    return {"andon": andon, "andon, block tier": lambda root: andon(root, (Tier.BLOCK,)), **there}


def _timed(scan: Callable[[Path], Found], root: Path) -> tuple[Found, float]:
    begin = _cpu()
    found = scan(root)
    return found, _cpu() - begin


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


# -- the corpus of our own ---------------------------------------------------------------------------------


def own(*, missed: bool) -> None:
    """Print recall by sort of secret, and what is found where nothing is."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "corpus"
        told = make(root)
        sizes = Counter(line.sort for line in told)
        print(f"corpus: {dict(sizes)}, {len({line.kind for line in told}) - 2} kinds, 14 formats of files")
        print(f"{'':20} structured generic  .env  negatives  CPU s")
        everything: dict[str, Found] = {}
        for name, scan in scanners().items():
            found, cpu = _timed(scan, root)
            everything[name] = found
            shares = [
                _share(found, [line for line in told if line.sort == "structured"]),
                _share(found, [line for line in told if line.sort == "generic"]),
                _share(found, [line for line in told if is_environment(line.path)]),
            ]
            wrong = sum(_is_found(found, line) for line in told if line.sort == "negative")
            print(f"{name:20} {shares[0]:10.3f} {shares[1]:7.3f} {shares[2]:5.3f} {wrong:10} {cpu:6.1f}")
        if missed:
            _print_missed(everything, told)


def _is_found(found: Found, line: Line) -> bool:
    return any((line.path, number) in found for number in range(line.first, line.last + 1))


def _share(found: Found, lines: list[Line]) -> float:
    return sum(_is_found(found, line) for line in lines) / max(len(lines), 1)


def _print_missed(everything: dict[str, Found], told: list[Line]) -> None:
    """List what a peer finds and we do not, or what nobody but us finds on a line that holds nothing."""
    ours = everything.pop("andon")
    everything.pop("andon, block tier")
    for line in told:
        others = [name for name, found in everything.items() if _is_found(found, line)]
        if line.sort != "negative" and not _is_found(ours, line):
            print(f"  missed: {line.kind} {line.path}:{line.first}, found by {', '.join(others) or 'nobody'}")
        if line.sort == "negative" and _is_found(ours, line):
            print(f"  no secret: {line.path}:{line.first} {ours.get((line.path, line.first))}")


# -- corpora of others -------------------------------------------------------------------------------------


def leaky(repository: str) -> None:
    """Print how many lines at risk of leaky-repo are found; of a file no more count than it holds."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        _unpack(repository, "HEAD", root)
        rows = csv.reader((root / ".leaky-meta/secrets.csv").read_text().splitlines())
        risks = {row[0]: int(row[1]) for row in rows if len(row) == 3 and row[1].isdigit() and int(row[1])}
        shutil.rmtree(root / ".leaky-meta")
        print(f"leaky-repo: {sum(risks.values())} lines at risk in {len(risks)} files")
        for name, scan in scanners().items():
            found, cpu = _timed(scan, root)
            lines = Counter(path for path, _ in found)
            hit = sum(min(lines[path], risk) for path, risk in risks.items())
            print(f"{name:20} {hit:4} lines, {sum(path in lines for path in risks):3} files, {cpu:.1f} CPU s")


def creddata(labels: str, repositories: list[str]) -> None:
    """Print recall and precision on the labelled lines of CredData, UUIDs and nonces left out."""
    snapshot = json.loads(_git(labels, "cat-file", "blob", "HEAD:snapshot.json"))
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        true: set[tuple[str, int]] = set()
        false: set[tuple[str, int]] = set()
        skipped: set[tuple[str, int]] = set()
        for repository in repositories:
            for identity in snapshot:
                if subprocess.run(
                    ["git", "-C", repository, "cat-file", "-e", identity[:40]], capture_output=True
                ).returncode:
                    continue
                below = f"{binascii.crc32(binascii.unhexlify(identity)):08x}"
                _unpack(repository, identity[:40], root / below)
                meta = _git(labels, "cat-file", "blob", f"HEAD:meta/{below}.csv").decode()
                _label(root / below, below, meta, true, false, skipped)
        true -= skipped
        print(f"CredData: {len(true)} true and {len(false)} false lines of {len(repositories)} repositories")
        for name, scan in scanners().items():
            found, cpu = _timed(scan, root)
            right, wrong = len(true & found.keys()), len(found.keys() - true - skipped)
            labelled = len(false & found.keys())
            print(
                f"{name:20} recall {right / max(len(true), 1):.3f},"
                f" precision {right / max(right + wrong, 1):.3f}"
                f" ({right / max(right + labelled, 1):.3f} on labelled lines), {cpu:.1f} CPU s"
            )


def _label(
    root: Path, below: str, meta: str, true: set[tuple[str, int]], false: set[tuple[str, int]],
    skipped: set[tuple[str, int]],
) -> None:  # fmt: skip
    """Sort the labelled lines of one repository, and remove its files that are not labelled."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(meta)):
        rows.setdefault(row["FileID"], []).append(row)
    for file in [f for f in root.rglob("*") if f.is_file() or f.is_symlink()]:
        short = str(file.relative_to(root))
        labelled = rows.get(hashlib.sha256(short.encode()).hexdigest()[:8])
        if labelled is None or short.endswith(".xml") or file.is_symlink():
            file.unlink()
            continue
        for row in labelled:
            places = {(f"{below}/{short}", n) for n in range(int(row["LineStart"]), int(row["LineEnd"]) + 1)}
            left_out = any(word in row["Category"] for word in ("UUID", "Nonce"))
            (skipped if left_out else true if row["GroundTruth"] == "T" else false).update(places)
    false -= true


def _unpack(repository: str, commit: str, root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(_git(repository, "archive", commit))) as archive:
        archive.extractall(root, filter="data")


def _git(repository: str, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", repository, *arguments], check=True, capture_output=True).stdout


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true", help="list what peers find and Andon does not")
    parser.add_argument("--leaky", metavar="REPOSITORY", help="a clone of leaky-repo")
    parser.add_argument("--creddata", nargs="+", metavar="REPOSITORY", help="CredData, and what it labels")
    asked = parser.parse_args()
    own(missed=asked.missed)
    if asked.leaky:
        leaky(asked.leaky)
    if asked.creddata:
        creddata(asked.creddata[0], asked.creddata[1:])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
