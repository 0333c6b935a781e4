"""Argo CD would put the bad version back: Andon says so beforehand, and again in the night."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.acceptance.shop import Shop
from tests.fakes.deploy_tools import Tool, revisions

DEPLOY = 'kind = "kubectl"\ndeployment = "shop"\nnamespace = "prod"'
APPLICATION = {
    "metadata": {"name": "shop", "namespace": "argocd"},
    "spec": {
        "source": {"repoURL": "https://git.example.com/acme/deploy"},
        "syncPolicy": {"automated": {"selfHeal": True}},
    },
}


@pytest.fixture
def cluster(shop: Shop, tmp_path: Path) -> Tool:
    """A cluster that Argo CD keeps equal to git; v1.2.0 runs, and v1.1.0 is known to be good."""
    world = {
        "kind": "Deployment",
        "revisions": revisions(("v1.2.0", "v1.1.0", "v1.0.0")),
        "current": 3,
        "labels": {"argocd.argoproj.io/instance": "shop"},
        "resources": {"applications.argoproj.io": {"items": [APPLICATION]}},
    }
    tool = Tool(tmp_path / "bin", "kubectl", world)
    shop.environment["PATH"] = f"{tmp_path / 'bin'}{os.pathsep}{shop.environment['PATH']}"
    shop.configure(deploy=DEPLOY)
    shop.andon("releases")
    shop.andon("deployed", "v1.1.0", "--verdict", "good", "--reason", "a week without errors")
    return tool


def test_a_rollback_that_would_not_last_is_refused_with_the_way_out(shop: Shop, cluster: Tool) -> None:
    doctor = shop.andon("doctor", code=(0, 1, 3)).stdout
    assert "to v1.1.0 would not be possible" in doctor and "git revert the bad change" in doctor
    shop.declare()
    shop.andon("ack")
    shop.andon("assess")
    shop.andon("decide", "rollback", "--reason", "alone", "--yes")
    done = shop.andon("rollback", "--yes", "--watch", "10", code=1)
    assert "Argo CD keeps shop equal to git" in done.stdout + done.stderr
    assert "argocd app set shop --sync-policy none" in done.stdout + done.stderr
    assert not cluster.acts("undo")

    shop.configure(deploy=f'{DEPLOY}\ngitops = "paused"')
    shop.andon("rollback", "--yes", "--watch", "10", code=(0, 1, 3))
    assert [call[-1] for call in cluster.acts("undo")] == ["--to-revision=2"]
    assert cluster.state["notes"][0].startswith("andon/operation=INC-1-")
    assert "->  v1.1.0  good" in shop.andon("releases").stdout
