"""Errors on their way into the engine's database, which remembers how each step ended: without secrets."""

from __future__ import annotations

from contextlib import contextmanager

from andon.desk.redacting import redacted
from andon.errors import AndonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from andon.desk.ports import Desk


@contextmanager
def desk_of_a_step(desks: Callable[[str], AbstractContextManager[Desk]], actor: str = "") -> Iterator[Desk]:
    """Give a desk; what is raised at it leaves in words that may be kept, a bug as an error of ours."""
    with desks(actor) as desk:
        try:
            yield desk
        except Exception as problem:  # the engine will remember it, and `andon workflows` shows it
            raise without_secrets(desk, problem) from problem


def without_secrets(desk: Desk, problem: Exception) -> AndonError:
    """Return one of our errors without secrets in any of its texts; a bug is told as one."""
    if isinstance(problem, AndonError):
        message, where, remedy = (
            redacted(desk, text) for text in (problem.message, problem.where, problem.remedy)
        )
        return type(problem)(message, where=where, rule=problem.rule, remedy=remedy)
    told = f"this is a bug in Andon: {type(problem).__name__}: {problem}"
    return AndonError(redacted(desk, told), remedy="andon status")
