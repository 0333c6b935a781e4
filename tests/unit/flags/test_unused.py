"""What a removal leaves that nothing uses any more is said, with the line it has afterwards."""

from __future__ import annotations

import pytest

from andon.flags.hygiene.languages import LANGUAGES
from andon.flags.hygiene.removing import remove_from
from andon.flags.hygiene.sdk import CallNames

PYTHON = """\
from shop.flags import flags
from shop.prices import old_total, new_total

def _bare(user):
    return 0

def total(user):
    fallback = 2
    if flags.boolean("k", False):
        return new_total(user)
    return old_total(user) + _bare(user) + fallback
"""
TYPESCRIPT = """\
import { useFlag } from "@unleash/proxy-client-react";
import { oldTotal, newTotal } from "./prices";
import type { Price } from "./types";

function bare(): number {
  return 0;
}
export function kept(): number {
  return 1;
}
export function total(): number {
  const fallback = 2;
  if (useFlag("k")) { // of some type
    return newTotal();
  }
  return oldTotal() + bare() + kept() + fallback;
}
"""
GO = """\
package shop

import (
	"fmt"
	unleash "github.com/Unleash/unleash-client-go/v4"
	"example.org/shop/prices"
)

func total() int {
	fallback := 2
	if unleash.IsEnabled("k") {
		fmt.Println("new")
		return 1
	}
	return prices.Old() + fallback
}
"""


@pytest.mark.parametrize(
    ("language", "code", "unused"),
    [
        ("python", PYTHON, ["flags:1", "old_total:2", "_bare:4", "fallback:8"]),
        ("typescript", TYPESCRIPT, ["useFlag:1", "oldTotal:2", "bare:5", "fallback:12"]),
        ("go", GO, ["unleash:5", "prices:6", "fallback:10"]),
    ],
)
def test_what_nothing_uses_any_more(language: str, code: str, unused: list[str]) -> None:
    made = remove_from(code, LANGUAGES[language], CallNames(), "k", True)
    assert [f"{one.name}:{one.line}" for one in made.unused] == unused, made.text
    if language == "go":
        assert all("does not compile" in one.why for one in made.unused)


def test_what_was_not_used_before_is_not_said() -> None:
    code = "import os\n\ndef total():\n    x = 1\n    return 1 if flags.boolean('k', False) else 2\n"
    assert remove_from(code, LANGUAGES["python"], CallNames(), "k", True).unused == ()
