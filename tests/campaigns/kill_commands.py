"""Kill commands of the installed program with SIGKILL at any moment; check each time that nothing is lost.

python -m tests.campaigns.kill_commands [--kills N] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.acceptance.shop import Shop, open_shop, wait_for
from tests.acceptance.test_whole_way import REGRESSION, WORDS

SECTIONS = tuple(word for key, text in WORDS.items() for word in ("--set", f"{key}={text}"))
LESSON = tuple(word for field, text in REGRESSION.items() for word in (f"--{field}", text))
#: Commands that are killed, in the order of an incident.
STEPS: tuple[tuple[str, ...], ...] = (
    ("declare", "checkout answers 500", "--severity", "P0"),
    ("ack",),
    ("note", "called ben"),
    ("assess",),
    ("decide", "rollback", "--reason", "alone", "--yes"),
    ("rollback", "--yes", "--watch", "10"),
    ("verify", "--watch", "10"),
    ("mitigate",),
    ("resolve", "--cause", "a price is missing"),
    ("actions", "add", "an alarm", "--kind", "monitoring"),
    ("postmortem", "edit", *SECTIONS),
    ("regressions", "add", *LESSON),
    ("postmortem", "publish"),
    ("log", "export"),
)
DOCUMENTS = ("INCIDENTS.md", "docs/regressions.md")


class Campaign:
    """One shop whose commands are killed, and what must be true afterwards."""

    def __init__(self, shop: Shop, chance: Random) -> None:
        self.shop = shop
        self.chance = chance
        self.kills = 0
        self._lengths: dict[str, int] = {}
        self._usual: dict[str, float] = {}
        shop.deploy_by_command("time.sleep(0.05)")
        shop.andon("verify")

    def run(self, kills: int) -> None:
        """Go through incident after incident until `kills` commands were killed."""
        while self.kills < kills:
            self._break()
            for words in STEPS:
                if self.kills < kills:
                    self._kill(words)
                self._do(words)
            self._finish()

    def _break(self) -> None:
        self.shop.release("v1.2.0")
        self.shop.switch("v1.2.0")
        self.shop.andon(
            "deployed", "v1.2.0", code=(0, 1)
        )  # blocked by the incident before: it counts, loudly

    def _kill(self, words: tuple[str, ...]) -> None:
        """Start a command, kill it anywhere in its life, and look at what is left."""
        deploys = len(self.shop.deploys())
        process = self.shop.start(*words)
        time.sleep(self.chance.uniform(0.02, self._usual.get(words[0], 0.25)))  # the moment is the point
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.kills += process.returncode == -signal.SIGKILL
        self._check(words)
        if words[0] == "rollback":
            self._settle(deploys)

    def _check(self, words: tuple[str, ...]) -> None:
        audit = self.shop.json("audit")
        assert audit["whole"], (words, audit)
        lengths = {stream["stream"]: stream["verified"] for stream in audit["streams"]}
        assert all(lengths.get(stream, 0) >= length for stream, length in self._lengths.items()), words
        self._lengths = lengths
        self.shop.andon("status")
        for document in (*DOCUMENTS, *self._postmortems()):
            path = self.shop.repository / document
            if path.exists():
                assert path.read_text().endswith("\n"), (words, document)
        json.loads(self.shop.andon("log", "--json").stdout)
        self.shop.json("regressions")

    def _postmortems(self) -> list[str]:
        root = self.shop.repository
        return [str(path.relative_to(root)) for path in root.glob("docs/postmortems/*.md")]

    def _settle(self, deploys: int) -> None:
        """Whatever the kill interrupted, the tool runs at most once and `--resume` finds out how it ended."""

        def free() -> bool:
            done = self.shop.andon("rollback", "--resume", "--watch", "10", code=(0, 1, 2, 3))
            return "still running" not in done.stderr

        wait_for(free, "the end of the deploy tool")
        assert len(self.shop.deploys()) - deploys <= 1
        state = self.shop.json("status", self._newest())
        assert state["next"]["command"] != "andon rollback --resume", state["status"]

    def _newest(self) -> str:
        return str(self.shop.json("status", "--all")["open"][-1]["incident"])

    def _do(self, words: tuple[str, ...]) -> None:
        """Give the command again, to its end; what the killed one did already is refused, which is fine."""
        if words[0] == "declare" and self.shop.json("status").get("open") != []:
            return
        if words[0] == "rollback" and self.shop.running() == "v1.1.0":
            return
        began = time.monotonic()
        done = self.shop.andon(*words, code=(0, 1, 3))
        if not done.returncode:
            self._usual[words[0]] = min(time.monotonic() - began, 2.0)

    def _finish(self) -> None:
        """See that the incident came to its end, once: one rollback, one entry in each document."""
        incident = self._newest()
        state = self.shop.json("status", incident)
        assert state["status"] == "resolved", state["next"]
        assert state["postmortem"], state["next"]
        entries = [entry["incident"] for entry in self.shop.json("log")["entries"]]
        assert entries.count(incident) == 1, entries
        lessons = [entry["incident"] for entry in self.shop.json("regressions")["entries"]]
        assert lessons.count(incident) == 1, lessons
        finished = [text for text in self.shop.texts(incident) if text.startswith("deployment ")]
        started = [text for text in self.shop.texts(incident) if text.startswith("rollback started")]
        assert len(finished) >= len(started)
        self._close(incident)

    def _close(self, incident: str) -> None:
        for line in self.shop.json("status", incident)["checklist"]:
            if line["standing"] == "open":
                self.shop.andon("sign", line["item"], "--reason", "looked", code=(0, 1))
        self.shop.andon("close", incident)


def campaign(place: Path, kills: int, seed: int) -> None:
    """Run a campaign in a directory; fails at the first thing that is lost."""
    with open_shop(place) as shop:
        Campaign(shop, Random(seed)).run(kills)


def main() -> int:
    """Run from the command line; the seed is printed, so that a failure can be repeated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="andon-kills-") as place:
        campaign(Path(place), arguments.kills, arguments.seed)
    print(f"{arguments.kills} commands killed; every journal was whole, nothing lost, nothing repeated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
