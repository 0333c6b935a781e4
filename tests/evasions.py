"""Ways to hide one token: in what is staged, in a history, and what is innocent beside them.

Used by tests/integration/test_evasion.py and bench/secret_evasion.py. The token is made when it is asked for.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import io
import lzma
import os
import random
import string
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def made_token(seed: int) -> str:
    """Return a token of GitHub's format (30 letters and the checksum of them) that nobody was ever given."""
    chance = random.Random(seed)
    body = "".join(chance.choice(_DIGITS) for _ in range(30))
    rest, check = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        check = _DIGITS[digit] + check
    return "gh" + "p_" + body + check.rjust(6, "0")


def git(place: Path, *arguments: str, given: bytes | None = None, **more: str) -> str:
    """Run git with a name and without the settings of this machine."""
    settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    surroundings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **more}
    done = subprocess.run(
        ["git", *settings, *arguments],
        cwd=place,
        check=True,
        capture_output=True,
        input=given,
        env=surroundings,
    )
    return done.stdout.decode("utf-8", "replace").strip()


def begun(place: Path, *options: str) -> Path:
    """Return a repository with one commit."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "-q", "-b", "main", *options)
    (place / "app.py").write_text("x = 1\n")
    git(place, "add", ".")
    git(place, "commit", "-qm", "Begin")
    return place


Hide = Callable[[Path, str], None]


class Way(NamedTuple):
    """One way to hide a token."""

    name: str
    hide: Hide


def _file(path: str, content: Callable[[str], bytes], attributes: str = "") -> Hide:
    def hide(place: Path, token: str) -> None:
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content(token))
        if attributes:
            (place / ".gitattributes").write_text(attributes + "\n")
        git(place, "add", "-f", ".")

    return hide


def _text(text: str) -> Callable[[str], bytes]:
    return lambda token: text.replace("@", token).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip file."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return into.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    """Return a tar file, packed by default."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return into.getvalue()


def _wrapped(content: bytes, width: int, before: bytes = b"") -> bytes:
    text = base64.b64encode(content)
    return b"\n".join(before + text[at : at + width] for at in range(0, len(text), width)) + b"\n"


_b64 = base64.b64encode
_CODE = _text("# settings of the shop\ntoken = '@'\n")


def _link(place: Path, token: str) -> None:
    (place / "current").symlink_to(f"/srv/{token}")
    git(place, "add", ".")


def _branch(place: Path, token: str) -> None:
    git(place, "switch", "-qc", f"fix/{token}")
    (place / "app.py").write_text("x = 2\n")
    git(place, "add", ".")


def _color(place: Path, token: str) -> None:
    git(place, "config", "color.ui", "always")
    _file("app.py", _CODE)(place, token)


def _text_conversion(place: Path, token: str) -> None:
    git(place, "config", "diff.hidden.textconv", "true")
    _file("app.sql", _CODE, "*.sql diff=hidden")(place, token)


def _own_rules(place: Path, token: str) -> None:
    (place / ".gitleaks.toml").write_text('[allowlist]\npaths = [".*"]\n')
    (place / ".betterleaks.toml").write_text('[allowlist]\npaths = [".*"]\n')
    _file("app.py", _CODE)(place, token)


def _ignored_findings(place: Path, token: str) -> None:
    (place / ".gitleaksignore").write_text("app.py:github-pat:2\n")
    (place / ".gitignore").write_text("hidden/\n")
    _file("hidden/app.py", _CODE)(place, token)


#: Ways in the index: the 24 of the measurement, by name.
STAGED: tuple[Way, ...] = (
    Way("plain text", _file("app.py", _CODE)),
    Way("attribute -diff", _file("app.md", _CODE, "*.md -diff")),
    Way("attribute binary", _file("app.txt", _CODE, "*.txt binary")),
    Way("attribute textconv", _text_conversion),
    Way("a zero byte in the file", _file("app.dat", lambda t: b"\0\1" + _CODE(t) + b"\0")),
    Way("UTF-16", _file("app.ini", lambda t: _CODE(t).decode().encode("utf-16"))),
    Way("UTF-16 without a mark", _file("app.reg", lambda t: _CODE(t).decode().encode("utf-16-le"))),
    Way("color.ui = always", _color),
    Way("a lock file", _file("package-lock.json", _text('{"token": "@"}\n'))),
    Way("a file of vendor/", _file("vendor/github.com/x/y.go", _text('var token = "@"\n'))),
    Way("a text called .png", _file("static/logo.png", _CODE)),
    Way("a comment that allows it", _file("app.py", _text("t = '@'  # gitleaks:allow kingfisher:ignore\n"))),
    Way("rules of the repository that allow all", _own_rules),
    Way("an ignored file that is added by force", _ignored_findings),
    Way("gzip", _file("dump.sql.gz", lambda t: gzip.compress(_CODE(t)))),
    Way("zip", _file("site.zip", lambda t: zipped({"a/b.txt": b"nothing", "conf/app.py": _CODE(t)}))),
    Way("tar.gz in a zip", _file("out.zip", lambda t: zipped({"in.tgz": tarred({"app.py": _CODE(t)})}))),
    Way("base64 in one line", _file("secret.yaml", lambda t: b"data: " + base64.b64encode(_CODE(t)) + b"\n")),
    Way("base64 wrapped over lines", _file("mail.txt", lambda t: b"Hello\n\n" + _wrapped(_CODE(t), 20))),
    Way("a link", _link),
    Way("the name of a file", _file("app.py", lambda t: b"x = 2\n")),
    Way("the name of the branch", _branch),
    Way(
        "one line of 2 MB", _file("app.min.js", lambda t: b"a=1;" * 500_000 + b"t='" + t.encode() + b"';" * 9)
    ),
    Way("a large binary file", _file("app.bin", lambda t: bytes(range(256)) * 8_000 + t.encode() + b"\n")),
)


def _named(place: Path, token: str) -> None:
    (place / f"{token}.txt").write_text("x\n")
    git(place, "add", ".")


STAGED = tuple(Way(way.name, _named) if way.name == "the name of a file" else way for way in STAGED)

#: More ways in the index, which the measurement did not have.
STAGED_TOO: tuple[Way, ...] = (
    Way("UTF-32", _file("app.txt", lambda t: _CODE(t).decode().encode("utf-32"))),
    Way("bzip2", _file("app.bz2", lambda t: bz2.compress(_CODE(t)))),
    Way("xz", _file("app.xz", lambda t: lzma.compress(_CODE(t)))),
    Way("zip with bytes before it", _file("setup.exe", lambda t: b"MZ" * 999 + zipped({"a": _CODE(t)}))),
    Way("gzip after text", _file("run.sh", lambda t: b"#!/bin/sh\nexit\n" + gzip.compress(_CODE(t)))),
    Way("two gzips in one file", _file("a.gz", lambda t: gzip.compress(b"x") + gzip.compress(_CODE(t)))),
    Way("base64 in gzip in base64", _file("a.txt", lambda t: _b64(gzip.compress(_b64(_CODE(t)))))),
    Way("base64 in comments", _file("a.py", lambda t: _wrapped(_CODE(t), 24, b"#   "))),
    Way("base64 for addresses", _file("a.url", lambda t: b"q=" + _b64(b"??>>" + _CODE(t), b"-_"))),
    Way("base64 twice", _file("a.txt", lambda t: _b64(_b64(_CODE(t))))),
    Way("UTF-16 in base64", _file("a.ps1", lambda t: _b64(_CODE(t).decode().encode("utf-16-le")))),
    Way("hexadecimal", _file("a.sql", lambda t: b"x'" + binascii.hexlify(_CODE(t)) + b"'")),
    Way("hexadecimal apart", _file("a.c", lambda t: b", ".join(b"0x%02x" % c for c in _CODE(t)))),
    Way("percent-encoded", _file("a.txt", lambda t: b"?q=" + b"".join(b"%%%02X" % c for c in t.encode()))),
    Way("one escaped letter", _file("a.py", lambda t: b't = "' + t.replace("_", "\\x5f").encode() + b'"\n')),
    Way("unicode escapes", _file("a.json", lambda t: b"".join(b"\\u%04x" % c for c in t.encode()))),
    Way("entities", _file("a.html", lambda t: t.replace("_", "&#95;").encode())),
    Way("a zip of an environment file", _file("a.zip", lambda t: zipped({".env": b"REGION=eu\n"}))),
    Way("the name of an entry in a zip", _file("a.zip", lambda t: zipped({f"{t}.txt": b"x"}))),
    Way("a stream of a PDF", _file("a.pdf", lambda t: b"%PDF-1.7\n stream\n" + zlib.compress(_CODE(t)))),
    Way("an address of a submodule", _file(".gitmodules", _text("url = https://@@example.com/x\n"))),
)  # fmt: skip


def _commit(place: Path, content: bytes = b"x = 2\n", path: str = "app.py", message: str = "Go on") -> str:
    (place / path).parent.mkdir(parents=True, exist_ok=True)
    (place / path).write_bytes(content)
    git(place, "add", "-f", ".")
    git(place, "commit", "-qm", message)
    return git(place, "rev-parse", "HEAD")


def _removed_again(place: Path, token: str) -> None:
    _commit(place, _CODE(token))
    _commit(place)


def _message(place: Path, token: str) -> None:
    _commit(place, message=f"Go on\n\nwith {token}")


def _tag(place: Path, token: str) -> None:
    _commit(place)
    git(place, "tag", "-a", "v1", "-m", f"Release with {token}")


def _note(place: Path, token: str) -> None:
    _commit(place)
    git(place, "notes", "add", "-m", f"seen: {token}")


def _merge(place: Path, token: str) -> None:
    git(place, "switch", "-qc", "side")
    _commit(place, path="side.py")
    git(place, "switch", "-q", "main")
    _commit(place, path="other.py")
    git(place, "merge", "-q", "--no-commit", "side")
    (place / "app.py").write_bytes(_CODE(token))
    git(place, "add", ".")
    git(place, "commit", "-qm", "Merge")


def _octopus(place: Path, token: str) -> None:
    for name in ("one", "two"):
        git(place, "switch", "-qc", name, "main")
        _commit(place, path=f"{name}.py")
    git(place, "switch", "-q", "main")
    git(place, "merge", "-q", "--no-commit", "one", "two")
    (place / "late.py").write_bytes(_CODE(token))
    git(place, "add", ".")
    git(place, "commit", "-qm", "Merge two")


def _stash(place: Path, token: str) -> None:
    (place / "app.py").write_bytes(_CODE(token))
    git(place, "stash", "-q")


def _author(place: Path, token: str) -> None:
    (place / "app.py").write_bytes(b"x = 2\n")
    git(place, "add", ".")
    git(place, "commit", "-qm", "Go on", "--author", f"{token} <ann@example.com>")


def _branch_name(place: Path, token: str) -> None:
    _commit(place)
    git(place, "branch", f"fix/{token}")


def _in_zip(place: Path, token: str) -> None:
    _commit(place, zipped({"a.py": _CODE(token)}), "a.zip")


def _not_shown(place: Path, token: str) -> None:
    (place / ".gitattributes").write_text("*.md -diff\n")
    _commit(place, _CODE(token), "a.md")


def _wide(place: Path, token: str) -> None:
    _commit(place, _CODE(token).decode().encode("utf-16"), "a.ini")


def _lock_file(place: Path, token: str) -> None:
    _commit(place, _text('{"token": "@"}\n')(token), "package-lock.json")


def _side_branch(place: Path, token: str) -> None:
    git(place, "switch", "-qc", "side")
    _commit(place, _CODE(token))
    git(place, "switch", "-q", "main")


def _file_name(place: Path, token: str) -> None:
    _commit(place, path=f"notes/{token}.txt")


#: Ways in a history: the 15 of the measurement, by name.
HISTORY: tuple[Way, ...] = (
    Way("added and removed again", _removed_again),
    Way("on a side branch", _side_branch),
    Way("only in a merge", _merge),
    Way("only in a merge of three", _octopus),
    Way("in the message of a commit", _message),
    Way("in the message of a tag", _tag),
    Way("in a note", _note),
    Way("in a stash", _stash),
    Way("in the name of an author", _author),
    Way("in the name of a branch", _branch_name),
    Way("in the name of a file", _file_name),
    Way("in a zip", _in_zip),
    Way("in a file with -diff", _not_shown),
    Way("in UTF-16", _wide),
    Way("in a lock file", _lock_file),
)


def _innocent(content: bytes, path: str) -> Way:
    return Way(path, _file(path, lambda _: content))


_NOISE = random.Random(5).randbytes
#: What looks like those and holds nothing.
INNOCENT: tuple[Way, ...] = (
    _innocent(gzip.compress(b"nothing in here\n" * 999), "a.gz"),
    _innocent(zipped({"a.txt": b"nothing", "b/c.txt": b"at all"}), "a.zip"),
    _innocent(tarred({"a.txt": b"nothing"}), "a.tgz"),
    _innocent(base64.b64encode(b"a picture, or a certificate, or whatever else is long" * 50), "a.b64"),
    _innocent(b"integrity: sha512-" + base64.b64encode(_NOISE(64)) + b"\n", "a.lock"),
    _innocent("name = Grüße\n".encode("utf-16"), "a.ini"),
    _innocent(_NOISE(300_000), "a.bin"),
    _innocent(b"\n".join(binascii.hexlify(_NOISE(32)) for _ in range(500)), "a.sums"),
    _innocent(b"?q=%E2%82%AC%20and%2Fmore&x=%41%42%43\n", "a.url"),
    _innocent(b'text = "\\u0041\\x42\\u00e9"\n', "a.json"),
)
