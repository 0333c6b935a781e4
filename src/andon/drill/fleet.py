"""Clients of the flags in the practice production: many in one program, each with a stream of its own.

A program of its own (`fleet.py SERVER CLIENTS RECORD FLAG`); each change that a client sees is one line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time

from andon.flags.client import Flags, connect


class Witness:
    """One client that writes down how the flag stands whenever that changes."""

    def __init__(self, server: str, who: str, record: str, flag: str) -> None:
        """Connect; the first line says how it stands once the server has said so."""
        self._who, self._record, self._flag = who, record, flag
        self.flags: Flags = connect(server, name=who)
        self.flags.on_change(lambda _keys: self.write())
        if self.flags.status().version:  # the server was faster than we
            self.write()

    def write(self) -> None:
        """Append how it stands now."""
        line = {
            "who": self._who,
            "on": self.flags.boolean(self._flag, False),
            "at": time.time(),
            "pid": os.getpid(),
        }
        with open(self._record, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def main(server: str, clients: int, record: str, flag: str) -> None:
    """Stay until told to end."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    name = os.path.splitext(os.path.basename(record))[0]
    witnesses = [Witness(server, f"{name}-{number}", record, flag) for number in range(clients)]
    ending.wait()
    for witness in witnesses:
        witness.flags.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
