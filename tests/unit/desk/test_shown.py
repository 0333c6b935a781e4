"""What is shown of things that were read elsewhere holds no secret, and costs one pass when it holds none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from andon.desk.flags.values import FlagSeen
from andon.desk.redacting import shown
from andon.errors import Unavailable
from tests.fakes.desk import FakeDesk


class Redactor:
    """Knows one secret, and counts how often it is asked."""

    def __init__(self, *, is_blind: bool = False) -> None:
        self.asked = 0
        self._is_blind = is_blind

    def redact(self, content: bytes) -> tuple[bytes, int]:
        self.asked += 1
        if self._is_blind:
            raise Unavailable("a secret file cannot be read")
        return content.replace(b"hunter2", b"[redacted]"), content.count(b"hunter2")

    def redact_words(self, text: str) -> str:
        self.asked += 1
        return text.replace("hunter2", "[redacted]")


def desk_with(root: Path, redactor: Redactor) -> Any:
    desk = FakeDesk(root)
    desk.redactor = redactor  # type: ignore[misc,assignment]
    return desk


def test_records_lists_and_mappings_lose_their_secrets(tmp_path: Path) -> None:
    definition = {"variants": {"hunter2": ["a hunter2", 3, None, True]}}
    flag = FlagSeen(key="k", owner="caf\udce9 hunter2", variants=("hunter2", "b"), definition=definition)
    for is_blind in (False, True):
        (found,) = shown(desk_with(tmp_path, Redactor(is_blind=is_blind)), (flag,))
        assert found.key == "k" and found.owner == "caf\\xe9 [redacted]"
        assert found.variants == ("[redacted]", "b")
        assert found.definition == {"variants": {"[redacted]": ["a [redacted]", 3, None, True]}}


def test_a_thousand_flags_without_a_secret_are_looked_through_once(tmp_path: Path) -> None:
    flags = tuple(FlagSeen(key=f"k{n}", owner="mia") for n in range(1000))
    redactor = Redactor()
    assert shown(desk_with(tmp_path, redactor), flags) is flags
    assert redactor.asked == 1
