"""Steady synthetic customers: a low, fixed rate of visits, and a record of how they went.

A program of its own (`customers.py PORT RECORD`), standard library only.
"""

from __future__ import annotations

import http.client
import json
import sys
import time

#: Visits per second, and seconds between two lines of the record.
RATE = 20.0
BEAT = 0.5

_BASKET = {"items": [{"sku": "tea", "quantity": 2}, {"sku": "cup"}]}
_MEMBER = {**_BASKET, "customer": {"name": "Mina", "tier": "gold"}}
_GUEST = {**_BASKET, "customer": {"name": "Guest"}}
#: So many guests take turns: whatever a share of the customers gets, some of them get.
_GUESTS = 200

#: One round of visits: two in five buy something, most of them without an account.
VISITS: tuple[tuple[str, str, object], ...] = (
    ("GET", "/", None),
    ("POST", "/cart", _BASKET),
    ("POST", "/checkout", _GUEST),
    ("GET", "/", None),
    ("POST", "/cart", _BASKET),
    ("POST", "/checkout", _GUEST),
    ("GET", "/", None),
    ("POST", "/cart", _BASKET),
    ("POST", "/checkout", _MEMBER),
    ("POST", "/checkout", _GUEST),
)


def visit(port: int, method: str, path: str, body: object) -> bool:
    """Make one request; true when the shop answered with a success."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        document = None if body is None else json.dumps(body)
        connection.request(method, path, document, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return 200 <= answer.status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def shop_forever(port: int, record: str) -> None:
    """Visit at the fixed rate; append a line of JSON for every beat: time, successes, failures by page."""
    number, due = 0, time.monotonic()
    with open(record, "a", encoding="utf-8") as file:
        while True:
            ends, fine = time.monotonic() + BEAT, 0
            failed: dict[str, int] = {}
            while time.monotonic() < ends:
                method, path, body = VISITS[number % len(VISITS)]
                if body is _GUEST:
                    body = {**_GUEST, "customer": {"name": "Guest", "id": f"guest-{number % _GUESTS}"}}
                if visit(port, method, path, body):
                    fine += 1
                else:
                    failed[path] = failed.get(path, 0) + 1
                number += 1
                due = max(due + 1 / RATE, time.monotonic() - 1 / RATE)  # never catch up in a burst
                time.sleep(max(0.0, due - time.monotonic()))
            json.dump({"at": time.time(), "fine": fine, "failed": failed}, file)
            file.write("\n")
            file.flush()


if __name__ == "__main__":
    shop_forever(int(sys.argv[1]), sys.argv[2])
