"""The canary of an Argo Rollout: spread by the steps of its own strategy, which wait until they are promoted.

Its steps are never changed: a controller that sees other steps begins anew with the first one, also when the
canary was aborted. Sources: documentation of the canary strategy and of `kubectl argo rollouts set image`,
`promote`, `abort`, `undo`; pull request 558 of its repository (steps that change).
"""

from __future__ import annotations

import re
import time

from andon.desk.flags.values import CanarySeen
from andon.errors import InvalidInput, Refused, Unavailable
from andon.production.kubernetes import image_of
from andon.production.release_names import image_tag, repository_of
from andon.production.tool_answer import ask
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.production.tool_answer import Answer

    #: Runs `kubectl` with these words; returns what it prints; raises Unavailable.
    Kubectl = Callable[..., str]

#: A tag of an image: https://github.com/opencontainers/distribution-spec, "Pulling manifests".
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
#: Seconds between two questions.
_PAUSE = 0.5


class Step(Record):
    """One step of the strategy at which the Rollout waits for a person."""

    #: Its place among the steps, and the weight that holds there.
    index: int
    percent: float


class RolloutsCanary:
    """The port `Canary`."""

    kind = "argo-rollouts"

    def __init__(
        self,
        name: str,
        *,
        kubectl: Callable[..., tuple[str, ...]],
        workload: Callable[[], Answer],
        versions: Callable[[Answer], dict[str, tuple[str, int]]],
        container: str,
        refuse: Callable[[Answer], None],
        cwd: str | None,
        timeout: float,
    ) -> None:
        """Take the Rollout, and how the deployer asks for it, knows its templates and GitOps.

        `versions`: hash of a template to its version and the number to go back to it.
        """
        self.name = name
        self._kubectl = kubectl
        self._workload = workload
        self._versions = versions
        self._container = container
        self._refuse = refuse
        self._cwd = cwd
        self._timeout = timeout

    def stages(self) -> tuple[float, ...]:
        """Return the weights at which the strategy waits, 100 last; raises Refused if it would not."""
        found = [step.percent for step in self._waits(self._workload())]
        return tuple(found) if found and found[-1] >= 100 else (*found, 100.0)

    def preflight(self, version: str) -> None:
        """Raise Refused while another canary is under way, or when GitOps or the strategy is in the way."""
        if not _TAG.fullmatch(version):
            raise InvalidInput(
                f"{version[:140]!r} cannot be the tag of an image",
                rule="canary-version",
                remedy="andon canary TAG 5% 25% 100%",
            )
        workload = self._workload()
        self._waits(workload)
        image = self._image(workload)
        stable, newest = workload.text("status", "stableRS"), workload.text("status", "currentPodHash")
        if image_tag(image) == version and stable == newest:
            raise Refused(f"{version} is what everybody has", where=self.name, rule="canary-version")
        if stable != newest and not workload.flag("status", "abort"):
            raise Refused(
                "a rollout is under way already",
                where=self.name,
                rule="rollout-under-way",
                remedy=f"kubectl argo rollouts abort {self.name} takes it out; then again",
            )
        if workload.flag("status", "abort") and image_tag(image) == version:
            raise Refused(
                f"{version} was aborted when it was tried last",
                where=self.name,
                rule="aborted-release",
                remedy=f"if it was innocent: kubectl argo rollouts undo {self.name}; then again",
            )
        self._refuse(workload)

    def standing(self) -> CanarySeen:
        """Return what the Rollout's status says."""
        return self._seen(self._workload())

    def spread(self, version: str, percent: float, operation: str, tell: Callable[[str], None]) -> str:
        """Set the image, or promote past the waits before the stage, each once; then wait for the stage."""
        deadline = time.monotonic() + self._timeout
        promoted: set[int] = set()
        told = ""
        while True:
            workload = self._workload()
            seen = self._seen(workload)
            if seen.version == version and seen.is_aborted:
                raise Refused(
                    f"{version} was aborted: {workload.text('status', 'message') or 'by the controller'}",
                    where=self.name,
                    rule="aborted-release",
                    remedy=f"kubectl argo rollouts get rollout {self.name}",
                )
            if seen.version == version and seen.percent >= percent and self._is_there(seen):
                return seen.told
            index = workload.whole("status", "currentStepIndex") or 0
            if seen.version != version:
                self._begin(workload, version, operation)
            elif seen.is_waiting and index not in promoted:
                promoted.add(index)
                self._run("argo", "rollouts", "promote", self.name)
            if seen.told != told:
                told = seen.told
                tell(told)
            if time.monotonic() > deadline:
                raise self._late(f"{version} is not at {percent:g} %: {seen.told}")
            time.sleep(_PAUSE)

    def complete(self, version: str, operation: str) -> str:
        """Promote it past its last wait, if it stands there; then only it is left."""
        deadline = time.monotonic() + self._timeout
        is_promoted = False
        while True:
            seen = self.standing()
            if seen.version == version and seen.stable == version:
                self._note(operation)
                return seen.told
            if seen.version != version or seen.is_aborted or seen.percent < 100:
                raise Refused(
                    f"{version} is not at its last stage: {seen.told}", where=self.name, rule="canary"
                )
            if seen.is_waiting and not is_promoted:
                is_promoted = True
                self._run("argo", "rollouts", "promote", self.name)
            if time.monotonic() > deadline:
                raise self._late(f"{version} is not the only one yet: {seen.told}")
            time.sleep(_PAUSE)

    def withdraw(self, version: str, stable: str, operation: str) -> str:
        """Abort it, so that all traffic goes to the stable copies, which are still there.

        One that is stable itself is replaced by the release before it, past every step.
        """
        deadline = time.monotonic() + self._timeout
        is_told = False
        while True:
            seen = self.standing()
            if seen.version == version and seen.is_aborted:
                return f"{version} is aborted: {seen.stable} has all traffic"
            if seen.version == seen.stable != version:
                return f"{seen.stable} has all traffic"
            if seen.version not in (version, stable):
                return f"{seen.stable} has all traffic but that of {seen.version}"
            if not is_told:
                is_told = True
                self._take_out(seen, version, stable)
                self._note(operation)
            if time.monotonic() > deadline:
                raise self._late(f"{version} is not out yet: {seen.told}")
            time.sleep(_PAUSE)

    def _take_out(self, seen: CanarySeen, version: str, stable: str) -> None:
        if seen.stable != version:
            self._run("argo", "rollouts", "abort", self.name)
            return
        if seen.version == version:
            number = self._number_of(stable)
            self._run("argo", "rollouts", "undo", self.name, f"--to-revision={number}")
        self._run("argo", "rollouts", "promote", self.name, "--full")

    def _begin(self, workload: Answer, version: str, operation: str) -> None:
        seen = self._seen(workload)
        if seen.version != seen.stable and not seen.is_aborted:
            raise Refused(
                f"{seen.version} is on its way in, not {version}",
                where=self.name,
                rule="rollout-under-way",
                remedy=f"kubectl argo rollouts get rollout {self.name}",
            )
        image = self._image(workload)
        wanted = f"{repository_of(image)}:{version}"
        name = self._container or self._first_container(workload)
        self._run("argo", "rollouts", "set", "image", self.name, f"{name}={wanted}")
        self._note(operation)

    def _is_there(self, seen: CanarySeen) -> bool:
        return seen.is_waiting or (seen.percent >= 100 and seen.stable == seen.version)

    def _seen(self, workload: Answer) -> CanarySeen:
        image = self._image(workload)
        version = image_tag(image)
        stable, newest = workload.text("status", "stableRS"), workload.text("status", "currentPodHash")
        is_aborted = bool(workload.flag("status", "abort"))
        phase = workload.text("status", "phase")
        observed = workload.whole("status", "observedGeneration")
        is_old = observed is not None and observed != workload.whole("metadata", "generation")
        if stable == newest and not is_old:
            told = f"{version} has all traffic ({phase or 'no phase'})"
            percent = 100.0 if phase == "Healthy" else 99.0
            return CanarySeen(stable=version, version=version, percent=percent, told=told)
        steps = workload.entries("spec", "strategy", "canary", "steps")
        index = workload.whole("status", "currentStepIndex") or 0
        weights = [step.whole("setWeight") for step in steps[: index + 1]]
        known = [weight for weight in weights if weight is not None]
        is_waiting = bool(workload.entries("status", "pauseConditions")) and index < len(steps)
        percent = 0.0 if is_aborted else float(known[-1]) if known else 0.0
        told = f"{version} at {percent:g} %, step {index} of {len(steps)} ({phase or 'no phase'})"
        return CanarySeen(
            stable=self._versions(workload).get(stable, (stable, 0))[0],
            version=version,
            percent=percent,
            is_waiting=is_waiting and not is_aborted and not is_old,
            is_aborted=is_aborted,
            told="aborted" if is_aborted else told,
        )

    def _number_of(self, version: str) -> int:
        found = [number for known, number in self._versions(self._workload()).values() if known == version]
        if not found:
            raise Refused(
                f"the cluster keeps no revision with {version}",
                where=self.name,
                rule="canary",
                remedy="andon releases; andon rollback --to VERSION",
            )
        return found[0]

    def _waits(self, workload: Answer) -> tuple[Step, ...]:
        """Return the steps at which it waits; raises Refused where it would go on by itself."""
        if not workload.has("spec", "strategy", "canary"):
            raise self._unfit("it has no canary strategy")
        steps = workload.entries("spec", "strategy", "canary", "steps")
        found: list[Step] = []
        weight: int | None = None
        for index, step in enumerate(steps):
            if step.has("setWeight"):
                if weight is not None and weight < 100:
                    raise self._unfit(f"it does not wait at {weight} %")
                weight = step.whole("setWeight")
            elif step.has("pause"):
                if step.has("pause", "duration"):
                    raise self._unfit(
                        f"step {index} goes on by itself after {step.plain('pause', 'duration')}"
                    )
                if weight is not None:
                    found.append(Step(index=index, percent=float(weight)))
                weight = None
        if weight is not None and weight < 100:
            raise self._unfit(f"it does not wait at {weight} %")
        if not found:
            raise self._unfit("it waits nowhere")
        return tuple(found)

    def _unfit(self, why: str) -> Refused:
        return Refused(
            f"the strategy of the Rollout does not let anybody watch its stages: {why}",
            where=self.name,
            rule="canary-steps",
            remedy="steps: [{setWeight: 5}, {pause: {}}, {setWeight: 25}, {pause: {}}], with your stages",
        )

    def _image(self, workload: Answer) -> str:
        image = image_of(workload, self._container)
        if not image:
            raise Refused(
                "its image is not in the Rollout itself (workloadRef, or another container)",
                where=self.name,
                rule="canary-version",
                remedy="container in [deploy]",
            )
        return image

    def _first_container(self, workload: Answer) -> str:
        return workload.entries("spec", "template", "spec", "containers")[0].text("name")

    def _run(self, *words: str) -> None:
        ask(self._kubectl(*words), cwd=self._cwd, timeout=self._timeout)

    def _note(self, operation: str) -> None:
        try:
            note = f"andon/operation={operation.replace('/', '-')}"
            self._run("annotate", f"rollouts.argoproj.io/{self.name}", note, "--overwrite")
        except Unavailable:
            return  # it only leaves a note

    def _late(self, told: str) -> Unavailable:
        return Unavailable(
            told,
            where=self.name,
            rule="canary",
            remedy=f"kubectl argo rollouts get rollout {self.name}",
        )
