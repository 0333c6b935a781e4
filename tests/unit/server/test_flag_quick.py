"""Confirmations answered where their bytes arrive: only those that mean the same on the usual way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.flags.address import read_address
from andon.flags.address import request as written
from andon.server.flag_access import Access
from andon.server.flag_quick import QuickConfirmations
from andon.server.flag_service import FlagService
from andon.server.flag_state import StateDirectory
from tests.flag_server import switch

BODY = json.dumps({"process": "p1", "name": "web-1", "version": 7, "counts": [["a", "on", 2]]}).encode()
START = "POST /flags/v1/acknowledgements HTTP/1.1"


@pytest.fixture
def service(tmp_path: Path) -> FlagService:
    return FlagService(StateDirectory(str(tmp_path)), {"flags": {"a": switch()}})


def request(body: bytes = BODY, start: str = START, **change: str | None) -> bytes:
    headers: dict[str, str | None] = {
        "Host": "127.0.0.1:8014",
        "User-Agent": "andon-flags",
        "Accept-Encoding": "identity",
        "Authorization": "Bearer read",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    headers |= {name.replace("_", "-"): value for name, value in change.items()}
    lines = [start, *(f"{name}: {value}" for name, value in headers.items() if value is not None), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def test_a_plain_one_is_taken(service: FlagService) -> None:
    assert QuickConfirmations(service, Access(admin="admin", read="read")).takes(request())
    (known,) = service.processes.listed()
    assert (known["name"], known["version"]) == ("web-1", 7)
    assert service.usage.plain()["counts"]["a"]["on"][0] == 2


def test_what_the_client_writes_is_taken(service: FlagService) -> None:
    address = read_address("http://127.0.0.1:8014")
    sent = written(address, "POST", "/flags/v1/acknowledgements", {"Authorization": "Bearer read"}, BODY)
    assert QuickConfirmations(service, Access(admin="admin", read="read")).takes(sent)
    sent = written(address, "POST", "/flags/v1/acknowledgements", {"Authorization": ""}, BODY)
    assert QuickConfirmations(service, Access()).takes(sent)


@pytest.mark.parametrize(
    "data",
    [
        request(start="GET /flags/v1/acknowledgements HTTP/1.1"),
        request(start=START.replace("1.1", "1.0")),
        request(start=START + " x"),
        request(Authorization=None),
        request(Authorization="Bearer wrong"),
        request(Authorization="Basic read"),
        request(Content_Type="text/plain"),
        request(Content_Type=None),
        request(Content_Length=None),
        request(Content_Length="+" + str(len(BODY))),
        request(Content_Length="0" + str(len(BODY))),
        request(Content_Length=str(len(BODY) - 1)),
        request(Transfer_Encoding="chunked"),
        request(Expect="100-continue"),
        request(Connection="close"),
        request(X_Forwarded_For="x"),
        request() + request(),
        request()[:-1],
        request()[:60],
        request().replace(b"Host:", b"Host: a\r\nHost:"),
        request().replace(b"Host:", b" folded\r\nHost:"),
        request(b"{"),
        request(b"[]"),
        request(b'{"process": "x y"}'),
        request(b'{"process": "p", "version": -1}'),
        request(b'{"process": "p", "name": "' + b"x" * (1 << 15) + b'"}'),
        b"",
    ],
)
def test_everything_else_goes_the_usual_way_and_changes_nothing(service: FlagService, data: bytes) -> None:
    assert not QuickConfirmations(service, Access(admin="admin", read="read")).takes(data)
    assert service.processes.listed() == []
    assert service.usage.plain()["counts"] == {}


def test_without_tokens_only_this_machine_confirms(service: FlagService) -> None:
    quick = QuickConfirmations(service, Access())
    assert not quick.takes(request(Host="shop.example"))
    assert quick.takes(request(Host="localhost"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_arrives_is_no_error(service: FlagService, data: Any) -> None:
    content = bytearray(request())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    QuickConfirmations(service, Access(admin="admin", read="read")).takes(bytes(content))
