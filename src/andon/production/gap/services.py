"""The outside services of both worlds: what is recorded of each, or where it is asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from andon.errors import AndonError
from andon.gaps.dependency.answers import Answers, Recording, of_service
from andon.gaps.dependency.pairs import Pairs
from andon.production.gap.recordings import Played, read_recording
from andon.production.gap.upstream import Upstream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.config.model_gap import GapDependencyConfig
    from andon.production.gap.pace import Pace
    from andon.production.gap.switchboard import Source


class Side:
    """A service in one world."""

    def __init__(
        self, config: GapDependencyConfig, root: str, consent: Callable[[str], bool], pace: Pace
    ) -> None:
        """Read its recording, if it has one; what is wrong with it is in `problem`, never raised."""
        self.config = config
        self.base = urlsplit(config.url).path.rstrip("/") if config.url else ""
        self.recording: Recording | None = None
        self.upstream: Upstream | None = None
        self.problem = ""
        if config.recording:
            try:
                read = read_recording(root, config.recording)
                self.recording = of_service(read, config.name, config.url)
            except AndonError as error:
                self.problem = f"{config.name}: {error}"
                return
            if not self.recording.entries:
                self.problem = f"{config.name}: {config.recording} holds no answer that can be used"
        else:
            is_production = config.world == "prod"
            self.upstream = Upstream(config.url, is_production=is_production, consent=consent, pace=pace)
            self.problem = self.upstream.cannot()

    @property
    def answers(self) -> Answers:
        """Everything that is known of its answers."""
        if self.upstream is not None:
            return Answers(self.upstream.seen)
        return Answers(self.recording.entries if self.recording else (), self.base)

    def source(self) -> Source:
        """Return what answers for it in one replay; recorded answers begin their turns anew."""
        return self.upstream or Played(self.answers)

    @property
    def origins(self) -> tuple[str, ...]:
        """Scheme, host and port under which it is known."""
        known = [entry.origin for entry in (self.recording.entries if self.recording else ())]
        if self.config.url:
            parts = urlsplit(self.config.url)
            known.append(f"{parts.scheme}://{parts.netloc}")
        return tuple(dict.fromkeys(one for one in known if one))


class Service:
    """A service by name, in the worlds that have it."""

    def __init__(self, name: str, test: Side | None, production: Side | None) -> None:
        """Take both sides; None where a world does not name it."""
        self.name, self.test, self.production = name, test, production
        given = [side.config.variable for side in (test, production) if side and side.config.variable]
        self.variable = given[0] if given else ""
        #: The path that all of its addresses begin with in the tests' world.
        self.base = test.base if test else production.base if production else ""
        self._pairs: Pairs | None = None

    @property
    def pairs(self) -> Pairs:
        """What is known of both worlds' answers, side by side."""
        if self._pairs is None:
            empty = Answers(())
            self._pairs = Pairs(
                self.test.answers if self.test else empty,
                self.production.answers if self.production else empty,
            )
        return self._pairs

    def forget(self) -> None:
        """Compare anew: more is known now."""
        self._pairs = None

    def cannot(self) -> str:
        """Return why it cannot be flipped; "" when it can."""
        for world, side in (("test", self.test), ("prod", self.production)):
            if side is not None and side.problem:
                return side.problem
            if side is None and world == "prod":
                return (
                    f"{self.name} is described for test only: give [[gap.prod.dependency]] its address or a "
                    "recording of its answers"
                )
        if not self.variable:
            return f"{self.name} has no variable in andon.toml by which the application learns its address"
        return ""

    @property
    def differs(self) -> bool:
        """True when production's answers differ, or may: where it is asked live nobody knows them all."""
        live = any(side is not None and side.upstream is not None for side in (self.test, self.production))
        return live or bool(self.pairs.endpoints)


def services(
    dependencies: Sequence[GapDependencyConfig], root: str, consent: Callable[[str], bool], pace: Pace
) -> tuple[Service, ...]:
    """Return the configured services of both worlds, by name, in the order in which they are given."""
    sides = {(one.world, one.name): Side(one, root, consent, pace) for one in dependencies}
    names = dict.fromkeys(one.name for one in dependencies)
    return tuple(Service(name, sides.get(("test", name)), sides.get(("prod", name))) for name in names)
