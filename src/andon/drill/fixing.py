"""A small fix, as a responder makes it: a test, red on the running release; the cure; green; shipped."""

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
    release: Release
    test: Edit
    cure: Edit

    @property
    def branch(self) -> str:
        """The branch it is made on."""
        return f"hotfix/{self.release.version}"

    def steps(self) -> tuple[Step, ...]:
        """Return the way from the red test to the release in production."""
        return (
            Step(say="First the test that shows the fault.", act=self._show_the_test_is_red),
            Step(say="Then the smallest correct fix, nothing else.", act=self._commit),
            Step(act=self._deploy),
            Step(
                say="The deployment belongs to the incident, with the version it replaced.",
                command=("deployed", self.release.version, "--hotfix"),
                proves=("deployed",),
            ),
        )

    def _show_the_test_is_red(self, stage: Stage) -> str:
        """Write the test on a branch of its own and see it fail against the release that runs."""
        repository = stage.world.repository
        repository.git("switch", "--quiet", "--create", self.branch, self.base)
        repository.edit(self.test)
        red, words = repository.test()
        if red == 0:
            raise RuntimeError("the new test passes without the fix")
        return f"$ git switch --create {self.branch} {self.base}\n{words}"

    def _commit(self, stage: Stage) -> str:
        """Apply the fix, see the tests pass, commit, tag and merge."""
        repository = stage.world.repository
        repository.edit(self.cure)
        green, words = repository.test()
        if green != 0:
            raise RuntimeError(f"the tests fail with the fix: {words}")
        release = self.release
        tagged = Release(version=release.version, message=release.message, author=release.author)
        repository.release(tagged, datetime.now(UTC))
        shown = repository.git("show", "--stat=60", "--format=%h %an: %s", "HEAD").strip()
        repository.git("switch", "--quiet", "main")
        repository.git("merge", "--quiet", "--ff-only", self.branch)
        return f"{words}\n$ git show --stat\n{shown}"

    def _deploy(self, stage: Stage) -> str:
        """Deploy the fixed release with the team's own script."""
        words = stage.world.ship(self.release.version)
        return f"$ python ops/deploy.py {self.release.version}\n{words.strip()}"
