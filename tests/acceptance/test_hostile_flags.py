"""Keys, variants and texts of flags try to take over terminal, shell, options and documents."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from tests.acceptance.flag_shop import FLAGS, KEY, FlagAnswer
from tests.acceptance.shop import Shop
from tests.acceptance.test_hostile_text import TEXTS

KEYS = {
    **TEXTS,
    "address": "../../etc/%2e%2e%2f?a=b#c&d 'e' \\",
    "option": "--yes",
}


def served(shop: Shop, key: str, text: str) -> None:
    """Write a flag file with `key`, and `text` wherever a definition has one."""
    made: dict[str, Any] = json.loads(json.dumps(FLAGS))
    flag = made["flags"].pop(KEY)
    flag["metadata"] |= {"purpose": text, "owner": text, "ticket": text, "created": text, "expires": text}
    flag["variants"] = {text: True, "off": False}
    flag["targeting"] = {"fractional": [[text, 1], ["off", 3]]}
    made["flags"][key] = flag
    (shop.repository / "flags.json").write_text(json.dumps(made))
    shop.configure(more='[flags]\nfile = "flags.json"\n')
    shop.production.RequestHandlerClass = FlagAnswer
    shop.program = None


@pytest.mark.parametrize("kind", KEYS)
def test_a_flag_of_any_name(shop: Shop, kind: str) -> None:
    key = text = KEYS[kind]
    served(shop, key, text)
    (shop.repository / "asks.py").write_text(f"flags.boolean({key!r}, False)\n")
    shop.git("add", "-A")
    shop.declare()
    shop.quickly("ack")
    shop.quickly("assess")
    at = ("--", key) if key.startswith("-") else (key,)
    said = [
        shop.quickly("flags").stdout,
        shop.quickly("flags", "kill", "--yes", "--reason", "alone", "--watch", "1", *at, code=(1, 3)).stdout,
    ]
    for words in (
        ("status",),
        ("lint",),
        ("exposures",),
        ("list",),
        ("remove", "--keep", "off"),
        ("enable",),
    ):
        done = shop.quickly("flags", *words, *at, code=(0, 1, 2, 3))
        said.append(done.stdout + done.stderr)
    kill = json.loads(shop.quickly("flags", "status", "--json", *at, code=(0, 3)).stdout)["kill"]
    assert kill["flag"] == key and kill["ended"]["outcome"] == "succeeded"
    said += [shop.quickly(*words).stdout for words in (("status",), ("timeline",), ("board", "--once"))]
    shop.quickly("flags", "undo", kill["operation"], "--yes", "--reason", "calm")
    said.append(shop.quickly("flags", "rollout", "--ask", *at, "5%", code=(0, 1, 2, 3)).stdout)
    said.append(shop.quickly("doctor", code=(0, 1, 3)).stdout)
    shop.quickly("postmortem", "draft")
    said.append(shop.quickly("postmortem", "show").stdout)
    assert "\x1b" not in said[-1] and "<script>" not in said[-1].replace("\\<", "")
    assert not [line for line in said[-1].splitlines() if line.startswith("### P0 CRITICAL - fake")]
    assert not list(shop.repository.glob("**/owned"))
    suggested = [
        line.partition("->  ")[2] for line in "\n".join(said).splitlines() if "->  andon flags" in line
    ]
    assert suggested
    if "\n" not in key and "\x1b" not in key:  # what a line cannot show is spelled out
        assert {shlex.split(command)[3] for command in suggested} == {key}
    assert shop.ask("audit")["whole"]
