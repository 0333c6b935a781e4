"""Runs a whole drill as a process of its own and looks at what it left, not at what it says of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from andon.drill import supervisor
from andon.drill.environment import environment

ANDON = [sys.executable, "-m", "andon"]
PROCESSES = ("shop", "payments", "customers", "stakeholders")


@dataclass(frozen=True, slots=True)
class Drilled:
    """A drill that has ended, and the directory it kept."""

    result: dict[str, Any]
    home: Path

    @property
    def repository(self) -> Path:
        """The shop's repository."""
        return self.home / "shop"

    def andon(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Andon on the journal the drill has left."""
        settings = {"ANDON_JOURNAL": str(self.home / "journal" / "andon.db"), "ANDON_ACTOR": "mina"}
        return subprocess.run(
            [*ANDON, *arguments],
            cwd=self.repository,
            env=environment({**settings, "XDG_CACHE_HOME": str(self.home / "cache")}),
            capture_output=True,
            text=True,
            check=False,
        )

    def timeline(self) -> list[str]:
        """Return the texts of the incident's history."""
        answer = json.loads(self.andon("timeline", self.result["incident"], "--json").stdout)
        return [entry["text"] for entry in answer["entries"]]

    def checks(self) -> dict[str, str]:
        """Return where the checks of the protocol stand; the furthest item speaks for its check."""
        answer = json.loads(self.andon("status", self.result["incident"], "--json").stdout)
        found: dict[str, str] = {}
        for line in answer["checklist"]:
            if found.get(line["check"]) not in ("passed", "signed"):
                found[line["check"]] = line["standing"]
        return found

    def running(self) -> str:
        """Return the release that `current` points at."""
        return os.path.basename(os.path.realpath(self.home / "production" / "current"))

    def told(self) -> list[str]:
        """Return the titles of the messages that reached the stakeholders."""
        inbox = self.home / "stakeholders.jsonl"
        lines = inbox.read_text().splitlines() if inbox.exists() else []
        return [json.loads(line).get("title", "") for line in lines]

    def document(self, pattern: str) -> str:
        """Return the one document of the review that fits the pattern."""
        (found,) = self.repository.glob(pattern)
        return found.read_text(encoding="utf-8")

    def git(self, *arguments: str) -> str:
        """Run git in the shop's repository."""
        return subprocess.run(
            ["git", *arguments], cwd=self.repository, check=True, capture_output=True, text=True
        ).stdout


def drill(scenario: str, place: Path) -> Drilled:
    """Run a scenario to its end, below `place`; the directory it kept is left for inspection."""
    ran = subprocess.run(
        [*ANDON, "drill", scenario, "--fast", "--keep", "--json"],
        env=environment({"TMPDIR": str(place)}),
        cwd=place,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    result = json.loads(ran.stdout)
    assert result["passed"]
    assert result["failures"] == []
    return Drilled(result=result, home=Path(result["directory"]))


def running(home: Path) -> list[str]:
    """Return the names of the production's processes that are alive."""
    return [name for name in PROCESSES if supervisor.running(str(home / "production"), name)]


#: What of a kill waits for its action item, and keeps no incident open meanwhile.
OF_A_KILL = ("proper-fix", "feature-restored")


def check_the_end(done: Drilled, still_open: tuple[str, ...] = (), proofs: int = 2) -> None:
    """What is true after every drill: closed, intact, documented, told, nothing running; its clocks in order.

    `still_open`: the checks that the scenario leaves open on purpose, and no others. `proofs`: the action
    items that are done during the drill. How long it takes says more of the machine than of the drill.
    """
    assert running(done.home) == []
    assert done.andon("audit").returncode == 0
    assert any(text.startswith("closed") for text in done.timeline())
    title = json.loads(done.andon("status", done.result["incident"], "--json").stdout)["title"]
    assert title in done.document("INCIDENTS.md")
    assert done.result["incident"] in done.document("docs/postmortems/*.md")
    assert done.document("docs/regressions.md").strip()
    standing = done.checks()
    left = [check for check, how in standing.items() if how in ("open", "failed")]
    assert sorted(left) == sorted(still_open)
    check_the_proofs(done, proofs)
    clocks = done.result["seconds"]
    assert 0 <= clocks["notice"] <= clocks["declare"] <= clocks["acknowledge"]
    assert clocks["acknowledge"] <= clocks["mitigate"] <= clocks["resolve"]


#: Action items that `andon gap prevent` has done itself: what it put on record is their proof.
DONE_AT_ONCE = (
    "answer what the tests missed, why, and what catches it",
    "enter the gap into the regression log",
)


def check_the_proofs(done: Drilled, count: int) -> None:
    """What an action item gives as its proof is really there, in the commit it names."""
    actions = json.loads(done.andon("actions", "list", "--json", "-i", done.result["incident"]).stdout)
    by_hand = [action for action in actions["actions"] if action["title"] not in DONE_AT_ONCE]
    proofs = [action["proof"] for action in by_hand if action["state"] == "done"]
    assert len(proofs) == count
    for proof in proofs:
        file, _, where = proof.partition(", ")
        revision = where.split()[-1]
        assert done.git("show", f"{revision}:{file}").strip(), proof
