"""The ports of a practice production are free, different, and none that the system gives away."""

from __future__ import annotations

import socket

import pytest

from andon.drill import addresses
from andon.drill.addresses import free_ports, listens


def test_every_name_gets_a_port_of_its_own_that_nobody_has() -> None:
    found = free_ports(*map(str, range(50)))
    assert len(set(found.values())) == 50
    assert not any(listens(port) for port in found.values())


def test_no_port_is_one_that_the_system_gives_to_whoever_asks_for_any() -> None:
    given = []
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as server:
            given.append(server.getsockname()[1])
    assert max(free_ports(*map(str, range(50))).values()) < min(given)


def test_a_port_that_somebody_has_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    free = free_ports("shop")["shop"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(addresses, "_NEVER_HANDED_OUT", (taken, free))
        assert listens(taken)
        assert free_ports("shop") == {"shop": free}
