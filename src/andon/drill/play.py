"""Plays a script: runs its steps as real commands, says what they proved, asks at the decisions."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from andon.drill.script import Answer, Argv, Decision, Option, Outcome, Part, Stage, Step
from andon.drill.session import Ran
from andon.drill.standing import Standing, standings
from andon.drill.telling import Telling

#: Seconds a reader gets after a step.
READING = 1.6


class Derailed(Exception):
    """A step did not do what it should; going on would tell a story that is not true."""


@dataclass(slots=True, kw_only=True)
class Player:
    """Goes through a script once."""

    stage: Stage
    telling: Telling
    outcome: Outcome
    #: Asks a person to choose one of the options; None takes the best one.
    ask: Callable[[Decision, tuple[Option, ...]], Option] | None = None
    #: Where the items of the protocol stood after the last step.
    known: dict[str, Standing] = field(default_factory=dict)

    def play(self, script: tuple[Part, ...]) -> None:
        """Play every part in order."""
        for part in script:
            if isinstance(part, Step):
                self._step(part)
            else:
                self._decide(part)

    def _decide(self, decision: Decision) -> None:
        if self.ask is None:
            self._follow(decision.best)
            return
        left, first = decision.options, True
        while left:
            option = self.ask(decision, left) if len(left) > 1 else left[0]
            if first:
                self._score(decision, option)
            first = False
            self._follow(option)
            if not option.again:
                return
            left = tuple(o for o in left if o is not option)

    def _score(self, decision: Decision, option: Option) -> None:
        self.outcome.answers.append(
            Answer(
                decision=decision.name,
                chosen=option.label,
                points=option.points,
                possible=decision.best.points,
                because=decision.best.because if option.points < decision.best.points else option.because,
            )
        )

    def _follow(self, option: Option) -> None:
        for step in option.steps:
            self._step(step)

    def _step(self, step: Step) -> None:
        if not step.when(self.stage):
            return
        if step.chapter:
            self.telling.chapter(step.chapter)
        if step.say:
            self.telling.say(step.say)
        if step.act is None and not step.command:
            return
        before = self.known
        if step.act is not None:
            told = step.act(self.stage)
            self.stage.session.heard.append(told)
            self.telling.frame(told)
        commands = (step.command,) if isinstance(step.command, tuple) else step.command(self.stage)
        for command in commands:
            if command:
                self._run(step, command)
        after = self.known = self._standings()
        self._tell_proofs(before, after)
        self._check_proofs(step, after)
        look_at_customers(self.stage, self.telling)
        if self.outcome.failures:
            raise Derailed
        self.telling.pause(READING)

    def _run(self, step: Step, command: Argv) -> None:
        session = self.stage.session
        there = f"cd ../{step.place} && " if step.place else ""
        self.telling.command(there + typed(command))
        ran = (session.at(self.stage.world.beside(step.place)) if step.place else session).run(*command)
        self.telling.frame(_done(ran.output) if step.brief else ran.output, limit=step.lines)
        self._judge(step, ran)

    def quietly(self, *command: str) -> None:
        """Run a command that is no part of the story; raises Derailed when it fails."""
        ran = self.stage.session.run(*command)
        if ran.code != 0:
            self.telling.frame(ran.output)
            self._fail(f"{typed(command)} ended with exit code {ran.code}")
            raise Derailed

    def _judge(self, step: Step, ran: Ran) -> None:
        shown = typed(ran.command)
        if ran.code != step.expect:
            self._fail(f"{shown} ended with exit code {ran.code}, not {step.expect}")
        for words in step.shows:
            if words.lower() not in " ".join(ran.output.lower().split()):
                self._fail(f"{shown} did not say {words!r}")

    def _tell_proofs(self, before: dict[str, Standing], after: dict[str, Standing]) -> None:
        for name, standing in after.items():
            if standing.proven and not (name in before and before[name].proven):
                self.telling.proof(standing.text, standing.evidence)

    def _check_proofs(self, step: Step, after: dict[str, Standing]) -> None:
        for check in step.proves:
            found = after.get(check)
            if found is None:
                self._fail(f"the protocol has no item for {check}")
            elif not found.proven:
                self._fail(f"{check} should be proven, but it is {found.standing}: {found.evidence}")

    def _standings(self) -> dict[str, Standing]:
        stage = self.stage
        if not stage.incident:
            stage.incident = stage.session.only_incident()
        if not stage.incident:
            return {}
        status = stage.session.ask("status", stage.incident)
        if status.get("undelivered"):
            stage.world.deliver(stage.session.settings)
        return standings(status)

    def _fail(self, text: str) -> None:
        self.outcome.failures.append(text)


def look_at_customers(stage: Stage, telling: Telling) -> None:
    """Show how the customers have fared since the last look."""
    seen = stage.world.beats(stage.looked_at)
    if seen:
        stage.looked_at = seen[-1].at
        telling.customers(sum(b.fine for b in seen), sum(b.lost for b in seen))


def _done(output: str) -> str:
    """Return the lines of a command's output that say what was done."""
    return "\n".join(line for line in output.splitlines() if line.startswith("  "))


def typed(command: Argv) -> str:
    """Return the command line as a person would have typed it."""
    return " ".join(("andon", *(_quoted(word) for word in command)))


def _quoted(word: str) -> str:
    """Return a word in double quotes when nothing in it needs more than that."""
    quoted = shlex.quote(word)
    plain = quoted != word and not any(sign in word for sign in '"\\$`!')
    return f'"{word}"' if plain else quoted
