"""Every test is green and the page is broken: back first, then the difference, proven by experiment."""

from __future__ import annotations

from datetime import UTC, datetime

from andon.drill import greetings
from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.releases import Edit
from andon.drill.review import ALARM, Review, closing, is_silent, reviewing, would_have_rung
from andon.drill.script import Decision, Option, Scenario, Stage, Step

_ALARM = "ops/watch_page.py"
#: The test that Andon wrote, for the runner, which takes a pattern.
_NEW_TEST = r"/gap-\w+\.spec\.ts$"


def _ship(stage: Stage) -> str:
    """Release with a green suite, as the pipeline does."""
    world = stage.world
    world.repository.release(greetings.RELEASE, datetime.now(UTC))
    code, words = greetings.run_suite(world)
    if code:
        raise RuntimeError(f"the suite is not green: {words}")
    world.ship(greetings.RELEASE.version)
    return (
        f'Tom merges "{greetings.RELEASE.message}". The suite runs in a real browser, and passes:\n'
        f"{words}\nThe pipeline deploys {greetings.RELEASE.version}."
    )


_ROLLBACK = (
    Step(
        say="The rule table looks at the deployment that went before, not at how green it was.",
        command=("decide", "--yes"),
        shows=("rollback", "recent-deployment"),
    ),
    Step(
        say="Back to the last known good release, with the way to undo it on record first.",
        command=("rollback", "--yes", "--no-verify"),
        proves=("last-known-good", "previous-version-deployed", "deployed"),
    ),
)

_RESPONSE = Decision(
    name="response",
    question="All tests passed, and customers see an error. What comes first?",
    options=(
        Option(
            label="roll back to the last known good release",
            points=3,
            because="What the tests missed is found in calm; customers are turned away now.",
            steps=_ROLLBACK,
        ),
        Option(
            label="find out what the tests missed",
            points=0,
            because="That is the right question after the harm has stopped.",
            steps=(watch(5),),
            again=True,
        ),
        Option(
            label="run the tests again, they passed a minute ago",
            points=0,
            because="They live in another world than the customers; they will pass again.",
            steps=(Step(act=lambda stage: greetings.run_suite(stage.world)[1]), watch(3)),
            again=True,
        ),
    ),
)

_VERIFY = Step(
    say="Deployed is not repaired. The smoke tests and the log since the switch decide.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"),
)


def _cured(stage: Stage) -> str:
    """Give the tests what their data lacked, see the new test fail, mend the code, and commit all of it."""
    repository = stage.world.repository
    repository.edit(greetings.IMPORTED)
    greetings.seed(stage.world)
    code, red = greetings.run_suite(stage.world, _NEW_TEST)
    if not code:
        raise RuntimeError(f"the new test does not see the gap: {red}")
    repository.edit(greetings.CURE)
    code, green = greetings.run_suite(stage.world)
    if code:
        raise RuntimeError(f"the suite is not green with the cure: {green}")
    repository.commit("Read a greeting that nobody wrote", "Mina", datetime.now(UTC))
    shown = repository.git("show", "--stat=60", "--format=%h %an: %s", "HEAD").strip()
    return f"{red}\n{greetings.CURE.file}: {greetings.CURE.new}\n{green}\n$ git show --stat\n{shown}"


_GAP = (
    Step(
        chapter="Why did no test see it?",
        say="Many things differ between tests and production, most of them harmless. A list would not "
        "tell. So Andon changes one at a time, in worlds of its own, and goes the way that failed.",
        command=("gap", "--yes"),
        shows=("data", "orders"),
        proves=("gap-environment", "gap-data", "gap-scale"),
    ),
    Step(
        say="A test that fails with the gap and passes without it; what the tests' data must hold from now "
        "on; an alarm; the entry for the regression log; the answers that the review will ask for.",
        command=("gap", "prevent", "--write"),
        shows=("red", "green"),
        proves=("gap-missed", "gap-why", "gap-tests-improved"),
    ),
    Step(
        say="The tests' data gets an order like production's, and the new test is red. Then the cause is "
        "mended, and the whole suite is green.",
        act=_cured,
    ),
)


def _watch_the_page(stage: Stage) -> str:
    """Write an alarm for the page, and see that it would have rung then and does not ring now."""
    text = ALARM.new.replace("POST /checkout", "GET /").replace("checkouts", "visits")
    stage.world.repository.edit(Edit(file=_ALARM, old="", new=text.replace("watch_checkout", "watch_page")))
    return f"{would_have_rung(stage, _ALARM)}\n{is_silent(stage, _ALARM)}"


_REVIEW = Review(
    cause="v1.5.0 takes for granted that every order has a greeting; the imported orders have none",
    sections={
        "summary/user-impact": "Every visitor of the shop's page saw an error instead of what is for sale.",
        "cause/why-not-caught": "Every order in the tests' database was made with a greeting.",
        "lessons/went-well": "The way back took seconds, and the difference was found by experiment.",
        "lessons/went-poorly": "The tests' data looked like nothing that production has had for years.",
        "lessons/next-time": "The tests' data carries what production's data can hold.",
    },
    actions=(("Ship the greeting again, under SHIP", "tom", "other"),),
    test=None,
    cure=(),
    done={
        "tests": "e2e, commit {commit}",
        "verification": "ops/seed_tests.py, commit {commit}",
        "monitoring": "ops/watch_page.py, commit {commit}",
    },
    regression={},
    signatures={
        "no-data-corruption": "v1.5.0 only read orders; v1.4.0 reads and writes them as before",
        "dependencies-compatible": "the payment interface is the same in both releases",
        "semantics-updated": "the page's tests shall fail on errors of its console: an action item says so",
        "gap-dependency": "the page asks no outside service; only the checkout does, and it worked",
    },
    watch=_watch_the_page,
)

SCENARIO = Scenario(
    name="tests-passed",
    summary="the browser suite is green and production breaks: the gap is found by experiment",
    opening="The shop has a page now, and a suite that runs in a real browser before every release.",
    quiet_days=3,
    past_orders=412,
    history=(greetings.BEFORE,),
    prepare=greetings.prepare,
    lacks=greetings.lacks,
    symptom="/",
    break_it=_ship,
    script=(
        *cord("The shop's page shows an error", "support: the page says that something went wrong"),
        own_it(
            Step(
                chapter="Find out",
                say="What broke, since when, and is the way back faster than a fix?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("catalogue", "v1.5.0", "v1.4.0"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *_GAP,
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="Green says that the code works in the tests' world. When production fails all the same, do not "
    "compare lists: change one difference at a time until it fails, and keep the test that shows it.",
)
