"""A repository with a secret in every place that a history has, made up anew for each test."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import random
import subprocess
import zipfile
from pathlib import Path

from andon.secrets.leak.credential import Credential

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-03-01T10:00:00Z",
    "GIT_COMMITTER_DATE": "2026-03-01T10:00:00Z",
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
}


def secret(seed: int = 1, length: int = 32, kind: str = "api-key") -> Credential:
    """Return a credential made up from a seed."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
    chance = random.Random(seed)
    value = "".join(chance.choice(letters) for _ in range(length)).encode()
    return Credential(mark=hashlib.sha256(value).hexdigest()[:6], kind=kind, value=value)


def git(root: Path, *words: str, given: bytes = b"", **environment: str) -> str:
    """Run git in a repository and return what it prints."""
    done = subprocess.run(
        ["git", *words],
        cwd=root,
        env={**ENVIRONMENT, **environment},
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (words, done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def commit(root: Path, files: dict[str, bytes], message: str = "Change something", **environment: str) -> str:
    """Write files, commit them and return the commit."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        git(root, "add", "-f", "--", name)
    git(root, "commit", "-q", "--allow-empty", "-m", message, **environment)
    return git(root, "rev-parse", "HEAD")


def jar(inner: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inner.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return made.getvalue()


def start(root: Path) -> Path:
    """Make a repository with a little history that has nothing to hide."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    commit(root, {"README.md": b"a shop\n", "src/app.py": b"print('hello')\n", "logo.bin": bytes(range(256))})
    commit(root, {"src/app.py": b"print('hello, world')\n"})
    return root


def plant_everywhere(root: Path, leaked: Credential) -> dict[str, str]:
    """Put the secret into every place that a mirror can hold; returns some commits by name."""
    value = leaked.value
    text = value.decode()
    made = {"clean": git(root, "rev-parse", "HEAD")}
    made["first"] = commit(root, {"old.conf": b"key=" + value + b"\nport=80\n"})
    (root / "old.conf").unlink()
    git(root, "rm", "-q", "--cached", "old.conf")
    commit(root, {".env.production": b"HOST=shop\nAPI_KEY=" + value + b"\n", "src/app.py": b"print('hi')\n"})
    commit(root, {"wide.txt": ("key: " + text + "\n").encode("utf-16")})
    commit(root, {"core.bin": b"\0\1\2" + value + b"\3\4\0" * 9})
    commit(root, {"secret.yaml": b"data: " + base64.b64encode(b"user:" + value + b":x") + b"\n"})
    commit(root, {"dump.gz": gzip.compress(b"insert " + value, mtime=0)})
    commit(root, {"app.jar": jar({"a.txt": b"kept", "lib.jar": jar({"b.properties": b"k=" + value})})})
    commit(root, {f"notes-{text}.txt": b"nothing in here\n"})
    made["message"] = commit(root, {"src/app.py": b"print('ho')\n"}, f"Use {text} for now")
    commit(root, {"hex.txt": value.hex().encode() + b"\n"})
    commit(root, {"by.txt": b"by somebody\n"}, GIT_AUTHOR_NAME=f"Ada {text}")
    git(root, "branch", f"try-{text}", "HEAD~2")
    git(root, "tag", f"v-{text}", "HEAD~1")
    git(root, "tag", "-a", "v1.0", "-m", f"Release with {text}", "HEAD")
    git(root, "tag", "-a", "v0.1", "-m", "before all that", made["clean"])
    git(root, "notes", "add", "-m", f"deployed with {text}", "HEAD~1")
    # A pull request, a merge with content of its own, and what other tools leave behind.
    git(root, "checkout", "-q", "-b", "side", made["first"])
    side = commit(root, {"side.txt": b"side " + value + b"\n"})
    git(root, "update-ref", "refs/pull/7/head", side)
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-commit", "--no-ff", "side")
    made["merge"] = commit(root, {"merged.txt": b"only here " + value + b"\n"}, "Merge the side")
    git(root, "update-ref", "refs/original/refs/heads/main", "HEAD~1")
    git(root, "replace", made["clean"], made["first"])
    git(root, "branch", "-q", "-D", "side")
    git(root, "tag", "blob-tag", git(root, "rev-parse", "HEAD:.env.production"))
    git(root, "update-ref", "refs/trees/one", git(root, "rev-parse", "HEAD^{tree}"))
    os.symlink(f"/keys/{text}", root / "link")
    git(root, "add", "link")
    commit(root, {})
    (root / "src/app.py").write_bytes(b"stashed " + value + b"\n")
    git(root, "stash", "-q")
    return made
