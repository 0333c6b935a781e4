"""What the deployers on Kubernetes share: asking the cluster, naming revisions, counting what is ready.

Objects and fields: Kubernetes API reference, apps/v1 (Deployment, ReplicaSet) and core/v1.
"""

from __future__ import annotations

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.incident.words import ReleaseVerdict, Verdict
from andon.production.release_names import commit_in_tag, distinct, image_tag
from andon.production.releases import moment_in
from andon.production.tool_answer import ask_json
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.production.tool_answer import Answer

#: Lines that are asked for of each container's log, and containers whose logs are read at once.
LOG_LINES, LOG_CONTAINERS = 5000, 50


class Cluster:
    """Where `kubectl` looks: a context and a namespace, as the user's configuration has them if empty."""

    def __init__(self, *, namespace: str = "", context: str = "", cwd: str | None = None) -> None:
        """Keep where to look, and where to run the tool."""
        self.namespace = namespace
        self.context = context
        self._cwd = cwd

    def kubectl(self, *words: str) -> tuple[str, ...]:
        """Return an argument list."""
        return ("kubectl", *self.flags("--context"), *words)

    def flags(self, context: str) -> tuple[str, ...]:
        """Return the flags for the place; `context` is what the tool calls that flag."""
        place = (f"{context}={self.context}",) if self.context else ()
        return (*place, f"--namespace={self.namespace}") if self.namespace else place

    def get(self, *words: str) -> Answer:
        """Return an object or a list of them; raises Unavailable."""
        return ask_json(self.kubectl("get", *words, "--output=json"), cwd=self._cwd)

    def logs(self, selector: str) -> tuple[str, ...]:
        """Return the command that prints the logs of all pods of a selector, with `{since}` in it."""
        return self.kubectl(
            "logs",
            f"--selector={selector}",
            "--all-containers",
            "--prefix",
            "--since-time={since}",
            f"--tail={LOG_LINES}",
            f"--max-log-requests={LOG_CONTAINERS}",
        )


class Revision(Record):
    """One template that a workload had, kept as a ReplicaSet."""

    #: Its release; the hash of the template tells apart two with the same image.
    release: ReleaseOnDisk
    #: Number to go back to. It changes when somebody goes back to it, so it is asked for each time.
    number: int
    #: Hash of the template, as the ReplicaSet's pods are labelled.
    hash: str


def selector_of(workload: Answer) -> str:
    """Return a workload's selector as kubectl takes it; "" when it is not made of labels only."""
    if workload.entries("spec", "selector", "matchExpressions"):
        return ""
    labels = workload.texts("spec", "selector", "matchLabels")
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))


def revisions(
    replica_sets: Answer,
    workload: Answer,
    *,
    kind: str,
    container: str,
    revision: str,
    hash_label: str,
) -> tuple[Revision, ...]:
    """Return the templates of a workload, newest first.

    `revision` is the annotation that holds the number and `hash_label` the label that holds the hash. A
    release is named by the tag of its image; of two with the same tag the later one is `tag@hash`.
    """
    name = workload.text("metadata", "name")
    own = [item for item in replica_sets.entries("items") if _is_owned(item, kind, name)]
    numbers = [_number(item, revision) for item in own]
    known = [(item, number) for item, number in zip(own, numbers, strict=True) if number]
    known.sort(key=lambda pair: (pair[0].text("metadata", "creationTimestamp"), pair[1]))
    images = [image_of(item, container) for item, _ in known]
    hashes = [item.texts("metadata", "labels").get(hash_label, "") for item, _ in known]
    names = distinct([(image_tag(image), h) for image, h in zip(images, hashes, strict=True)])
    found = [
        Revision(
            release=ReleaseOnDisk(
                version=version,
                commit=commit_in_tag(image_tag(image)),
                artefact=image,
                deployed_at=moment_in(item.text("metadata", "creationTimestamp")),
            ),
            number=number,
            hash=template,
        )
        for (item, number), image, template, version in zip(known, images, hashes, names, strict=True)
        if version and image
    ]
    return tuple(reversed(found))


def aborted(release: ReleaseOnDisk) -> ReleaseOnDisk:
    """Return the release as one that never came up."""
    return ReleaseOnDisk(
        version=release.version,
        commit=release.commit,
        artefact=release.artefact,
        deployed_at=release.deployed_at,
        verdict=ReleaseVerdict.ABORTED,
    )


def image_of(workload: Answer, container: str) -> str:
    """Return the image of the named container, of the first one without a name; "" without such a one."""
    for entry in workload.entries("spec", "template", "spec", "containers"):
        if not container or entry.text("name") == container:
            return entry.text("image")
    return ""


def condition(workload: Answer, kind: str) -> tuple[str, str]:
    """Return status and reason of one of a workload's conditions; "" when it has none."""
    for entry in workload.entries("status", "conditions"):
        if entry.text("type") == kind:
            return entry.text("status"), entry.text("reason")
    return "", ""


def readiness(workloads: Sequence[Answer], *, keeps_old: bool = False) -> Capacity:
    """Say whether every copy of these workloads is of the newest template and ready to serve.

    `keeps_old` says that copies of an older template may stay for a while without serving.
    """
    if not workloads:
        return Capacity(verdict=Verdict.UNKNOWN, summary="the cluster lists no workload of it")
    wanted = ready = 0
    is_settled = True
    for workload in workloads:
        copies = workload.whole("spec", "replicas")
        copies = 1 if copies is None else copies
        current = min(_count(workload, "updatedReplicas"), _ready_copies(workload))
        observed = workload.whole("status", "observedGeneration") or 0
        is_settled &= observed >= (workload.whole("metadata", "generation") or 0)
        is_settled &= keeps_old or _count(workload, "replicas") == copies
        wanted += copies
        ready += min(current, copies)
    passed = is_settled and ready == wanted
    summary = f"{ready} of {wanted} replicas are ready"
    if not is_settled:
        summary += ", and the change is not complete"
    return Capacity(verdict=Verdict.PASSED if passed else Verdict.FAILED, summary=summary)


def _ready_copies(workload: Answer) -> int:
    # A StatefulSet of an older cluster counts ready copies only.
    field = "availableReplicas" if workload.has("status", "availableReplicas") else "readyReplicas"
    return _count(workload, field)


def _count(workload: Answer, field: str) -> int:
    return workload.whole("status", field) or 0


def _number(item: Answer, annotation: str) -> int:
    text = item.texts("metadata", "annotations").get(annotation, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _is_owned(item: Answer, kind: str, name: str) -> bool:
    owners = item.entries("metadata", "ownerReferences")
    return any(owner.text("kind") == kind and owner.text("name") == name for owner in owners)
