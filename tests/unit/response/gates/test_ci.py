"""What each CI system says about a build."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.gates.ci import Build, build_from

A, B = "a" * 40, "b" * 40
MAIN = ("refs/remotes/origin/main", "refs/heads/main")


def said(build: Build) -> tuple[str, tuple[str, ...], tuple[str, ...], str, str]:
    return build.system, build.heads, build.bases, build.branch, build.target


@pytest.mark.parametrize(
    ("variables", "event", "expected"),
    [
        ({}, {}, ("", ("HEAD",), (), "", "")),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": A},
            {"before": B},
            ("GitHub Actions", (A, "HEAD"), (B,), "main", "main"),
        ),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/x", "GITHUB_SHA": A},
            {"before": "0" * 40},
            ("GitHub Actions", (A, "HEAD"), (), "x", "x"),
        ),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "x", "GITHUB_SHA": "m"},
            {"pull_request": {"head": {"sha": A}, "base": {"sha": B}}},
            ("GitHub Actions", (A, "m", "HEAD"), (*MAIN, B), "x", "main"),
        ),
        (
            {"GITLAB_CI": "true", "CI_COMMIT_SHA": A, "CI_COMMIT_BRANCH": "x", "CI_COMMIT_BEFORE_SHA": B},
            {},
            ("GitLab CI", (A, "HEAD"), (B,), "x", "x"),
        ),
        (
            {
                "GITLAB_CI": "true",
                "CI_COMMIT_SHA": A,
                "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "x",
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": B,
            },
            {},
            ("GitLab CI", (A, "HEAD"), (B, *MAIN), "x", "main"),
        ),
        (
            {
                "BUILDKITE": "true",
                "BUILDKITE_COMMIT": A,
                "BUILDKITE_BRANCH": "x",
                "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
            },
            {},
            ("Buildkite", (A, "HEAD"), MAIN, "x", "x"),
        ),
        (
            {"CIRCLECI": "true", "CIRCLE_SHA1": A, "CIRCLE_BRANCH": "x"},
            {},
            ("CircleCI", (A, "HEAD"), (), "x", "x"),
        ),
        (
            {
                "JENKINS_URL": "u",
                "GIT_COMMIT": A,
                "GIT_BRANCH": "origin/main",
                "GIT_PREVIOUS_SUCCESSFUL_COMMIT": B,
            },
            {},
            ("Jenkins", (A, "HEAD"), (B,), "main", "main"),
        ),
        (
            {"JENKINS_URL": "u", "GIT_COMMIT": A, "CHANGE_TARGET": "main", "CHANGE_BRANCH": "x"},
            {},
            ("Jenkins", (A, "HEAD"), MAIN, "x", "main"),
        ),
        (
            {
                "TF_BUILD": "True",
                "BUILD_SOURCEVERSION": A,
                "BUILD_SOURCEBRANCH": "refs/pull/1/merge",
                "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/x",
                "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            },
            {},
            ("Azure Pipelines", (A, "HEAD"), MAIN, "x", "main"),
        ),
        (
            {
                "BITBUCKET_BUILD_NUMBER": "1",
                "BITBUCKET_COMMIT": A,
                "BITBUCKET_BRANCH": "x",
                "BITBUCKET_PR_DESTINATION_BRANCH": "main",
                "BITBUCKET_PR_DESTINATION_COMMIT": B,
            },
            {},
            ("Bitbucket Pipelines", (A, "HEAD"), (B, *MAIN), "x", "main"),
        ),
    ],
)
def test_a_build(
    variables: dict[str, str],
    event: dict[str, object],
    expected: tuple[str, tuple[str, ...], tuple[str, ...], str, str],
) -> None:
    assert said(build_from(variables, event)) == expected


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_any_event_is_read(event: object) -> None:
    for marker in ("before", "pull_request", "merge_group"):
        build_from({"GITHUB_ACTIONS": "1"}, {marker: event})
