"""Looking: as far back and as long as configured; what a smoke test leaves behind, without its secrets."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from andon.config.model import Config
from andon.config.model_production import LogConfig, ProbeConfig
from andon.desk import attaching
from andon.desk.looking import PATIENCE, TAIL, _patience, look
from andon.desk.values import Attachment
from andon.incident.words import Verdict
from andon.journal.evidence import LIMIT
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeLogSource, FakeProbe

SECRET = b"hunter2hunter2"
END = b"\0\0\0\0IEND\xaeB`\x82"
PNG = b"\x89PNG\r\n\x1a\n" + END


def a_trace(text: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("test.trace", json.dumps({"title": text.decode()}))
    return into.getvalue()


def left(kind: str, content: bytes, title: str = "checkout") -> Attachment:
    media_type = {"screenshot": "image/png", "trace": "application/zip", "text": "text/plain"}[kind]
    return Attachment(kind=kind, title=title, media_type=media_type, content=content)


def kept(tmp_path: Path, *attachments: Attachment) -> tuple[dict[str, bytes], str]:
    """Return what became evidence, by kind, and what the probe's own evidence says."""
    probe = FakeProbe("shop", Verdict.FAILED)
    probe.attachments = attachments
    desk = FakeDesk(tmp_path, probes=(probe,))
    seen = look(desk, keep="failed", with_logs=False)
    stored = {event.kind: desk.evidence.get(event.evidence) for event in seen.attached}
    for event in seen.attached:
        assert stored[event.kind].media_type == event.media_type
        assert event.source == "shop"
    text = stored.pop("probe").content.decode()
    return {kind: blob.content for kind, blob in stored.items()}, text


def test_a_screenshot_is_kept_as_it_was_drawn(tmp_path: Path) -> None:
    noted = PNG[:8] + b"\0\0\0\x10tEXt" + b"k\0" + SECRET + b"\0\0\0\0" + END
    evidence, told = kept(tmp_path, left("screenshot", noted))
    assert evidence == {"screenshot": PNG}
    assert "screenshot checkout is sha256:" in told


def test_a_picture_in_whose_pixels_a_secret_is_found_is_not_kept(tmp_path: Path) -> None:
    pixels = PNG[:8] + b"\0\0\0\x0eIDAT" + SECRET + b"\0\0\0\0" + END
    evidence, told = kept(tmp_path, left("screenshot", pixels))
    assert not evidence
    assert "screenshot checkout was not kept: bytes in it look like a secret" in told


def test_a_trace_is_kept_without_its_secrets(tmp_path: Path) -> None:
    evidence, told = kept(tmp_path, left("trace", a_trace(b"typed " + SECRET)))
    with zipfile.ZipFile(io.BytesIO(evidence["trace"])) as archive:
        assert archive.read("test.trace").strip() == b'{"title": "typed [redacted:known:000000]"}'
    assert "(1 secret redacted)" in told


def test_a_text_is_redacted_like_any_other(tmp_path: Path) -> None:
    evidence, _ = kept(tmp_path, left("text", b"said " + SECRET))
    assert evidence == {"text": b"said [redacted:known:000000]"}


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    large = PNG[:8] + (attaching.LARGEST + 1).to_bytes(4) + b"IDAT" + bytes(attaching.LARGEST + 5) + END
    odd = (left("screenshot", b"no picture"), left("trace", b"no zip"), left("screenshot", large))
    evidence, told = kept(tmp_path, *odd)
    assert not evidence
    for why in (
        "it is not a whole picture",
        "cannot be read as a zip file",
        f"are more than {attaching.LARGEST}",
    ):
        assert f"was not kept: {why}" in told or why in told
    many = [left("text", f"text {n}".encode(), f"number {n}") for n in range(attaching.MOST + 2)]
    _, told = kept(tmp_path, *many)
    assert "2 more were not kept" in told
    assert told.count(" is sha256:") == attaching.MOST


def test_what_is_kept_is_never_cut_by_the_store() -> None:
    assert attaching.LARGEST < LIMIT


def test_a_title_with_a_secret_does_not_tell_it(tmp_path: Path) -> None:
    _, told = kept(tmp_path, left("text", b"x", f"of {SECRET.decode()}"))
    assert SECRET.decode() not in told


def test_logs_are_read_as_far_back_as_is_configured(tmp_path: Path) -> None:
    config = Config(service="shop", logs=(LogConfig(name="shop", file="x", look_back=6.0),))
    content = b"x" * 9_999_999 + b"\n"
    desk = FakeDesk(
        tmp_path, config=config, logs=(FakeLogSource("shop", content), FakeLogSource("b", content))
    )
    assert [len(log.content) for log in look(desk, far=True).logs] == [6 << 20, TAIL]
    assert [len(log.content) for log in look(desk).logs] == [TAIL, TAIL]


def test_a_probe_gets_the_time_it_was_given(tmp_path: Path) -> None:
    """A browser test may take longer than everything else together."""
    slow = ProbeConfig(name="browser", playwright="a.spec.ts", timeout=60.0)
    desk = FakeDesk(tmp_path, config=Config(service="shop", smoke=(slow,)))
    assert _patience(desk) > 60.0
    assert _patience(FakeDesk(tmp_path)) == PATIENCE
