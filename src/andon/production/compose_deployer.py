"""Docker Compose: the local images of a repository are the releases, a variable in the file picks the tag.

Sources: documentation of `docker compose up|ps|logs` and `docker image ls`. `ps` prints one JSON object a
line, older versions print a list, and before 2.21 no image. Before version 23 docker knows no
`--format json`, but the template used here.
"""

from __future__ import annotations

import os

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.errors import NotFound, Refused, Unavailable
from andon.incident.words import Verdict
from andon.production.release_names import commit_in_tag, image_tag, repository_of
from andon.production.tool_answer import ask, ask_json_lines, unavailable
from andon.production.tool_deployer import Step, ToolDeployer
from andon.production.version import checked, is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.production.tool_answer import Answer


class ComposeDeployer(ToolDeployer):
    """Starts services with another tag of their image."""

    kind = "compose"
    programs: tuple[str, ...] = ("docker",)

    def __init__(
        self,
        services: Sequence[str],
        *,
        image: str,
        variable: str = "IMAGE_TAG",
        file: str = "",
        project: str = "",
        cwd: str | None = None,
        timeout: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        """Take the services, their image without a tag, and the variable that holds the tag in the file."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._services = tuple(services)
        self._image = image
        self._variable = variable
        place = (f"--file={file}",) if file else ()
        self._compose = (
            "docker",
            "compose",
            *place,
            *((f"--project-name={project}",) if project else ()),
        )

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the image's tags on this docker, newest first; when they were deployed nobody noted."""
        listed = ask_json_lines(
            ("docker", "image", "ls", "--no-trunc", "--format", "{{json .}}", self._image), cwd=self._cwd
        )
        found: dict[str, tuple[str, ReleaseOnDisk]] = {}
        for entry in listed:
            tag = entry.text("Tag")
            if is_version(tag) and tag not in found:
                release = ReleaseOnDisk(version=tag, commit=commit_in_tag(tag), artefact=entry.text("ID"))
                found[tag] = (entry.text("CreatedAt"), release)
        # The moment is local time with the same zone on every line, so its text is in order too.
        return tuple(release for _, release in sorted(found.values(), key=lambda pair: pair[0], reverse=True))

    def running(self) -> str:
        """Return the tag all containers of the services have; raises Unavailable when they differ."""
        containers = [one for one in self._containers() if one.text("State") == "running"]
        images = {one.text("Image") for one in containers}
        tags = {image_tag(image) for image in images if repository_of(image) == self._image}
        others = sorted(image for image in images if repository_of(image) != self._image)
        if others or len(tags) > 1:
            told = ", ".join(
                one or "one without an image, as Compose before 2.21 tells it"
                for one in (*sorted(tags), *others)
            )
            raise unavailable(
                " ".join((*self._compose, "ps")), f"the containers are not of one release: {told}"
            )
        return next(iter(tags), "")

    def preflight(self, version: str) -> None:
        """Raise Refused when the image is neither here nor in its registry."""
        if self._is_here(checked(version)):
            return
        reference = f"{self._image}:{version}"
        try:
            ask(("docker", "manifest", "inspect", reference), cwd=self._cwd)
        except Unavailable as problem:
            raise Refused(
                f"the image {reference} is not here, and its registry does not give it: {problem.message}",
                where=self.kind,
                rule="artefact-exists",
                remedy=f"docker pull {reference}; or choose one of: andon releases",
            ) from problem

    def _steps(self, version: str, _operation: str) -> tuple[Step, ...]:
        up = (*self._compose, "up", "--detach", "--no-build", "--no-deps", "--wait")
        start = Step(
            arguments=(*up, f"--wait-timeout={self._own_limit}", *self._services),
            environment=((self._variable, version),),
        )
        if self._is_here(version):
            return (start,)
        return (Step(arguments=("docker", "pull", f"{self._image}:{version}")), start)

    def _warnings(self, version: str) -> tuple[str, ...]:
        return (
            (
                f"{self._variable} is set for this one command: set it to {version} where it is kept "
                "(.env, the pipeline), or the next docker compose up undoes this"
            ),
            "the compose file of this work tree is used, with the older image",
            "the containers are replaced: there is a gap unless something in front of them bridges it",
        )

    def _ready(self, version: str) -> Capacity:
        containers = self._containers()
        good = [
            one
            for one in containers
            if one.text("State") == "running"
            and one.text("Health") in ("", "healthy")
            and image_tag(one.text("Image")) == version
        ]
        is_ready = bool(good) and len(good) == len(containers)
        return Capacity(
            verdict=Verdict.PASSED if is_ready else Verdict.FAILED,
            summary=f"{len(good)} of {len(containers)} containers run {version} and are healthy",
        )

    def _log_command(self) -> tuple[str, ...]:
        return (*self._compose, "logs", "--no-color", "--timestamps", "--since={since}", *self._services)

    def _containers(self) -> tuple[Answer, ...]:
        asked = (*self._compose, "ps", "--all", "--format=json", *self._services)
        # A file may insist on the variable even for a question; its value does not matter there.
        env = {} if self._variable in os.environ else {self._variable: "any"}
        return ask_json_lines(asked, cwd=self._cwd, env=env)

    def _is_here(self, version: str) -> bool:
        try:
            self.find(version)
        except NotFound:
            return False
        return True
