"""The port `LeakRoom` in a directory of this machine, mode 0700, its files 0600."""

from __future__ import annotations

import os
import shutil

from andon.errors import Unavailable
from andon.secrets.leak.credential import Credential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_FILE = "values.json"


class LeakRoomOnDisk:
    """Rooms below one directory, one for each incident."""

    def __init__(self, directory: str) -> None:
        """Take the directory, which is made when it is first needed."""
        self._directory = directory
        self.host = os.uname().nodename

    def place(self, incident: str) -> str:
        """Return the directory of an incident's leak, made when there is none."""
        name = "".join(c if c.isalnum() or c in "-_" else "-" for c in incident)
        place = os.path.join(self._directory, name)
        try:
            os.makedirs(place, mode=0o700, exist_ok=True)
            for one in (self._directory, place):
                os.chmod(one, 0o700)
        except OSError as problem:
            raise _broken(place, problem) from problem
        return place

    def keep(self, incident: str, credentials: Sequence[Credential]) -> None:
        """Keep credentials beside those that are there; a killed process leaves the old file or the new."""
        import json
        from base64 import b64encode

        together = {c.mark: c for c in (*self.credentials(incident), *credentials)}
        plain = [
            {"mark": c.mark, "kind": c.kind, "value": b64encode(c.value).decode(), "variable": c.variable}
            for c in together.values()
        ]
        path = os.path.join(self.place(incident), _FILE)
        draft = f"{path}.{os.getpid()}"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                with open(descriptor, "w", encoding="ascii") as file:
                    json.dump(plain, file)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(draft, path)
            except BaseException:
                os.unlink(draft)
                raise
        except OSError as problem:
            raise _broken(path, problem) from problem

    def credentials(self, incident: str) -> tuple[Credential, ...]:
        """Return what is kept."""
        return _read(os.path.join(self.place(incident), _FILE))

    def values(self) -> tuple[bytes, ...]:
        """Return every value that is kept here."""
        try:
            names = sorted(os.listdir(self._directory))
        except OSError:
            return ()
        rooms = (os.path.join(self._directory, name, _FILE) for name in names)
        return tuple(c.value for room in rooms if os.path.exists(room) for c in _read(room))

    def forget(self, incident: str) -> bool:
        """Remove the values, and the directory when nothing else is in it."""
        place = self.place(incident)
        try:
            for name in os.listdir(place):
                if name.startswith(_FILE):
                    _wipe(os.path.join(place, name))
            if not os.listdir(place):
                shutil.rmtree(place)
        except OSError as problem:
            raise _broken(place, problem) from problem
        return not os.path.lexists(os.path.join(place, _FILE))


def no_core_dumps() -> None:
    """Keep this process from leaving its memory in a file when it crashes."""
    try:
        import resource
    except ImportError:  # no such system
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return


def _read(path: str) -> tuple[Credential, ...]:
    import json
    from base64 import b64decode

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, encoding="ascii") as file:
            plain = json.load(file)
        return tuple(
            Credential(
                mark=p["mark"],
                kind=p["kind"],
                value=b64decode(p["value"], validate=True),
                variable=p.get("variable", ""),
            )
            for p in plain
        )
    except FileNotFoundError:
        return ()
    except OSError as problem:
        raise _broken(path, problem) from problem
    except (ValueError, KeyError, TypeError):
        damaged = ValueError("it is damaged")
        raise _broken(path, damaged) from None  # the content is a secret: no part of it belongs in a message


def _wipe(path: str) -> None:
    """Overwrite and remove a file; on most disks of today the old blocks may live on for a while."""
    size = os.lstat(path).st_size
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.write(descriptor, b"\0" * size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.unlink(path)


def _broken(path: str, problem: Exception) -> Unavailable:
    return Unavailable(
        f"the values of the leak cannot be kept or read: {getattr(problem, 'strerror', None) or problem}",
        where=path,
        rule="leak-room",
        remedy="make the directory yours, with room on the disk; or give the values again: "
        "andon leak start --value",
    )
