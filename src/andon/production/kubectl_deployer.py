"""A Deployment on Kubernetes, by kubectl: its ReplicaSets are the releases, named by their image's tag.

Sources: `kubectl rollout undo|status --help` (1.32) and the Kubernetes documentation of Deployments:
going back to a revision gives it a new number, so the name of a release is never its number.
"""

from __future__ import annotations

from andon.desk.values import Capacity
from andon.errors import NotFound, Refused
from andon.incident.words import Verdict
from andon.production.gitops import refuse_automation
from andon.production.kubernetes import Cluster, aborted, condition, readiness, revisions, selector_of
from andon.production.tool_deployer import Step, ToolDeployer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.values import ReleaseOnDisk
    from andon.production.kubernetes import Revision
    from andon.production.tool_answer import Answer

_REVISION = "deployment.kubernetes.io/revision"
_HASH = "pod-template-hash"
#: Where the operation is noted; on the Deployment alone, so no pod restarts for it.
_NOTE = "andon/operation"


class KubectlDeployer(ToolDeployer):
    """Rolls a Deployment back to the template of an earlier ReplicaSet."""

    kind = "kubectl"
    programs: tuple[str, ...] = ("kubectl",)

    def __init__(
        self,
        deployment: str,
        *,
        cluster: Cluster,
        container: str = "",
        asks_gitops: bool = True,
        cwd: str | None = None,
        timeout: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        """Take the Deployment, and whose image names the release: the first container unless told."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._name = deployment
        self._cluster = cluster
        self._container = container
        self._asks_gitops = asks_gitops

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the templates that the cluster still keeps (revisionHistoryLimit), newest first."""
        workload = self._workload()
        stuck = condition(workload, "Progressing") == ("False", "ProgressDeadlineExceeded")
        return tuple(
            aborted(found.release) if stuck and found.number == _current(workload) else found.release
            for found in self._revisions(workload)
        )

    def running(self) -> str:
        """Return what the Deployment is set to; whether all pods are of it, `capacity` says."""
        workload = self._workload()
        for found in self._revisions(workload):
            if found.number == _current(workload):
                return found.release.version
        return ""

    def _steps(self, version: str, operation: str) -> tuple[Step, ...]:
        number = next(
            (found.number for found in self._revisions(self._workload()) if found.release.version == version),
            0,
        )
        if not number:
            raise NotFound(
                f"the cluster keeps no revision with {version}", where=self._target, remedy="andon releases"
            )
        kubectl = self._cluster.kubectl
        return (
            Step(arguments=kubectl("rollout", "undo", self._target, f"--to-revision={number}")),
            Step(arguments=kubectl("rollout", "status", self._target, f"--timeout={self._own_limit}s")),
            Step(
                arguments=kubectl("annotate", self._target, f"{_NOTE}={operation}", "--overwrite"),
                is_note=True,
            ),
        )

    def _warnings(self, _version: str) -> tuple[str, ...]:
        return (
            f"only {self._target} goes back: ConfigMaps, Secrets and other workloads stay as they are",
            "the next deployment from the pipeline puts the newer version back",
        )

    def _refuse(self, _release: ReleaseOnDisk) -> None:
        workload = self._workload()
        if workload.flag("spec", "paused"):
            raise Refused(
                f"{self._target} is paused, and a paused one cannot be rolled back",
                where=self._target,
                rule="paused",
                remedy=f"kubectl rollout resume {self._target}, then again",
            )
        if self._asks_gitops:
            refuse_automation(self._cluster, workload)

    def _ready(self, version: str) -> Capacity:
        set_to = self.running()
        if set_to != version:
            summary = f"{set_to or 'another revision'} is set, not {version}"
            return Capacity(verdict=Verdict.FAILED, summary=summary)
        return readiness((self._workload(),))

    def _log_command(self) -> tuple[str, ...]:
        selector = selector_of(self._workload())
        return self._cluster.logs(selector) if selector else ()

    @property
    def _target(self) -> str:
        return f"deployment/{self._name}"

    def _workload(self) -> Answer:
        return self._cluster.get(self._target)

    def _revisions(self, workload: Answer) -> tuple[Revision, ...]:
        selector = selector_of(workload)
        chosen = (f"--selector={selector}",) if selector else ()
        return revisions(
            self._cluster.get("replicasets", *chosen),
            workload,
            kind="Deployment",
            container=self._container,
            revision=_REVISION,
            hash_label=_HASH,
        )


def _current(workload: Answer) -> int:
    text = workload.texts("metadata", "annotations").get(_REVISION, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
