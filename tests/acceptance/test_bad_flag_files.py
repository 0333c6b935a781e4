"""Flag files that are none: every command says so with the line and the way out, and changes nothing."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.flag_shop import FLAGS, KEY
from tests.acceptance.shop import Shop, explains

WHOLE = json.dumps(FLAGS, indent=1)
HALF = WHOLE[: len(WHOLE) // 2].count("\n") + 1
BAD: dict[str, tuple[str, str]] = {
    "half-written": (WHOLE[: len(WHOLE) // 2], f"flags.json:{HALF}"),
    "50 MB": (" " * 50_000_000, "flags.json"),
    "10,000 levels": ('{"flags": {"a":\n' + "[" * 10_000, "flags.json:2"),
    "a key twice": ('{"flags": {\n"a": {},\n"a": {}}}', "flags.json:3"),
    "wrong types": ('{\n"flags": 7}', "flags.json:2"),
    "no text": ("\x00\x01\x02", "flags.json:1"),
    "nothing": ("", "flags.json:1"),
}
#: Flags that are there and cannot be evaluated: only they are.
SPOILT = {
    "$evaluators": {"a": {"$ref": "b"}, "b": {"$ref": "a"}},
    "flags": {
        "cyclic": {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "targeting": {"$ref": "a"},
        },
        "typed": {"state": 7, "variants": [], "defaultVariant": {}},
        **FLAGS["flags"],
    },
}


#: A flagd file is read by another reader; of a key that stands twice see below.
CASES = [
    *((kind, "andon") for kind in BAD),
    *((kind, "file") for kind in ("half-written", "50 MB", "10,000 levels")),
]


@pytest.mark.parametrize(("kind", "system"), CASES)
def test_every_command_says_what_is_wrong_and_where(shop: Shop, kind: str, system: str) -> None:
    content, place = BAD[kind]
    file = shop.repository / "flags.json"
    file.write_text(content)
    shop.configure(more=f'[flags]\nsystem = "{system}"\nfile = "flags.json"\n')
    shop.declare()
    for words in (
        ("flags",),
        ("flags", "status", KEY),
        ("flags", "lint"),
        ("flags", "remove", KEY, "--keep", "off"),
        ("flags", "rollout", KEY, "5%", "--yes"),
        ("flags", "kill", KEY, "--yes", "--reason", "alone", "--no-verify"),
    ):
        done = shop.quickly(*words, code=(1, 2, 3))
        said = done.stdout + done.stderr
        assert place in said, said
        if words != ("flags", "lint"):
            explains(done)
    assert "flags.json" in shop.quickly("doctor", code=(0, 1)).stdout
    assert file.read_text() == content
    assert not list(shop.repository.glob("flags.json.*"))
    assert shop.ask("audit")["whole"]


def test_what_is_wrong_with_one_flag_stops_no_kill_of_another(shop: Shop) -> None:
    file = shop.repository / "flags.json"
    file.write_text(json.dumps(SPOILT, indent=1))
    shop.configure(more='[flags]\nfile = "flags.json"\n')
    said = shop.quickly("flags", "lint", code=1).stdout
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if '"cyclic"' in text)
    assert any(f"flags.json:{n}" in said for n in range(line, line + 8)), said
    shop.declare()
    shop.quickly("flags", "kill", KEY, "--yes", "--reason", "alone", "--no-verify", code=(0, 3))
    assert shop.ask("flags", "status", KEY, code=(0, 3))["flag"]["kill"]["variant"] == "off"


def test_of_a_key_that_stands_twice_in_flagds_file_the_last_is_killed_as_flagd_reads_it(shop: Shop) -> None:
    file = shop.repository / "flags.json"
    first, last = ({**FLAGS["flags"][KEY], "defaultVariant": name} for name in ("on", "off"))
    text = f'{{"flags": {{\n"{KEY}": {json.dumps(first)},\n"{KEY}": {json.dumps(last)}}}}}'
    file.write_text(text)
    shop.configure(more='[flags]\nsystem = "file"\nfile = "flags.json"\n')
    assert "flags.json:3" in shop.quickly("flags", "lint", code=(1, 2, 3)).stderr
    kill = ("flags", "kill", KEY, "--yes", "--no-verify", "--no-incident", "--reason", "x")
    shop.quickly(*kill, code=(0, 3))
    killed = json.loads(file.read_text())["flags"][KEY]  # as flagd does: the last counts
    assert "targeting" not in killed and killed["defaultVariant"] == "off"
    assert json.dumps(first) in file.read_text()
    operation = shop.ask("flags", "status", KEY, code=(0, 3))["kill"]["operation"]
    shop.quickly("flags", "undo", operation, "--yes", "--reason", "calm", code=(0, 3))
    assert file.read_text() == text
