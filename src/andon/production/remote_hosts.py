"""What remotes and their hosts say about themselves. The network is asked, only when a person said so."""

from __future__ import annotations

import re

from andon.errors import Unavailable
from andon.incident.words import Verdict
from andon.production.hook_environment import environment_for_git
from andon.production.process import run

#: Seconds a remote may take.
_TIMEOUT = 30.0
#: `user@host:path`, as ssh writes it.
_AS_SSH = re.compile(r"(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!/)(\S+)")
_WITH_SCHEME = re.compile(r"(https?|ssh|git)://(?:[^@/\s]*@)?([^/\s]+)/(\S+)")
#: Where git's smart protocol begins (gitprotocol-http): what answers 200 there, anybody can clone.
_SERVICE = "info/refs?service=git-upload-pack"
_CLOSED = (401, 403, 404)


class GitRemoteHosts:
    """The port `RemoteHosts`."""

    def __init__(self, root: str) -> None:
        """Keep the root."""
        self._root = root

    def references(self, remote: str) -> tuple[tuple[str, str], ...]:
        """Return (name, object) of what a remote has now, tags peeled; raises Unavailable."""
        quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true"}
        asked = run(
            ("git", "-C", self._root, "ls-remote", "--", remote),
            env={**environment_for_git(self._root), **quiet, "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"},
            timeout=_TIMEOUT,
            limit=64 << 20,
            apart=True,
        )
        if not asked.succeeded:
            raise Unavailable(f"its references cannot be listed ({asked.ending})", where="ls-remote")
        found: dict[str, str] = {}
        for line in asked.raw.decode("utf-8", "surrogateescape").splitlines():
            name, _, reference = line.partition("\t")
            if reference and reference != "HEAD":
                found[reference.removesuffix("^{}")] = name
        return tuple(found.items())

    def visibility(self, address: str) -> tuple[str, str]:
        """Return `public`, `private` or `unknown`, and why: a clone is begun without any credential."""
        asked = public_address(address)
        if not asked:
            return "unknown", "its address is none that can be asked without a credential"
        from andon.production.http_probe import HttpProbe

        statuses = (200, *_CLOSED)
        probe = HttpProbe("visibility", f"{asked}/{_SERVICE}", expect_status=statuses, redirects=3)
        report = probe.run()
        code = report.summary.partition(" ")[0]
        if report.verdict is not Verdict.PASSED or not code.isdigit():
            return "unknown", f"its host did not say: {report.summary}"
        if int(code) == 200:
            return "public", "its host lets anybody clone it"
        return "private", f"its host answered {code} to somebody without a credential"


def public_address(address: str) -> str:
    """Return the web address at which anybody would clone; "" for a path or a scheme without one."""
    if found := _WITH_SCHEME.fullmatch(address):
        scheme, host, path = found.groups()
        if scheme in ("ssh", "git"):
            scheme, host = "https", host.partition(":")[0]
    elif found := _AS_SSH.fullmatch(address):
        scheme, (host, path) = "https", found.groups()
    else:
        return ""
    path = path.partition("?")[0].strip("/")
    return f"{scheme}://{host}/{path if path.endswith('.git') else path + '.git'}"
