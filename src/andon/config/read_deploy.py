"""How versions get into production: `[deploy]`."""

from __future__ import annotations

from andon.config.deploy_keys import REQUIRED, known_for
from andon.config.model_production import DeployConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table


def read_deploy(table: Table) -> DeployConfig:
    """Return how versions are deployed; raises InvalidInput for a setting of another kind of deployer."""
    kind = table.word(
        "kind",
        (
            "symlink",
            "command",
            "compose",
            "kubectl",
            "helm",
            "argo-rollouts",
            "github-actions",
            "kamal",
            "fly",
            "heroku",
            "vercel",
        ),
        "",
    )
    deploy = DeployConfig(
        kind=kind,
        root=table.string("root", ""),
        restart=table.argv("restart"),
        unit=table.name("unit"),
        deploy=table.argv("deploy"),
        releases=table.argv("releases"),
        running=table.argv("running"),
        services=table.names("services"),
        image=table.name("image"),
        variable=table.name("variable", "IMAGE_TAG"),
        file=table.name("file"),
        project=table.name("project"),
        namespace=table.name("namespace"),
        context=table.name("context"),
        gitops=table.word("gitops", ("check", "paused"), "check"),
        deployment=table.name("deployment"),
        rollout=table.name("rollout"),
        container=table.name("container"),
        release=table.name("release"),
        versions=table.word("versions", ("revision", "app_version"), "revision"),
        workflow=table.name("workflow"),
        repository=table.name("repository"),
        ref=table.name("ref"),
        title=table.string("title", "deploy {version} {operation}"),
        destination=table.name("destination"),
        app=table.name("app"),
        domain=table.name("domain"),
        scope=table.name("scope"),
        timeout=table.number("timeout", 300.0, least=0.1),
        settle=table.number("settle", 30.0),
    )
    table.finish()
    _refuse_unfit(table, deploy)
    return deploy


def _refuse_unfit(table: Table, deploy: DeployConfig) -> None:
    """Raise InvalidInput for a setting of another kind of deployer, or without one that this kind needs."""
    known = known_for(deploy.kind)
    for key in table.given:
        if key not in known and not deploy.kind:
            raise table.wrong("kind", f"given: it says what {key} is for")
        if key not in known:
            raise table.wrong(key, f"left out: {deploy.kind} has {', '.join(known)}")
    for key, expected in REQUIRED.get(deploy.kind, {}).items():
        if not getattr(deploy, key):
            raise table.wrong(key, expected)
    if "{version}" not in deploy.title:
        raise table.wrong("title", "how the workflow names its runs, with {version} in it")
