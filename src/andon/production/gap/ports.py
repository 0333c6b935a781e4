"""Ports of this machine's loopback for what experiments start."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Return a port that nobody listens on now; somebody may be faster than who takes it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
