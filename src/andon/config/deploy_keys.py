"""Which settings of `[deploy]` belong to which kind of deployer, and which of them a kind needs."""

from __future__ import annotations

_CLUSTER = ("namespace", "context", "gitops")
#: Settings that every kind has.
_ALWAYS = ("kind", "timeout", "settle")

#: Settings a kind needs, each with what it has to be.
REQUIRED: dict[str, dict[str, str]] = {
    "symlink": {"root": "the directory that holds releases/ and current"},
    "command": {"deploy": 'an argument list like ["./deploy.sh", "{version}"]'},
    "compose": {
        "services": 'the services that are deployed, like ["web", "worker"]',
        "image": "the image without a tag, like registry.example.com/shop",
    },
    "kubectl": {"deployment": "the name of the Deployment"},
    "helm": {"release": "the name of the Helm release"},
    "argo-rollouts": {"rollout": "the name of the Rollout"},
    "github-actions": {"workflow": "the workflow's file, like deploy.yml"},
    "kamal": {},
    "fly": {"app": "the name of the app"},
    "heroku": {"app": "the name of the app"},
    "vercel": {"project": "the name of the project", "domain": "a domain that production has"},
}

#: Settings a kind knows besides.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "symlink": ("restart", "unit"),
    "command": ("releases", "running"),
    "compose": ("variable", "file", "project"),
    "kubectl": (*_CLUSTER, "container"),
    "helm": (*_CLUSTER, "versions"),
    "argo-rollouts": (*_CLUSTER, "container"),
    "github-actions": ("repository", "ref", "title", "running"),
    "kamal": ("destination", "file"),
    "fly": (),
    "heroku": (),
    "vercel": ("scope",),
}


def known_for(kind: str) -> tuple[str, ...]:
    """Return every setting that a kind of deployer knows."""
    return (*_ALWAYS, *REQUIRED.get(kind, {}), *OPTIONAL.get(kind, ()))
