"""A release breaks the checkout for everybody without an account: back to the last known good."""

from __future__ import annotations

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.releases import Edit, Release
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

RELEASE = Release(
    version="v1.4.0",
    message="Members save on every order",
    author="Lena",
    edits=(
        Edit(
            file="shop/pricing.py",
            old="FREE_SHIPPING_FROM = 4000\n",
            new='FREE_SHIPPING_FROM = 4000\nMEMBER_DISCOUNT = {"silver": 5, "gold": 10}\n',
        ),
        Edit(
            file="shop/pricing.py",
            old="    return goods if goods",
            new='    goods -= goods * MEMBER_DISCOUNT[customer["tier"]] // 100\n    return goods if goods',
        ),
    ),
)

TEST = Edit(
    file="tests/test_pricing.py",
    old="",
    new='''"""What a basket costs, for members and for guests."""

import unittest

from shop.pricing import total


class Prices(unittest.TestCase):
    """Members pay less; guests pay, too."""

    def test_guest(self) -> None:
        """No account, no discount, no error."""
        self.assertEqual(total([(5000, 1)], {"name": "Guest"}), 5000)

    def test_gold(self) -> None:
        """Ten percent off."""
        self.assertEqual(total([(5000, 1)], {"name": "Mina", "tier": "gold"}), 4500)
''',
)
CURE = Edit(
    file="shop/pricing.py",
    old='MEMBER_DISCOUNT[customer["tier"]]',
    new='MEMBER_DISCOUNT.get(customer.get("tier", ""), 0)',
)


def ship(stage: Stage) -> str:
    """Deploy the release with the team's own script."""
    stage.world.deploy(RELEASE)
    return f'Lena merges "{RELEASE.message}"; the pipeline deploys {RELEASE.version}. All tests were green.'


_VERIFY = Step(
    say="Deployed is not repaired. The smoke tests and the log since the switch decide.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"),
)

_ROLLBACK = (
    Step(
        say="The rule table names the response and its reasons. Mina is on call, so Mina decides.",
        command=("decide", "--yes"),
        shows=("rollback", "recent-deployment"),
    ),
    Step(
        say="The plan, its safety checks and the way to undo it are on record before anything is touched.",
        command=("rollback", "--yes", "--no-verify"),
        proves=("last-known-good", "migrations-reversible", "previous-version-deployed", "deployed"),
    ),
)

_RESPONSE = Decision(
    name="response",
    question="v1.4.0 went out just before it broke. What now?",
    options=(
        Option(
            label="roll back to the last known good release",
            points=3,
            because="A deployment close before the break: the way back is faster than any fix.",
            steps=_ROLLBACK,
        ),
        Option(
            label="write a hotfix, the traceback names the line",
            points=1,
            because="Rolling back takes seconds; even a one-line fix takes minutes to write, ship and prove.",
            steps=(
                Step(
                    say="You overrule the rule and say why. It is your right, and it is on record.",
                    command=("decide", "hotfix", "--reason", "the traceback names the line"),
                ),
                watch(6),
                Step(say="The fix is not even reviewed yet. You look at the customers and think again."),
            ),
            again=True,
        ),
        Option(
            label="wait for Lena, it is her release",
            points=0,
            because="Whoever is on call decides; customers do not wait for an author.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

REVIEW = Review(
    cause="v1.4.0 reads the membership tier of every customer; customers without an account have none",
    sections={
        "summary/user-impact": "Nobody without an account could buy anything while v1.4.0 ran.",
        "cause/why-not-caught": "Every test buys as a gold member; no test buys as a guest.",
        "lessons/went-well": "The release before was known to be good, and going back took seconds.",
        "lessons/went-poorly": "The release went out without a purchase by a guest.",
        "lessons/next-time": "A guest buys something in every test run, before a release goes out.",
    },
    actions=(
        ("A guest buys something in the test suite", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Ship the member discount again, under SHIP", "lena", "other"),
    ),
    test=TEST,
    cure=(CURE,),
    done={
        "tests": "tests/test_pricing.py, commit {commit}",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "POST /checkout answers 500 for customers without an account",
        "root-cause": "pricing.total takes the customer's tier for granted",
        "incorrect-behaviour": "a discount is looked up by a key that guests do not have",
        "correct-solution": "no tier means no discount",
        "enforced-path": "shop/pricing.py: total",
        "prevention-mechanism": "tests/test_pricing.py buys as a guest and as a member",
    },
    signatures={
        "no-data-corruption": "v1.4.0 wrote no order that v1.3.0 cannot read: same columns, same numbers",
        "dependencies-compatible": "the payment interface is the same in both releases",
    },
)

SCENARIO = Scenario(
    name="bad-release",
    summary="a release breaks the checkout; back to the last known good (start here)",
    opening="A small shop, in production for real: four releases in git, a database, a payment provider, "
    "customers who come twenty times a second.",
    quiet_days=3,
    past_orders=412,
    break_it=ship,
    script=(
        *cord("Checkout fails", "support: guests cannot pay, three calls in a minute"),
        own_it(
            Step(
                chapter="Find out",
                say="What is broken, since when, and is the way back faster than a fix?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("checkout", "v1.4.0", "v1.3.0"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(REVIEW),
        *closing(),
    ),
    lesson="A deployment close before the break, and a release before it that was known to be good: go back "
    "first, understand later.",
)
