"""A small fix, as a responder makes it: a branch, a red test, the cure, the guard, production, main."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from andon.drill.releases import Edit, Release
from andon.drill.script import Stage, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallFix:
    """What is shipped, and the test that shows that it was needed."""

    #: The release it is made on: the one that runs, not the newest commit.
    base: str
    #: Its version, message and author; what it changes are the test and the cure.
    release: Release
    test: Edit
    cure: Edit
    #: What somebody is tempted to do as well, and the rule of the guard that stops it; None for nothing.
    extra: Edit | None = None
    stopped_by: str = ""

    def steps(self) -> tuple[Step, ...]:
        """Return the way from the branch to the release in production, and back to the main line."""
        return (
            Step(
                say="A branch from the release that runs; what is on main, customers do not have.",
                command=("hotfix", "start"),
                shows=(f"from {self.base}", "hotfix/INC-"),
                lines=6,
            ),
            Step(say="First the test that shows the fault.", act=self._show_the_test_is_red),
            *self._wrong_turn(),
            Step(say="The smallest correct fix, nothing else.", act=self._commit),
            Step(
                say="The guard runs that test without the fix and with it, and reads every changed line.",
                command=("hotfix", "check"),
                proves=("fix-minimal", "fix-no-secrets", "fix-no-new-vulnerability"),
                shows=("fails without the fix",),
            ),
            Step(
                say="Out it goes as a rollback would: planned with its way back, deployed once, verified.",
                command=("hotfix", "ship", self.release.version, "--yes", "--watch", "60"),
                proves=("deployed", "failure-resolved"),
                shows=("undo", f"andon rollback --to {self.base}"),
            ),
            Step(
                say="Production has the fix, main does not: the next release would bring the fault back.",
                command=("hotfix", "finish"),
                expect=1,
                shows=("git merge --no-ff",),
            ),
            Step(command=("hotfix", "finish", "--merge"), shows=("the hotfix is on main",)),
            Step(act=self._back_to_main),
        )

    def _wrong_turn(self) -> tuple[Step, ...]:
        if self.extra is None:
            return ()
        return (
            Step(say="And, while we are here, something useful beside it.", act=self._commit_too_much),
            Step(
                say="The guard reads what it is, not what it is for.",
                command=("hotfix", "check"),
                expect=1,
                shows=(self.stopped_by, "andon skip"),
            ),
        )

    def _show_the_test_is_red(self, stage: Stage) -> str:
        """Write the test on the branch and see it fail against the release that runs."""
        repository = stage.world.repository
        repository.edit(self.test)
        red, words = repository.test()
        if red == 0:
            raise RuntimeError("the new test passes without the fix")
        return words

    def _commit_too_much(self, stage: Stage) -> str:
        """Commit the fix with what nobody asked for."""
        if self.extra is not None:
            stage.world.repository.edit(self.extra)
        return self._commit(stage)

    def _commit(self, stage: Stage) -> str:
        """Apply the fix alone, see the tests pass, commit; whatever was committed before is taken back."""
        repository = stage.world.repository
        if repository.git("rev-parse", "HEAD") != repository.git("rev-parse", self.base):
            repository.git("reset", "--quiet", "--hard", self.base)
            repository.edit(self.test)
        repository.edit(self.cure)
        green, words = repository.test()
        if green != 0:
            raise RuntimeError(f"the tests fail with the fix: {words}")
        release = self.release
        message = f"{stage.incident}: {release.message}"
        repository.commit(message, release.author, datetime.now(UTC))
        shown = repository.git("show", "--stat=60", "--format=%h %an: %s", "HEAD").strip()
        return f"{words}\n$ git show --stat\n{shown}"

    def _back_to_main(self, stage: Stage) -> str:
        """Go back to the main line, which has the fix now."""
        stage.world.repository.git("switch", "--quiet", "main")
        return "$ git switch main"
