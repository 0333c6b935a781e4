"""A Rollout of Argo Rollouts, driven by kubectl and its plugin: an aborted revision is never gone back to.

Sources: documentation of `kubectl argo rollouts undo|status`; the fields of its Rollout and AnalysisRun
types; its issues 3039 and 4281 (fast rollback to an aborted revision) and 3941 (traffic switched before
all copies are there).
"""

from __future__ import annotations

from andon.desk.values import Capacity
from andon.errors import NotFound, Refused, Unavailable
from andon.incident.words import Verdict
from andon.production.gitops import refuse_automation
from andon.production.kubernetes import Cluster, aborted, readiness, revisions, selector_of
from andon.production.tool_answer import unavailable
from andon.production.tool_deployer import Step, ToolDeployer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.values import ReleaseOnDisk
    from andon.production.kubernetes import Revision
    from andon.production.rollouts_canary import RolloutsCanary
    from andon.production.tool_answer import Answer

_REVISION = "rollout.argoproj.io/revision"
_HASH = "rollouts-pod-template-hash"
#: What newer controllers write on a ReplicaSet: `success` or `abort`.
_STATE = "argo-rollouts.argoproj.io/state"
_NOTE = "andon/operation"


class RolloutsDeployer(ToolDeployer):
    """Takes a Rollout back to the template of an earlier ReplicaSet, through its own strategy."""

    kind = "argo-rollouts"
    programs: tuple[str, ...] = ("kubectl", "kubectl-argo-rollouts")

    def __init__(
        self,
        rollout: str,
        *,
        cluster: Cluster,
        container: str = "",
        asks_gitops: bool = True,
        cwd: str | None = None,
        timeout: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        """Take the Rollout, and whose image names the release: the first container unless told."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._name = rollout
        self._cluster = cluster
        self._container = container
        self._asks_gitops = asks_gitops

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the templates that the cluster still keeps, newest first; the aborted ones are marked."""
        workload = self._workload()
        replica_sets = self._replica_sets(workload)
        bad = self._aborted(workload, replica_sets)
        return tuple(
            aborted(found.release) if found.hash in bad else found.release
            for found in self._revisions(workload, replica_sets)
        )

    def running(self) -> str:
        """Return the stable version; raises Unavailable while another one is on its way in."""
        workload = self._workload()
        stable, newest = workload.text("status", "stableRS"), workload.text("status", "currentPodHash")
        if stable != newest and not workload.flag("status", "abort"):
            raise unavailable(
                " ".join(self._cluster.kubectl("argo", "rollouts", "get", "rollout", self._name)),
                f"a rollout is under way ({workload.text('status', 'phase')}): two versions serve",
            )
        found = self._revisions(workload, self._replica_sets(workload))
        return next((one.release.version for one in found if one.hash == stable), "")

    @property
    def canary(self) -> RolloutsCanary:
        """What spreads a new version by weight."""
        from andon.production.rollouts_canary import RolloutsCanary  # only where one is spread

        return RolloutsCanary(
            self._name,
            kubectl=self._cluster.kubectl,
            workload=self._workload,
            versions=self._versions,
            container=self._container,
            refuse=self._refuse_gitops,
            cwd=self._cwd,
            timeout=self._timeout,
        )

    def _versions(self, workload: Answer) -> dict[str, tuple[str, int]]:
        found = self._revisions(workload, self._replica_sets(workload))
        return {one.hash: (one.release.version, one.number) for one in found}

    def _refuse_gitops(self, workload: Answer) -> None:
        if self._asks_gitops:
            refuse_automation(self._cluster, workload)

    def _steps(self, version: str, operation: str) -> tuple[Step, ...]:
        workload = self._workload()
        found = self._revisions(workload, self._replica_sets(workload))
        number = next((one.number for one in found if one.release.version == version), 0)
        if not number:
            raise NotFound(
                f"the cluster keeps no revision with {version}", where=self._target, remedy="andon releases"
            )
        plugin = ("argo", "rollouts")
        kubectl = self._cluster.kubectl
        return (
            Step(arguments=kubectl(*plugin, "undo", self._name, f"--to-revision={number}")),
            Step(arguments=kubectl(*plugin, "status", self._name, f"--timeout={self._own_limit}s")),
            Step(
                arguments=kubectl("annotate", self._target, f"{_NOTE}={operation}", "--overwrite"),
                is_note=True,
            ),
        )

    def _warnings(self, _version: str) -> tuple[str, ...]:
        return (
            (
                "the way back goes through the strategy's steps, pauses and analysis; a pause ends with: "
                f"kubectl argo rollouts promote {self._name}"
            ),
            f"only {self._target} goes back: ConfigMaps, Secrets and other workloads stay as they are",
            "traffic may be switched before all copies are there: the capacity is waited for",
        )

    def _refuse(self, _release: ReleaseOnDisk) -> None:
        workload = self._workload()
        stable, newest = workload.text("status", "stableRS"), workload.text("status", "currentPodHash")
        if stable and stable != newest and not workload.flag("status", "abort"):
            raise Refused(
                "a rollout is under way: the stable version still serves most of the traffic",
                where=self._target,
                rule="rollout-under-way",
                remedy=f"kubectl argo rollouts abort {self._name} takes the new version out; then again",
            )
        self._refuse_gitops(workload)

    def _ready(self, version: str) -> Capacity:
        running = self.running()
        if running != version:
            summary = f"{running or 'another revision'} is stable, not {version}"
            return Capacity(verdict=Verdict.FAILED, summary=summary)
        workload = self._workload()
        phase = workload.text("status", "phase")
        if phase != "Healthy":
            return Capacity(verdict=Verdict.FAILED, summary=f"the rollout is {phase or 'without a phase'}")
        return readiness((workload,), keeps_old=True)

    def _log_command(self) -> tuple[str, ...]:
        selector = selector_of(self._workload())
        return self._cluster.logs(selector) if selector else ()

    @property
    def _target(self) -> str:
        return f"rollouts.argoproj.io/{self._name}"

    def _workload(self) -> Answer:
        return self._cluster.get(self._target)

    def _replica_sets(self, workload: Answer) -> Answer:
        selector = selector_of(workload)
        return self._cluster.get("replicasets", *((f"--selector={selector}",) if selector else ()))

    def _revisions(self, workload: Answer, replica_sets: Answer) -> tuple[Revision, ...]:
        return revisions(
            replica_sets,
            workload,
            kind="Rollout",
            container=self._container,
            revision=_REVISION,
            hash_label=_HASH,
        )

    def _aborted(self, workload: Answer, replica_sets: Answer) -> set[str]:
        """Return the hashes of templates that were aborted or whose analysis failed.

        The annotation is what newer controllers write; the Rollout's own status knows the last one; the
        analysis runs know as far back as they are kept.
        """
        found = {
            item.texts("metadata", "labels").get(_HASH, "")
            for item in replica_sets.entries("items")
            if item.texts("metadata", "annotations").get(_STATE) == "abort"
        }
        if workload.flag("status", "abort"):
            found.add(workload.text("status", "currentPodHash"))
        try:
            runs = self._cluster.get("analysisruns.argoproj.io").entries("items")
        except Unavailable:  # not everybody may read them; the two other signs stand
            runs = ()
        found |= {
            run.texts("metadata", "labels").get(_HASH, "")
            for run in runs
            if run.text("status", "phase") in ("Failed", "Error")
        }
        return found - {"", workload.text("status", "stableRS")}
