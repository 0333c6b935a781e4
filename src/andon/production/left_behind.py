"""What a smoke test leaves in a directory of its own: pictures, traces, texts; taken from there and removed.

What it names is not believed: only regular files inside the directory are read, and they are what their first
bytes say. Whether they are free of secrets is judged where they are stored.
"""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import stat
import tempfile

from andon.desk.values import Attachment
from andon.production.process import clean
from andon.secrets.pictures import picture_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

#: Bytes of a picture or trace that are read, of a text, and files that are looked at.
LARGEST, LARGEST_TEXT, FILES = 16 << 20, 256 << 10, 200
#: What an argument list says for the directory.
PLACE = "{attachments}"
_ZIP = b"PK\x03\x04"


class LeftBehind:
    """A directory that only this user may read, for one run."""

    def __init__(self, *, keep_screenshot: bool, keep_trace: bool) -> None:
        """Say what of it is to be kept."""
        self._keep_screenshot = keep_screenshot
        self._keep_trace = keep_trace
        #: The directory; "" when there is none.
        self.place = ""
        #: Why there is none.
        self.failure = ""

    def __enter__(self) -> LeftBehind:
        """Make the directory; a full disk leaves it out."""
        try:
            self.place = os.path.realpath(tempfile.mkdtemp(prefix="andon-probe-"))
        except OSError as error:
            self.failure = f"no directory for what it leaves behind: {error.strerror or error}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove it with everything in it."""
        if self.place:
            shutil.rmtree(self.place, ignore_errors=True)

    def everything(self) -> tuple[Attachment, ...]:
        """Return what is there, in the order of the names."""
        paths: list[str] = []
        if not self.place:
            return ()
        for directory, subdirectories, names in os.walk(self.place):
            subdirectories.sort()
            paths += [os.path.join(directory, name) for name in sorted(names)]
            if len(paths) >= FILES:
                break
        found = (self.file(path, os.path.relpath(path, self.place)) for path in paths[:FILES])
        return tuple(one for one in found if one is not None)

    def file(self, path: str, title: str) -> Attachment | None:
        """Return a file of the directory; None when it lies elsewhere, is no file, or is not to be kept."""
        try:
            real = os.path.realpath(os.path.join(self.place, path))
            if not real.startswith(self.place + os.sep):
                return None
            descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return None
                return self._made(file.read(LARGEST + 1), title)
        except (OSError, ValueError):  # not there, a directory, a NUL in its name
            return None

    def inline(self, body: str, title: str) -> Attachment | None:
        """Return what was given in base64."""
        try:
            return self._made(base64.b64decode(body[: 2 * LARGEST], validate=True), title)
        except (binascii.Error, ValueError):
            return None

    def _made(self, content: bytes, title: str) -> Attachment | None:
        title = " ".join(clean(title.encode("utf-8", "replace")).split())[:120]
        if picture := picture_type(content):
            wanted, kind, media_type = self._keep_screenshot, "screenshot", picture
        elif content.startswith(_ZIP):
            wanted, kind, media_type = self._keep_trace, "trace", "application/zip"
        else:
            wanted, kind, media_type = _is_text(content), "text", "text/plain"
        if not wanted or len(content) > LARGEST:
            return None
        return Attachment(kind=kind, title=title, media_type=media_type, content=content)


def _is_text(content: bytes) -> bool:
    if not content or len(content) > LARGEST_TEXT or b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
