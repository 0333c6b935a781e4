"""Fly.io: a release is an image in the history, named by its tag; to go back is to deploy that image.

Sources: documentation and source of flyctl (`fly releases`, `fly machine list`, `fly deploy`, `fly logs`)
and the fields of fly-go's Release and Machine. A Release is printed with its Go names, a Machine with
lower-case ones.
"""

from __future__ import annotations

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.errors import NotFound
from andon.incident.words import ReleaseVerdict, Verdict
from andon.production.release_names import commit_in_tag, image_tag
from andon.production.releases import moment_in
from andon.production.tool_answer import ask_json, unavailable
from andon.production.tool_deployer import Step, ToolDeployer
from andon.production.version import is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.production.tool_answer import Answer

_ABORTED = ("failed", "interrupted")
#: States of a machine that was stopped on purpose, by autostop for example.
_ASLEEP = ("stopped", "suspended")


class FlyDeployer(ToolDeployer):
    """Deploys an earlier image to a Fly app."""

    kind = "fly"
    programs: tuple[str, ...] = ("fly",)

    def __init__(
        self, app: str, *, cwd: str | None = None, timeout: float = 300.0, patience: float = 30.0
    ) -> None:
        """Take the app."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._app = app

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the images of the last releases (Fly lists 25), newest first."""
        found: dict[str, ReleaseOnDisk] = {}
        for entry in self._listed():
            image = entry.text("ImageRef") or entry.text("imageRef")
            version = image_tag(image)
            status = (entry.text("Status") or entry.text("status")).lower()
            if not image or not is_version(version):
                continue
            known = found.get(version)
            if known is not None and (known.verdict is not ReleaseVerdict.ABORTED or status in _ABORTED):
                continue
            found[version] = ReleaseOnDisk(
                version=version,
                commit=commit_in_tag(version),
                artefact=image,
                deployed_at=moment_in(entry.text("CreatedAt") or entry.text("createdAt")),
                verdict=ReleaseVerdict.ABORTED if status in _ABORTED else ReleaseVerdict.UNKNOWN,
            )
        return tuple(found.values())

    def running(self) -> str:
        """Return the image's tag that all machines have; raises Unavailable when they differ."""
        machines = self._machines()
        tags = {_tag(machine) for machine in machines}
        if len(tags) > 1:
            raise unavailable(
                " ".join(self._fly("machine", "list")),
                f"the machines are not of one release: {', '.join(sorted(tags))}",
            )
        return next(iter(tags), "")

    def _steps(self, version: str, _operation: str) -> tuple[Step, ...]:
        image = next((one.artefact for one in self.releases() if one.version == version), "")
        if not image:
            raise NotFound(f"no release has the image {version}", where=self._app, remedy="andon releases")
        limit = f"--wait-timeout={self._own_limit}s"
        return (Step(arguments=self._fly("deploy", f"--image={image}", "--yes", limit)),)

    def _warnings(self, _version: str) -> tuple[str, ...]:
        return (
            (
                "the fly.toml of this work tree is used, with the older image; so is its release_command, "
                "which the older image runs: a migration command that does not know the newer schema fails"
            ),
            "secrets and volumes stay as they are",
        )

    def _ready(self, version: str) -> Capacity:
        machines = self._machines()
        awake = [one for one in machines if one.text("state") not in _ASLEEP]
        good = [
            one
            for one in awake
            if _tag(one) == version
            and one.text("state") == "started"
            and all(check.text("status") == "passing" for check in one.entries("checks"))
        ]
        is_ready = bool(good) and len(good) == len(awake)
        return Capacity(
            verdict=Verdict.PASSED if is_ready else Verdict.FAILED,
            summary=f"{len(good)} of {len(awake)} machines run {version} and pass their checks",
        )

    def _log_command(self) -> tuple[str, ...]:
        return self._fly("logs", "--no-tail")

    def _fly(self, *words: str) -> tuple[str, ...]:
        return ("fly", *words, f"--app={self._app}")

    def _listed(self) -> list[Answer]:
        entries = ask_json(self._fly("releases", "--image", "--json"), cwd=self._cwd).entries()
        return sorted(entries, key=_number, reverse=True)

    def _machines(self) -> tuple[Answer, ...]:
        machines = ask_json(self._fly("machine", "list", "--json"), cwd=self._cwd).entries()
        return tuple(one for one in machines if one.text("state") not in ("destroyed", "destroying"))


def _number(entry: Answer) -> int:
    return entry.whole("Version") or entry.whole("version") or 0


def _tag(machine: Answer) -> str:
    return machine.text("image_ref", "tag") or machine.text("image_ref", "digest") or "unknown"
