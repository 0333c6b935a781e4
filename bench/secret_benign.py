"""How many commits of a public history the gate would block, each with kind and place, and never a value.

A commit that really brings a key is not benign: which ones do is for a person to say, so all are listed.
Merges are left out, as a gate looks at what they bring of their own only. Run with bare clones:

    git clone --bare https://github.com/celery/celery
    ./dev bench secret_benign celery.git flask.git
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Iterator

from andon.secrets.finding import Tier
from andon.secrets.hits import hits
from andon.secrets.judging import is_environment

#: Bytes of a blob that are looked at.
LARGEST = 8 << 20


class Blobs:
    """The blobs of a repository, by one process that stays."""

    def __init__(self, repository: str) -> None:
        """Start git in a repository."""
        self._git = subprocess.Popen(
            ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self, name: str) -> bytes:
        """Return the content of a blob; nothing for one that is missing or huge."""
        if not name.strip("0"):
            return b""
        assert self._git.stdin and self._git.stdout
        self._git.stdin.write(name.encode() + b"\n")
        self._git.stdin.flush()
        head = self._git.stdout.readline().split()
        if head[-1] == b"missing":
            return b""
        content = self._git.stdout.read(int(head[2]) + 1)[:-1]
        return content if head[1] == b"blob" and len(content) <= LARGEST else b""

    def close(self) -> None:
        """End the process."""
        assert self._git.stdin
        self._git.stdin.close()
        self._git.wait()


def changes(repository: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Yield each commit that is no merge with (old blob, new blob, path) of its changed files."""
    log = ["log", "--all", "--no-merges", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=%x01%H"]
    told = subprocess.run(["git", "-C", repository, *log], check=True, capture_output=True).stdout
    for commit in told.split(b"\x01")[1:]:
        name, _, rest = commit.partition(b"\0")
        parts = rest.split(b"\0")
        files = []
        for head, path in zip(parts[::2], parts[1::2], strict=False):
            words = head.lstrip(b"\n:").split()
            if len(words) >= 5 and words[4][:1] != b"D" and words[1] != b"160000":
                files.append((words[2].decode(), words[3].decode(), path.decode("utf-8", "replace")))
        yield name.decode(), files


def brought(old: bytes, new: bytes, path: str) -> list[tuple[str, int, Tier]]:
    """Return (kind, line, tier) of what is a secret in the new content and was none in the old one."""
    if b"\0" in new[:8000]:
        new, old = new.replace(b"\0", b""), old.replace(b"\0", b"")
    known = set(old.split(b"\n"))
    lines = b"\n".join(line for line in new.split(b"\n") if line not in known)
    if not any(True for _ in hits(lines, path)):
        return []
    before = {(hit.kind, hit.value) for hit in hits(old, path)}
    return [
        (hit.kind, new.count(b"\n", 0, hit.start) + 1, hit.tier)
        for hit in hits(new, path)
        if (hit.kind, hit.value) not in before
    ]


def measure(repository: str, *, is_long: bool) -> None:
    """Print the blocked commits of a history and how many of a thousand they are."""
    blobs, began = Blobs(repository), time.process_time()
    commits = blocked = reviewed = 0
    known: dict[tuple[str, str, str], list[tuple[str, int, Tier]]] = {}
    for commit, files in changes(repository):
        commits += 1
        found = []
        for old, new, path in files:
            key = (old, new, path)
            if key not in known:
                before, after = blobs.read(old), blobs.read(new)
                known[key] = brought(before, after, path)
                if is_environment(path) and after.strip() and not before:
                    known[key] = [("environment-file", 0, Tier.BLOCK), *known[key]]
            found += [(*one, path) for one in known[key]]
        sure = [one for one in found if one[2] is Tier.BLOCK]
        blocked, reviewed = blocked + bool(sure), reviewed + bool(found and not sure)
        for kind, line, tier, path in sure if not is_long else found:
            print(f"  {commit[:10]} {tier} {kind:20} {path}:{line}")
    blobs.close()
    cpu = time.process_time() - began
    print(
        f"{repository}: {commits} commits, {blocked} blocked = {1000 * blocked / max(commits, 1):.2f} / 1,000"
    )
    print(f"  {reviewed} more with something to look at; {cpu:.0f} CPU s")


def main() -> int:
    """Measure each history."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY")
    parser.add_argument("--review", action="store_true", help="list what is only to be looked at, too")
    asked = parser.parse_args()
    for repository in asked.repositories:
        measure(repository, is_long=asked.review)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
