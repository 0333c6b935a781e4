"""What is seen around the settings: real servers, a real shell, real git; production only where agreed."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from andon.config.model_gap import WorldConfig
from andon.gaps.failure import Failure
from andon.production.gap.http_look import HttpLook
from andon.production.gap.lock_look import compare_trees
from andon.production.gap.pace import Pace
from andon.production.gap.release import commit_of, is_another_build, named_in, release_of
from andon.production.gap.runtime_look import machine_here, machine_of
from andon.production.gap.source_mentions import mentions
from andon.production.gap.surroundings import look_around
from tests.fakes.flag_tls import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from ssl import SSLContext

FAILURE = Failure(path="/page", status=200, text="Refused to connect: Content Security Policy")
CANARY = "geheim-4711-geheim"


@contextmanager
def _server(
    pages: Mapping[str, tuple[int, tuple[tuple[str, str], ...], str]], tls: SSLContext | None = None
) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the library asks for
            asked.append(self.path)
            status, headers, text = pages.get(self.path, (404, (), ""))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def _anybody(_: str) -> bool:
    return True


def _nobody(_: str) -> bool:
    return False


def _look() -> HttpLook:
    return HttpLook(_anybody, lambda text: text.replace(CANARY, "[hidden]"), Pace(1000))


def test_an_answer_is_seen_without_values_of_cookies_and_queries() -> None:
    headers = (
        ("Content-Security-Policy", "default-src 'self' 'nonce-xyz'"),
        ("Set-Cookie", f"sid={CANARY}; HttpOnly; SameSite=Lax; Domain={CANARY}.example.com"),
        ("X-Token", CANARY),
        ("Vary", CANARY),
    )
    pages = {
        "/": (302, (("Location", f"/home?token={CANARY}"),), ""),
        f"/home?token={CANARY}": (200, headers, "x"),
    }
    with _server(pages) as (base, _):
        seen = _look().look(base, "/")
    assert seen.status == 200
    assert seen.redirects == ("/home",)
    assert dict(seen.headers)["content-security-policy"] == "default-src 'self' 'nonce'"
    assert seen.cookies[0].flags == ("Domain", "HttpOnly", "SameSite=Lax")
    assert CANARY not in repr(seen)


def test_a_redirect_to_another_host_is_told_and_not_followed() -> None:
    with _server({"/x": (200, (), "")}) as (other, asked):
        with _server({"/": (301, (("Location", f"{other}/x"),), "")}) as (base, _):
            seen = _look().look(base, "/")
        assert (seen.status, asked) == (301, [])
    assert seen.redirects == (f"{other.rpartition(':')[0]}/x",)


def test_redirects_in_a_circle_end() -> None:
    with _server({"/": (302, (("Location", "/"),), "")}) as (base, asked):
        assert _look().look(base, "/").status == 302
    assert len(asked) == 4


def test_nobody_there_is_no_crash() -> None:
    seen = _look().look("http://127.0.0.1:9", "/")
    assert "did not answer" in seen.problem
    assert _look().tls("https://127.0.0.1:9") is None
    assert _look().tls("http://127.0.0.1:9") is None


def test_encryption_is_seen_also_where_it_is_not_trusted(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    with _server({"/": (200, (), "x")}, context) as (base, _):
        address = base.replace("http://127.0.0.1", "https://localhost")
        seen = _look().tls(address)
        assert _look().look(address, "/").status == 200
    assert seen is not None
    assert (seen.days, seen.issuer) == (1, "")
    assert seen.protocol.startswith("TLSv1.")
    assert "self" in seen.untrusted


def test_both_worlds_are_compared_and_the_requests_counted(tmp_path: Path) -> None:
    policy = (("Content-Security-Policy", "default-src 'none'"),)
    ours = {"/health": (200, (), ""), "/page": (200, (), "")}
    theirs = {"/health": (200, (), ""), "/page": (200, policy, "")}
    with _server(ours) as (test_url, _), _server(theirs) as (prod_url, asked):
        test, prod = WorldConfig(url=test_url), WorldConfig(url=prod_url, health="/health")
        seen = look_around(
            test, prod, {}, FAILURE, str(tmp_path), consent=_anybody, redact=str, pace=Pace(1000)
        )
    (found,) = seen.differences
    assert (found.place, found.weight) == (("header content-security-policy",), 4)
    assert (seen.requests, asked) == (4, ["/health", "/page"])


def test_a_tests_world_without_an_address_is_told(tmp_path: Path) -> None:
    with _server({"/": (200, (), "")}) as (prod_url, asked):
        seen = look_around(
            WorldConfig(), WorldConfig(url=prod_url), {}, FAILURE, str(tmp_path), consent=_anybody, redact=str
        )
    assert seen.problems == (
        "headers and cookies were not compared: no url under [gap.test], where the tests' world runs",
    )
    assert asked == []


def test_a_host_that_nobody_agreed_to_is_not_asked(tmp_path: Path) -> None:
    prod = WorldConfig(url="https://shop.example.com", env="container:shop", release="url:/version")
    seen = look_around(WorldConfig(), prod, {}, FAILURE, str(tmp_path), consent=_nobody, redact=str)
    assert seen.problems == (
        "shop.example.com was not asked: give --i-own-this shop.example.com",
        "container:shop was not asked: give --i-own-this container:shop",
    )
    assert seen.requests == 0


def test_this_machine_tells_what_it_is(tmp_path: Path) -> None:
    found = machine_here({"TZ": "Asia/Tokyo", "LC_ALL": "C", "API_TOKEN": CANARY}, str(tmp_path))
    assert found["time zone"].endswith("+0900")
    assert found["locale"] == "C"
    assert found["version of Python"].startswith("Python 3")
    assert found["open files"]
    assert CANARY not in repr(found)
    assert machine_here({}, str(tmp_path / "no")) == {}


def test_a_container_tells_what_it_is_when_that_was_agreed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "bin"
    place.mkdir()
    (place / "docker").write_text('#!/bin/sh\n[ "$1 $2" = "exec shop" ] || exit 1\nshift 2\nexec "$@"\n')
    (place / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    found, problem = machine_of("container:shop", str(tmp_path), _anybody)
    assert found["system"]
    assert problem == ""
    assert machine_of("container:other", str(tmp_path), _anybody)[1].startswith(
        "container:other told nothing"
    )
    assert machine_of("container:--rm", str(tmp_path), _anybody) == ({}, "")
    assert machine_of(".env", str(tmp_path), _anybody) == ({}, "")


def _git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *who, *arguments), cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_lock_files_of_the_commit_that_production_runs_are_compared(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "requirements.txt").write_text("left==1.0.0\n")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "one")
    _git(tmp_path, "tag", "v1.0")
    first = commit_of("v1.0", str(tmp_path))
    (tmp_path / "app" / "requirements.txt").write_text("left==2.0.0\n")
    _git(tmp_path, "commit", "-qam", "two")
    test, prod = WorldConfig(directory="app"), WorldConfig(directory="app", release="1.0")
    (found,) = compare_trees(test, prod, first, str(tmp_path), FAILURE)
    assert (found.place, found.test, found.production) == (("package left",), "2.0.0", "1.0.0")
    seen = look_around(test, prod, {}, FAILURE, str(tmp_path), consent=_nobody, redact=str)
    assert seen.differences == (found,)
    assert compare_trees(test, prod, "", str(tmp_path), FAILURE) == ()
    assert is_another_build(test, prod, str(tmp_path), _nobody)[0] is True
    head = WorldConfig(release=_git(tmp_path, "rev-parse", "--short", "HEAD"))
    assert is_another_build(test, head, str(tmp_path), _nobody)[0] is False
    assert is_another_build(test, WorldConfig(), str(tmp_path), _nobody)[0] is None


def test_another_directory_of_production_is_compared(tmp_path: Path) -> None:
    for name, version in (("a", "1.0.0"), ("b", "1.1.0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text(f"left=={version}\n")
    test, prod = WorldConfig(directory="a"), WorldConfig(directory="b")
    assert len(compare_trees(test, prod, "", str(tmp_path), FAILURE)) == 1


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ("v1.2.3\n", "v1.2.3"),
        ('{"version": "1.2", "commit": "abc1234"}', "abc1234"),
        ('{"Version": "1.2"}', "1.2"),
        ('{"build": 17}', "17"),
        ('"1.2"', "1.2"),
        ("<html>busy</html>", ""),
        ("{}", ""),
        ('{"version": "<b>"}', ""),
        ("[1]", ""),
        ("", ""),
    ],
)
def test_a_page_names_a_release(page: str, named: str) -> None:
    assert named_in(page) == named


def test_a_release_is_asked_of_a_page_when_that_was_agreed(tmp_path: Path) -> None:
    with _server({"/version": (200, (), '{"version": "1.2"}')}) as (base, asked):
        world = WorldConfig(url=base, release="url:/version")
        assert release_of(world, str(tmp_path), _nobody).told.startswith("127.0.0.1 was not asked")
        assert asked == []
        assert release_of(world, str(tmp_path), _anybody).text == "1.2"
        gone = WorldConfig(url=base, release="url:/no")
        assert "answered 404" in release_of(gone, str(tmp_path), _anybody).told
    assert "did not answer" in release_of(world, str(tmp_path), _anybody).told
    assert "no url" in release_of(WorldConfig(release="url:/version"), str(tmp_path), _anybody).told
    assert release_of(WorldConfig(release="--all"), str(tmp_path), _anybody).commit == ""


def test_the_source_is_searched_but_not_its_tests_and_what_it_installed(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text("process.env.A_KEY")
    (tmp_path / "test_app.py").write_text("B_KEY")
    (tmp_path / "app.js").write_text(
        'app.get("/cart", () => process.env.C_KEY)\napp.get("/items/:id", () =>\n'
        "  process.env.D_KEY)\nX_E_KEY\n"
    )
    found = mentions(str(tmp_path), ["A_KEY", "B_KEY", "C_KEY", "D_KEY", "E_KEY"], "/items/7")
    assert found.is_known
    assert found.keys == {"C_KEY", "D_KEY"}
    assert found.beside_endpoint == {"D_KEY"}
    (tmp_path / "aliases.py").write_text(
        "TOP = int(env['G_KEY'])\ndef limit():\n    return env['H_KEY']\nOTHER = env['I_KEY']\n"
        "@get('/items/{}')\ndef items():\n    ask(url, '/v1')\n    return rows[:TOP] + rows[limit():]\n"
    )
    found = mentions(str(tmp_path), ["G_KEY", "H_KEY", "I_KEY"], "/items/7")
    assert found.beside_endpoint == {"G_KEY", "H_KEY"}
    (tmp_path / "asking.py").write_text(
        "@get('/items/{}')\ndef items():\n    ask(env['J_KEY'], f'/track/{3}').get('/x')\n"
        "    return env['K_KEY']\n"
        "def other(path):\n    if path == '/cart':\n        return env['L_KEY']\n"
    )
    found = mentions(str(tmp_path), ["J_KEY", "K_KEY", "L_KEY"], "/items/7")
    assert found.beside_endpoint == {"J_KEY", "K_KEY"}
    (tmp_path / "settings.py").write_text("class Settings:\n    prefix = 'SHOP_'\n    default_store = ''\n")
    assert mentions(str(tmp_path), ["SHOP_DEFAULT_STORE", "db.dKey", "FKey"], "/").keys == {
        "SHOP_DEFAULT_STORE",
        "db.dKey",
    }
    assert not mentions(str(tmp_path / "none"), ["A_KEY"], "/").is_known
