"""A release breaks the checkout and has dropped a column: the way back is closed, a small fix is shipped."""

from __future__ import annotations

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.fixing import SmallFix
from andon.drill.releases import Edit, Release
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

MIGRATION = "migrations/0003_receipts.sql"
RELEASE = Release(
    version="v1.4.0",
    message="Keep receipts in a table of their own",
    author="Lena",
    edits=(
        Edit(
            file=MIGRATION,
            old="",
            new="CREATE TABLE receipts (\n"
            "    sequence INTEGER PRIMARY KEY,\n"
            "    receipt TEXT NOT NULL,\n"
            "    tier TEXT NOT NULL\n"
            ");\n"
            "INSERT INTO receipts SELECT sequence, receipt, 'none' FROM orders;\n"
            "DROP INDEX orders_by_receipt;\n"
            "ALTER TABLE orders DROP COLUMN receipt;\n",
        ),
        Edit(
            file="shop/orders.py",
            old='            "INSERT INTO orders (sequence, number, amount, receipt) VALUES (?, ?, ?, ?)",\n'
            "            (sequence, number, amount, receipt),\n"
            "        )\n",
            new='            "INSERT INTO orders (sequence, number, amount) VALUES (?, ?, ?)",\n'
            "            (sequence, number, amount),\n"
            "        )\n"
            "        connection.execute(\n"
            '            "INSERT INTO receipts (sequence, receipt, tier) VALUES (?, ?, ?)",\n'
            "            (sequence, receipt, tier),\n"
            "        )\n",
        ),
        Edit(
            file="shop/orders.py",
            old="    amount = pricing.total(basket(connection, items), customer)\n",
            new="    amount = pricing.total(basket(connection, items), customer)\n"
            "    tier = tier_of(customer)\n",
        ),
        Edit(
            file="shop/orders.py",
            old="def place(",
            new="def tier_of(customer: dict[str, object]) -> str:\n"
            '    """Return the membership that a receipt names."""\n'
            '    return str(customer["tier"])\n\n\n'
            "def place(",
        ),
    ),
)
TEST = Edit(
    file="tests/test_receipts.py",
    old="",
    new='''"""What a receipt says about the customer."""

import unittest

from shop.orders import tier_of


class Tiers(unittest.TestCase):
    """Members have one; guests buy, too."""

    def test_guest(self) -> None:
        """No account, no tier, no error."""
        self.assertEqual(tier_of({"name": "Guest"}), "none")

    def test_gold(self) -> None:
        """As the account says."""
        self.assertEqual(tier_of({"name": "Mina", "tier": "gold"}), "gold")
''',
)
CURE = Edit(
    file="shop/orders.py",
    old='    return str(customer["tier"])\n',
    new='    return str(customer.get("tier", "none"))\n',
)
HOTFIX = Release(version="v1.4.1", message="Guests have no tier", author="Mina", edits=(CURE, TEST))
REPAIR = SmallFix(base=RELEASE.version, release=HOTFIX, test=TEST, cure=CURE)


def _ship(stage: Stage) -> str:
    """Deploy the release, whose start changes the database."""
    stage.world.deploy(RELEASE)
    return (
        f'Lena merges "{RELEASE.message}"; the pipeline deploys {RELEASE.version}. Its start moves all '
        "receipts into a table of their own and drops the old column."
    )


_VERIFY = Step(
    say="Forward instead of back, and the same proof: the same purchases, the same log.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures"),
)

_RESPONSE = Decision(
    name="response",
    question="v1.4.0 broke it, v1.3.0 is known to be good, and v1.4.0 has changed the database. What now?",
    options=(
        Option(
            label="a hotfix: v1.3.0 cannot run on this database any more",
            points=3,
            because="v1.3.0 writes a column that is gone. Going back would trade one failure for another.",
            steps=(
                Step(
                    say="The migration gate has read the migration. The rule table draws the conclusion.",
                    command=("decide", "--yes"),
                    shows=("hotfix", "rollback-unsafe", MIGRATION),
                ),
                *REPAIR.steps(),
            ),
        ),
        Option(
            label="roll back, as one does after a bad release",
            points=0,
            because="The column is gone: every purchase would fail, not only those of guests.",
            steps=(
                Step(
                    say="You overrule the rule and say why.",
                    command=("decide", "rollback", "--reason", "a release broke it, so back it goes"),
                ),
                Step(
                    say="The gate stays shut: nothing is deployed.",
                    command=("rollback", "--yes"),
                    expect=1,
                    shows=("migration-gate",),
                ),
            ),
            again=True,
        ),
        Option(
            label="put the column back by hand, then roll back",
            points=0,
            because="Changing the database of a running shop by hand at night is how one outage becomes two.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

_REVIEW = Review(
    cause="v1.4.0 writes the membership tier on every receipt; customers without an account have none",
    sections={
        "summary/user-impact": "Nobody without an account could buy anything until v1.4.1 was out.",
        "cause/why-not-caught": "Every test buys as a gold member; no test buys as a guest.",
        "lessons/went-well": "Nobody rolled back onto a database that the old release cannot use.",
        "lessons/went-poorly": "New code and the drop of the old column went out in one release.",
        "lessons/next-time": "A column is dropped one release after the last code that needs it.",
    },
    actions=(
        ("A guest buys something in the test suite", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Split destructive migrations into two releases", "lena", "other"),
    ),
    test=None,
    cure=(),
    done={
        "tests": "tests/test_receipts.py, shipped in v1.4.1",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "POST /checkout answers 500 for customers without an account",
        "root-cause": "orders.tier_of takes the customer's tier for granted",
        "incorrect-behaviour": "a receipt needs a tier that guests do not have",
        "correct-solution": "no account means the tier none",
        "enforced-path": "shop/orders.py: tier_of",
        "prevention-mechanism": "tests/test_receipts.py asks for a guest and for a member",
    },
    signatures={},
)

SCENARIO = Scenario(
    name="irreversible-migration",
    summary="the bad release dropped a column: the rollback is refused, a small fix is shipped",
    opening="The same small shop. Today's release also tidies up the database.",
    quiet_days=4,
    past_orders=530,
    break_it=_ship,
    script=(
        *cord("Guests cannot buy", "support: guests cannot pay, members can"),
        own_it(
            Step(
                chapter="Find out",
                say="A release near the break, and a line in the traceback that Mina understands.",
                command=(
                    "assess",
                    "--cause",
                    "orders.tier_of takes the tier of every customer for granted",
                    "--fix-minutes",
                    "10",
                ),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("v1.4.0", "v1.3.0", MIGRATION),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="A known good release is no way back when the database has moved on without it. Ask what the "
    "releases since have done to the data, before anything is deployed.",
)
