"""What the suites without a browser ask the application with."""

import json
import os
import urllib.error
import urllib.request


class Got:
    """Status and body of an answer."""

    def __init__(self, status, text, headers):
        self.status, self.text, self.headers = status, text, headers

    def json(self):
        return json.loads(self.text)


def call(method, path, body=None, headers=None):
    """Ask the application at $BASE_URL; `body` is sent as JSON."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        os.environ["BASE_URL"].rstrip("/") + path,
        data=sent,
        method=method,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Got(answer.status, answer.read().decode("utf-8", "replace"), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return Got(error.code, error.read().decode("utf-8", "replace"), error.headers)


def get(path, headers=None):
    return call("GET", path, headers=headers)


def post(path, body=None, headers=None):
    return call("POST", path, {} if body is None else body, headers)
