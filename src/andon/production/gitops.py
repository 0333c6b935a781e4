"""Whoever keeps a cluster equal to git undoes a rollback made in the cluster: Argo CD and Flux, recognised.

Sources: Argo CD's documentation on resource tracking and on automated sync, issue 9570 of its repository;
Flux's documentation of HelmRelease and Kustomization (`spec.suspend`).
"""

from __future__ import annotations

from andon.errors import Refused, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.production.kubernetes import Cluster
    from andon.production.tool_answer import Answer

_APPLICATIONS = "applications.argoproj.io"
#: Flux's labels and the resources they point at, with the word its own tool has for them.
_FLUX = {
    "helm.toolkit.fluxcd.io": ("helmreleases.helm.toolkit.fluxcd.io", "helmrelease"),
    "kustomize.toolkit.fluxcd.io": ("kustomizations.kustomize.toolkit.fluxcd.io", "kustomization"),
}


def refuse_automation(cluster: Cluster, workload: Answer) -> None:
    """Raise Refused when something would put the version from git back over a rollback.

    Also when the workload says that it belongs to such a thing and the thing cannot be looked at: it may live
    in another cluster. `gitops = "paused"` in the configuration is how somebody vouches for it.
    """
    labels = workload.texts("metadata", "labels")
    _refuse_argo(cluster, labels, workload.texts("metadata", "annotations"))
    for group, (resource, word) in _FLUX.items():
        if name := labels.get(f"{group}/name", ""):
            _refuse_flux(cluster, resource, word, name, labels.get(f"{group}/namespace", ""))


def _refuse_argo(cluster: Cluster, labels: dict[str, str], annotations: dict[str, str]) -> None:
    tracked = annotations.get("argocd.argoproj.io/tracking-id", "").partition(":")[0]
    certain = tracked or labels.get("argocd.argoproj.io/instance", "")
    # The label that Argo CD uses by default is also Helm's: alone it proves nothing.
    name = certain or labels.get("app.kubernetes.io/instance", "")
    if not name:
        return
    try:
        listed = cluster.get(_APPLICATIONS, "--all-namespaces").entries("items")
        found = [item for item in listed if name in _names(item)]
    except Unavailable as problem:
        if certain:
            raise _cannot_see(name, f"it cannot be looked at: {problem.message}") from problem
        return
    if not found and certain:
        raise _cannot_see(name, "this cluster has no such application")
    for application in found:
        if _is_automatic(application):
            raise _fights(name, application)


def _names(application: Answer) -> tuple[str, str]:
    """Return how a tracking id may name an application: alone, or with its namespace in front."""
    name = application.text("metadata", "name")
    return name, f"{application.text('metadata', 'namespace')}_{name}"


def _is_automatic(application: Answer) -> bool:
    place = ("spec", "syncPolicy", "automated")
    return application.has(*place) and application.flag(*place, "enabled") is not False


def _fights(name: str, application: Answer) -> Refused:
    source = application.text("spec", "source", "repoURL") or "its git repository"
    heals = application.flag("spec", "syncPolicy", "automated", "selfHeal")
    when = "at once (selfHeal)" if heals else "at its next sync"
    return Refused(
        f"Argo CD keeps {name} equal to git and would put the version from git back {when}",
        where=f"application {name}",
        rule="gitops",
        remedy=(
            f"git revert the bad change in {source}, push, argocd app sync {name}, then: "
            f"andon deployed VERSION --rollback; or stop it first, and an ApplicationSet above it: "
            f"argocd app set {name} --sync-policy none"
        ),
    )


def _cannot_see(name: str, why: str) -> Refused:
    return Refused(
        f"the workload belongs to the Argo CD application {name}, and {why}: "
        "whether it would undo a rollback is not known",
        where=f"application {name}",
        rule="gitops",
        remedy=(
            f"argocd app get {name}; when automated sync is off: "
            'gitops = "paused" under [deploy] in andon.toml; else git revert and argocd app sync'
        ),
    )


def _refuse_flux(cluster: Cluster, resource: str, word: str, name: str, namespace: str) -> None:
    place = (f"--namespace={namespace}",) if namespace else ()
    stop = f"flux suspend {word} {name}" + (f" -n {namespace}" if namespace else "")
    try:
        if cluster.get(f"{resource}/{name}", *place).flag("spec", "suspend"):
            return
        why = "and would put the version from git back"
    except Unavailable as problem:
        why = f"and cannot be looked at: {problem.message}"
    raise Refused(
        f"Flux keeps this workload equal to git ({word} {name}) {why}",
        where=f"{word} {name}",
        rule="gitops",
        remedy=f"git revert the bad change and push; or {stop}, then roll back again",
    )
