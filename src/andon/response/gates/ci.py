"""What the variables of a CI system say about a build: its commit, its branch, and what it is compared with.

docs/how-to/gates-in-ci.md lists the variables; each is named in the documentation of its system.
"""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Build(Record):
    """A build: names of commits to try in turn, and the branches it is about."""

    #: The system, as people call it; "" for none that is known.
    system: str = ""
    heads: tuple[str, ...] = ("HEAD",)
    #: What it is compared with; empty when the system does not say.
    bases: tuple[str, ...] = ()
    #: The branch the commits are on; "" when it is not told.
    branch: str = ""
    #: The branch they are for: that of a merge request, or the one that was pushed to.
    target: str = ""
    #: True for the build of a branch as it was pushed, not of a request to merge it.
    is_push: bool = False
    #: How to have the whole history in this system.
    deepen: str = ""


def build_from(variables: Mapping[str, str], event: Mapping[str, object]) -> Build:
    """Return what the environment says; a Build of HEAD where no known system does.

    `event` is the file that GitHub Actions names in GITHUB_EVENT_PATH, empty elsewhere.
    """
    for marker, read in _SYSTEMS:
        if variables.get(marker):
            return read(variables, event)
    return Build()


def _github(v: Mapping[str, str], event: Mapping[str, object]) -> Build:
    deepen = "in the workflow: actions/checkout with fetch-depth: 0"
    request = _inside(event, "pull_request")
    if request or v.get("GITHUB_BASE_REF"):
        return Build(
            system="GitHub Actions",
            heads=_given(_text(_inside(request, "head"), "sha"), v.get("GITHUB_SHA"), "HEAD"),
            bases=_given(*_branch(v.get("GITHUB_BASE_REF")), _text(_inside(request, "base"), "sha")),
            branch=v.get("GITHUB_HEAD_REF", ""),
            target=v.get("GITHUB_BASE_REF", ""),
            deepen=deepen,
        )
    reference = v.get("GITHUB_REF", "")
    branch = reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else ""
    before = _text(event, "before")
    queued = _text(_inside(event, "merge_group"), "base_sha")
    return Build(
        system="GitHub Actions",
        heads=_given(v.get("GITHUB_SHA"), "HEAD"),
        bases=_given(queued, before),
        branch=branch,
        target=branch,
        is_push=bool(before.strip("0")),
        deepen=deepen,
    )


def _gitlab(v: Mapping[str, str], _event: Mapping[str, object]) -> Build:
    target = v.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    source = v.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "")
    branch = source or v.get("CI_COMMIT_BRANCH", "")
    before = v.get("CI_COMMIT_BEFORE_SHA", "")
    bases = (
        (v.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"), *_branch(target))
        if target
        else (before, *_other(branch, v.get("CI_DEFAULT_BRANCH")))
    )
    return Build(
        system="GitLab CI",
        heads=_given(v.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"), v.get("CI_COMMIT_SHA"), "HEAD"),
        bases=_given(*bases),
        branch=branch,
        target=target or branch,
        is_push=not target and bool(before.strip("0")),
        deepen='in the job: variables GIT_DEPTH: "0"',
    )


def _buildkite(v: Mapping[str, str], _event: Mapping[str, object]) -> Build:
    branch, target = v.get("BUILDKITE_BRANCH", ""), v.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")
    return Build(
        system="Buildkite",
        heads=_given(v.get("BUILDKITE_COMMIT"), "HEAD"),
        bases=_given(*_branch(target), *_other(branch, v.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH"))),
        branch="" if v.get("BUILDKITE_TAG") else branch,
        target=target or branch,
    )


def _circle(v: Mapping[str, str], _event: Mapping[str, object]) -> Build:
    branch = v.get("CIRCLE_BRANCH", "")
    return Build(system="CircleCI", heads=_given(v.get("CIRCLE_SHA1"), "HEAD"), branch=branch, target=branch)


def _jenkins(v: Mapping[str, str], _event: Mapping[str, object]) -> Build:
    target = v.get("CHANGE_TARGET", "")
    branch = v.get("CHANGE_BRANCH") or v.get("BRANCH_NAME") or v.get("GIT_BRANCH", "").removeprefix("origin/")
    # Not GIT_PREVIOUS_COMMIT: what a failed build stopped would be behind the next one, or the same again.
    before = "" if target else v.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "")
    return Build(
        system="Jenkins",
        heads=_given(v.get("GIT_COMMIT"), "HEAD"),
        bases=_given(*_branch(target), before),
        branch=branch,
        target=target or branch,
        is_push=bool(before),
        deepen="in the job: a clone without 'shallow clone'",
    )


def _azure(v: Mapping[str, str], _event: Mapping[str, object]) -> Build:
    source = v.get("SYSTEM_PULLREQUEST_SOURCEBRANCH") or v.get("BUILD_SOURCEBRANCH", "")
    branch = source.removeprefix("refs/heads/") if source.startswith("refs/heads/") else ""
    target = v.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "").removeprefix("refs/heads/")
    return Build(
        system="Azure Pipelines",
        heads=_given(v.get("SYSTEM_PULLREQUEST_SOURCECOMMITID"), v.get("BUILD_SOURCEVERSION"), "HEAD"),
        bases=_given(*_branch(target)),
        branch=branch,
        target=target or branch,
        deepen="in the pipeline: checkout: self with fetchDepth: 0",
    )


def _bitbucket(v: Mapping[str, str], _event: Mapping[str, object]) -> Build:
    branch, target = v.get("BITBUCKET_BRANCH", ""), v.get("BITBUCKET_PR_DESTINATION_BRANCH", "")
    return Build(
        system="Bitbucket Pipelines",
        heads=_given(v.get("BITBUCKET_COMMIT"), "HEAD"),
        bases=_given(v.get("BITBUCKET_PR_DESTINATION_COMMIT"), *_branch(target)),
        branch=branch,
        target=target or branch,
        deepen="in the pipeline: clone: depth: full",
    )


#: The variable that is set in a system, and what reads the others.
_SYSTEMS: tuple[tuple[str, Callable[[Mapping[str, str], Mapping[str, object]], Build]], ...] = (
    ("GITHUB_ACTIONS", _github),
    ("GITLAB_CI", _gitlab),
    ("BUILDKITE", _buildkite),
    ("CIRCLECI", _circle),
    ("JENKINS_URL", _jenkins),
    ("TF_BUILD", _azure),
    ("BITBUCKET_BUILD_NUMBER", _bitbucket),
)


def _given(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name and name.strip("0")))


def _branch(name: str | None) -> tuple[str, ...]:
    """Return what the branch may be called in this clone."""
    return (f"refs/remotes/origin/{name}", f"refs/heads/{name}") if name else ()


def _other(branch: str, default: str | None) -> tuple[str, ...]:
    return _branch(default) if default != branch else ()


def _inside(value: object, key: str) -> Mapping[str, object]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, object], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
