"""A Helm release: its revisions are the releases, and only one that was deployed may be gone back to.

Sources: `helm rollback` and `helm history` of Helm 3.19 and 4.x (documentation and source). Both take
`--wait` and `--timeout`; Helm 4 renamed `--force`, which is not used here. Helm's issue 1796: without a
revision, and from its own list, it goes back to a failed one.
"""

from __future__ import annotations

import re
import shlex

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.errors import NotFound, Refused
from andon.incident.words import ReleaseVerdict, Verdict
from andon.production.gitops import refuse_automation
from andon.production.kubernetes import Cluster, readiness
from andon.production.release_names import commit_in_tag, distinct
from andon.production.releases import moment_in
from andon.production.tool_answer import ask_json, unavailable
from andon.production.tool_deployer import Step, ToolDeployer
from andon.production.version import is_version
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.production.tool_answer import Answer

_ROLLBACK = re.compile(r"Rollback to (\d{1,9})")
#: Statuses of a revision that came up: the running one, and those it replaced.
_DEPLOYED = ("deployed", "superseded")
#: Revisions that are read; Helm keeps ten by default.
_MOST = 256


class _Revision(Record):
    """One line of Helm's history."""

    number: int
    #: The revision whose content it is: its own, or the one a rollback copied.
    original: int
    status: str
    app_version: str
    chart: str
    updated: datetime | None


class HelmDeployer(ToolDeployer):
    """Rolls a Helm release back to the content of an earlier revision."""

    kind = "helm"
    programs: tuple[str, ...] = ("helm", "kubectl")

    def __init__(
        self,
        release: str,
        *,
        cluster: Cluster,
        names: str = "revision",
        asks_gitops: bool = True,
        cwd: str | None = None,
        timeout: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        """Take the release; `names` says what its revisions are called: `revision` or `app_version`."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._name = release
        self._cluster = cluster
        self._names = names
        self._asks_gitops = asks_gitops

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the contents Helm still keeps, newest first; one that failed is marked."""
        history = self._history()
        names = self._called(history)
        found: dict[str, ReleaseOnDisk] = {}
        for one in history:  # oldest first: the last deployment of a content is the one that counts
            name = names.get(one.original, "")
            is_good = one.status in _DEPLOYED
            if not name or one.status.startswith("uninstall") or (name in found and not is_good):
                continue
            found[name] = ReleaseOnDisk(
                version=name,
                commit=commit_in_tag(one.app_version),
                artefact=f"{one.chart}, revision {one.number}",
                deployed_at=one.updated,
                verdict=ReleaseVerdict.ABORTED if one.status == "failed" else ReleaseVerdict.UNKNOWN,
            )
        order = {names.get(one.original, ""): one.original for one in history}
        return tuple(sorted(found.values(), key=lambda release: order[release.version], reverse=True))

    def running(self) -> str:
        """Return the deployed content; raises Unavailable when the last change failed or hangs."""
        history = self._history()
        last = history[-1] if history else None
        if last is None or last.status.startswith("uninstall"):
            return ""
        if last.status not in _DEPLOYED:
            raise unavailable(
                shlex.join(self._helm("status", self._name)),
                f"revision {last.number} is {last.status}: what runs may be a mixture",
            )
        return self._called(history).get(last.original, "")

    def _steps(self, version: str, _operation: str) -> tuple[Step, ...]:
        number = self._number_of(version)
        limit = f"--timeout={self._own_limit}s"
        return (Step(arguments=self._helm("rollback", self._name, str(number), "--wait", limit)),)

    def _warnings(self, _version: str) -> tuple[str, ...]:
        return (
            "the chart's rollback hooks run",
            "what the chart does not hold stays as it is; so do CRDs and the data of its volumes",
            "the next helm upgrade from the pipeline puts the newer version back",
        )

    def _refuse(self, release: ReleaseOnDisk) -> None:
        history = self._history()
        last = history[-1] if history else None
        if last is not None and last.status.startswith("pending"):
            number = str(self._number_of(release.version))
            by_hand = shlex.join(self._helm("rollback", self._name, number))
            raise Refused(
                f"revision {last.number} is {last.status}: another helm is at work, or died in the middle",
                where=self._name,
                rule="pending-release",
                remedy=(
                    f"when no helm is at work any more: {by_hand}, "
                    f"then: andon deployed {release.version} --rollback"
                ),
            )
        self._number_of(release.version)
        if self._asks_gitops:
            for workload in self._workloads().entries("items"):
                refuse_automation(self._cluster, workload)

    def _ready(self, version: str) -> Capacity:
        running = self.running()
        if running != version:
            return Capacity(
                verdict=Verdict.FAILED, summary=f"{running or 'nothing'} is deployed, not {version}"
            )
        return readiness(self._workloads().entries("items"))

    def _log_command(self) -> tuple[str, ...]:
        return self._cluster.logs(self._selector)

    @property
    def _selector(self) -> str:
        return f"app.kubernetes.io/instance={self._name}"

    def _workloads(self) -> Answer:
        return self._cluster.get("deployments,statefulsets", f"--selector={self._selector}")

    def _helm(self, *words: str) -> tuple[str, ...]:
        return ("helm", *self._cluster.flags("--kube-context"), *words)

    def _history(self) -> tuple[_Revision, ...]:
        """Return the revisions, oldest first; raises Unavailable."""
        asked = self._helm("history", self._name, "--output=json", f"--max={_MOST}")
        found = []
        for entry in ask_json(asked, cwd=self._cwd).entries():
            number = entry.whole("revision")
            if not number:
                raise unavailable(
                    shlex.join(asked), "the answer is not understood: an entry without a revision"
                )
            copied = _ROLLBACK.fullmatch(entry.text("description").strip())
            found.append(
                _Revision(
                    number=number,
                    original=entry.whole("rollback_revision") or (int(copied[1]) if copied else number),
                    status=entry.text("status"),
                    app_version=entry.text("app_version"),
                    chart=entry.text("chart"),
                    updated=moment_in(entry.text("updated")),
                )
            )
        found.sort(key=lambda one: one.number)
        return _resolved(found)

    def _called(self, history: tuple[_Revision, ...]) -> dict[int, str]:
        """Return the name of each content by the number of the revision that brought it."""
        first = {one.original: one for one in reversed(history)}
        originals = sorted(first)
        if self._names == "revision":
            return {number: f"rev-{number}" for number in originals}
        labels = [first[number].app_version or f"rev-{number}" for number in originals]
        identities = [f"rev-{number}" for number in originals]
        names = distinct(list(zip(labels, identities, strict=True)))
        return {
            number: name or identity
            for number, name, identity in zip(originals, names, identities, strict=True)
            if is_version(name or identity)
        }

    def _number_of(self, version: str) -> int:
        """Return the newest revision with this content that came up; raises NotFound."""
        history = self._history()
        names = self._called(history)
        good = [
            one.number for one in history if names.get(one.original) == version and one.status in _DEPLOYED
        ]
        if not good:
            raise NotFound(
                f"helm keeps no revision of {version} that came up", where=self._name, remedy="andon releases"
            )
        return good[-1]


def _resolved(history: list[_Revision]) -> tuple[_Revision, ...]:
    """Return the revisions, each with the content it has in the end: a rollback may copy a rollback."""
    origin: dict[int, int] = {}
    found = []
    for one in history:
        origin[one.number] = origin.get(one.original, one.original)
        found.append(
            _Revision(
                number=one.number,
                original=origin[one.number],
                status=one.status,
                app_version=one.app_version,
                chart=one.chart,
                updated=one.updated,
            )
        )
    return tuple(found)
