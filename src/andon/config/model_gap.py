"""The sections about the gap as values: the suite that passes, and the two worlds it is compared in."""

from __future__ import annotations

from andon.record import Record


class GapConfig(Record):
    """The suite that passes, for finding out why production fails all the same (`[gap]`)."""

    #: Argument list that runs the suite; `{report}` in it is the file that JUnit output is wanted in.
    suite: tuple[str, ...] = ()
    #: `playwright` (Test, in TypeScript or JavaScript), `pytest` or `junit`; "" to tell it by the command.
    flavour: str = ""
    #: Where the suite runs, relative to the root.
    directory: str = ""
    #: Files and directories that its last passing run left: reports and traces, relative to `directory`.
    artefacts: tuple[str, ...] = ()
    #: The variable by which the suite is told where the application is.
    url_variable: str = "BASE_URL"
    #: Tests that go the way on which production fails, as the runner takes them; found by the artefacts else.
    journey: tuple[str, ...] = ()
    #: Minutes for a whole search.
    minutes: float = 10.0
    #: Hosts that load may be sent to.
    load_hosts: tuple[str, ...] = ("127.0.0.1", "::1", "localhost")
    #: Endpoints besides GET and HEAD that may be repeated at will, as in `POST /search`.
    safe: tuple[str, ...] = ()

    @property
    def is_configured(self) -> bool:
        """True when there is a suite."""
        return bool(self.suite)


class WorldConfig(Record):
    """One of the two worlds of `[gap]`: how the application is started in it, and what it stands on."""

    #: Argument list that starts the application; `{port}` is a free port of this machine.
    start: tuple[str, ...] = ()
    #: Where it is started, relative to the root.
    directory: str = ""
    #: The variable that holds its port.
    port_variable: str = "PORT"
    #: The path that answers once it is up.
    health: str = "/"
    #: An address where this world already runs, for looking at it; "" for none.
    url: str = ""
    #: Where its settings come from: a file (.env, .json, .yaml, .toml), `container:NAME`,
    #: `compose:SERVICE`, `kubernetes:KIND/NAME`, or `$PREFIX_*`: variables of this process, without the
    #: prefix.
    env: str = ""
    #: Settings on top of that.
    set: tuple[tuple[str, str], ...] = ()
    #: `sqlite:PATH`, a PostgreSQL URL, or `$NAME` of the environment. Only read; experiments get copies.
    database: str = ""
    #: The variable that tells the application where its database is.
    database_variable: str = "DATABASE_URL"
    #: How many use it at once.
    users: int = 1
    #: A network profile of browsers: `none`, `slow-3g`, `fast-3g`, `slow-4g`, `fast-4g`.
    network: str = "none"
    #: Milliseconds to the database.
    database_latency: float = 0.0
    #: What it runs: a version, a commit, or `url:PATH` that answers with it; "" when not known.
    release: str = ""


class GapDependencyConfig(Record):
    """An outside service of one of the two worlds (`[[gap.test.dependency]]`)."""

    #: `test` or `prod`.
    world: str
    name: str
    #: The variable that tells the application where it is.
    variable: str = ""
    #: Its address, when it is asked live.
    url: str = ""
    #: A HAR, a VCR cassette (.yaml), or Andon's own JSON, relative to the root, when it is recorded.
    recording: str = ""
    #: Milliseconds to it and back.
    latency: float = 0.0
