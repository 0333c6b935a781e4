"""A release and a change at the gateway in one minute, a log that says nothing: unclear means rollback."""

from __future__ import annotations

import json
import os

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.releases import Edit, Release
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

RELEASE = Release(
    version="v1.4.0",
    message="Keep the connection to the payment provider open",
    author="Tom",
    edits=(
        Edit(
            file="shop/payments.py",
            old="import json\nfrom urllib.request import Request, urlopen\n",
            new="import json\nfrom http.client import HTTPConnection, HTTPException\n"
            "from threading import Lock\n",
        ),
        Edit(
            file="shop/payments.py",
            old="""    request = Request(f"{provider}/charges", data=body, headers=JSON)
    try:
        with urlopen(request, timeout=10) as answer:
            return str(json.load(answer)["receipt"])
    except OSError as error:
        raise PaymentsUnavailable(f"POST {provider}/charges: {error}") from error
""",
            new="""    with _turn:
        host = provider.removeprefix("http://")
        connection = _open.setdefault(host, HTTPConnection(host, timeout=10))
        try:
            connection.request("POST", "/charges", body, JSON)
            return str(json.load(connection.getresponse())["receipt"])
        except (OSError, HTTPException) as error:
            connection.close()
            raise PaymentsUnavailable from error


_turn = Lock()
_open: dict[str, HTTPConnection] = {}
""",
        ),
        Edit(
            file="shop/server.py",
            old="""            log.exception("%s %s: payment provider unavailable", method, self.path)
            status, content = 502, {"error": "payment provider unavailable"}
""",
            new="""            log.error("%s %s: something went wrong", method, self.path)
            status, content = 500, {"error": "please try again"}
""",
        ),
    ),
)

TEST = Edit(
    file="tests/test_payments.py",
    old="",
    new='''"""Charging through a provider that hangs up when it likes."""

import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from shop.payments import charge


class HangsUp(BaseHTTPRequestHandler):
    """Takes one charge per connection, without announcing that."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Give a receipt and hang up."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "16")
        self.end_headers()
        self.wfile.write(b'{"receipt": "r"}')
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Charges(unittest.TestCase):
    """One after the other."""

    def test_every_charge_gets_its_receipt(self) -> None:
        """Also when the provider has closed the connection."""
        with HTTPServer(("127.0.0.1", 0), HangsUp) as provider:
            threading.Thread(target=provider.serve_forever, args=(0.05,), daemon=True).start()
            address = f"http://127.0.0.1:{provider.server_address[1]}"
            receipts = [charge(address, f"A{number:03d}", 100) for number in range(4)]
            provider.shutdown()
        self.assertEqual(receipts, ["r"] * 4)
''',
)
#: Undoes what the release did, edit by edit.
CURE = tuple(Edit(file=e.file, old=e.new, new=e.old) for e in RELEASE.edits)


def _ship_and_reconfigure(stage: Stage) -> str:
    """Deploy the release; at the same time the provider's gateway gets new settings."""
    path = os.path.join(stage.world.production, "payments.json")
    with open(path, encoding="utf-8") as file:
        gateway = json.load(file)
    gateway |= {"requests_per_connection": 2, "status_page": 0}
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(gateway, file)
    os.replace(f"{path}.new", path)
    stage.world.deploy(RELEASE)
    return (
        "The payment provider announces new gateway settings. In the same minute the pipeline deploys "
        f'{RELEASE.version}, "{RELEASE.message}". Some checkouts fail, most do not.'
    )


_VERIFY = Step(
    say="One purchase that succeeds proves little when two in three did before. Ten in a row do.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"),
)

_RESPONSE = Decision(
    name="response",
    question="A release and a gateway change, both in the same minute; the log names no cause. What now?",
    options=(
        Option(
            label="roll back, although nobody knows that the release did it",
            points=3,
            because="Unclear means rollback: of the two possible mistakes it is the safer one.",
            steps=(
                Step(
                    say="Nobody can say which change did it. There is a rule for exactly that.",
                    command=("decide", "--yes"),
                    shows=("rollback", "cause-unclear"),
                ),
                Step(
                    say="Going back costs seconds and can be undone.",
                    command=("rollback", "--yes", "--no-verify"),
                    proves=("last-known-good", "migrations-reversible", "previous-version-deployed"),
                ),
            ),
        ),
        Option(
            label="search until the cause is found",
            points=0,
            because="Searching can go on after the rollback, without customers paying for it.",
            steps=(watch(6),),
            again=True,
        ),
        Option(
            label="write to the provider and wait for an answer",
            points=0,
            because="The provider's change is a guess; a way back that is at hand is not.",
            steps=(
                Step(
                    say="You overrule the rule and say why.",
                    command=("decide", "workaround", "--reason", "the provider changed something"),
                ),
                watch(5),
                Step(say="The provider thanks for your message. Checkouts keep failing."),
            ),
            again=True,
        ),
    ),
)

_REVIEW = Review(
    cause="v1.4.0 keeps one connection to the provider open; the gateway's new settings close it after two "
    "requests, and the request after that is lost",
    sections={
        "summary/user-impact": "About one checkout in three failed; trying again usually worked.",
        "cause/why-not-caught": "The test provider never closes a connection, and the log hid the error.",
        "lessons/went-well": "Nobody waited for certainty: the way back came before the cause.",
        "lessons/went-poorly": "The release replaced the traceback by 'something went wrong'.",
        "lessons/next-time": "Errors of the provider are logged whole, and two changes never share a minute.",
    },
    actions=(
        ("Test a provider that hangs up", "mina", "tests"),
        ("Alarm when one checkout in twenty fails", "mina", "monitoring"),
        ("Open the connection again when it was closed, and log the error whole", "tom", "other"),
    ),
    test=TEST,
    cure=CURE,
    done={
        "tests": "tests/test_payments.py, commit {commit}",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "one checkout in three answers 500, the log says 'something went wrong'",
        "root-cause": "a reused connection that the other side has closed",
        "incorrect-behaviour": "the error is swallowed and the charge is lost",
        "correct-solution": "a closed connection is opened again, and an error is logged with its trace",
        "enforced-path": "shop/payments.py: charge",
        "prevention-mechanism": "tests/test_payments.py charges a provider that hangs up",
    },
    signatures={
        "no-data-corruption": "orders are only written after a receipt; both releases write the same columns",
        "dependencies-compatible": "v1.3.0 opens a connection for every charge, as the gateway allows",
    },
)

SCENARIO = Scenario(
    name="cause-unclear",
    summary="two changes in one minute and a log that says nothing: unclear means rollback",
    opening="The same small shop. Today a release and somebody else's change arrive together.",
    quiet_days=5,
    past_orders=760,
    break_it=_ship_and_reconfigure,
    script=(
        *cord("Some checkouts fail", "support: customers have to press 'buy' several times"),
        own_it(
            Step(
                chapter="Find out",
                say="Something fails sometimes. What changed, and when?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("v1.4.0", "payments"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="Not knowing the cause is no reason to wait. Unclear means rollback; the search goes on after.",
)
