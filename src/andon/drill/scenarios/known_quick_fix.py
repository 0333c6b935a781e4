"""A fault that every release has wakes up with order number 3000: no way back helps, a small fix does."""

from __future__ import annotations

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.fixing import SmallFix
from andon.drill.releases import Edit, Release
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

TEST = Edit(
    file="tests/test_orders.py",
    old='        self.assertEqual(order_number(1000), "B000")\n',
    new='        self.assertEqual(order_number(1000), "B000")\n\n'
    "    def test_order_after_the_last_letter(self) -> None:\n"
    '        """Order 3000 has a number, and no other order has it."""\n'
    '        self.assertEqual(order_number(3000), "C3-000")\n'
    "        self.assertEqual(len({order_number(n) for n in range(1, 9000)}), 8999)\n",
)
FIX = Edit(
    file="shop/orders.py",
    old='    return f"{SERIES[sequence // 1000]}{sequence % 1000:03d}"\n',
    new="    series, number = divmod(sequence, 1000)\n"
    '    letter = SERIES[series] if series < len(SERIES) else f"{SERIES[-1]}{series}-"\n'
    '    return f"{letter}{number:03d}"\n',
)
#: Useful, and no part of the fix.
WHILE_WE_ARE_HERE = Edit(
    file="shop/orders.py",
    old="class NotForSale(Exception):\n",
    new="def numbers_left(sequence: int) -> int:\n"
    '    """Return how many order numbers are left before the letters run out."""\n'
    "    return len(SERIES) * 1000 - sequence - 1\n\n\n"
    "class NotForSale(Exception):\n",
)
HOTFIX = Release(
    version="v1.3.1", message="Number orders past the last letter", author="Mina", edits=(FIX, TEST)
)
REPAIR = SmallFix(
    base="v1.3.0", release=HOTFIX, test=TEST, cure=FIX, extra=WHILE_WE_ARE_HERE, stopped_by="no-feature"
)


def _run_out_of_numbers(stage: Stage) -> str:
    """Wait until the customers have used up the last order number."""
    lost = "the order book to run full"
    stage.world.wait_for(lambda: any(beat.failed.get("/checkout") for beat in stage.world.beats()), lost)
    stage.broke_at = next(beat.at for beat in stage.world.beats() if beat.failed.get("/checkout"))
    return "Business is good. Nobody deploys anything. Order C999 goes out, and then no order does."


_VERIFY = Step(
    say="Red before the fix, green after it: the same purchase, in production.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures"),
)

_HOTFIX = (
    Step(
        say="The cause is known, the fix is three lines, and no older release is without the fault.",
        command=("decide", "--yes"),
        shows=("hotfix", "known-quick-fix"),
    ),
    *REPAIR.steps(),
)

_RESPONSE = Decision(
    name="response",
    question="Nothing was deployed for days; the traceback names one line that every release has. What now?",
    options=(
        Option(
            label="a hotfix: the cause is known and the fix is small",
            points=3,
            because="Known cause, quick fix, and no older release without the fault.",
            steps=_HOTFIX,
        ),
        Option(
            label="roll back to the release before",
            points=0,
            because="Nothing was deployed near the break: the older release has the same fault.",
            steps=(
                Step(
                    say="You overrule the rule. Andon does it, and then looks whether it helped.",
                    command=("decide", "rollback", "--reason", "a rollback is always the safest"),
                ),
                Step(command=("rollback", "--yes", "--watch", "2"), expect=1),
                Step(say="The release before fails at the same line. That time is gone."),
            ),
            again=True,
        ),
        Option(
            label="wait, maybe it was a single order",
            points=0,
            because="Every checkout fails, and every order after it will.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

_REVIEW = Review(
    cause="order numbers have a letter for every thousand orders and only three letters; order 3000 has none",
    sections={
        "summary/user-impact": "Nobody could buy anything from order 3000 on.",
        "cause/why-not-caught": "No test looked past the second letter; nobody watched the numbers.",
        "lessons/went-well": "The traceback named the line, and the fix fits one look.",
        "lessons/went-poorly": "Nobody knew that the numbers had an end.",
        "lessons/next-time": "Everything that can run out has an alarm before it does.",
    },
    actions=(
        ("Test the order numbers far past today's orders", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Warn when nine tenths of a number range are used", "tom", "other"),
    ),
    test=None,
    cure=(),
    done={
        "tests": "tests/test_orders.py, shipped in v1.3.1",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "every POST /checkout answers 500 from order 3000 on",
        "root-cause": "order_number indexes past the last letter",
        "incorrect-behaviour": "a number format with an end and no check at the end",
        "correct-solution": "numbers past the last letter continue in a longer form",
        "enforced-path": "shop/orders.py: order_number",
        "prevention-mechanism": "tests/test_orders.py: test_order_after_the_last_letter",
    },
    signatures={},
)

SCENARIO = Scenario(
    name="known-quick-fix",
    summary="an old fault wakes up, no release is without it; a small fix is shipped",
    opening="The same small shop, months later. Nothing was deployed for days; business is good.",
    quiet_days=12,
    past_orders=2990,
    break_it=_run_out_of_numbers,
    script=(
        *cord("No order goes through", "support: every purchase ends with an error"),
        own_it(
            Step(
                chapter="Find out",
                say="No deployment near. The traceback names a line, and Mina knows what it means.",
                command=(
                    "assess",
                    "--cause",
                    "order numbers end at C999: order_number indexes past the last letter",
                    "--fix-minutes",
                    "10",
                ),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("no deployment", "IndexError"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="When every release has the fault there is nothing to go back to. Known cause, small fix, "
    "red before and green after.",
)
