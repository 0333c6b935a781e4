"""Repositories with a secret in many places, made at run time; no secret stands in a file of this project."""

from __future__ import annotations

import base64
import gzip
import io
import random
import string
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import quote

#: Who commits, and nothing of this machine's own configuration.
_SETTINGS = (
    "user.name=Ann", "user.email=ann@example.com", "commit.gpgsign=false", "tag.gpgsign=false",
    "init.defaultBranch=main", "protocol.file.allow=always", "gc.auto=0", "core.logAllRefUpdates=true",
)  # fmt: skip


def token(seed: int = 1, length: int = 36) -> str:
    """Return a secret that nobody has, the same for a seed."""
    chance = random.Random(seed)
    letters = string.ascii_letters + string.digits
    return "gh" + "p_" + "".join(chance.choice(letters) for _ in range(length))


def git(place: Path, *arguments: str, given: bytes = b"", **extra: str) -> str:
    """Run git in a repository and return what it says."""
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    done = subprocess.run(
        ["git", *settings, *arguments],
        cwd=place,
        check=True,
        capture_output=True,
        input=given,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(place),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            **extra,
        },
    )
    return done.stdout.decode("utf-8", "replace").strip()


def commit(place: Path, path: str, content: bytes | str, message: str = "Work", **extra: str) -> str:
    """Write a file, commit it and return the commit."""
    file = place / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    git(place, "add", "--", path)
    git(place, "commit", "-qm", message, **extra)
    return git(place, "rev-parse", "HEAD")


def repository(place: Path, *options: str) -> Path:
    """Make an empty repository with one innocent commit."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "-q", *options)
    commit(place, "readme.md", "A shop.\n", "Begin")
    return place


def zipped(entries: dict[str, bytes]) -> bytes:
    """Return a zip file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def everywhere(place: Path, secret: str) -> Path:
    """Make a repository with a secret in every place where git keeps something."""
    shop = repository(place)
    plain = secret.encode()
    commit(
        shop, "old.env", f"KEY={secret}\n", "Old", GIT_AUTHOR_NAME="Bob", GIT_AUTHOR_EMAIL="bob@example.com"
    )
    git(shop, "rm", "-q", "old.env")
    git(shop, "commit", "-qm", "Remove it")
    commit(shop, "head.py", f"KEY = '{secret}'\n")
    commit(shop, "wide.txt", f"key {secret}\n".encode("utf-16"))
    commit(shop, "basic.http", b"Authorization: Basic " + base64.b64encode(b"ann:" + plain))
    commit(shop, "packed.gz", gzip.compress(b"key " + plain))
    commit(shop, "packed.zip", zipped({"lib/app.jar": zipped({"app.properties": b"key=" + plain})}))
    commit(shop, "dump.hex", plain.hex())
    commit(shop, "url.txt", "http://x/?k=" + quote(secret + "&", safe="").replace("_", "%5F"))
    (shop / "link").symlink_to(f"/srv/{secret}")
    git(shop, "add", "link")
    git(shop, "commit", "-qm", "Link")
    commit(shop, "innocent.txt", "nothing\n", f"Use {secret} for now")
    commit(shop, "innocent.txt", "nothing more\n", "Author", GIT_AUTHOR_NAME=secret)
    git(shop, "tag", "-a", "v1", "-m", f"With {secret}")
    git(shop, "notes", "add", "-m", f"key {secret}")
    commit(shop, f"backup-{secret}/readme.md", "A backup.\n")
    git(shop, "branch", f"try-{secret}")
    _in_other_references(shop, secret)
    _unreachable(shop, secret)
    _beside_the_objects(shop, secret)
    return shop


def _in_other_references(shop: Path, secret: str) -> None:
    start = git(shop, "rev-parse", "HEAD")
    for reference, path in (("refs/pull/1/head", "pull.txt"), ("refs/original/refs/heads/main", "was.txt")):
        git(shop, "update-ref", reference, commit(shop, path, f"{path} {secret}"))
        git(shop, "reset", "-q", "--hard", start)
    (shop / "head.py").write_text(f"stashed = '{secret}'\n")
    git(shop, "stash", "push", "-q", "-m", "later")
    # A merge that brings what neither side had.
    git(shop, "checkout", "-q", "-b", "side")
    commit(shop, "side.txt", "side\n")
    git(shop, "checkout", "-q", "main")
    commit(shop, "main.txt", "main\n")
    git(shop, "merge", "-q", "--no-commit", "--no-ff", "side")
    (shop / "merged.txt").write_text(f"merged {secret}\n")
    git(shop, "add", "merged.txt")
    git(shop, "commit", "-qm", "Merge side")


def _unreachable(shop: Path, secret: str) -> None:
    commit(shop, "amended.txt", f"amended {secret}\n")
    git(shop, "rm", "-q", "amended.txt")
    git(shop, "commit", "-q", "--amend", "--allow-empty", "-m", "Nothing")
    git(shop, "hash-object", "-w", "--stdin", given=f"dangling {secret}\n".encode())


def _beside_the_objects(shop: Path, secret: str) -> None:
    git(shop, "remote", "add", "origin", f"https://ann:{secret}@git.example.com/shop.git")
    git(shop, "update-ref", "--create-reflog", "-m", f"moved with {secret}", "refs/heads/moved", "HEAD")
    (shop / ".git" / "MERGE_MSG").write_text(f"merge with {secret}\n")
    stored = shop / ".git" / "lfs" / "objects" / "ab" / "cd"
    stored.mkdir(parents=True)
    (stored / ("abcd" + "0" * 60)).write_text(f"large {secret}\n")
    (shop / "staged.txt").write_text(f"staged {secret}\n")
    git(shop, "add", "staged.txt")
    tree = git(
        shop, "mktree", given=f"100644 blob {git(shop, 'rev-parse', 'HEAD:head.py')}\treplaced.txt".encode()
    )
    root = git(shop, "rev-list", "--max-parents=0", "HEAD")
    git(shop, "replace", root, git(shop, "commit-tree", "-m", "Other", tree))
    (shop / "untracked.txt").write_text(f"untracked {secret}\n")
