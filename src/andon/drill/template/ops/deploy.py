"""Put a tagged release into production: export it, point `current` at it, restart the service.

`python ops/deploy.py VERSION PRODUCTION` is what this team's pipeline runs after a merge.
"""

import io
import os
import subprocess
import sys
import zipfile


def export(version: str, target: str) -> None:
    """Unpack the tree of the tag into a release directory of its own."""
    if os.path.isdir(target):
        return
    packed = subprocess.run(
        ["git", "archive", "--format=zip", f"refs/tags/{version}"], check=True, capture_output=True
    ).stdout
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(f"{target}.part")
    commit = subprocess.run(
        ["git", "rev-list", "-1", f"refs/tags/{version}"], check=True, capture_output=True, text=True
    ).stdout
    with open(os.path.join(f"{target}.part", "REVISION"), "w", encoding="utf-8") as file:
        file.write(commit)
    os.rename(f"{target}.part", target)


def switch(production: str, version: str) -> None:
    """Point `current` at the release in one step."""
    fresh = os.path.join(production, "current.new")
    if os.path.lexists(fresh):
        os.unlink(fresh)
    os.symlink(os.path.join("releases", version), fresh)
    os.replace(fresh, os.path.join(production, "current"))


def deploy(version: str, production: str) -> int:
    """Export, switch, restart; returns the exit code of the restart."""
    export(version, os.path.join(production, "releases", version))
    switch(production, version)
    restart = [sys.executable, os.path.join(production, "service.py"), "restart"]
    return subprocess.run(restart, check=False).returncode


if __name__ == "__main__":
    sys.exit(deploy(sys.argv[1], sys.argv[2]))
