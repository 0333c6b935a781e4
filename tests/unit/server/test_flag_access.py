"""Who is let in."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from andon.errors import Refused
from andon.server.flag_access import Access, NotLetIn, has_ticket, let_in, may


def request(query: str = "", **headers: str) -> Request:
    sent = [(key.replace("_", "-").encode(), value.encode("latin-1")) for key, value in headers.items()]
    return Request({"type": "http", "headers": sent, "query_string": query.encode()})


def test_tokens_are_never_shown() -> None:
    access = Access(admin="top-secret", read="half-secret")
    assert "secret" not in repr(access) and "secret" not in f"{access}"
    assert "secret" not in access.ticket()


@pytest.mark.parametrize(
    ("access", "host", "is_fine"),
    [
        (Access(), "127.0.0.1", True),
        (Access(), "::1", True),
        (Access(), "0.0.0.0", False),
        (Access(), "shop.example", False),
        (Access(admin="a"), "0.0.0.0", True),
        (Access(admin="a", read="r"), "0.0.0.0", True),
        (Access(read="r"), "127.0.0.1", False),
    ],
)
def test_where_a_server_may_listen(access: Access, host: str, is_fine: bool) -> None:
    if is_fine:
        access.check(host)
    else:
        with pytest.raises(Refused):
            access.check(host)


def test_what_each_token_opens() -> None:
    access = Access(admin="admin", read="read")
    let_in(access, request(authorization="Bearer admin"), to_switch=True)
    let_in(access, request(authorization="bearer read"), to_switch=False)
    for sent, status in (
        (request(), 401),
        (request(authorization="Basic admin"), 401),
        (request(authorization="Bearer "), 401),
        (request(authorization="Bearer \xe9"), 401),
        (request(authorization="Bearer read"), 403),
    ):
        with pytest.raises(NotLetIn) as problem:
            let_in(access, sent, to_switch=True)
        assert problem.value.status == status
        assert not may(access, sent, to_switch=True)


def test_an_admin_token_alone_lets_nobody_read_without_it() -> None:
    assert not may(Access(admin="admin"), request())
    assert may(Access(admin="admin"), request(x_api_key="admin"))


def test_a_ticket_opens_notifications_of_its_own_server_only() -> None:
    access = Access(admin="admin", read="read")
    assert has_ticket(access, request(query=f"ticket={access.ticket()}"))
    assert not has_ticket(access, request(query=f"ticket={Access(admin='admin', read='other').ticket()}"))
    assert not has_ticket(access, request())
    assert not has_ticket(Access(), request(query="ticket="))


@pytest.mark.parametrize("host", ["127.0.0.1:8014", "localhost", "[::1]:8014"])
def test_without_tokens_this_machine_is_let_in(host: str) -> None:
    assert may(Access(), request(host=host), to_switch=True)


@pytest.mark.parametrize("host", ["shop.example:8014", "127.0.0.1.evil.example", "[::1].evil.example", ""])
def test_without_tokens_another_name_for_this_machine_is_not(host: str) -> None:
    assert not may(Access(), request(host=host))
