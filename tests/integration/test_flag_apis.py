"""What is asked of Unleash and LaunchDarkly, word for word, and what becomes of answers that are no yes."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from andon.config.model_production import FlagSystemConfig
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, Override
from andon.production.flag_http import FlagApi, token_of
from andon.production.flag_systems import flag_system_for
from andon.production.flags_launchdarkly import LaunchDarkly
from andon.production.flags_unleash import Unleash
from tests.fakes.flag_apis import TOKEN, LaunchDarklyStub, Stub, UnleashStub


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def unleash() -> Iterator[UnleashStub]:
    stub = UnleashStub()
    yield stub
    stub.close()


@pytest.fixture
def launchdarkly() -> Iterator[LaunchDarklyStub]:
    stub = LaunchDarklyStub()
    yield stub
    stub.close()


SLEPT: list[float] = []


def api(stub: Stub, name: str, **settings: Any) -> FlagApi:
    SLEPT.clear()
    return FlagApi(stub.url, TOKEN, name=name, token_name="FLAGS_TOKEN", sleep=SLEPT.append, **settings)


def in_unleash(stub: UnleashStub, environment: str = "production") -> Unleash:
    return Unleash(api(stub, "Unleash"), "shop", environment)


def in_launchdarkly(stub: LaunchDarklyStub) -> LaunchDarkly:
    headers = {"LD-API-Version": "20240415"}
    return LaunchDarkly(api(stub, "LaunchDarkly", headers=headers), "shop", "production")


def kill(flag: str, variant: str = "off", operation: str = "op-1", reason: str = "500s") -> Override:
    return Override(
        flag=flag, layer=KILL, variant=variant, operation=operation, incident="INC-7", by="Mia", reason=reason
    )


# ---- Unleash


def test_unleash_is_asked_for_what_its_description_has(unleash: UnleashStub) -> None:
    system = in_unleash(unleash)
    system.put(kill("new-checkout"))
    place = "/api/admin/projects/shop/features/new-checkout"
    assert [f"{heard!r}" for heard in unleash.heard] == [
        f"GET {place}",
        "GET /api/admin/features/new-checkout/tags",
        "PUT /api/admin/features/new-checkout/tags",
        f"POST {place}/environments/production/off",
        f"GET {place}",
    ]
    assert all(heard.headers["authorization"] == TOKEN for heard in unleash.heard)
    assert unleash.heard[2].body == {
        "addedTags": [{"type": "simple", "value": "andon:production:op-1"}],
        "removedTags": [],
    }
    seen = system.find("new-checkout")
    assert seen.kill is not None
    assert seen.kill.operation == "op-1"
    unleash.heard.clear()
    system.take("new-checkout", KILL, "op-1")
    assert [f"{heard!r}" for heard in unleash.heard][2] == f"POST {place}/environments/production/on"
    assert {"type": "simple", "value": "checkout"} in unleash.features["new-checkout"]["tags"]


def test_only_the_environment_of_production_is_switched(unleash: UnleashStub) -> None:
    in_unleash(unleash).put(kill("new-checkout"))
    assert [e["enabled"] for e in unleash.features["new-checkout"]["environments"]] == [True, False]


def test_unleash_flag_that_was_off_before_stays_off_after_the_undo(unleash: UnleashStub) -> None:
    system = in_unleash(unleash)
    system.put(kill("resting"))
    assert unleash.asked("POST") == []
    assert unleash.asked("PUT") == []
    system.take("resting", KILL, "op-1")
    assert unleash.asked("POST") == []
    assert system.find("resting").state == "off for everybody"


def test_unleash_would_add_a_strategy_so_the_undo_is_refused(unleash: UnleashStub) -> None:
    system = in_unleash(unleash)
    system.put(kill("search"))
    unleash.features["search"]["environments"][1]["strategies"][0]["disabled"] = True
    with pytest.raises(Refused, match="would add one that everybody is in") as caught:
        system.take("search", KILL, "op-1")
    assert f"{unleash.url}/projects/shop/features/search" in caught.value.remedy
    assert len(unleash.asked("POST")) == 1


def test_unleash_has_only_off_as_a_safe_side(unleash: UnleashStub) -> None:
    with pytest.raises(Refused, match="safe side would be new"):
        in_unleash(unleash).put(kill("engine", "new"))
    assert unleash.asked("POST") == []


def test_unleash_change_requests_are_told_and_leave_no_tag(unleash: UnleashStub) -> None:
    said = 'You need the "SKIP_CHANGE_REQUEST" permission to perform this action.'
    unleash.next("POST", "/off", 403, {"name": "PermissionError", "message": said})
    with pytest.raises(Refused) as caught:
        in_unleash(unleash).put(kill("search"))
    assert caught.value.rule == "flag-approval"
    assert "change request" in caught.value.message
    assert unleash.features["search"]["tags"] == []


def test_a_kill_without_its_tag_is_done_and_told(unleash: UnleashStub) -> None:
    unleash.next("PUT", "/tags", 403, {"message": "UPDATE_FEATURE"})
    with pytest.raises(Unavailable, match="is off for everybody now, but") as caught:
        in_unleash(unleash).put(kill("search"))
    assert "by hand" in caught.value.remedy
    assert not unleash.features["search"]["environments"][1]["enabled"]


def test_an_answer_that_got_lost_leaves_the_way_back(unleash: UnleashStub) -> None:
    system = in_unleash(unleash)
    before = unleash.features["search"]["environments"][1].copy()
    unleash.features["search"]["environments"][1]["enabled"] = True
    unleash.next("POST", "/off", 502, b"<html>")
    with pytest.raises(Unavailable):
        system.put(kill("search"))
    unleash.features["search"]["environments"][1]["enabled"] = False  # it was done, only not told
    system.put(kill("search"))
    assert system.find("search").kill is not None
    system.take("search", KILL, "op-1")
    assert unleash.features["search"]["environments"][1] == before


def test_an_answer_of_200_alone_is_no_proof(unleash: UnleashStub) -> None:
    unleash.next("POST", "/off", 200)
    with pytest.raises(Unavailable, match="is on all the same"):
        in_unleash(unleash).put(kill("search"))


def test_long_operations_and_environments_fit_into_a_tag(unleash: UnleashStub) -> None:
    for feature in unleash.features.values():
        feature["environments"][-1]["name"] = "production-of-the-north-and-the-south"
    system = in_unleash(unleash, "production-of-the-north-and-the-south")
    system.put(kill("search", operation="INC-2026-11-27-1/flag-kill/" + "7" * 40))
    (tag,) = unleash.features["search"]["tags"]
    assert len(tag["value"]) <= 50
    system.take("search", KILL, "whatever")
    assert unleash.features["search"]["tags"] == []


def test_unleash_counts_and_instances(unleash: UnleashStub) -> None:
    system = in_unleash(unleash)
    counted = {(use.key, use.variant): use.count for use in system.usage()}
    assert counted == {("new-checkout", "on"): 240, ("new-checkout", "off"): 760}
    told: list[str] = []
    confirmed = system.confirmations("1", 1.0, told.append)
    assert not confirmed.can_confirm
    assert "2 instances seen in production, the last at 2026-11-27T02:59:51" in confirmed.detail
    unleash.next("GET", "/applications", 500)
    assert "it did not tell" in system.confirmations("1", 1.0, told.append).detail


# ---- LaunchDarkly


def test_launchdarkly_gets_a_semantic_patch_with_the_operation(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    system.put(kill("new-checkout", reason="a\nb\x1b[31m"))
    (patch,) = [heard for heard in launchdarkly.heard if heard.method == "PATCH"]
    assert patch.target == "/api/v2/flags/shop/new-checkout"
    assert patch.headers["authorization"] == TOKEN
    assert patch.headers["ld-api-version"] == "20240415"
    assert patch.body == {
        "environmentKey": "production",
        "comment": "Andon kill op-1 incident INC-7 by Mia: a b",
        "instructions": [{"kind": "turnFlagOff"}],
    }
    seen = system.find("new-checkout").kill
    assert seen is not None
    assert (seen.operation, seen.incident, seen.variant, seen.by) == (
        "op-1",
        "INC-7",
        "off",
        "mia@example.com",
    )
    system.take("new-checkout", KILL, "op-2")
    undo = [heard for heard in launchdarkly.heard if heard.method == "PATCH"][1]
    assert undo.body["instructions"] == [{"kind": "turnFlagOn"}]
    assert undo.body["comment"] == "Andon undo op-2 incident INC-7"


def test_launchdarkly_flag_that_somebody_else_turned_off_stays_off(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    system.put(kill("resting"))
    system.take("resting", KILL, "op-1")
    assert launchdarkly.asked("PATCH") == []
    assert system.find("resting").kill is None


def test_a_kill_that_somebody_took_over_is_not_undone(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    system.put(kill("search"))
    for title in ("turned on the flag", "turned off the flag"):
        entry = {**launchdarkly.audit[0], "comment": "", "titleVerb": title}
        entry["date"] += 5
        launchdarkly.audit.insert(0, entry)
    system.take("search", KILL, "op-1")
    assert len(launchdarkly.asked("PATCH")) == 1


def test_a_kill_is_found_behind_many_other_changes(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    system.put(kill("search"))
    for number in range(45):
        entry = {**launchdarkly.audit[0], "comment": "", "titleVerb": "updated the rules of the flag"}
        entry["date"] += number + 1
        launchdarkly.audit.insert(0, entry)
    found = system.find("search").kill
    assert found is not None
    assert found.operation == "op-1"


def test_launchdarkly_kills_only_to_its_off_variation(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    assert system.find("inverted").safe_variant == "off"
    with pytest.raises(
        Refused, match="would serve on when it is off, and the safe variation is off"
    ) as caught:
        system.put(kill("inverted"))
    assert "set its off variation there first" in caught.value.remedy
    seen = system.find("engine")
    assert (seen.variants, seen.safe_variant, seen.default_variant) == (("old", '"v2"'), "old", '"v2"')
    system.put(kill("engine", "old"))
    assert system.find("engine").state.startswith("killed: old since")


def test_launchdarkly_asks_for_an_approval(launchdarkly: LaunchDarklyStub) -> None:
    launchdarkly.next(
        "PATCH", "/search", 405, {"code": "method_not_allowed", "message": "approval is required"}
    )
    with pytest.raises(Refused) as caught:
        in_launchdarkly(launchdarkly).put(kill("search"))
    assert caught.value.rule == "flag-approval"
    assert "/projects/shop/flags/search/targeting?env=production" in caught.value.remedy


def test_launchdarkly_lists_page_by_page(launchdarkly: LaunchDarklyStub) -> None:
    for number in range(120):
        launchdarkly.flags[f"more-{number}"] = {**launchdarkly.flags["search"], "key": f"more-{number}"}
    assert len(in_launchdarkly(launchdarkly).flags()) == 125
    assert [heard.query.get("offset", "") for heard in launchdarkly.heard] == ["0", "50", "100", ""]


def test_launchdarkly_tells_when_a_flag_was_last_asked_for(launchdarkly: LaunchDarklyStub) -> None:
    known = {use.key: use.last_at for use in in_launchdarkly(launchdarkly).usage()}
    assert str(known["new-checkout"]) == "2026-11-27 02:59:00+00:00"
    assert known["resting"] is None


def test_who_may_not_read_the_audit_log_still_sees_the_flag(launchdarkly: LaunchDarklyStub) -> None:
    launchdarkly.next("GET", "/auditlog", 403, {"message": "no"})
    seen = in_launchdarkly(launchdarkly).find("resting")
    assert seen.kill is None
    assert "the audit log does not tell" in seen.state
    launchdarkly.next("GET", "/auditlog", 403, {"message": "no"})
    assert {flag.key for flag in in_launchdarkly(launchdarkly).flags() if not flag.is_enabled} == {"resting"}


def test_the_list_says_what_andon_killed(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    system.put(kill("search"))
    system.put(kill("new-checkout", operation="op-2"))
    killed = {flag.key: flag.kill.operation for flag in system.flags() if flag.kill is not None}
    assert killed == {"search": "op-1", "new-checkout": "op-2"}
    system.take("search", KILL, "op-3")
    assert [flag.key for flag in system.flags() if flag.kill is not None] == ["new-checkout"]


def test_an_undo_is_refused_when_nobody_can_tell_who_turned_it_off(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    system.put(kill("search"))
    for number in range(110):
        entry = {**launchdarkly.audit[0], "comment": "", "titleVerb": "updated the rules of the flag"}
        entry["date"] += number + 1
        launchdarkly.audit.insert(0, entry)
    with pytest.raises(Refused, match="not among its last 100 changes") as caught:
        system.take("search", KILL, "op-1")
    assert "by hand" in caught.value.remedy
    assert len(launchdarkly.asked("PATCH")) == 1


# ---- answers that are no yes


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (401, {"message": "bad"}, Unavailable, "does not take the token in FLAGS_TOKEN"),
        (403, {"message": "writers only"}, Refused, "writers only"),
        (400, {"message": "no such\x1b[2J instruction"}, Refused, "no such instruction"),
        (404, None, NotFound, "does not have"),
        (500, b"<html>", Unavailable, "(500)"),
        (302, None, Unavailable, "(302)"),
        (200, b"<html>", Unavailable, "no JSON"),
        (200, b"[" * 100_000, Unavailable, "no JSON"),
        (200, {"environments": 5}, Unavailable, "is not understood"),
        (200, [], Unavailable, "is not understood"),
    ],
)
def test_each_refusal_says_what_happened_and_the_way_out(
    launchdarkly: LaunchDarklyStub, status: int, body: Any, kind: type[AndonError], told: str
) -> None:
    launchdarkly.next("GET", "/search", status, body, Location="http://127.0.0.1:1/elsewhere")
    with pytest.raises(kind) as caught:
        in_launchdarkly(launchdarkly).find("search")
    assert told in caught.value.message
    assert caught.value.remedy
    assert TOKEN not in f"{caught.value!r}{caught.value.message}{caught.value.remedy}{caught.value.where}"
    assert len(launchdarkly.heard) == 1


def test_a_token_that_the_system_repeats_is_not_told(launchdarkly: LaunchDarklyStub) -> None:
    launchdarkly.next("GET", "/search", 403, {"message": f"{TOKEN} may not"})
    with pytest.raises(Refused) as caught:
        in_launchdarkly(launchdarkly).find("search")
    assert TOKEN not in caught.value.message


def test_a_limit_is_waited_for_and_not_for_ever(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    launchdarkly.next("GET", "/search", 429, None, Retry_After="7")
    launchdarkly.next("GET", "/search", 429, None, X_Ratelimit_Reset=str(int(time.time() * 1000) + 3000))
    launchdarkly.next("GET", "/search", 429, None, Retry_After=formatdate(time.time() + 5, usegmt=True))
    assert system.find("search").key == "search"
    assert SLEPT[0] == 7
    assert 1 < SLEPT[1] <= 3
    assert 2 < SLEPT[2] <= 5
    launchdarkly.next("GET", "/search", 429, None, Retry_After="3600")
    with pytest.raises(Unavailable, match="asks to wait") as caught:
        system.find("search")
    assert "3600 s" in caught.value.remedy
    assert len(SLEPT) == 3


def test_a_conflict_is_tried_again_and_then_told(launchdarkly: LaunchDarklyStub) -> None:
    system = in_launchdarkly(launchdarkly)
    launchdarkly.next("PATCH", "/search", 409, {"message": "conflict"})
    system.put(kill("search"))
    for _ in range(4):
        launchdarkly.next("PATCH", "/new-checkout", 409, {"message": "conflict"})
    with pytest.raises(Conflict, match="at the same time"):
        system.put(kill("new-checkout"))


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def cut(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def dripping(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    try:
        for _ in range(60):
            connection.sendall(b" ")
            threading.Event().wait(0.02)
    except OSError:
        return


@pytest.mark.parametrize(
    ("talk", "told"),
    [(silent, "no answer within 0.3 s"), (cut, "in the middle"), (dripping, "no answer within")],
)
def test_a_server_that_hangs_is_left_in_time(talk: Callable[[socket.socket], None], told: str) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    asked = FlagApi(
        f"http://127.0.0.1:{server.getsockname()[1]}", TOKEN, name="Unleash", token_name="T", timeout=0.3
    )
    with pytest.raises(Unavailable, match=told):
        asked.get("api")
    thread.join()
    server.close()


def test_nobody_there_is_told_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="nothing listens there") as caught:
        FlagApi(f"http://127.0.0.1:{port}", TOKEN, name="Unleash", token_name="T").get("api")
    assert "the same command again" in caught.value.remedy


# ---- configuration


def config(**changes: Any) -> FlagSystemConfig:
    given = {
        "system": "unleash",
        "server": "http://127.0.0.1:9",
        "environment": "production",
        "token": "$SHOP_FLAGS",
    }
    return FlagSystemConfig(**{**given, **changes})


def test_a_token_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_FLAGS", raising=False)
    for system in ("unleash", "launchdarkly"):
        with pytest.raises(Unavailable, match="SHOP_FLAGS is not set") as caught:
            flag_system_for(config(system=system), "/")
        assert "export SHOP_FLAGS=" in caught.value.remedy
    with pytest.raises(Unavailable, match="without a token"):
        token_of(config(token=""))
    monkeypatch.setenv("SHOP_FLAGS", "a\r\nX-Other: b")
    with pytest.raises(Unavailable, match="holds what no token can") as caught:
        token_of(config())
    assert "X-Other" not in f"{caught.value.message}{caught.value.remedy}"


def test_an_address_with_a_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_FLAGS", "t")
    with pytest.raises(InvalidInput, match="password in the address") as caught:
        flag_system_for(config(server="https://mia:geheim@flags.example.com"), "/")
    assert "geheim" not in str(caught.value)


def test_the_proxy_of_the_environment_is_asked(
    launchdarkly: LaunchDarklyStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", launchdarkly.url.replace("http://", "http://mia:pw@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    launchdarkly.next("GET", "/api/x", 200, {"through": "the proxy"})
    asked = FlagApi("http://flags.example.com", TOKEN, name="LaunchDarkly", token_name="T")
    assert asked.get("api", "x").text("through") == "the proxy"
    assert launchdarkly.heard[0].target == "http://flags.example.com/api/x"
    assert launchdarkly.heard[0].headers["proxy-authorization"].startswith("Basic ")


def test_keys_never_leave_their_place_in_the_path(launchdarkly: LaunchDarklyStub) -> None:
    with pytest.raises(NotFound):
        in_launchdarkly(launchdarkly).find("../../tokens?x=y#z")
    assert launchdarkly.heard[0].target.startswith("/api/v2/flags/shop/..%2F..%2Ftokens%3Fx%3Dy%23z?")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_only_a_certificate_that_the_system_trusts_gets_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=flags", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    stub = LaunchDarklyStub(context)
    try:
        asked = FlagApi(stub.url, TOKEN, name="LaunchDarkly", token_name="T")
        with pytest.raises(Unavailable, match="the certificate is not valid"):
            asked.get("api", "v2", "auditlog", query={"limit": "1", "spec": "x"})
        assert stub.heard == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert asked.get("api", "v2", "auditlog", query={"limit": "1", "spec": "x"}).entries("items") == ()
    finally:
        stub.close()
