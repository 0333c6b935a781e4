"""Where the services of a practice production listen: ports that stay free until they are taken."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack, suppress


def free_ports(*names: str) -> dict[str, int]:
    """Return a port for each name that nobody has, and that the system gives to nobody who asks for any.

    What is to listen there may start much later; one that the system hands out could be taken by then, also
    by a connection that somebody opens.
    """
    found: dict[str, int] = {}
    with ExitStack() as held:
        while len(found) < len(names):
            one = held.enter_context(socket.socket())
            port = secrets.choice(_NEVER_HANDED_OUT)
            with suppress(OSError):
                one.bind(("127.0.0.1", port))
                found[names[len(found)]] = port
    return found


def listens(port: int) -> bool:
    """Say whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _never_handed_out() -> range:
    """Return the ports below those that the system gives away; 32768 is Linux's first, others' is higher."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="utf-8") as file:
            first = int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        first = 32768
    return range(10240, first if first > 12288 else 32768)


_NEVER_HANDED_OUT = _never_handed_out()
