"""Whether an application on this machine answers, asked once and briefly."""

from __future__ import annotations

import http.client

from andon.record import Record

#: Seconds that one question may take. An application that is slow is asked again.
_BRIEF = 2.0
_HOSTS = ("127.0.0.1", "::1")


class Answered(Record):
    """That something answers."""

    #: Address without a path.
    base: str
    status: int


def ask(port: int, path: str) -> Answered | None:
    """Return what a port of this machine answers at a path; None when nothing does."""
    for host in _HOSTS:
        connection = http.client.HTTPConnection(host, port, timeout=_BRIEF)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError):
            continue
        finally:
            connection.close()
        return Answered(
            base=f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}", status=status
        )
    return None
