"""Asking outside services over HTTP, as a thin client library would."""

import json
import urllib.error
import urllib.request


class Reply:
    """Status, headers and body of an outside service."""

    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    def json(self):
        return json.loads(self.text)


def ask(base, path, *, timeout=10.0, body=None):
    """Return what `base` answers at `path`, whatever its status."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        base.rstrip("/") + path, data=sent, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Reply(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read().decode())
