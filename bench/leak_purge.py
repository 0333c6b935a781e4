"""What survives a purge of 17 places, and what a purge of a whole history costs.

Each place of the matrix has a secret of its own, so that a survivor has a name. The peer is git-filter-repo
as its manual says for sensitive data (text and messages replaced, nothing fetched), and once more by path.
With clones as arguments, a line of each history that came at the beginning, in the middle and near the end
plays the secret; CPU time is of the search and the rewriting, without making the mirror, which both need.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from andon.production.history_mirror import HistoryMirror
from andon.production.history_scan import scan
from andon.secrets.leak.credential import Credential
from andon.secrets.leak.removal import Remover
from tests.integration.leaked import commit, git, jar, secret, start

TARGET_SURVIVORS, TARGET_RATIO = 0, 0.65
#: Where on the main line the secret comes in: share of its commits.
AGES = {"at the beginning": 0.02, "in the middle": 0.5, "near the end": 0.97}
PLACES = (
    "file in HEAD", "file deleted long ago", "UTF-16", "binary", "base64", "gzip", "zip in a jar",
    "file name", "branch name", "tag name", "commit message", "tag message", "note", "stash", "pull request",
    "merge by hand", "author",
)  # fmt: skip


def matrix(root: Path) -> dict[str, Credential]:
    """Make a repository with a secret of its own in each place."""
    leaked = {place: secret(seed) for seed, place in enumerate(PLACES, 100)}
    value = {place: one.value for place, one in leaked.items()}
    text = {place: one.value.decode() for place, one in leaked.items()}
    start(root)
    commit(root, {"old.conf": b"key=" + value["file deleted long ago"] + b"\n"})
    git(root, "rm", "-q", "old.conf")
    first = commit(root, {"wide.txt": f"key: {text['UTF-16']}\n".encode("utf-16")})
    commit(root, {"core.bin": b"\0\1" + value["binary"] + b"\0"})
    commit(root, {"secret.yaml": b"data: " + base64.b64encode(b"user:" + value["base64"] + b":x") + b"\n"})
    commit(root, {"dump.gz": gzip.compress(b"insert " + value["gzip"], mtime=0)})
    commit(root, {"app.jar": jar({"lib.jar": jar({"b.properties": b"k=" + value["zip in a jar"]})})})
    commit(root, {f"notes-{text['file name']}.txt": b"nothing in here\n"})
    commit(root, {"src/app.py": b"print('ho')\n"}, f"Use {text['commit message']} for now")
    commit(root, {"by.txt": b"by somebody\n"}, GIT_AUTHOR_NAME=f"Ada {text['author']}")
    git(root, "branch", f"try-{text['branch name']}", "HEAD~2")
    git(root, "tag", f"v-{text['tag name']}", "HEAD~1")
    git(root, "tag", "-a", "v1.0", "-m", f"Release with {text['tag message']}")
    git(root, "notes", "add", "-m", f"deployed with {text['note']}", "HEAD~1")
    git(root, "checkout", "-q", "-b", "side", first)
    commit(root, {"side.txt": b"side " + value["pull request"] + b"\n"})
    git(root, "update-ref", "refs/pull/7/head", "HEAD")
    git(root, "checkout", "-q", "-B", "other", first)
    commit(root, {"other.txt": b"other\n"})
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-commit", "--no-ff", "other")
    commit(root, {"merged.txt": b"only here " + value["merge by hand"] + b"\n"}, "Merge")
    git(root, "branch", "-q", "-D", "side", "other")
    commit(root, {".env.production": b"HOST=shop\nAPI_KEY=" + value["file in HEAD"] + b"\n"})
    (root / "src/app.py").write_bytes(b"stashed " + value["stash"] + b"\n")
    git(root, "stash", "-q")
    return leaked


def survivors(mirror: Path, leaked: dict[str, Credential]) -> list[str]:
    """Return the places whose secret a mirror still has, in objects or in names."""
    remover = Remover(leaked.values())
    found = scan(str(mirror), remover, lambda _: None)
    marks = {
        mark
        for holders in (found.blobs, found.commits, found.tags, found.trees)
        for places in holders.values()
        for mark, _ in places
    }
    names = subprocess.run(["git", "for-each-ref"], cwd=mirror, capture_output=True, check=True).stdout
    marks |= {mark for mark, _ in remover.holds(names)}
    return [place for place, one in leaked.items() if one.mark in marks]


def spent() -> float:
    """Return the CPU seconds of this process and of all that it started."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def with_andon(root: Path, place: Path, secrets: Sequence[Credential]) -> tuple[float, float, Path, str]:
    """Purge with Andon: CPU and wall seconds, the mirror, and how much was written anew."""
    mirror = HistoryMirror(str(root), str(place), Remover(secrets))
    mirror.make(lambda _: None)
    before, began = spent(), time.monotonic()
    survey = mirror.survey((), lambda _: None)
    mirror.purge(survey, (), lambda _: None)
    told = f"{len(survey.lines.changed)} of {len(survey.found.parents)} commits"
    return spent() - before, time.monotonic() - began, Path(mirror.path), told


def with_filter_repo(
    root: Path, place: Path, secrets: Sequence[Credential], *, paths: Sequence[str] = ()
) -> tuple[float, float, Path, str]:
    """Purge with git-filter-repo in a mirror: by text and messages, or by path."""
    mirror, rules = place / "peer.git", place / "rules.txt"
    subprocess.run(["git", "clone", "-q", "--mirror", "--no-local", str(root), str(mirror)], check=True)
    rules.write_bytes(b"".join(b"literal:" + one.value + b"==>***REMOVED***\n" for one in secrets))
    words = ["--replace-text", str(rules), "--replace-message", str(rules)]
    if paths:
        words = ["--invert-paths", *(word for path in paths for word in ("--path", path))]
    before, began = spent(), time.monotonic()
    program = ["git-filter-repo", *words, "--sdr", "--no-fetch", "--force", "--quiet"]
    subprocess.run(program, cwd=mirror, check=True, stdout=subprocess.DEVNULL)
    return spent() - before, time.monotonic() - began, mirror, ""


def line_of(root: Path, share: float) -> Credential:
    """Return a line that came into the main line at that share of its commits, and was nowhere before."""
    commits = git(root, "rev-list", "--first-parent", "--reverse", "HEAD").split()
    for name in commits[int(len(commits) * share) :]:
        shown = subprocess.run(
            ["git", "show", "--format=", "-U0", "--no-color", "--no-ext-diff", name],
            cwd=root, capture_output=True, check=True,
        ).stdout  # fmt: skip
        for line in shown.splitlines():
            value = line[1:].strip()
            if line.startswith(b"+") and not line.startswith(b"+++") and 30 <= len(value) <= 80:
                seen = git(
                    root, "log", "--format=%H", "--reverse", "-S", value.decode("latin-1"), "HEAD"
                ).split()
                if seen and seen[0] == name and value.isascii():
                    return Credential(mark="0a0a0a", kind="line", value=value)
    raise SystemExit(f"{root}: no line to take for a secret")


def main() -> int:
    """Run the matrix, then the histories; fail when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path, help="clones whose history is purged")
    parser.add_argument(
        "--peer", default=shutil.which("git-filter-repo"), help="git-filter-repo, if not on PATH"
    )
    options = parser.parse_args()
    if options.peer:
        os.environ["PATH"] = os.path.dirname(options.peer) + os.pathsep + os.environ["PATH"]
    missed = _matrix(bool(options.peer))
    for clone in options.clones:
        missed |= _history(clone.resolve(), bool(options.peer))
    return 1 if missed else 0


def _matrix(has_peer: bool) -> bool:
    runs: dict[str, Callable[[Path, Path, Sequence[Credential]], tuple[float, float, Path, str]]]
    runs = {"Andon": with_andon}
    if has_peer:
        runs["git-filter-repo, text and messages"] = with_filter_repo
        runs["git-filter-repo, by path"] = lambda r, p, s: with_filter_repo(
            r, p, s, paths=[".env.production"]
        )
    left = []
    print(f"{len(PLACES)} places, each with a secret of its own")
    for name, run in runs.items():
        with tempfile.TemporaryDirectory() as place:
            root, room = Path(place, "shop"), Path(place, "room")
            room.mkdir(mode=0o700)
            leaked = matrix(root)
            _, _, mirror, _ = run(root, room, list(leaked.values()))
            still = survivors(mirror, leaked)
            left.append(len(still))
            print(f"  {name:36} {len(still):2} survive" + (f": {', '.join(still)}" if still else ""))
    return left[0] > TARGET_SURVIVORS


def _history(clone: Path, has_peer: bool) -> bool:
    missed = False
    print(f"{clone.parent.name if clone.name == 'repo' else clone.name}: CPU seconds (wall) of a purge")
    for age, share in AGES.items():
        leaked = line_of(clone, share)
        with tempfile.TemporaryDirectory() as place:
            cpu, wall, mirror, told = with_andon(clone, Path(place, "andon"), [leaked])
            still = survivors(mirror, {"line": leaked})
        print(f"  {age:18} Andon {cpu:6.1f} ({wall:.0f})", end="")
        if has_peer:
            with tempfile.TemporaryDirectory() as place:
                peer, peer_wall, _, _ = with_filter_repo(clone, Path(place), [leaked])
            print(f"  git-filter-repo {peer:6.1f} ({peer_wall:.0f})  ratio {cpu / peer:.2f}", end="")
            missed |= cpu / peer > TARGET_RATIO
        print(f"  {told} written anew, {len(still)} survive", flush=True)
        missed |= bool(still)
    return missed


if __name__ == "__main__":
    sys.exit(main())
