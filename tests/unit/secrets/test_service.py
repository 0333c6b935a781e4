"""The cheap look at a text suspects whatever the redactor would take out of it."""

from __future__ import annotations

import base64
import string
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from andon.errors import Unavailable
from andon.secrets.formats import FORMATS
from andon.secrets.patterns import NEEDLES
from andon.secrets.redaction import PatternRedactor, known_values_from_env_file
from andon.secrets.service import ServiceRedactor, is_suspicious

values = st.text(string.ascii_letters + string.digits + "!%&/()?+*#-_.,;:@^ ", min_size=8, max_size=30)
wordings = st.sampled_from([
    lambda v: v,
    lambda v: f"it is {v}.",
    lambda v: f"({v}),",
    lambda v: quote(v),
    lambda v: base64.b64encode(v.encode()).decode(),
    lambda v: f"x{v}y and {v}",
])  # fmt: skip


@given(values, wordings, st.sampled_from(["{}", "'{}'", '"{}"', "postgresql://u:{}@h/d"]))
@example("cat sat on it", lambda v: v, "'{}'")
@example("aa-bb-cc", lambda v: f"it was {v}!", "{}")
@example(":000/000", lambda v: v, "{}")
@example(":000/000", lambda v: f"({v}),", "postgresql://u:{}@h/d")
@example(":000/000", lambda v: v, "{}")
def test_what_would_be_redacted_is_suspected(value: str, wording: object, form: str) -> None:
    env = f"# ours\nPORT=80\nAPP_SECRET={form.format(value)}\n"
    text = wording(value)  # type: ignore[operator]
    known = known_values_from_env_file(env)
    _, hidden = PatternRedactor(known=known, key=b"k" * 32).redact(text.encode())
    if hidden:
        assert is_suspicious(text, (env,))


def test_every_literal_of_every_kind_is_suspected() -> None:
    for rule in FORMATS:
        for needle in rule.needles:
            assert is_suspicious(f"look: {needle.decode().upper()}", ())
    assert all(needle == needle.lower() for needle in NEEDLES)


@pytest.mark.parametrize("text", ["checkout answers 500", "mails are late since 02:14", "INC-12, again", ""])
def test_the_usual_title_needs_no_redactor(text: str) -> None:
    assert not is_suspicious(text, ())
    assert not is_suspicious(text, ("ADMIN_PASSWORD=correcthorse99\n",))


def test_a_secret_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    redactor = ServiceRedactor(str(tmp_path), (".env",), lambda: str(tmp_path / "key"))
    with pytest.raises(Unavailable) as error:
        redactor.redact(b"text")
    assert error.value.remedy
    assert redactor.redact_words("plain") == "plain"
    assert "hunter22" not in redactor.redact_words("password=hunter22")
