"""A release breaks the cart, the release that mends the cart breaks the checkout: back past both of them."""

from __future__ import annotations

import time

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.releases import Edit, Release
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

FIRST = Release(
    version="v1.4.0",
    message="Say in the cart what is missing to free shipping",
    author="Lena",
    edits=(
        Edit(
            file="shop/pricing.py",
            old="    goods = sum(price * quantity for price, quantity in lines)\n"
            "    return goods if goods >= FREE_SHIPPING_FROM else goods + SHIPPING\n",
            new="    goods = sum(price * quantity for price, quantity in lines)\n"
            "    return goods if goods >= FREE_SHIPPING_FROM else goods + SHIPPING\n\n\n"
            "def missing(lines: list[Line]) -> int:\n"
            '    """Return what a basket lacks for free shipping."""\n'
            "    return max(FREE_SHIPPING_FROM - total(lines), 0)\n",
        ),
        Edit(
            file="shop/server.py",
            old='"subtotal": sum(price * quantity for price, quantity in lines)}\n',
            new='"missing": pricing.missing(lines)}\n',
        ),
        Edit(
            file="shop/server.py",
            old="from . import __version__, orders, store\n",
            new="from . import __version__, orders, pricing, store\n",
        ),
    ),
)
SECOND = Release(
    version="v1.4.1",
    message="Mend the cart: a total needs no customer",
    author="Tom",
    edits=(
        Edit(
            file="shop/pricing.py",
            old="def total(lines: list[Line], customer: Customer) -> int:\n",
            new="def total(lines: list[Line]) -> int:\n",
        ),
    ),
)
TEST = Edit(
    file="tests/test_basket.py",
    old="",
    new='''"""A basket from the cart to the order, with the same prices on the way."""

import sqlite3
import unittest
from unittest import mock

from shop import orders, pricing


class Basket(unittest.TestCase):
    """What the cart says is what the order costs."""

    def test_from_the_cart_to_the_order(self) -> None:
        """Both ask for the same total."""
        self.assertEqual(pricing.missing([(450, 2)]), 4000 - 900 - 490)
        book = sqlite3.connect(":memory:", isolation_level=None)
        book.row_factory = sqlite3.Row
        book.execute("CREATE TABLE products (sku, name, price)")
        book.execute("CREATE TABLE orders (sequence, number, amount, receipt)")
        book.execute("INSERT INTO products VALUES ('tea', 'Green tea', 450)")
        with mock.patch("shop.payments.charge", return_value="r"):
            placed = orders.place(book, "", {"items": [{"sku": "tea", "quantity": 2}]})
        self.assertEqual(placed["amount"], 900 + 490)
''',
)
CURE = Edit(
    file="shop/orders.py",
    old="pricing.total(basket(connection, items), customer)",
    new="pricing.total(basket(connection, items))",
)


def _ship_twice(stage: Stage) -> str:
    """Deploy the first release, see it fail, say so on record, and deploy what was meant to mend it."""
    world = stage.world
    world.deploy(FIRST)
    deployed = time.time()

    def cart_fails() -> bool:  # not for the restart: then the log would not say so
        return any(beat.failed.get("/cart") for beat in world.beats_begun(deployed))

    world.wait_for(cart_fails, "the cart to fail")
    said = stage.session.run(
        "deployed", FIRST.version, "--verdict", "bad", "--reason", "the cart answers 500", "--as", "tom"
    )
    if said.code != 0:
        raise RuntimeError(f"the verdict was not recorded: {said.output}")
    world.deploy(SECOND)
    return (
        f'{FIRST.version}, "{FIRST.message}", breaks the cart. Tom sees it, records that it is bad, and '
        f"ships {SECOND.version} to mend it. The cart works again. The checkout does not."
    )


_VERIFY = Step(
    say="The cart and the checkout, both: the smoke tests for one, the log for the other.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"),
)

_RESPONSE = Decision(
    name="response",
    question="v1.4.1 runs and fails, and the release before it is v1.4.0. Where do you go back to?",
    options=(
        Option(
            label="to the last known good release, past both of them",
            points=3,
            because="The release before is the one that broke the cart. Previous is not the same as good.",
            steps=(
                Step(
                    say="The rule table says rollback, and to which release.",
                    command=("decide", "--yes"),
                    shows=("rollback", "v1.3.0"),
                ),
                Step(
                    say="The plan says why each newer release was passed over.",
                    command=("rollback", "--yes", "--no-verify"),
                    shows=("passed over v1.4.0",),
                    proves=("last-known-good", "migrations-reversible", "previous-version-deployed"),
                ),
            ),
        ),
        Option(
            label="to the release before, v1.4.0",
            points=0,
            because="It is on record as bad: the cart would fail again.",
            steps=(
                Step(say="You decide to go back.", command=("decide", "--yes")),
                Step(
                    say="You name the release yourself. Andon does it, and then looks whether it helped.",
                    command=("rollback", "--to", "v1.4.0", "--yes", "--watch", "3"),
                    expect=1,
                ),
                Step(say="The checkout is back and the cart is gone. You are where Tom was."),
            ),
            again=True,
        ),
        Option(
            label="a third release, quickly",
            points=0,
            because="Two releases in a hurry have failed; a third one in a hurry is no plan.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

_REVIEW = Review(
    cause="v1.4.0 asks for a total without a customer; v1.4.1 takes the customer out of the total, and the "
    "checkout still passes one",
    sections={
        "summary/user-impact": "The cart failed for everybody, then the checkout did.",
        "cause/why-not-caught": "No test goes from the cart to the order; each part was tested alone.",
        "lessons/went-well": "The bad release was on record, so nobody went back to it.",
        "lessons/went-poorly": "The first failure was mended by a second release instead of a way back.",
        "lessons/next-time": "A bad release is rolled back first, and mended in peace.",
    },
    actions=(
        ("A test goes from the cart to the order", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Ship free shipping in the cart again, under SHIP", "lena", "other"),
    ),
    test=TEST,
    cure=(CURE,),
    done={
        "tests": "tests/test_basket.py, commit {commit}",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "POST /checkout answers 500: total() takes one argument but two were given",
        "root-cause": "the signature of pricing.total was changed for one of its two callers",
        "incorrect-behaviour": "a fix for the cart that nobody tried on the checkout",
        "correct-solution": "both callers pass what total takes",
        "enforced-path": "shop/pricing.py: total",
        "prevention-mechanism": "tests/test_basket.py goes from the cart to the order",
    },
    signatures={
        "no-data-corruption": "neither release wrote anything that v1.3.0 cannot read: no order went through",
        "dependencies-compatible": "the payment interface is the same in all three releases",
    },
)

SCENARIO = Scenario(
    name="two-bad-releases",
    summary="the release before is bad too: back past both, to the last known good",
    opening="The same small shop. Today two releases follow each other within minutes.",
    quiet_days=6,
    past_orders=820,
    break_it=_ship_twice,
    script=(
        *cord("Checkout fails", "support: nobody can pay since the cart works again"),
        own_it(
            Step(
                chapter="Find out",
                say="Two releases near the break. Which one is known to be good?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("checkout", "passed over v1.4.0", "v1.3.0"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="The version before is not the last known good one. Go back to what is known to have worked, past "
    "everything that is not.",
)
