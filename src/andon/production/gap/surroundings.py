"""What differs around the settings of two worlds: answers from outside, machines, versions. Read-only."""

from __future__ import annotations

import os

from andon.gaps.environment.looks import compare_looks, compare_machines, compare_tls
from andon.production.gap.http_look import HttpLook
from andon.production.gap.lock_look import compare_trees
from andon.production.gap.release import release_of
from andon.production.gap.runtime_look import machine_here, machine_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from andon.config.model_gap import WorldConfig
    from andon.gaps.experiment import Difference
    from andon.gaps.failure import Failure
    from andon.production.gap.pace import Pace


#: Why statuses, headers and cookies of production stand alone.
_NO_ADDRESS = "headers and cookies were not compared: no url under [gap.test], where the tests' world runs"


class Around(Record):
    """What was seen around the settings."""

    differences: tuple[Difference, ...] = ()
    #: What was looked at, as phrases.
    looked: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    requests: int = 0


def look_around(
    test: WorldConfig,
    prod: WorldConfig,
    variables: Mapping[str, str],
    failure: Failure,
    root: str,
    *,
    consent: Callable[[str], bool],
    redact: Callable[[str], str],
    pace: Pace | None = None,
) -> Around:
    """Look at both worlds from outside, at their machines and at their lock files; never raises."""
    seen = [
        _from_outside(test, prod, failure, HttpLook(consent, redact, pace)),
        _machines(test, prod, variables, failure, root, consent),
        _versions(test, prod, failure, root, consent),
    ]
    return Around(
        differences=tuple(one for around in seen for one in around.differences),
        looked=tuple(one for around in seen for one in around.looked),
        problems=tuple(one for around in seen for one in around.problems),
        requests=sum(around.requests for around in seen),
    )


def _from_outside(test: WorldConfig, prod: WorldConfig, failure: Failure, http: HttpLook) -> Around:
    if not prod.url:
        return Around()
    if refusal := http.refused(prod.url) or (http.refused(test.url) if test.url else ""):
        return Around(problems=(refusal,))
    tls = http.tls(prod.url)
    if not test.url:
        found = compare_tls(None, tls, failure)
        return Around(
            differences=found,
            looked=("production's encryption",),
            problems=(_NO_ADDRESS,),
            requests=http.requests,
        )
    differences = list(compare_tls(http.tls(test.url), tls, failure))
    problems = []
    for path in _paths(prod, failure):
        ours, theirs = http.look(test.url, path), http.look(prod.url, path)
        problems += [one.problem for one in (ours, theirs) if one.problem]
        if not ours.problem and not theirs.problem:
            differences += compare_looks(ours, theirs, failure)
    kept = {one.place: one for one in reversed(differences)}
    return Around(
        differences=tuple(reversed(kept.values())),
        looked=("the answers of both worlds",),
        problems=tuple(problems),
        requests=http.requests,
    )


def _paths(prod: WorldConfig, failure: Failure) -> tuple[str, ...]:
    """Return what is asked for: the health path, and the failing page where asking for it does nothing."""
    failing = failure.path if failure.method.upper() in ("GET", "HEAD") else ""
    return tuple(dict.fromkeys(path for path in (prod.health, failing) if path.startswith("/")))


def _machines(
    test: WorldConfig,
    prod: WorldConfig,
    variables: Mapping[str, str],
    failure: Failure,
    root: str,
    consent: Callable[[str], bool],
) -> Around:
    theirs, problem = machine_of(prod.env, root, consent)
    if not theirs:
        return Around(problems=(problem,) if problem else ())
    # Experiments run here, wherever the tests' settings come from.
    ours = machine_here(variables, os.path.join(root, test.directory))
    return Around(
        differences=compare_machines(ours, theirs, failure), looked=("this machine and production's",)
    )


def _versions(
    test: WorldConfig, prod: WorldConfig, failure: Failure, root: str, consent: Callable[[str], bool]
) -> Around:
    if not prod.release and not prod.directory:
        return Around()
    # Who asks for another build asks the page; here a commit that is configured is enough.
    commit = "" if prod.release.startswith("url:") else release_of(prod, root, consent).commit
    found = compare_trees(test, prod, commit, root, failure)
    return Around(differences=found, looked=("the lock files of both worlds",) if found else ())
