"""What a push says on standard input: which references move from where to where."""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: References of one push that are judged; of a push with more, the rest could not be decided.
MOST = 1000


def branch_of(ref: str) -> str:
    """Return the branch that is written to with a reference's full name; "" when it is none.

    Gerrit takes `refs/for/main%submit` for main at once; without the option it is only a review.
    """
    if ref.startswith("refs/heads/"):
        return ref.removeprefix("refs/heads/")
    if not ref.startswith("refs/for/"):
        return ""
    name, _, options = ref.removeprefix("refs/for/").partition("%")
    return name.removeprefix("refs/heads/") if "submit" in options.split(",") else ""


class RefUpdate(Record):
    """One reference that a push writes."""

    #: Full name on the side that is written to.
    ref: str
    #: Object ids there before and after; "" for none.
    old: str = ""
    new: str = ""
    #: Full name on the side that pushes; "" when it is not told (pre-receive) or there is none (a deletion).
    local: str = ""

    @property
    def is_deletion(self) -> bool:
        """True when the reference is removed."""
        return not self.new

    @property
    def is_tag(self) -> bool:
        """True for a tag."""
        return self.ref.startswith("refs/tags/")

    @property
    def branch(self) -> str:
        """Name of the branch that is written to; "" when it is none."""
        return branch_of(self.ref)


class Known(Record):
    """What somebody else has already, so that it does not arrive with this push."""

    #: The remote whose tracking references say it; "*" for any remote, "" for none of them.
    remote: str = ""
    #: True in the repository that receives: everything that one of its references reaches.
    own: bool = False
    #: References that do not count where `own` is said.
    but: tuple[str, ...] = ()
    #: Commits.
    commits: tuple[str, ...] = ()


def read_pre_push(text: str) -> tuple[RefUpdate, ...]:
    """Return what git tells its pre-push hook: `local-ref local-id remote-ref remote-id` in each line.

    Raises InvalidInput for a line of another form. Format: githooks(5).
    """
    found = []
    for number, line in enumerate(_lines(text), start=1):
        words = line.rsplit(" ", 3)  # what is pushed may be called `HEAD@{1 hour ago}`
        if len(words) != 4 or not (_is_id(words[-3]) and _is_id(words[-1])):
            raise _wrong(number, "local-ref local-id remote-ref remote-id")
        local, new, ref, old = words
        local = "" if local == "(delete)" else local
        found.append(RefUpdate(ref=ref, old=_id(old), new=_id(new), local=local))
    return tuple(found)


def read_pre_receive(text: str) -> tuple[RefUpdate, ...]:
    """Return what git tells its pre-receive hook: `old-id new-id ref` in each line.

    Raises InvalidInput for a line of another form. Format: githooks(5).
    """
    found = []
    for number, line in enumerate(_lines(text), start=1):
        words = line.split(" ", 2)
        if len(words) != 3 or not (_is_id(words[0]) and _is_id(words[1])):
            raise _wrong(number, "old-id new-id ref")
        found.append(RefUpdate(ref=words[2], old=_id(words[0]), new=_id(words[1])))
    return tuple(found)


def _lines(text: str) -> Iterable[str]:
    return (line for line in text.replace("\r\n", "\n").split("\n") if line)


def _is_id(word: str) -> bool:
    return len(word) in (40, 64) and all(letter in "0123456789abcdef" for letter in word)


def _id(word: str) -> str:
    return word if word.strip("0") else ""


def _wrong(number: int, form: str) -> InvalidInput:
    return InvalidInput(
        f"line {number} is not what git sends to this hook",
        where="standard input",
        rule="usage",
        remedy=f"call it from the hook, which git gives lines of: {form}",
    )
