"""A shop in a real repository whose release v1.2.0 is broken, at a desk of fakes; a hotfix is decided."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from andon.config.model import Config
from andon.config.model_production import ProbeConfig
from andon.config.model_team import HotfixConfig
from andon.desk.deployments import record_deployment
from andon.desk.values import ReleaseOnDisk
from andon.incident.evolve import fold
from andon.incident.state import Incident
from andon.incident.words import Choice, Verdict
from andon.production.checkouts import GitCheckouts
from andon.production.git import GitRepository
from andon.production.git_branches import GitBranches
from andon.production.git_changes import GitChanges
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeDeployer, FakeProbe
from tests.unit.incident.cases import INCIDENT, adopted, assessed, decided, declared, hurt

BROKEN = "v1.2.0"
SOURCE = "def price(item):\n    return item['prize']\n\n\ndef name(item):\n    return item['name']\n"
FIXED = SOURCE.replace("prize", "price")
TEST = "import shop\n\nassert shop.price({'price': 3}) == 3\n"


def git(root: Path, *words: str) -> str:
    """Run git as Mina and return its answer."""
    who = ("-c", "user.name=Mina", "-c", "user.email=mina@example.org")
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    surroundings |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *who, *words], cwd=root, env=surroundings, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(root: Path, files: dict[str, str], message: str) -> str:
    """Write files, commit everything, and return the commit."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


class FixedShop:
    """The repository, its desk and its incident."""

    def __init__(self, root: Path, hotfix: HotfixConfig | None = None, *, deploys: bool = True) -> None:
        self.root = root
        root.mkdir()
        git(root, "init", "-q", "-b", "main")
        git(root, "config", "user.name", "Mina")
        git(root, "config", "user.email", "mina@example.org")
        self.good = commit(root, {"shop.py": FIXED}, "Open the shop")
        git(root, "tag", "v1.1.0")
        self.base = commit(root, {"shop.py": SOURCE}, "Rename a field")
        git(root, "tag", BROKEN)
        self.main = commit(root, {"next.py": "NEXT = 1\n"}, "Work for the next release")
        releases = [ReleaseOnDisk(version="v1.1.0"), ReleaseOnDisk(version=BROKEN)]
        self.deployer = FakeDeployer(releases, BROKEN)
        self.desk = self.desk_in(root, hotfix or HotfixConfig(), deploys=deploys)
        for version in ("v1.1.0", BROKEN):
            record_deployment(self.desk, version, artefact=version)
        self.desk.append(INCIDENT, (declared(), adopted(), hurt(), assessed(), decided(Choice.HOTFIX)))

    def desk_in(self, place: Path, hotfix: HotfixConfig, *, deploys: bool = True) -> FakeDesk:
        """Return a desk that stands in a work tree."""
        smoke = (ProbeConfig(name="checkout", url="http://127.0.0.1:1/", critical=True),)
        return FakeDesk(
            place,
            config=Config(service="shop", smoke=smoke, hotfix=hotfix),
            deployer=self.deployer if deploys else None,
            probes=(FakeProbe("checkout", Verdict.PASSED, critical=True),),
            repository=GitRepository(str(place)),
            changes=GitChanges(str(place)),
            branches=GitBranches(str(place)),
            checkouts=GitCheckouts(str(place)),
        )

    @property
    def state(self) -> Incident:
        """The incident as it is now."""
        return fold(self.desk.history(INCIDENT))

    def fix(self, files: dict[str, str] | None = None) -> str:
        """Commit a fix where the branch is checked out here."""
        return commit(self.root, files or {"shop.py": FIXED}, "INC-7: ask for the field by its name")

    def said(self, *kinds: str) -> Sequence[str]:
        """Return the kinds of events on record, of these kinds only."""
        names = [type(r.event).__name__ for r in self.desk.history(INCIDENT)]
        return [name for name in names if name in kinds]
