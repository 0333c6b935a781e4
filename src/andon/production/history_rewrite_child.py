"""The process that writes a history anew with git-filter-repo; the plan comes on standard input.

The secrets come with the plan, so that no list of processes and no environment ever shows them. Which commits
these are, and every reference, is left to the parent (history_references.py).
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time

from andon.secrets.leak.credential import Credential
from andon.secrets.leak.inside import inside
from andon.secrets.leak.packed import LARGEST, Unpackable, cleaned
from andon.secrets.leak.removal import Remover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Commits between two notes of how far it got.
_STEP = 500
#: Seconds between two looks whether the parent is still there.
_WATCH = 0.2


class Rewriter:
    """What git-filter-repo asks about each file, message, name and person."""

    def __init__(
        self,
        remover: Remover,
        blobs: frozenset[bytes],
        commits: frozenset[bytes],
        paths: frozenset[bytes],
        progress: str,
    ) -> None:
        """Take what is to be cleaned: the objects that hold something, and files to leave out altogether."""
        self._remover = remover
        self._blobs = blobs
        self._holders = commits
        self._paths = paths
        self._progress = progress
        #: Old object to what fast-import calls the new one, and to the content that stands for it.
        self._written: dict[bytes, int] = {}
        self.replaced: dict[str, str] = {}
        self.noted: list[str] = []
        self.lfs: set[str] = set()
        self.removed = 0
        self._commits = 0

    def file(self, name: bytes, mode: bytes, blob: bytes, value: Any) -> tuple[bytes, bytes | None, Any]:
        """Return the file as it is to be; a mode of None leaves it out."""
        if name in self._paths:
            self.removed += 1
            self._remember_lfs(value.get_contents_by_identifier(blob) if mode != b"160000" else b"")
            return name, None, blob
        if blob not in self._blobs or mode == b"160000":
            return name, mode, blob
        if blob not in self._written:
            content = value.get_contents_by_identifier(blob)
            self._remember_lfs(content)
            new, is_whole = clean_blob(self._remover, content)
            if not is_whole:
                self.noted.append(blob.decode())
            self._written[blob] = value.insert_file_with_contents(new)
            self.replaced[blob.decode()] = object_id("blob", new, len(blob))
        return name, mode, self._written[blob]

    def name(self, name: bytes) -> bytes:
        """Return a file's name without the secrets."""
        return self._remover.clean_name(name)

    def commit(self, commit: Any, _metadata: Any) -> None:
        """Clean the texts of a commit that holds something, and note now and then how far it got."""
        if commit.original_id in self._holders:
            for part in ("author_name", "author_email", "committer_name", "committer_email", "message"):
                setattr(commit, part, self._remover.clean(getattr(commit, part)).content)
        self._commits += 1
        if self._commits % _STEP == 0:
            with open(self._progress, "w", encoding="ascii") as file:
                file.write(str(self._commits))

    def _remember_lfs(self, content: bytes | None) -> None:
        if content and content.startswith(b"version https://git-lfs"):
            for line in content.splitlines():
                if line.startswith(b"oid "):
                    self.lfs.add(line[4:].decode("ascii", "replace"))


def clean_blob(remover: Remover, content: bytes) -> tuple[bytes, bool]:
    """Return a blob without secrets, and whether it is still the file it was; if not, it is a note."""
    try:
        if len(content) > LARGEST:
            raise Unpackable("too large")
        new = cleaned(remover, content)
    except (Unpackable, MemoryError):
        return _note(remover), False
    if not new.marks or remover.holds(new.content) or inside(remover.finder, new.content, {}):
        return _note(remover), False
    return new.content, True


def object_id(kind: str, content: bytes, width: int) -> str:
    """Return the name that git gives an object; `width` characters long."""
    import hashlib

    made = hashlib.sha256() if width == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(f"{kind} {len(content)}\0".encode() + content)
    return made.hexdigest()


def _note(remover: Remover) -> bytes:
    told = ", ".join(f"{s.kind} {s.mark}" for s in remover.secrets)
    said = f"This file held a secret and could not be cleaned, so it was taken out of the history ({told}).\n"
    return said.encode()


def _end_with_parent() -> None:
    """End at once when whoever started us is gone: nothing may write into a mirror that nobody waits for."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    """Write the history anew as the plan says and leave an account in the file that it names."""
    _end_with_parent()
    import git_filter_repo as filter_repo  # type: ignore[import-untyped]

    plan = json.loads(sys.stdin.buffer.read())
    remover = Remover(
        Credential(mark=s["mark"], kind=s["kind"], value=base64.b64decode(s["value"]), variable=s["variable"])
        for s in plan["secrets"]
    )
    work = Rewriter(
        remover,
        frozenset(name.encode() for name in plan["blobs"]),
        frozenset(name.encode() for name in plan["commits"]),
        frozenset(base64.b64decode(path) for path in plan["paths"]),
        plan["progress"],
    )
    arguments = filter_repo.FilteringOptions.parse_args(
        [
            "--force",
            "--quiet",
            "--no-gc",
            "--prune-empty=never",
            "--prune-degenerate=never",
            "--preserve-commit-encoding",
            "--replace-refs=update-no-add",
            "--refs",
            *plan["tips"],
            *(f"^{commit}" for commit in plan["before"]),
        ]
    )
    filter_repo.RepoFilter(
        arguments,
        filename_callback=work.name,
        commit_callback=work.commit,
        file_info_callback=work.file,
    ).run()
    account = {
        "replaced": work.replaced,
        "noted": work.noted,
        "removed": work.removed,
        "lfs": sorted(work.lfs),
    }
    descriptor = os.open(plan["account"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        json.dump(account, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
