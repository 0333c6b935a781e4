"""Buy tea ten times in a row: `python ops/buy_ten.py URL`; exits 0 only when every purchase succeeds."""

import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

BASKET = json.dumps({"items": [{"sku": "tea"}], "customer": {"name": "smoke test"}}).encode()


def buy(url: str) -> int:
    """Return the status of one checkout."""
    try:
        with urlopen(Request(url, data=BASKET), timeout=8) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


if __name__ == "__main__":
    statuses = [buy(sys.argv[1]) for _ in range(10)]
    lost = [status for status in statuses if status != 201]
    print(f"{len(statuses) - len(lost)} of {len(statuses)} purchases succeeded", *lost)
    sys.exit(1 if lost else 0)
