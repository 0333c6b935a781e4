"""Flags in a real repository: what the gates read, what lint and removal do, in the words of the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.cli.main import main
from tests.integration.gated import Gated, git, rows

TOML = 'service = "shop"\n[flags]\nfile = "flags.yaml"\n'
FLAGS = """\
flags:
  # the new prices
  new-pricing:
    state: ENABLED
    variants: {"on": true, "off": false}
    defaultVariant: "on"
    metadata: {owner: ana, purpose: prices, kind: ops, created: "2026-01-01"}

  bulk-orders:
    state: ENABLED
    variants: {"on": true, "off": false}
    defaultVariant: "off"
    metadata: {owner: ana, purpose: orders, kind: ops, created: "2026-01-01"}
"""
SHOP = """\
export function total(user: User): number {
  if (flags.getBooleanValue("new-pricing", false)) {
    return newTotal(user);
  }
  return oldTotal(user);
}
"""
NESTED = SHOP.replace("newTotal(user)", 'flags.getBooleanValue("bulk-orders", false) ? 1 : 2')


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    made = Gated(tmp_path, monkeypatch, capsys)
    made.write("andon.toml", TOML)
    made.commit(**{"flags.yaml": FLAGS, "src/shop.ts": SHOP})
    git(made.root, "push", "-q", "--no-verify", "origin", "main")
    return made


def andon(shop: Gated, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return code, found


def test_a_commit_is_judged_as_it_is_staged(shop: Gated) -> None:
    shop.write("src/shop.ts", NESTED)
    git(shop.root, "add", "-A")
    shop.write("src/shop.ts", SHOP)  # what lies in the work tree does not count
    row = rows(shop.gate("pre-commit"))["flags-tidy"]
    assert (row["verdict"], row["effect"]) == ("failed", "warns")
    assert row["objections"][0]["path"] == "src/shop.ts" and row["objections"][0]["line"] == 3
    git(shop.root, "add", "-A")
    shop.write("src/shop.ts", NESTED)
    assert rows(shop.gate("pre-commit"))["flags-tidy"]["verdict"] == "passed"


def test_a_range_brings_a_flag_that_nobody_defines_and_takes_one_away(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "topic")
    shop.commit(**{"src/other.ts": 'const x = flags.getBooleanValue("no-such", false);\n'})
    row = rows(shop.gate("ci"))["flags-tidy"]
    assert [one["text"].partition(":")[0] for one in row["objections"]] == ["flag-undefined"]
    git(shop.root, "rm", "-q", "src/other.ts")
    shop.commit(**{"flags.yaml": FLAGS.partition("  # the new prices")[0] + FLAGS[FLAGS.index("  bulk") :]})
    row = rows(shop.gate("ci"))["flags-tidy"]
    assert row["objections"][0]["path"] == "src/shop.ts" and "new-pricing" in row["objections"][0]["text"]


def test_lint_says_it_with_a_place_and_writes_sarif(shop: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    shop.write("src/shop.ts", NESTED)
    code, found = andon(shop, capsys, "flags", "lint", "--sarif", "found.sarif")
    assert code == 1 and isinstance(found["findings"], list)
    assert [(one["rule"], one["line"]) for one in found["findings"]] == [("flag-nested", 3)]
    report = json.loads((shop.root / "found.sarif").read_text())["runs"][0]
    (result,) = report["results"]
    assert report["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "flag-nested"
    shop.commit()
    assert andon(shop, capsys, "flags", "lint")[1]["remembered"] == 0  # all contents are new to it
    again = andon(shop, capsys, "flags", "lint")[1]
    assert again["remembered"] == again["searched"] and again["findings"] == found["findings"]


def test_a_flag_is_removed_from_code_and_file_and_the_rest_stays(
    shop: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("README.md", "The flag new-pricing is old.\n")
    shop.commit()
    code, shown = andon(shop, capsys, "flags", "remove", "new-pricing")
    assert code == 0 and shown["kept"] == "on" and not git(shop.root, "status", "--short")
    assert andon(shop, capsys, "flags", "remove", "new-pricing", "--write")[0] == 0
    text = (shop.root / "src/shop.ts").read_text()
    assert text == "export function total(user: User): number {\n  return newTotal(user);\n}\n"
    kept = FLAGS[: FLAGS.index("  new-pricing")] + FLAGS[FLAGS.index("\n  bulk") :]
    assert (shop.root / "flags.yaml").read_text() == kept
    assert andon(shop, capsys, "flags", "remove", "new-pricing")[0] == 2


def test_a_flag_file_that_is_half_written_names_its_line(
    shop: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write("flags.yaml", FLAGS[: FLAGS.index("false}")])
    capsys.readouterr()
    assert main(["flags", "lint"]) == 2
    assert "flags.yaml:" in capsys.readouterr().err
    git(shop.root, "add", "-A")
    assert rows(shop.gate("pre-commit"))["flags-tidy"]["verdict"] == "failed"


KEYS = "export const Keys = {\n  PRICING: 'new-pricing',\n  BULK: 'bulk-orders',\n} as const;\n"
BY_CONSTANT = NESTED.replace('"new-pricing"', "Keys.PRICING").replace('"bulk-orders"', "Keys.BULK")


def test_keys_in_the_constants_of_another_file(shop: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    shop.commit(**{"src/keys.ts": KEYS, "src/shop.ts": 'import { Keys } from "./keys";\n' + SHOP})
    shop.write("src/shop.ts", 'import { Keys } from "./keys";\n' + BY_CONSTANT)
    git(shop.root, "add", "-A")
    row = rows(shop.gate("pre-commit"))["flags-tidy"]
    assert [one["text"].partition(":")[0] for one in row["objections"]] == ["flag-nested"]
    _, found = andon(shop, capsys, "flags", "lint")
    assert isinstance(found["findings"], list)
    assert [(one["rule"], one["key"]) for one in found["findings"]] == [("flag-nested", "bulk-orders")]
    _, shown = andon(shop, capsys, "flags", "remove", "new-pricing", "--write")
    assert "Keys.PRICING" not in (shop.root / "src/shop.ts").read_text() and shown["calls"] == 1
    assert isinstance(shown["left"], list)
    assert [(one["path"], one["line"]) for one in shown["left"]] == [("src/keys.ts", 2)]


def test_a_flag_file_with_a_new_name_brings_nothing_new(shop: Gated) -> None:
    old = FLAGS.replace("owner: ana, ", "", 1)  # something was wrong with it before
    shop.commit(**{"flags.yaml": old})
    git(shop.root, "push", "-q", "--no-verify", "origin", "main")
    git(shop.root, "switch", "-qc", "topic")
    git(shop.root, "mv", "flags.yaml", "switches.yaml")
    shop.commit(**{"andon.toml": TOML.replace("flags.yaml", "switches.yaml")})
    row = rows(shop.gate("ci"))["flags-tidy"]
    assert row["verdict"] == "passed", row
    shop.commit(**{"switches.yaml": FLAGS.replace("owner: ana, ", "")})
    (one,) = rows(shop.gate("ci"))["flags-tidy"]["objections"]
    assert (one["path"], one["text"].partition(":")[0]) == ("switches.yaml", "flag-owner")
    assert "bulk-orders" in one["text"]


def test_a_flag_file_that_is_not_in_the_commit_is_not_known(shop: Gated) -> None:
    """It lies in a submodule, or somebody forgot it: no call is told as one of an undefined flag."""
    shop.commit(**{"andon.toml": TOML.replace("flags.yaml", "elsewhere/flags.yaml")})
    shop.write("src/shop.ts", SHOP + "// more\n")
    git(shop.root, "add", "-A")
    row = rows(shop.gate("pre-commit"))["flags-tidy"]
    assert row["verdict"] == "unknown" and "elsewhere/flags.yaml is not in what is judged" in row["evidence"]
    shop.commit(**{"andon.toml": TOML})
    git(shop.root, "push", "-q", "--no-verify", "origin", "main")
    git(shop.root, "rm", "-q", "flags.yaml")  # taken away while the code still asks
    row = rows(shop.gate("pre-commit"))["flags-tidy"]
    assert [one["text"].partition(":")[0] for one in row["objections"]] == ["flag-undefined"]


def test_a_merge_and_a_bare_repository(shop: Gated) -> None:
    git(shop.root, "switch", "-qc", "topic")
    nested = shop.commit(**{"src/other.ts": NESTED})
    given = f"{'0' * 40} {nested} refs/heads/topic\n".encode()
    git(shop.root, "push", "-q", "--no-verify", "origin", "topic")
    git(shop.remote, "update-ref", "-d", "refs/heads/topic")
    row = rows(shop.gate("pre-receive", "--gear", "BUILD", given=given, place=shop.remote))["flags-tidy"]
    assert [one["path"] for one in row["objections"]] == ["src/other.ts"], row
    git(shop.root, "switch", "-q", "main")
    shop.commit(**{"README.md": "more\n"})
    git(shop.root, "merge", "-q", "--no-ff", "--no-commit", "--no-verify", "topic")
    row = rows(shop.gate("pre-commit"))["flags-tidy"]
    assert [one["path"] for one in row["objections"]] == ["src/other.ts"]


def test_a_file_of_code_with_a_new_name_brings_nothing_new(shop: Gated) -> None:
    shop.commit(**{"src/shop.ts": NESTED})
    git(shop.root, "mv", "src/shop.ts", "src/store.ts")
    row = rows(shop.gate("pre-commit"))["flags-tidy"]
    assert row["verdict"] == "passed", row
