"""Flags in LaunchDarkly, by its REST API: a kill turns targeting off, which leaves rules and rollouts alone.

Off means the flag's off variation, so a kill is refused where that is not the safe one. LaunchDarkly knows no
operations: Andon writes its own into the change's comment, and finds it again in the audit log. Made after
the published description of version 20240415.
"""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from urllib.parse import unquote

from andon.desk.flags.values import Confirmed, FlagHealth, FlagSeen, FlagUsage
from andon.errors import NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, Override, refuse_another
from andon.production.flag_http import FlagApi, token_of
from andon.production.flag_words import state_in_words
from andon.production.process import clean
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.config.model_production import FlagSystemConfig
    from andon.production.tool_answer import Answer

#: The version of the API that is asked for, whatever the token's own is.
_VERSION = {"LD-API-Version": "20240415"}
_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"
#: Flags of one page, pages at most; pages of the audit log, of its most entries each.
_PAGE, _PAGES, _LOG_PAGES, _LOG_PAGE = 50, 200, 5, 20
#: Characters of a comment.
_LONGEST = 400
#: The flag in a resource of the audit log, before its tags.
_FLAG = re.compile(r":flag/([^;:]+)")
_COMMENT = re.compile(r"^Andon (kill|undo) (\S+)(?: incident (\S+))?")


def open_system(config: FlagSystemConfig, _root: str) -> LaunchDarkly:
    """Return the flag system of `system = "launchdarkly"`; raises Unavailable for a token that is not set."""
    api = FlagApi(
        config.server,
        token_of(config),
        name="LaunchDarkly",
        token_name=config.token.lstrip("$"),
        headers=_VERSION,
    )
    return LaunchDarkly(api, config.project or "default", config.environment)


class LaunchDarkly:
    """The port `FlagSystem` over one project and environment."""

    kind = "launchdarkly"

    def __init__(self, api: FlagApi, project: str, environment: str) -> None:
        """Take the API; the address in it is where LaunchDarkly's own pages are."""
        self._api = api
        self._project = project
        self._environment = environment
        self.address = f"{api.address} ({project}, {environment})"

    def flags(self) -> tuple[FlagSeen, ...]:
        """Return the project's flags as they stand in the environment.

        What Andon killed is told as far as the last changes of all flags say it; `find` looks further.
        """
        listed = self._listed()
        off = {flag.text("key"): flag for flag in listed if not self._is_on(flag)}
        switches: dict[str, Answer] = {}
        if off:
            with contextlib.suppress(Refused):  # the token may not read the audit log
                switches, _ = self._switches("*", frozenset(off))
        return tuple(
            self._seen(flag, self._kill_in(switches.get(key), key, flag))
            for flag in listed
            for key in (flag.text("key"),)
        )

    def _listed(self) -> list[Answer]:
        found: list[Answer] = []
        for page in range(_PAGES):
            query = {
                "env": self._environment,
                "summary": "0",
                "limit": str(_PAGE),
                "offset": str(page * _PAGE),
            }
            asked = self._api.get("api", "v2", "flags", self._project, query=query, what="the list of flags")
            items = asked.entries("items")
            found += items
            if len(items) < _PAGE:
                return found
        raise Unavailable(
            f"LaunchDarkly lists more than {_PAGE * _PAGES} flags", where=self.address, rule="flag-system"
        )

    def find(self, key: str, /) -> FlagSeen:
        """Return one flag; raises NotFound."""
        flag = self._flag(key)
        if self._is_on(flag):
            return self._seen(flag, None)
        try:
            return self._seen(flag, self._kill_of(key, flag))
        except Refused:
            seen = self._seen(flag, None)
            return replace(seen, state=f"{seen.state}; who turned it off, the audit log does not tell")

    def put(self, override: Override, /) -> str:
        """Turn targeting off for a kill; raises Refused for everything else."""
        key = override.flag
        flag = self._flag(key)
        if override.layer != KILL:
            raise self._refused(
                key, "Andon changes no rules in LaunchDarkly, because it could not give them back exactly"
            )
        off = self._off_variant(flag)
        if override.variant != off:
            raise self._refused(
                key,
                f"LaunchDarkly would serve {off or 'what each caller has as default'} when it is off, "
                f"and the safe variation is {override.variant}",
                " (set its off variation there first)",
            )
        if not self._is_on(flag):
            return self._version(flag)
        return self._switch(key, is_on=False, comment=_comment("kill", override))

    def take(self, key: str, layer: str, operation: str, only: str = "", /) -> str:
        """Turn targeting on again, when it was Andon that turned it off last."""
        flag = self._flag(key)
        if layer != KILL or self._is_on(flag):
            return self._version(flag)
        kill = self._kill_of(key, flag)
        if kill is None:
            return self._version(flag)
        refuse_another(kill.operation, only, key, self.address)
        undo = Override(flag=key, layer=KILL, variant="", operation=operation, incident=kill.incident)
        return self._switch(key, is_on=True, comment=_comment("undo", undo))

    def confirmations(self, _version: str, _patience: float, _tell: Callable[[str], None], /) -> Confirmed:
        """Return that nobody can say who has it."""
        detail = "LaunchDarkly sends it to its SDKs by itself, and does not say which process has it"
        return Confirmed(connected=0, confirmed=0, can_confirm=False, detail=detail)

    def health(self) -> FlagHealth:
        """Return nothing: LaunchDarkly does not say here how it is."""
        return FlagHealth(summary="which processes have its flags, it does not say")

    def usage(self) -> tuple[FlagUsage, ...]:
        """Return when each flag was last asked for; how often, LaunchDarkly does not tell here, so 0."""
        asked = self._api.get(
            "api", "v2", "flag-statuses", self._project, self._environment, what="the use of the flags"
        )
        found = []
        for status in asked.entries("items"):
            key = unquote(status.text("_links", "parent", "href").rpartition("/")[2])
            if key:
                last = _moment(status.text("lastRequested"))
                found.append(FlagUsage(key=key, variant="", count=0, last_at=last))
        return tuple(found)

    # ---- what LaunchDarkly says

    def _flag(self, key: str) -> Answer:
        flag = self._api.get(
            "api", "v2", "flags", self._project, key,
            query={"env": self._environment}, what=f"the flag {key}",
        )  # fmt: skip
        if flag.flag("archived") or not flag.has("environments", self._environment):
            raise NotFound(
                f"there is no flag {key} in {self._environment}", where=self.address, remedy="andon flags"
            )
        return flag

    def _is_on(self, flag: Answer) -> bool:
        return flag.flag("environments", self._environment, "on") is True

    def _switch(self, key: str, *, is_on: bool, comment: str) -> str:
        kind = "turnFlagOn" if is_on else "turnFlagOff"
        body = {
            "environmentKey": self._environment,
            "comment": comment,
            "instructions": [{"kind": kind}],
        }
        verb = f"turning {key} {'on' if is_on else 'off'}"
        try:
            self._api.ask(
                "PATCH", "api", "v2", "flags", self._project, key, body=body, content_type=_PATCH, what=verb
            )
        except Refused as problem:
            if "(405)" not in problem.message:
                raise
            raise Refused(
                f"{verb}: {self._environment} asks for an approval, and no kill can wait for one",
                where=self._page(key),
                rule="flag-approval",
                remedy=f"somebody who may bypass it, by hand: {self._page(key)}; "
                "or give the token's role the right to bypass approvals",
            ) from problem
        flag = self._flag(key)
        if self._is_on(flag) is not is_on:
            raise Unavailable(
                f"LaunchDarkly took it, and {key} is {'off' if is_on else 'on'} all the same",
                where=self._page(key),
                rule="flag-system",
                remedy="look there what changed it",
            )
        return self._version(flag)

    def _seen(self, flag: Answer, kill: Override | None) -> FlagSeen:
        names = _names(flag)
        is_on = self._is_on(flag)
        default = self._default_variant(flag)
        if kill is not None:
            state = state_in_words({}, kill, None, datetime.now(UTC))
        elif not flag.has("environments", self._environment):
            state = f"not in {self._environment}"
        elif not is_on:
            state = f"off: {default or 'what each caller has as default'} for everybody"
        elif self._has_rules(flag):
            state = f"by its rules, else {default or 'by shares'}"
        else:
            state = f"{default or 'what each caller has as default'} for everybody"
        created = flag.plain("creationDate")
        return FlagSeen(
            key=flag.text("key"),
            variants=tuple(names),
            default_variant=default,
            is_enabled=is_on,
            safe_variant=_variant_of(flag, value=False) if _is_boolean(flag) else self._off_variant(flag),
            on_variant=_variant_of(flag, value=True) if _is_boolean(flag) else "",
            owner=_owner(flag),
            purpose=flag.text("description"),
            created=_day(created),
            kill=kill,
            state=state,
        )

    def _has_rules(self, flag: Answer) -> bool:
        environment = ("environments", self._environment)
        parts = ("rules", "targets", "contextTargets", "prerequisites")
        return any(flag.plain(*environment, part) for part in parts) or flag.has(
            *environment, "fallthrough", "rollout"
        )

    def _off_variant(self, flag: Answer) -> str:
        return _at(_names(flag), flag.whole("environments", self._environment, "offVariation"))

    def _default_variant(self, flag: Answer) -> str:
        if not self._is_on(flag):
            return self._off_variant(flag)
        return _at(_names(flag), flag.whole("environments", self._environment, "fallthrough", "variation"))

    def _kill_of(self, key: str, flag: Answer) -> Override | None:
        """Return Andon's kill when it is what turned the flag off; None when somebody else did, or nobody.

        Raises Refused when nobody can tell: the token may not read it, or it is too long ago.
        """
        found, is_whole = self._switches(key, frozenset((key,)))
        if key not in found and not is_whole:
            raise self._refused(
                key, f"who turned it off is not among its last {_LOG_PAGE * _LOG_PAGES} changes"
            )
        return self._kill_in(found.get(key), key, flag)

    def _kill_in(self, entry: Answer | None, key: str, flag: Answer) -> Override | None:
        """Return the kill that an entry of the audit log tells of; None when it tells of something else."""
        known = _COMMENT.match(entry.text("comment")) if entry is not None else None
        if entry is None or known is None or known[1] != "kill":
            return None
        return Override(
            flag=key,
            layer=KILL,
            variant=self._off_variant(flag) or "off",
            operation=known[2],
            incident=known[3] or "",
            by=entry.text("member", "email"),
            at=_instant(entry.plain("date")),
        )

    def _switches(self, of: str, keys: frozenset[str]) -> tuple[dict[str, Answer], bool]:
        """Return the entry that last switched each flag, and whether nothing older is left to read."""
        query = {"spec": f"proj/{self._project}:env/{self._environment}:flag/{of}", "limit": str(_LOG_PAGE)}
        found: dict[str, Answer] = {}
        for _ in range(_LOG_PAGES):
            asked = self._api.get("api", "v2", "auditlog", query=query, what=f"the history of {of}")
            entries = asked.entries("items")
            for entry in entries:
                if _COMMENT.match(entry.text("comment")) or "turned o" in entry.text("titleVerb"):
                    for key in keys if len(keys) == 1 else _keys_of(entry) & keys:
                        found.setdefault(key, entry)
            if len(found) == len(keys) or len(entries) < _LOG_PAGE:
                return found, True
            query["before"] = str(entries[-1].plain("date"))
        return found, False

    # ---- places

    def _page(self, key: str) -> str:
        return f"{self._api.address}/projects/{self._project}/flags/{key}/targeting?env={self._environment}"

    def _version(self, flag: Answer) -> str:
        return str(flag.plain("environments", self._environment, "version") or flag.plain("_version") or 0)

    def _refused(self, key: str, message: str, hint: str = "") -> Refused:
        return Refused(
            f"{key}: {message}",
            where=self._page(key),
            rule="flag-system",
            remedy=f"by hand in LaunchDarkly: {self._page(key)}{hint}",
        )


def _names(flag: Answer) -> list[str]:
    """Return what the variations are called: by their names, or by their values when those are not unique."""
    variations = flag.entries("variations")
    values = [json.dumps(v.plain("value"), separators=(",", ":"))[:80] for v in variations]
    names = [v.text("name") or value for v, value in zip(variations, values, strict=True)]
    return names if len(set(names)) == len(names) else [f"{i}: {value}" for i, value in enumerate(values)]


def _is_boolean(flag: Answer) -> bool:
    values = [variation.plain("value") for variation in flag.entries("variations")]
    return bool(values) and all(isinstance(value, bool) for value in values)


def _variant_of(flag: Answer, *, value: bool) -> str:
    """Return the one variation of a boolean flag with a value; "" when there are several or none."""
    variations = enumerate(flag.entries("variations"))
    found = [at for at, variation in variations if variation.plain("value") is value]
    return _names(flag)[found[0]] if len(found) == 1 else ""


def _keys_of(entry: Answer) -> set[str]:
    """Return the flags that an entry of the audit log is about."""
    resources = entry.plain("target", "resources")
    texts = [text for text in resources if isinstance(text, str)] if isinstance(resources, list) else []
    return {known[1] for text in texts if (known := _FLAG.search(text))}


def _at(names: list[str], at: int | None) -> str:
    return names[at] if at is not None and 0 <= at < len(names) else ""


def _owner(flag: Answer) -> str:
    team = flag.text("_maintainerTeam", "name") or flag.text("maintainerTeamKey")
    first, last = flag.text("_maintainer", "firstName"), flag.text("_maintainer", "lastName")
    return team or f"{first} {last}".strip() or flag.text("_maintainer", "email")


def _comment(verb: str, override: Override) -> str:
    incident = f" incident {override.incident}" if override.incident else ""
    by = f" by {override.by}" if override.by else ""
    why = f": {override.reason}" if override.reason else ""
    told = clean(f"{by}{why}".encode("utf-8", "replace")).replace("\n", " ")
    return f"Andon {verb} {override.operation}{incident}{told}"[:_LONGEST]


def _day(milliseconds: object) -> str:
    return _instant(milliseconds)[:10]


def _instant(milliseconds: object) -> str:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return ""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
