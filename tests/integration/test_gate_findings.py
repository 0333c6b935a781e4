"""New findings and secrets at real gates: a build, a push, a server that receives; with the real ruff."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.evasions import made_token
from tests.integration.gated import Gated, git, line, rows

TOKEN = made_token(1)
OLD = "import subprocess\n\n\ndef run(given):\n    subprocess.run(given, shell=True)\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gated:
    shop = Gated(tmp_path, monkeypatch, capsys)
    shop.commit(app=OLD)
    git(shop.root, "mv", "app", "app.py")
    shop.commit()
    git(shop.root, "push", "-q", "origin", "main")
    git(shop.root, "switch", "-qc", "topic")
    return shop


def built(shop: Gated, *words: str) -> dict[str, Any]:
    return rows(shop.gate("ci", "--base", "main", "--head", "topic", *words))


def test_an_old_finding_passes_a_build_and_a_new_one_does_not(shop: Gated) -> None:
    shop.write("app.py", "import os\n" + OLD.replace("def run(given):", "def run(given, more=None):"))
    shop.commit()
    found = built(shop, "--gear", "HOTFIX")["no-new-finding"]
    assert (found["verdict"], found["effect"]) == ("passed", "passes")
    shop.write("app.py", OLD + "    subprocess.run(str(given), shell=True)  # noqa: S602\n")
    shop.commit()
    found = built(shop, "--gear", "HOTFIX")["no-new-finding"]
    assert (found["verdict"], found["effect"]) == ("failed", "blocks")
    (objection,) = found["objections"]
    assert (objection["path"], objection["line"]) == ("app.py", 6)
    assert "S602, high in run" in objection["text"] and "silenced in the code" in objection["text"]
    assert built(shop, "--gear", "BUILD")["no-new-finding"]["effect"] == "warns"
    assert "no-new-finding" not in built(shop, "--gear", "EXPLORE")


def test_given_files_stand_for_a_scanner_that_is_not_here(shop: Gated, tmp_path: Path) -> None:
    shop.write("web/app.ts", "eval(a)\n")
    shop.commit()
    assert built(shop, "--gear", "HOTFIX")["no-new-finding"]["verdict"] == "unknown"
    place = {"artifactLocation": {"uri": "web/app.ts"}, "region": {"startLine": 1}}
    result = {"ruleId": "R", "message": {"text": "eval"}, "locations": [{"physicalLocation": place}]}
    for name, results in (("before", []), ("after", [result])):
        run = {"tool": {"driver": {"name": "probe"}}, "results": results}
        (tmp_path / name).write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    words = ("--sarif-base", str(tmp_path / "before"), "--sarif-head", str(tmp_path / "after"))
    found = built(shop, "--gear", "HOTFIX", *words)["no-new-finding"]
    assert [o["path"] for o in found["objections"]] == ["web/app.ts"]
    assert shop.gate("pre-commit", *words)["code"] == 2


def test_a_secret_is_stopped_at_every_gate_on_its_way(shop: Gated, tmp_path: Path) -> None:
    shop.write("settings.py", f'token = "{TOKEN}"\n')
    git(shop.root, "add", "-A")
    answer = shop.gate("pre-commit")
    assert (answer["code"], rows(answer)["secrets"]["effect"]) == (1, "blocks")
    (tmp_path / "message").write_text(f"Use {TOKEN}\n")
    answer = shop.gate("commit-msg", str(tmp_path / "message"))
    assert rows(answer)["secrets"]["effect"] == "blocks"
    added = shop.commit("Add")
    git(shop.root, "rm", "-q", "settings.py")
    head = shop.commit("Take it out again")
    given = line("refs/heads/topic", "", head)
    found = rows(shop.gate("pre-push", "origin", str(shop.remote), given=given))["secrets"]
    (told,) = [o["text"] for o in found["objections"]]
    assert re.fullmatch(rf"a secret \(github-token\) [0-9a-f]{{6}} \(commit {added[:10]}\)", told)
    said = shop.hook("pre-receive", shop.remote)
    git(shop.root, "push", "-q", "--no-verify", "origin", "topic")
    found = rows(json.loads(said.read_text()))["secrets"]
    assert found["effect"] == "blocks" and TOKEN not in said.read_text()
    assert built(shop)["secrets"]["effect"] == "blocks"


def test_a_finding_is_seen_while_the_push_is_in_quarantine(shop: Gated) -> None:
    shop.write("app.py", OLD + "    subprocess.run(str(given), shell=True)\n")
    shop.commit()
    said = shop.hook("pre-receive", shop.remote)
    git(shop.root, "push", "-q", "origin", "topic:main")
    found = rows(json.loads(said.read_text()))["no-new-finding"]
    assert (found["verdict"], [o["line"] for o in found["objections"]]) == ("failed", [6])
