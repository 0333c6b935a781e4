"""Fake command line tools on PATH, and a deployer with its small world for each of them.

Each world has three releases, the newest running; `tests/fakes/tools/` answers for the tools.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from andon.desk.ports_production import Deployer
from andon.production.compose_deployer import ComposeDeployer
from andon.production.fly_deployer import FlyDeployer
from andon.production.github_deployer import GitHubDeployer
from andon.production.helm_deployer import HelmDeployer
from andon.production.heroku_deployer import HerokuDeployer
from andon.production.kamal_deployer import KamalDeployer
from andon.production.kubectl_deployer import KubectlDeployer
from andon.production.kubernetes import Cluster
from andon.production.rollouts_deployer import RolloutsDeployer
from andon.production.vercel_deployer import VercelDeployer
from tests.fakes.tools import docker, fly, gh, heroku, vercel

TOOLS = Path(__file__).parent / "tools"
IMAGE = "registry.example.com/acme/shop"
TAGS = ("v1.2.0", "v1.1.0", "v1.0.0")
#: Without site packages and user settings the interpreter starts in a third of the time.
_PROGRAM = """#!{python} -IS
import sys
sys.path.insert(0, {tools!r})
import recording, {name}
recording.play({name!r}, {name}.answer, {place!r})
"""


class Tool:
    """One fake tool: its world, and what it was asked."""

    def __init__(self, place: Path, name: str, state: dict[str, Any]) -> None:
        """Install it in a directory that a test puts on PATH."""
        self.name = name
        self._state = place / "state"
        self._calls = place / "calls"
        place.mkdir(parents=True, exist_ok=True)
        program = place / name
        text = _PROGRAM.format(python=sys.executable, tools=str(TOOLS), name=name, place=str(place))
        program.write_text(text)
        program.chmod(0o755)
        self._state.write_bytes(marshal.dumps(state))

    @property
    def state(self) -> dict[str, Any]:
        """The tool's world as it is now."""
        return dict(marshal.loads(self._state.read_bytes()))

    def set(self, **changes: Any) -> None:
        """Change the tool's world."""
        self._state.write_bytes(marshal.dumps({**self.state, **changes}))

    def trouble(self, *when: str, **what: Any) -> None:
        """Let calls with these arguments fail: `exit`, `print`, `times`, `sleep`, `acts` (and fails)."""
        self.set(trouble=[{"when": when, **what}, *self.state.get("trouble", [])])

    def calls(self) -> list[dict[str, Any]]:
        """Return what was asked, oldest first: `argv` and `env`."""
        if not self._calls.exists():
            return []
        found = []
        with self._calls.open("rb") as file:
            while file.peek(1):
                found.append(marshal.load(file))
        return found

    def acts(self, *words: str) -> list[list[str]]:
        """Return the argument lists that hold all these words."""
        return [call["argv"] for call in self.calls() if set(words) <= set(call["argv"])]


def revisions(tags: Sequence[str] = TAGS) -> list[dict[str, Any]]:
    """Return a cluster's revisions, oldest first, of the tags given newest first."""
    return [
        {"number": n, "tag": tag, "hash": f"hash{n}", "created": f"2024-05-0{n}T10:00:00Z"}
        for n, tag in enumerate(reversed(tags), 1)
    ]


def history(tags: Sequence[str] = TAGS) -> list[dict[str, Any]]:
    """Return a Helm history, oldest first, of the app versions given newest first."""
    return [
        {
            "revision": n,
            "updated": f"2024-05-0{n}T10:00:00.123456789+02:00",
            "status": "deployed" if n == len(tags) else "superseded",
            "chart": "shop-0.3.0",
            "app_version": tag,
            "description": "Upgrade complete" if n > 1 else "Install complete",
        }
        for n, tag in enumerate(reversed(tags), 1)
    ]


class World:
    """A deployer, its tool, and what its three releases are called, newest first."""

    def __init__(self, deployer: Deployer, tool: Tool, versions: tuple[str, str, str] = TAGS) -> None:
        """Join the three."""
        self.deployer = deployer
        self.tool = tool
        self.versions = versions


def compose(place: Path, **settings: Any) -> World:
    """Two services of one image."""
    running = [docker.container(name, f"{IMAGE}:v1.2.0") for name in ("web", "worker")]
    tool = Tool(place, "docker", {"images": list(TAGS), "containers": running})
    return World(ComposeDeployer(("web", "worker"), image=IMAGE, patience=0.1, **settings), tool)


def kubectl(place: Path, **settings: Any) -> World:
    """A Deployment in the namespace `prod`."""
    tool = Tool(place, "kubectl", {"kind": "Deployment", "revisions": revisions(), "current": 3})
    cluster = Cluster(namespace="prod")
    return World(KubectlDeployer("shop", cluster=cluster, patience=0.1, **settings), tool)


def rollouts(place: Path, **settings: Any) -> World:
    """A Rollout of Argo Rollouts."""
    tool = Tool(place, "kubectl", {"kind": "Rollout", "revisions": revisions(), "current": 3})
    return World(RolloutsDeployer("shop", cluster=Cluster(context="eu"), patience=0.1, **settings), tool)


def helm(place: Path, **settings: Any) -> World:
    """A Helm release, named by its app version unless told otherwise; its workloads are in a cluster."""
    Tool(place.parent / "cluster", "kubectl", {"kind": "Deployment", "revisions": revisions(), "current": 3})
    (place.parent / "cluster" / "kubectl").rename(_made(place) / "kubectl")
    tool = Tool(place, "helm", {"history": history()})
    settings = {"names": "app_version", **settings}
    cluster = Cluster(namespace="prod", context="eu")
    return World(HelmDeployer("shop", cluster=cluster, patience=0.1, **settings), tool)


def github(place: Path, **settings: Any) -> World:
    """A workflow whose runs say what they deploy."""
    runs = [gh.run(103 - n, f"deploy {tag}") for n, tag in enumerate(TAGS)]
    settings = {"repository": "acme/shop", "appears": 0.3, "pause": 0.05, "patience": 0.1, **settings}
    return World(GitHubDeployer("deploy.yml", **settings), Tool(place, "gh", {"runs": runs}))


def kamal(place: Path, **settings: Any) -> World:
    """Two servers that keep all three containers."""
    servers = [{"versions": list(TAGS), "running": "v1.2.0"} for _ in range(2)]
    return World(KamalDeployer(patience=0.1, **settings), Tool(place, "kamal", {"servers": servers}))


def fly_app(place: Path, **settings: Any) -> World:
    """An app with two machines."""
    releases = [fly.release(3 - n, tag) for n, tag in enumerate(TAGS)]
    machines = [fly.machine("v1.2.0"), fly.machine("v1.2.0")]
    tool = Tool(place, "fly", {"releases": releases, "machines": machines})
    return World(FlyDeployer("shop", patience=0.1, **settings), tool)


def heroku_app(place: Path, **settings: Any) -> World:
    """An app with three releases."""
    releases = [heroku.release(n, f"Deploy {n}abcdef{n}", is_current=n == 3) for n in (1, 2, 3)]
    tool = Tool(place, "heroku", {"releases": releases})
    return World(HerokuDeployer("shop", patience=0.1, **settings), tool, ("v3", "v2", "v1"))


def vercel_project(place: Path, **settings: Any) -> World:
    """A project with three production deployments."""
    urls = ("shop-cccc-acme.vercel.app", "shop-bbbb-acme.vercel.app", "shop-aaaa-acme.vercel.app")
    deployments = [vercel.deployment(url, 3 - n) for n, url in enumerate(urls)]
    tool = Tool(place, "vercel", {"deployments": deployments, "serves": urls[0]})
    settings = {"domain": "shop.example.com", "scope": "acme", "patience": 0.1, **settings}
    return World(VercelDeployer("shop", **settings), tool, urls)


#: One line for each deployer that drives a tool.
WORLDS: dict[str, Callable[..., World]] = {
    "compose": compose,
    "kubectl": kubectl,
    "helm": helm,
    "argo-rollouts": rollouts,
    "github-actions": github,
    "kamal": kamal,
    "fly": fly_app,
    "heroku": heroku_app,
    "vercel": vercel_project,
}


def _made(place: Path) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return place
