"""Finds out how long a leaked value could be read, and by whom: remotes, references, releases."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from andon.errors import Unavailable
from andon.incident.leak_events import ExposureAssessed
from andon.incident.parts import ExposedTo
from andon.record import Record, replace
from andon.secrets.leak.exposure import Brought, Seen, Sighting, Standing, lasted, standing, window
from andon.secrets.leak.finder import Finder
from andon.secrets.leak.history import descended_from, reached_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from andon.desk.leak.located import Located
    from andon.desk.leak.stored import LogLine, RemotePlace
    from andon.desk.ports import Desk

#: What a repository that others push to is called among the remotes.
HERE = "this repository"
_PUSHED = re.compile(r"update by push|^push\b")
#: Commits that brought a value whose own moments are looked up; more make the answer no better.
_LOOKED_UP = 500


class Alert(Record):
    """A word from outside that the value was seen: a host's alert, with when that was."""

    at: datetime
    text: str


class Exposure(Record):
    """The whole answer."""

    event: ExposureAssessed
    #: By mark and remote: what shows the window, in words.
    evidence: Mapping[str, Mapping[str, tuple[str, ...]]]
    #: Tags whose history has it.
    releases: tuple[str, ...]
    notes: tuple[str, ...]


def assess_exposure(
    desk: Desk,
    located: Located,
    tell: Callable[[str], None],
    *,
    ask_remote: bool = False,
    revoked: Mapping[str, datetime] | None = None,
    alerts: Sequence[Alert] = (),
) -> Exposure:
    """Return since when remotes had the credentials of a search, until when, and who could read them.

    Only with `ask_remote` is the network asked: each remote for its references, its host without any
    credential for whether everybody can read it. `revoked` are the moments by mark at which a credential was
    declared dead. The report is stored as evidence. Raises Unavailable.
    """
    found = _Assessment(desk, located, tell, ask_remote)
    standings = found.standings(alerts)
    now = desk.clock.now()
    dead = {mark: at for mark, at in (revoked or {}).items() if at is not None}
    since, until = window({mark: tuple(by.values()) for mark, by in standings.items()}, dead)
    remotes = found.exposed(standings)
    releases = found.releases()
    notes = tuple(found.notes)
    event = ExposureAssessed(
        since=since,
        until=until,
        summary=_summary(since, until, now, remotes, releases, located, standings),
        remotes=remotes,
    )
    evidence = {
        mark: {remote: one.beginning.words for remote, one in by.items()} for mark, by in standings.items()
    }
    exposure = Exposure(event=event, evidence=evidence, releases=releases, notes=notes)
    return _stored(desk, exposure)


class _Assessment:
    """What is known of the remotes of one repository."""

    def __init__(self, desk: Desk, located: Located, tell: Callable[[str], None], ask_remote: bool) -> None:
        self._desk = desk
        self._located = located
        self._tell = tell
        self._finder = Finder(located.credentials)
        self._history = located.history
        self._now = desk.clock.now()
        self._remotes = desk.objects.remotes()
        self._lines = tuple(desk.objects.log_lines())
        #: References of each remote as last known: name there, commit.
        self.known: dict[str, dict[str, str]] = {}
        self._asked: set[str] = set()
        self._visible: dict[str, tuple[str, str]] = {}
        self.notes: list[str] = []
        for remote in self._remotes:
            self.known[remote.name] = self._tracked(remote)
            self._visible[remote.name] = self._configured(remote)
            if ask_remote:
                self._ask(remote)
        if located.storage.is_bare and not self._remotes:
            self.known[HERE] = {name: tip for name, tip in self._history.tips.items() if name != "HEAD"}
            self._visible[HERE] = ("unknown", "who can read this repository is not known here")
        if not self._remotes and not located.storage.is_bare:
            self.notes.append("no remote is configured; a push to a bare address leaves no trace here")

    def standings(self, alerts: Sequence[Alert]) -> dict[str, dict[str, Standing]]:
        """Return by mark and remote how it stands, for the remotes that have or had it."""
        found: dict[str, dict[str, Standing]] = {}
        headers = self._desk.objects.headers(
            commit for commits in self._history.brought.values() for commit in commits[:_LOOKED_UP]
        )
        for credential in self._located.credentials:
            commits = self._history.brought.get(credential.mark, ())
            tainted = descended_from(self._history.nodes, self._history.order, commits)
            places = found.setdefault(credential.mark, {})
            for remote, references in self.known.items():
                reached = reached_from(self._history.nodes, references.values())
                sightings = self._sightings(remote, tainted, reached)
                still = [name for name, tip in references.items() if tip in tainted]
                there = [c for c in commits if c in reached or not still]
                brought = [self._brought(c, headers.get(c)) for c in there[:_LOOKED_UP]]
                if alerts and still:
                    sightings += [
                        Sighting(reference=alert.text, at=alert.at, how=Seen.ALERTED, holds=True)
                        for alert in alerts
                    ]
                if (one := standing(brought, sightings, still, self._now)) is not None:
                    places[remote] = one
            if alerts and not places:
                sightings = [
                    Sighting(reference=alert.text, at=alert.at, how=Seen.ALERTED, holds=True)
                    for alert in alerts
                ]
                all_of_them = [self._brought(c, headers.get(c)) for c in commits[:_LOOKED_UP]]
                if (
                    one := standing(all_of_them, sightings, ("where the alert says",), self._now)
                ) is not None:
                    places["the alert"] = one
        return found

    def exposed(self, standings: Mapping[str, Mapping[str, Standing]]) -> tuple[ExposedTo, ...]:
        """Return the remotes that have or had any credential."""
        addresses = {remote.name: remote.addresses for remote in self._remotes}
        found = []
        for name in dict.fromkeys(remote for by in standings.values() for remote in by):
            here = [by[name] for by in standings.values() if name in by]
            begins = [s.beginning.not_before or s.beginning.not_after for s in here]
            visibility, shown_by = self._visible.get(name, ("unknown", "nobody asked"))
            references = tuple(dict.fromkeys(r for s in here for r in s.still))
            words = dict.fromkeys(w for s in here for w in s.beginning.words)
            found.append(
                ExposedTo(
                    remote=self._finder.without(name),
                    address=self._shown(next(iter(addresses.get(name, ())), "")),
                    visibility=visibility,
                    refs=tuple(self._finder.without(r) for r in references),
                    since=min((b for b in begins if b is not None), default=None),
                    evidence="; ".join((*words, shown_by)),
                )
            )
        return tuple(found)

    def releases(self) -> tuple[str, ...]:
        """Return the tags whose history has a credential."""
        brought = [c for commits in self._history.brought.values() for c in commits]
        tainted = descended_from(self._history.nodes, self._history.order, brought)
        tips = self._history.tips.items()
        return tuple(
            self._finder.without(name.removeprefix("refs/tags/"))
            for name, tip in tips
            if name.startswith("refs/tags/") and tip in tainted
        )

    def _sightings(self, remote: str, tainted: set[str], reached: set[str]) -> list[Sighting]:
        found = [s for line in self._lines if (s := self._sighting(remote, line, tainted)) is not None]
        for commit in tainted:
            node = self._history.nodes[commit]
            if node.is_by_host and commit in reached and (at := _moment(node.committed)) is not None:
                found.append(Sighting(reference=commit[:10], at=at, how=Seen.MADE_THERE, holds=True))
        if remote in self._asked:
            found += [
                Sighting(reference=name, at=self._now, how=Seen.ASKED, holds=tip in tainted)
                for name, tip in self.known[remote].items()
                if tip
            ]
        return found

    def _sighting(self, remote: str, line: LogLine, tainted: set[str]) -> Sighting | None:
        """Return what a line of a reflog shows of a remote; None for one about something else."""
        if line.at is None or line.at > self._now:
            return None
        if remote == HERE:
            is_about = line.reference != "HEAD"
            how = Seen.RECEIVED
        else:
            is_about = line.reference.startswith(f"refs/remotes/{remote}/")
            how = Seen.PUSHED if _PUSHED.search(line.message) else Seen.FETCHED
        if not is_about:
            return None
        if not line.new.strip("0"):
            return Sighting(reference=line.reference, at=line.at, how=how, holds=False)
        if line.new not in self._history.nodes:
            return None
        return Sighting(reference=line.reference, at=line.at, how=how, holds=line.new in tainted)

    def _tracked(self, remote: RemotePlace) -> dict[str, str]:
        """Return what is known here of a remote's references, by the places it is fetched to."""
        patterns = [spec.lstrip("+").partition(":")[2] for spec in remote.fetches]
        patterns = [pattern for pattern in patterns if pattern] or [f"refs/remotes/{remote.name}/*"]
        return {
            name: tip
            for name, tip in self._history.tips.items()
            if any(_fits(name, pattern) for pattern in patterns) and not name.endswith("/HEAD")
        }

    def _ask(self, remote: RemotePlace) -> None:
        hosts = self._desk.remote_hosts
        self._tell(f"asking {self._finder.without(remote.name)}")
        try:
            references = hosts.references(remote.name)
        except Unavailable as problem:
            self.notes.append(f"{self._finder.without(remote.name)} did not answer: {problem.message}")
        else:
            unknown = [name for name, tip in references if tip not in self._history.nodes]
            if unknown:
                self.notes.append(f"{len(unknown)} references of {remote.name} are not here: git fetch")
            self.known[remote.name] = dict(references)
            self._asked.add(remote.name)
        if self._visible[remote.name][0] == "unknown" and remote.addresses:
            self._visible[remote.name] = hosts.visibility(remote.addresses[0])

    def _configured(self, remote: RemotePlace) -> tuple[str, str]:
        names = {remote.name, *remote.addresses, *(self._shown(a) for a in remote.addresses)}
        leak = self._desk.config.leak
        if names & set(leak.public_remotes):
            return "public", "public by the configuration"
        if names & set(leak.private_remotes):
            return "private", "private by the configuration"
        return "unknown", "whether everybody can read it is not known: andon leak exposure --ask-remote"

    def _brought(self, commit: str, header: object) -> Brought:
        node = self._history.nodes[commit]
        parents = (self._history.nodes[p].committed for p in node.parents if p in self._history.nodes)
        return Brought(
            commit=commit,
            committed=_moment(node.committed),
            authored=getattr(header, "authored", None),
            parents=tuple(m for p in parents if (m := _moment(p)) is not None),
        )

    def _shown(self, address: str) -> str:
        """Return an address without user, password and parameters, and without a credential."""
        before, scheme, rest = address.rpartition("://")
        if scheme:
            host, slash, path = rest.partition("/")
            address = f"{before}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
        return self._finder.without(address)


def _fits(name: str, pattern: str) -> bool:
    start, star, end = pattern.partition("*")
    return name == pattern if not star else name.startswith(start) and name.endswith(end)


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _summary(
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    remotes: Sequence[ExposedTo],
    releases: Sequence[str],
    located: Located,
    standings: Mapping[str, Mapping[str, Standing]],
) -> str:
    if not remotes:
        where = "no remote that is known here has or had it"
        if located.incomplete:
            where = "whether a remote has or had it is not known: not everything could be searched"
        return f"{where}; {len(located.places)} places in this repository" if located.places else where
    latest = [s.beginning.not_after for by in standings.values() for s in by.values()]
    ends = "until now" if until is None else f"until {until:%Y-%m-%d %H:%M} UTC"
    begin = min((m for m in latest if m is not None), default=since)
    if since is None:
        told = f"from a moment nobody knows {ends}"
    else:
        told = f"from {since:%Y-%m-%d %H:%M} UTC {ends}, {lasted(since, until or now)}"
        if begin is not None and begin != since:
            told += f" (at least {lasted(begin, until or now)})"
    shown = ", ".join(f"{r.remote} ({r.visibility})" for r in remotes)
    return f"{told}: {shown}" + (f"; tags: {len(releases)}" if releases else "")


def _stored(desk: Desk, exposure: Exposure) -> Exposure:
    import json

    event = exposure.event
    document = {
        "form": 1,
        "summary": event.summary,
        "since": event.since.isoformat() if event.since else None,
        "until": event.until.isoformat() if event.until else None,
        "remotes": [
            {
                "remote": r.remote,
                "address": r.address,
                "visibility": r.visibility,
                "references": list(r.refs),
                "since": r.since.isoformat() if r.since else None,
                "evidence": r.evidence,
            }
            for r in event.remotes
        ],
        "by_credential": {
            mark: {k: list(v) for k, v in by.items()} for mark, by in exposure.evidence.items()
        },
        "releases": list(exposure.releases),
        "notes": list(exposure.notes),
    }
    content = json.dumps(document, indent=1, ensure_ascii=True, sort_keys=True).encode()
    stored = desk.evidence.put(content, "application/json")
    return replace(exposure, event=replace(event, evidence=stored.evidence))
