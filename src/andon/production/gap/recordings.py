"""Files with recorded answers of outside services: which form one has, and how much of it is read."""

from __future__ import annotations

import json
import os
import threading

from andon.errors import InvalidInput, NotFound, Unavailable
from andon.gaps.dependency.answers import endpoint
from andon.gaps.dependency.reading import recording
from andon.production.gap.plain_file import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.gaps.dependency.answers import Answer, Answers, Recording

#: Bytes of a file; YAML takes twenty times as long to read.
MOST_JSON = 64 << 20
MOST_YAML = 16 << 20
#: Lists and mappings inside of each other, in YAML.
_DEEPEST = 200


def read_recording(root: str, path: str) -> Recording:
    """Read a HAR, a cassette (YAML or JSON) or a recording of Andon's own.

    Raises NotFound, Unavailable for a file that cannot be read, InvalidInput for what is none of them; what
    the file holds is in no message.
    """
    is_yaml = path.lower().endswith((".yaml", ".yml"))
    content = _content(root, path, MOST_YAML if is_yaml else MOST_JSON)
    try:
        plain = _yaml(content) if is_yaml else json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidInput("this is no text in UTF-8", where=path) from None
    except json.JSONDecodeError as error:
        raise InvalidInput("this is no JSON", where=f"{path}:{error.lineno}") from None
    except RecursionError:
        raise InvalidInput("this is nested too deep to be a recording", where=path) from None
    except _NoYaml as error:
        raise InvalidInput("this is no YAML that is read safely", where=f"{path}:{error}") from None
    except ValueError:
        raise InvalidInput("this holds a number that is none", where=path) from None
    try:
        return recording(plain)
    except InvalidInput as error:
        raise InvalidInput(error.message, where=path, remedy=error.remedy) from None


class Played:
    """A service that answers as recorded: a request gets its answers in turn, then the last of them."""

    blocks = False

    def __init__(self, answers: Answers) -> None:
        """Take what was recorded; the turns begin anew."""
        self._answers = answers
        self._turns: dict[int, int] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, headers: Mapping[str, str], sent: bytes) -> Answer | str:  # noqa: ARG002 - a recording does not ask who asks
        """Return the answer to a request below the base path, or that none is recorded."""
        found = self._answers.to(method, path, sent)
        if not found:
            return f"nothing is recorded of {endpoint(method, path)}"
        with self._lock:
            turn = self._turns.get(id(found[0]), 0)
            self._turns[id(found[0])] = turn + 1
        return found[min(turn, len(found) - 1)].answer


class _NoYaml(Exception):
    """The line where YAML ends to be readable."""


def _content(root: str, path: str, most: int) -> bytes:
    whole = os.path.join(root, path)
    try:
        content = read(whole, most + 1)
    except FileNotFoundError:
        raise NotFound("there is no such recording", where=path) from None
    except OSError as error:
        raise Unavailable(f"the recording cannot be read: {error.strerror}", where=path) from None
    if len(content) > most:
        raise InvalidInput(
            f"the recording is larger than {most >> 20} MB",
            where=path,
            remedy="record the failing journey alone, without pictures and scripts",
        )
    return content


def _yaml(content: bytes) -> Any:
    import yaml  # type: ignore[import-untyped]  # only who has a cassette waits for it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = content.decode("utf-8-sig")
    try:
        _refuse_traps(yaml.parse(text, Loader=loader))
        return yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, in C where it can be
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _NoYaml(f"{mark.line + 1}" if mark else "1") from None
    except (TypeError, AttributeError):  # a key that is a list, a merge of what is no mapping
        raise _NoYaml("1") from None


def _refuse_traps(events: Any) -> None:
    """Refuse what no recorder writes: nesting without end, and merges, which multiply each other."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith(("SequenceStartEvent", "MappingStartEvent"))
        depth -= kind in ("SequenceEndEvent", "MappingEndEvent")
        if depth > _DEEPEST:
            raise RecursionError
        if kind == "ScalarEvent" and event.value == "<<" and event.implicit[0]:
            raise _NoYaml(f"{event.start_mark.line + 1}")
