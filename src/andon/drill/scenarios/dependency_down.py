"""The payment provider is down and nothing was deployed: a rollback would not help, and Andon says so."""

from __future__ import annotations

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.releases import Edit
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

TEST = Edit(
    file="tests/test_payments.py",
    old="",
    new='''"""Charging while the provider is away."""

import socket
import unittest

from shop.payments import PaymentsUnavailable, charge


class Away(unittest.TestCase):
    """Nobody listens where the provider should be."""

    def test_it_is_said_at_once(self) -> None:
        """An error of its own kind, not a hanging checkout."""
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            with self.assertRaises(PaymentsUnavailable):
                charge(f"http://127.0.0.1:{nobody.getsockname()[1]}", "A001", 100)
''',
)


def _provider_goes_down(stage: Stage) -> str:
    """Stop the payment provider's process."""
    stage.world.stop_payments()
    return "Nobody touches anything. Far away, at the payment provider, a machine goes dark."


def _provider_comes_back(stage: Stage) -> str:
    """Start the provider again: it failed over to another place."""
    stage.world.start_payments()
    stage.world.wait_until_served()
    return "provider: traffic was moved to our second location, payments are accepted again"


_VERIFY = Step(
    say="That they say so is not proof. A purchase is.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "no-new-failures"),
)

_WORKAROUND = (
    Step(
        say="The rule is plain: nothing of ours changed, so nothing of ours can be changed back.",
        command=("decide", "--yes"),
        shows=("workaround", "outside-cause"),
    ),
    Step(say="Mina calls the provider's emergency line.", act=_provider_comes_back),
    Step(
        when=lambda stage: stage.world.running_release() != "v1.3.0",
        say="Going back had changed nothing, so it is undone.",
        command=("rollback", "--undo", "--yes", "--no-verify"),
    ),
    Step(command=("note", "called the provider; they moved traffic to their second location")),
)

_RESPONSE = Decision(
    name="response",
    question="The payment provider does not answer; the last deployment was a week ago. What now?",
    options=(
        Option(
            label="work around it: call the provider, have them fail over",
            points=3,
            because="The cause lies outside; no release of ours is without it.",
            steps=_WORKAROUND,
        ),
        Option(
            label="roll back, that is always safest",
            points=0,
            because="No deployment is near the break: the older release calls the same provider.",
            steps=(
                Step(
                    say="You overrule the rule. Andon does it, and then looks whether it helped.",
                    command=("decide", "rollback", "--reason", "a rollback is always the safest"),
                ),
                Step(command=("rollback", "--yes", "--watch", "2"), expect=1),
                Step(say="The older release fails in the same way. That time is gone."),
            ),
            again=True,
        ),
        Option(
            label="wait until the provider has noticed",
            points=1,
            because="They may not know yet; somebody has to tell them.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

_REVIEW = Review(
    cause="the payment provider's first location went down; the shop has no second way to be paid",
    sections={
        "summary/user-impact": "Nobody could pay; looking around worked.",
        "cause/why-not-caught": "It is not ours to test; but nobody had rehearsed what we do without them.",
        "lessons/went-well": "The dependency has a check of its own, so nobody searched in our code.",
        "lessons/went-poorly": "The emergency number of the provider had to be looked up.",
        "lessons/next-time": "The number stands in the run book, and orders can be paid later.",
    },
    actions=(
        ("Rehearse a checkout without the provider", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Accept orders on account while the provider is away", "lena", "other"),
    ),
    test=TEST,
    cure=(),
    done={
        "tests": "tests/test_payments.py, commit {commit}",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "POST /checkout answers 502, the log says connection refused",
        "root-cause": "the payment provider is down",
        "incorrect-behaviour": "no order is taken while the provider is away",
        "correct-solution": "orders are taken on account and charged later",
        "enforced-path": "shop/payments.py: charge",
        "prevention-mechanism": "tests/test_payments.py charges without a provider; checkouts are watched",
    },
    signatures={"deployed": "nothing of ours was deployed; the provider moved the traffic"},
)

SCENARIO = Scenario(
    name="dependency-down",
    summary="the payment provider is down: a rollback would not help, and Andon says so",
    opening="The same small shop. It takes money through a provider that belongs to somebody else.",
    quiet_days=7,
    past_orders=1205,
    break_it=_provider_goes_down,
    script=(
        *cord("Nobody can pay", "support: payment fails for everybody"),
        own_it(
            Step(
                chapter="Find out",
                say="Was it us? When did we last change anything?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("no deployment", "payments is down"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="No deployment near the break, and a dependency that does not answer: going back changes nothing. "
    "Help the dependency, and prove that it helped.",
)
