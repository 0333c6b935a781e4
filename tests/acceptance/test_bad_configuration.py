"""Every fault in andon.toml is named with its line; a bad protocol keeps nobody from pulling the cord."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.shop import ANDON, Shop, explains

#: A broken line in place of the service, and words of the complaint.
LINES = {
    'service = "shop': "TOML",
    "service = shop": "TOML",
    "service = 7": "text",
    'service = ""': "service",
    'service = "a/b"': "service",
    'service = "a\\u0000b"': "service",
    'service = "\\u001b[31m"': "service",
    'servce = "shop"': "did you mean service",
    'service = "shop"\nservice = "shop"': "TOML",
    'service = "shop"\nwords = "shouts"': "one of",
    'service = "shop"\nprotocol = ["a"]': "text",
    'service = "shop"\nsecret_files = 3': "list",
    'service = "shop"\n[deploy]\nkind = "magic"': "one of",
    'service = "shop"\n[deploy]\nkind = "command"': "argument list",
    'service = "shop"\n[deploy]\nkind = "command"\ndeploy = "./deploy.sh v1"': "no shell",
    'service = "shop"\n[deploy]\ntimeout = "long"': "number",
    'service = "shop"\n[deploy]\ntimeout = -1': "at least",
    'service = "shop"\n[deploy]\ntimeout = nan': "number",
    'service = "shop"\n[deploy]\ntimeout = inf': "number",
    'service = "shop"\n[[smoke]]\nurl = "http://x"': "required",
    'service = "shop"\n[[smoke]]\nname = "a"': "url",
    'service = "shop"\n[[smoke]]\nname = "a"\nurl = "ftp://x"': "http",
    'service = "shop"\n[[smoke]]\nname = "a"\nurl = "http://x"\nstatus = "ok"': "whole number",
    'service = "shop"' + 2 * '\n[[smoke]]\nname = "a"\nurl = "http://x"': "twice",
    'service = "shop"\nsmoke = "x"': "[[smoke]]",
    'service = "shop"\n[[logs]]\nname = "a"': "file",
    'service = "shop"\n[notify]\nP9 = []': "not a setting",
    'service = "shop"\n[people]\non_call = [1]': "list of texts",
    'service = "shop"\n[review]\naction_days = 0': "at least",
}


@pytest.mark.parametrize("text", LINES)
def test_a_broken_line_is_named(shop: Shop, text: str) -> None:
    shop.toml(f"# our service\n{text}\n")
    done = shop.andon("declare", "broken", "--no-capture", code=2)
    explains(done, LINES[text])
    assert re.search(r"andon\.toml:[1-9]\d*: ", done.stderr), done.stderr
    assert shop.ask("status", code=2)["error"]["kind"] == "InvalidInput"
    assert not shop.journal.exists()


@pytest.mark.parametrize("kind", ["directory", "pipe", "bytes", "garbage", "endless link", "dangling link"])
def test_something_else_in_its_place(shop: Shop, kind: str) -> None:
    place = shop.toml_path
    place.unlink()
    put(place, kind)
    for words in (("status",), ("declare", "broken", "--no-capture"), ("doctor",)):
        explains(shop.andon(*words, code=(2, 3)), "andon.toml")
    shop.quickly("init", code=(1, 2, 3))
    shop.quickly("--help")
    shop.quickly("--version")


def put(place: Path, kind: str) -> None:
    """Put something odd where a file should be."""
    match kind:
        case "directory":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "bytes":
            place.write_bytes(b'service = "caf\xe9"\n')
        case "garbage":
            place.write_bytes(os.urandom(1 << 20))
        case "2 MB":
            place.write_bytes((b"# " + os.urandom(60) + b"\n- [ ] " + os.urandom(30)) * 20_000)
        case "endless link":
            place.symlink_to(place)
        case "dangling link":
            place.symlink_to("nowhere.toml")
        case "no checklist":
            place.write_text("# Incidents\n\nWe shout.\n")
        case "empty":
            place.write_text("")


@pytest.mark.parametrize(
    "kind", ["missing", "directory", "pipe", "bytes", "2 MB", "endless link", "no checklist", "empty"]
)
def test_the_cord_is_pulled_whatever_the_protocol_is(shop: Shop, kind: str) -> None:
    shop.configure(extra='protocol = "INCIDENTS.md"')
    put(shop.repository / "INCIDENTS.md", kind)
    declared = shop.json("declare", "broken", "--severity", "P0", "--no-capture")
    assert declared["incident"] == "INC-1"
    shop.quickly("ack")
    shop.quickly("status", "--checklist")
    looks = (("doctor",), ("gear",), ("protocol", "show"), ("protocol", "lint"))
    for words in looks[:2] if kind == "2 MB" else looks:
        done = shop.quickly(*words, code=(0, 1, 2, 3))
        if done.returncode:
            assert "INCIDENTS.md" in done.stdout + done.stderr
    assert shop.ask("audit")["whole"]


def test_names_that_lead_out_of_the_repository(shop: Shop) -> None:
    review = (
        '[review]\nincident_log = "../../INCIDENTS.md"\nregressions = "/dev/null"\npostmortems = "\\u0000"\n'
    )
    shop.configure(more=review)
    shop.andon("declare", "broken", "-s", "P3", "--no-capture", code=(0, 2))
    for words in (("log",), ("log", "export"), ("regressions",), ("postmortem", "publish")):
        shop.andon(*words, code=(0, 1, 2, 3))
    assert not (shop.home.parent / "INCIDENTS.md").exists()


def test_a_directory_that_is_gone(shop: Shop, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["bash", "-c", f"cd {gone} && rmdir {gone} && exec {ANDON[0]} status"],
        env=shop.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (2, 3)
    assert "way out" in done.stderr
