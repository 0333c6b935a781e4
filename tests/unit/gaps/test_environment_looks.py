"""What differs between two worlds from outside, in their machines, and in what they are built from."""

from __future__ import annotations

import json

import pytest

from andon.gaps.environment.builds import Release, is_other
from andon.gaps.environment.locks import compare_locks, is_lock, packages
from andon.gaps.environment.looks import (
    Cookie,
    Look,
    Tls,
    compare_looks,
    compare_machines,
    compare_tls,
    plain_header,
)
from andon.gaps.failure import Failure

BROKEN = Failure(path="/checkout", status=500, text="something broke")
REFUSED = Failure(path="/checkout", text="Refused to load the script: Content Security Policy")


def _look(**changes: object) -> Look:
    given: dict[str, object] = {"path": "/", "status": 200, "version": "HTTP/1.1"}
    return Look(**(given | changes))  # type: ignore[arg-type]


def test_a_policy_matters_where_a_browser_refused_something() -> None:
    test = _look(headers=(("content-security-policy", "default-src *"), ("vary", "Accept")))
    production = _look(headers=(("content-security-policy", "default-src 'self'"), ("vary", "Origin")))
    weights = {one.place[0]: one.weight for one in compare_looks(test, production, REFUSED)}
    assert weights == {"header content-security-policy": 4, "header vary": 1}
    assert {one.weight for one in compare_looks(test, production, BROKEN)} == {2, 1}


def test_what_is_new_in_every_answer_is_not_compared() -> None:
    assert plain_header("content-security-policy", "script-src 'nonce-abc123'") == "script-src 'nonce'"
    assert plain_header("x-session", "abc") == ""


def test_the_failing_pages_status_is_what_failed_and_not_why() -> None:
    assert compare_looks(_look(path="/checkout"), _look(path="/checkout", status=500), BROKEN) == ()
    (found,) = compare_looks(_look(), _look(status=403), BROKEN)
    assert (found.place, found.weight) == (("status of /",), 2)


def test_flags_of_cookies_redirects_and_versions_are_compared() -> None:
    test = _look(cookies=(Cookie(name="sid", flags=("HttpOnly",)),))
    production = _look(
        cookies=(Cookie(name="sid", flags=("HttpOnly", "Secure")), Cookie(name="new", flags=())),
        redirects=("/login",),
        version="HTTP/1.0",
    )
    found = {one.place[0]: (one.test, one.production) for one in compare_looks(test, production, BROKEN)}
    assert found == {
        "cookie sid": ("HttpOnly", "HttpOnly, Secure"),
        "redirects of /": ("none", "/login"),
        "HTTP version": ("HTTP/1.1", "HTTP/1.0"),
    }


def test_a_certificate_that_is_not_trusted_matters_where_trust_failed() -> None:
    expired = Tls(protocol="TLSv1.3", untrusted="certificate has expired")
    (found,) = compare_tls(None, expired, BROKEN)
    assert (found.weight, found.production) == (2, "certificate has expired")
    failure = Failure(path="/pay", text="certificate verify failed")
    assert compare_tls(None, expired, failure)[0].weight == 4
    assert compare_tls(None, Tls(days=3), BROKEN)[0].production == "ends in 3 days"
    assert compare_tls(None, None, BROKEN) == ()
    assert [one.place[0] for one in compare_tls(Tls(protocol="a"), Tls(protocol="b"), BROKEN)] == [
        "TLS version"
    ]


def test_a_fact_of_the_machine_matters_where_it_explains_the_failure() -> None:
    test = {"open files": "1048576", "version of Python": "Python 3.11.7", "time zone": "UTC +0000"}
    production = {
        "open files": "256",
        "version of Python": "Python 3.12.1",
        "time zone": "UTC +0000",
        "x": "y",
    }
    found = {one.place[0]: one.weight for one in compare_machines(test, production, BROKEN)}
    assert found == {"open files": 1, "version of Python": 2}
    failure = Failure(path="/a", text="OSError: [Errno 24] Too many open files")
    assert compare_machines(test, production, failure)[0].weight == 4


LOCKS = {
    "package-lock.json": json.dumps({"packages": {"": {}, "node_modules/left": {"version": "1.2.3"}}}),
    "npm-shrinkwrap.json": json.dumps({"dependencies": {"left": {"version": "1.2.3"}}}),
    "pnpm-lock.yaml": "packages:\n\n  left@1.2.3:\n    resolution: {}\n",
    "yarn.lock": 'left@^1.0.0:\n  version "1.2.3"\n',
    "poetry.lock": '[[package]]\nname = "left"\nversion = "1.2.3"\n',
    "uv.lock": '[[package]]\nname = "left"\nversion = "1.2.3"\n',
    "Pipfile.lock": json.dumps({"default": {"left": {"version": "==1.2.3"}}}),
    "requirements.txt": "# pinned\nLeft[extra]==1.2.3 ; python_version > '3'\nother>=2\n",
    "constraints-dev.txt": "left==1.2.3\n",
    "go.mod": "module shop\n\nrequire (\n\texample.com/left v1.2.3\n)\n",
    "Gemfile.lock": "GEM\n  specs:\n    left (1.2.3)\n      right (~> 2)\n",
    "composer.lock": json.dumps({"packages": [{"name": "left", "version": "1.2.3"}]}),
}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_are_read(name: str) -> None:
    assert is_lock(name)
    ((package, version),) = packages(name, LOCKS[name]).items()
    assert package.endswith("left")
    assert version.removeprefix("v") == "1.2.3"


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"packages": [1]}', "\x00", '{"default": 3}', "package = 3"]
)
def test_a_broken_lock_file_has_no_packages(name: str, text: str) -> None:
    assert packages(name, text) == {}


def test_a_file_that_fixes_nothing_is_no_lock_file() -> None:
    assert not is_lock("package.json")
    assert packages("package.json", "{}") == {}


def test_packages_weigh_by_the_failure() -> None:
    failure = Failure(path="/checkout", text="TypeError in stripe: amount")
    test = {"stripe": "2.0.0", "left": "1.0.0", "right": "1.0.0", "same": "1"}
    production = {"stripe": "2.1.0", "left": "2.0.0", "right": "1.0.1", "same": "1"}
    found = compare_locks("requirements.txt", test, production, failure)
    assert [(one.place[0], one.weight) for one in found] == [
        ("package stripe", 5),
        ("package left", 2),
        ("package right", 1),
    ]


COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


@pytest.mark.parametrize(
    ("test", "production", "expected"),
    [
        (Release(text="v1.2", commit=COMMIT), Release(text="1.2", commit=COMMIT), False),
        (Release(text="v1.2", commit=COMMIT), Release(text="v1.1", commit=OTHER), True),
        (Release(text="v1.2"), Release(text="1.2"), False),
        (Release(text="v1.2"), Release(text="v1.3"), True),
        (Release(text=COMMIT), Release(text=COMMIT[:9]), False),
        (Release(text=COMMIT), Release(text="v1.3"), None),
        (Release(told="no"), Release(text="v1.3"), None),
        (Release(text="v1.3"), Release(told="no"), None),
    ],
)
def test_another_build_is_told(test: Release, production: Release, expected: bool | None) -> None:
    found, told = is_other(test, production)
    assert found is expected
    assert told
