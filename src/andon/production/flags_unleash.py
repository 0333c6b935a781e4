"""Flags in Unleash, by its Admin API: a kill turns the environment off, which leaves its strategies alone.

Off means that `isEnabled` is false and that there is no variant, so `off` is the only safe side that it has.
Unleash knows no operations: what Andon turned off has a tag, which the undo takes away again. Made after
its published description of version 7.5.
"""

from __future__ import annotations

import contextlib
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from andon.desk.flags.values import Confirmed, FlagHealth, FlagSeen, FlagUsage
from andon.errors import AndonError, NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, Override, refuse_another
from andon.incident.words import counted
from andon.production.flag_http import FlagApi, token_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.config.model_production import FlagSystemConfig
    from andon.production.tool_answer import Answer

#: Beginning of the tag, of Unleash's own type `simple`; a tag has at most so many characters.
_TAG, _TAG_TYPE, _LONGEST = "andon", "simple", 50
#: Unleash's kinds of flags, in Andon's words.
_KINDS = {"operational": "ops", "kill-switch": "ops"}
#: Flags, and applications, that are asked about one by one; requests at once.
_MOST_FLAGS, _MOST_APPLICATIONS, _AT_ONCE = 300, 20, 8


def open_system(config: FlagSystemConfig, _root: str) -> Unleash:
    """Return the flag system of `system = "unleash"`; raises Unavailable for a token that is not set."""
    api = FlagApi(config.server, token_of(config), name="Unleash", token_name=config.token.lstrip("$"))
    return Unleash(api, config.project or "default", config.environment)


class Unleash:
    """The port `FlagSystem` over one project and environment."""

    kind = "unleash"

    def __init__(self, api: FlagApi, project: str, environment: str) -> None:
        """Take the API; the address in it is where Unleash's own pages are."""
        self._api = api
        self._project = project
        self._environment = environment
        self.address = f"{api.address} ({project}, {environment})"

    def flags(self) -> tuple[FlagSeen, ...]:
        """Return the project's flags as they stand in the environment."""
        asked = self._api.get("api", "admin", "projects", self._project, "features", what="the list of flags")
        return tuple(
            self._seen(flag, self._own(flag))
            for flag in asked.entries("features")
            if flag.flag("archived") is not True
        )

    def find(self, key: str, /) -> FlagSeen:
        """Return one flag; raises NotFound, also for one that is archived or not in the environment."""
        flag = self._flag(key)
        return self._seen(flag, [] if self._is_on(flag) else self._own_tags(key))

    def put(self, override: Override, /) -> str:
        """Turn the environment off for a kill; raises Refused for everything else."""
        key = override.flag
        flag = self._flag(key)
        if override.layer != KILL:
            raise self._refused(
                key, "Andon changes no strategies in Unleash, because it could not give them back exactly"
            )
        if override.variant != "off":
            raise self._refused(
                key, f"Unleash can only turn a flag off, and the safe side would be {override.variant}"
            )
        tag = self._tag(override.operation)
        if not self._is_on(flag):
            own = self._own_tags(key)
            if own and own != [tag]:
                self._change_tags(key, [tag], own)
            return self._version(flag)
        own = []
        missing: AndonError | None = None
        try:  # before the act, so that there is never an act without its undo
            own = self._own_tags(key)
            self._change_tags(key, [tag], [old for old in own if old != tag])
        except AndonError as problem:
            missing = problem
        try:
            self._api.ask("POST", *self._place(key), "off", what=f"turning {key} off")
        except AndonError as problem:
            if not isinstance(problem, Unavailable):  # else it may have been turned off all the same
                with contextlib.suppress(AndonError):
                    self._change_tags(key, own, [tag] if tag not in own else [])
            raise self._approval(key, problem) from problem
        after = self._assured(key, is_on=False)
        if missing is not None:
            raise Unavailable(
                f"{key} is off for everybody now, but Unleash did not take the tag that the undo looks for: "
                f"{missing.message}",
                where=self._page(key),
                rule="flag-system",
                remedy=f"to give it back, turn it on by hand: {self._page(key)}",
            ) from missing
        return self._version(after)

    def take(self, key: str, layer: str, _operation: str, only: str = "", /) -> str:
        """Turn the environment on again, when it was Andon that turned it off.

        Raises Refused when Unleash would not give back what was there: without any active strategy it adds
        one that everybody is in.
        """
        flag = self._flag(key)
        own = self._own_tags(key) if layer == KILL else []
        if not own:
            return self._version(flag)
        if only and self._tag(only) not in own:
            refuse_another(self._operation(own[0]), only, key, self._page(key))
        if not self._is_on(flag):
            strategies = self._environment_of(flag).entries("strategies")
            if all(strategy.flag("disabled") for strategy in strategies):
                raise self._refused(
                    key, "no strategy of it is active, and Unleash would add one that everybody is in"
                )
            try:
                self._api.ask("POST", *self._place(key), "on", what=f"turning {key} on")
            except AndonError as problem:
                raise self._approval(key, problem) from problem
            flag = self._assured(key, is_on=True)
        self._change_tags(key, [], own)
        return self._version(flag)

    def confirmations(self, _version: str, _patience: float, tell: Callable[[str], None], /) -> Confirmed:
        """Return that nobody can say who has it, with what is known of the instances that ask."""
        detail = "Unleash's SDKs ask every 15 s by default, and nobody can say who has it"
        try:
            tell("asking Unleash for the instances that it has seen")
            known, latest = self._instances()
            detail += f"; {counted(known, 'instance')} seen in {self._environment}"
            detail += f", the last at {latest}" if latest else ""
        except AndonError as problem:
            detail += f"; which instances there are, it did not tell: {problem.message}"
        return Confirmed(connected=0, confirmed=0, can_confirm=False, detail=detail)

    def health(self) -> FlagHealth:
        """Return how many instances Unleash has seen."""
        known, latest = self._instances()
        told = f"{counted(known, 'instance')} seen in {self._environment}"
        return FlagHealth(summary=f"{told}, the last at {latest}" if latest else told)

    def usage(self) -> tuple[FlagUsage, ...]:
        """Return the counts of the last hour; empty for a project of more flags than can be asked about."""
        asked = self._api.get("api", "admin", "projects", self._project, "features", what="the list of flags")
        keys = [flag.text("name") for flag in asked.entries("features")]
        if len(keys) > _MOST_FLAGS:
            return ()
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return tuple(use for found in pool.map(self._used, keys) for use in found)

    # ---- what Unleash says

    def _flag(self, key: str) -> Answer:
        flag = self._api.get(
            "api", "admin", "projects", self._project, "features", key, what=f"the flag {key}"
        )
        if flag.flag("archived") or not self._has_environment(flag):
            raise NotFound(
                f"there is no flag {key} in {self._environment}", where=self.address, remedy="andon flags"
            )
        return flag

    def _has_environment(self, flag: Answer) -> bool:
        return any(entry.text("name") == self._environment for entry in flag.entries("environments"))

    def _environment_of(self, flag: Answer) -> Answer:
        return next(e for e in flag.entries("environments") if e.text("name") == self._environment)

    def _is_on(self, flag: Answer) -> bool:
        return self._environment_of(flag).flag("enabled") is True

    def _seen(self, flag: Answer, own: list[str]) -> FlagSeen:
        key, kind = flag.text("name"), flag.text("type")
        is_there = self._has_environment(flag)
        is_on = is_there and self._is_on(flag)
        own = own if is_there and not is_on else []
        strategies = self._environment_of(flag).entries("strategies") if is_there else ()
        names = {v.text("name") for strategy in strategies for v in strategy.entries("variants")}
        if own:
            state = "killed: off"
        elif is_on:
            state = "on, as its strategies say"
        else:
            state = "off for everybody" if is_there else f"not in {self._environment}"
        return FlagSeen(
            key=key,
            variants=("on", "off", *sorted(names - {"on", "off"})),
            default_variant="" if is_on else "off",
            is_enabled=is_on,
            safe_variant="off",
            on_variant="on",
            purpose_kind=_KINDS.get(kind, kind if kind in ("release", "experiment", "permission") else ""),
            owner=flag.text("createdBy", "name"),
            purpose=flag.text("description"),
            created=flag.text("createdAt")[:10],
            kill=Override(flag=key, layer=KILL, variant="off", operation=self._operation(own[0]))
            if own
            else None,
            state=state,
        )

    def _assured(self, key: str, *, is_on: bool) -> Answer:
        """Ask whether it is so now: an answer of 200 alone is no proof."""
        flag = self._flag(key)
        if self._is_on(flag) is not is_on:
            raise Unavailable(
                f"Unleash took it, and {key} is {'off' if is_on else 'on'} all the same",
                where=self._page(key),
                rule="flag-system",
                remedy="look there whether the environment waits for a change request",
            )
        return flag

    def _used(self, key: str) -> list[FlagUsage]:
        try:
            seen = self._api.get("api", "admin", "client-metrics", "features", key, what=f"the use of {key}")
        except NotFound:
            return []
        counts: dict[str, int] = {}
        since: datetime | None = None
        for entry in seen.entries("lastHourUsage"):
            if entry.text("environment") == self._environment:
                counts["on"] = counts.get("on", 0) + (entry.whole("yes") or 0)
                counts["off"] = counts.get("off", 0) + (entry.whole("no") or 0)
                since = _moment(entry.text("timestamp")) or since
        return [FlagUsage(key=key, variant=v, count=n, since=since) for v, n in counts.items()]

    def _instances(self) -> tuple[int, str]:
        asked = self._api.get("api", "admin", "projects", self._project, "applications", what="applications")
        known, latest = 0, ""
        for application in asked.entries("applications")[:_MOST_APPLICATIONS]:
            if self._environment not in (application.plain("environments") or ()):  # type: ignore[operator]
                continue
            path = ("instances", application.text("name"), "environment", self._environment)
            instances = self._api.get("api", "admin", "metrics", *path, what="instances").entries("instances")
            known += len(instances)
            latest = max([latest, *(instance.text("lastSeen") for instance in instances)])
        return known, latest

    # ---- the tag by which an undo finds what Andon turned off

    def _tag(self, operation: str) -> str:
        beginning = f"{_TAG}:{self._mark()}:"
        room = _LONGEST - len(beginning)
        return beginning + (operation if len(operation) <= room else _short(operation, room))

    def _mark(self) -> str:
        return self._environment if len(self._environment) <= 16 else _short(self._environment, 16)

    def _operation(self, tag: str) -> str:
        return tag.removeprefix(f"{_TAG}:{self._mark()}:")

    def _own_tags(self, key: str) -> list[str]:
        return self._own(self._api.get("api", "admin", "features", key, "tags", what=f"the tags of {key}"))

    def _own(self, tagged: Answer) -> list[str]:
        """Return Andon's tags for this environment, of a flag in the list or of an answer about tags."""
        found = [tag.text("value") for tag in tagged.entries("tags") if tag.text("type") == _TAG_TYPE]
        return [value for value in found if value.startswith(f"{_TAG}:{self._mark()}:")]

    def _change_tags(self, key: str, added: list[str], removed: list[str]) -> None:
        body = {
            "addedTags": [{"type": _TAG_TYPE, "value": value} for value in added],
            "removedTags": [{"type": _TAG_TYPE, "value": value} for value in removed],
        }
        self._api.ask("PUT", "api", "admin", "features", key, "tags", body=body, what=f"the tag of {key}")

    def _approval(self, key: str, problem: AndonError) -> AndonError:
        """Tell an environment that asks for change requests from other refusals."""
        if "CHANGE_REQUEST" not in problem.message:
            return problem
        return Refused(
            f"{key}: {self._environment} asks for a change request, and no kill can wait for one",
            where=self._page(key),
            rule="flag-approval",
            remedy=f"somebody who may skip it, by hand: {self._page(key)}; "
            f"or give the token's user the right to skip change requests in {self._environment}",
        )

    # ---- places

    def _place(self, key: str) -> tuple[str, ...]:
        return (
            *("api", "admin", "projects", self._project, "features", key),
            *("environments", self._environment),
        )

    def _page(self, key: str) -> str:
        return f"{self._api.address}/projects/{self._project}/features/{key}"

    def _version(self, flag: Answer) -> str:
        environment = self._environment_of(flag)
        state = f"{environment.flag('enabled')} {environment.plain('strategies')}"
        return hashlib.sha256(state.encode()).hexdigest()[:12]

    def _refused(self, key: str, message: str) -> Refused:
        return Refused(
            f"{key}: {message}",
            where=self._page(key),
            rule="flag-system",
            remedy=f"by hand in Unleash: {self._page(key)}",
        )


def _short(text: str, room: int) -> str:
    """Return a text of so many characters that stands for a longer one."""
    return text[: room - 9] + "~" + hashlib.sha256(text.encode()).hexdigest()[:8]


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
