"""The name table: every command, the module that runs it, and one line for the help."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Entry(NamedTuple):
        """Where a command lives and what it does."""

        module: str
        summary: str
else:

    class Entry(tuple):
        """Where a command lives and what it does (a named tuple without the import of typing)."""

        __slots__ = ()
        module = property(lambda self: self[0])
        summary = property(lambda self: self[1])

        def __new__(cls, module, summary):
            return tuple.__new__(cls, (module, summary))


COMMANDS: dict[str, Entry] = {
    "declare": Entry("declare", "pull the cord: declare an incident and capture evidence"),
    "ack": Entry("moments", "own the incident"),
    "assess": Entry("assess", "find out what broke, since when, and what speaks for which response"),
    "decide": Entry("decide", "choose rollback, hotfix, kill switch or workaround, by rule and authority"),
    "rollback": Entry("rollback", "plan, confirm, deploy the last known good version, verify"),
    "hotfix": Entry("hotfix", "fix it on a branch from what runs: start, check, ship, finish"),
    "leak": Entry("leak", "a secret got out: locate, rotate, purge, verify, push, ban, clean up"),
    "flags": Entry("flags", "feature flags: see, kill, enable, roll out, serve, lint, remove"),
    "canary": Entry("canary", "give a release to more and more of the traffic, watched"),
    "workflows": Entry("workflows", "what is being carried out, by whom, how far; cancel or resume it"),
    "worker": Entry("worker", "carry out what is approved; keep two for a team that shares a journal"),
    "deployed": Entry("deployed", "record a deployment, or judge a release good or bad"),
    "releases": Entry("releases", "the ledger of deployments with what is known of each release"),
    "bisect": Entry("bisect", "find the commit that broke it, in checkouts of its own"),
    "gap": Entry("gap", "the tests passed and production failed: find the difference that is to blame"),
    "migrations": Entry("migrations", "what a rollback has to take back; try it on a disposable copy"),
    "verify": Entry("verify", "run the smoke tests and read the logs: is the failure gone?"),
    "mitigate": Entry("moments", "say that the harm has stopped"),
    "resolve": Entry("moments", "say that the cause is gone"),
    "status": Entry("status", "where the incident stands and what now"),
    "board": Entry("board", "a live view for the terminal"),
    "timeline": Entry("timeline", "who did what when, from the history"),
    "note": Entry("note", "write something down"),
    "evidence": Entry("evidence", "add, list or show evidence"),
    "sign": Entry("sign", "vouch for an item, with your name and reason"),
    "skip": Entry("sign", "take a shortcut; it becomes an action item"),
    "severity": Entry("severity", "escalate or de-escalate"),
    "notify": Entry("notify", "tell stakeholders, see and retry deliveries"),
    "postmortem": Entry("postmortem", "draft, edit, lint, publish or show the postmortem"),
    "actions": Entry("actions", "follow-up work: list, add, done, drop"),
    "regressions": Entry("regressions", "the regression log: list, add, show, name a test, check"),
    "log": Entry("log", "the team's incident log: export, import, list"),
    "close": Entry("moments", "end the incident"),
    "reopen": Entry("moments", "it was not over"),
    "gear": Entry("gear", "which gates apply now; declare EXPLORE, BUILD or SHIP"),
    "gate": Entry("gate", "what the repository accepts now: at a hook, in CI, where it is pushed to"),
    "ship": Entry("ship", "may this commit be released? check, test, waive, record the decision"),
    "secrets": Entry(
        "secrets", "look for secrets, keep reviewed exceptions, audit .gitignore and secret files"
    ),
    "hooks": Entry("hooks", "put the gates into git's hooks: install, uninstall, status"),
    "prevent": Entry("prevent", "known weaknesses of dependencies and code: audit, show"),
    "init": Entry("init", "write a commented andon.toml from what is found here"),
    "doctor": Entry("doctor", "what is configured, reachable, missing, and how to fix it"),
    "audit": Entry("audit", "prove that no event and no evidence was altered"),
    "protocol": Entry("protocol", "show or lint the incident document"),
    "drill": Entry("drill", "break a small real production and go the whole way through"),
}

_RESPOND = (
    "declare",
    "ack",
    "assess",
    "decide",
    "rollback",
    "hotfix",
    "flags",
    "leak",
    "verify",
    "mitigate",
    "bisect",
    "gap",
    "resolve",
)

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("respond", _RESPOND),
    ("look", ("status", "board", "workflows", "timeline", "releases", "migrations", "gear", "audit")),
    ("record", ("note", "evidence", "sign", "skip", "severity", "notify", "deployed")),
    ("keep", ("gate", "secrets", "hooks", "ship", "canary", "prevent")),
    ("learn", ("postmortem", "actions", "regressions", "log", "close", "reopen")),
    ("prepare", ("init", "doctor", "worker", "protocol", "drill")),
)
