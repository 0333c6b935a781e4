"""What machine a world runs on: versions, system, limits, locale, time zone, told by a few lines of shell.

They run on this machine as the application would, or in a container that was agreed to be looked into. They
print what they find and change nothing; no variable's value but those of locale and time zone is printed.
"""

from __future__ import annotations

import os
import re

from andon.gaps.environment.values import Form, form_of
from andon.production.process import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Seconds the lines may take, and characters of one fact.
_TIMEOUT, _LONGEST = 15.0, 120
_LINES = r"""
say() { [ -n "$2" ] && printf '%s\t%s\n' "$1" "$2"; }
of() { name=$1; shift; command -v "$1" >/dev/null 2>&1 && say "version of $name" "$("$@" 2>&1 | head -n 1)"; }
say "system" "$(uname -s) $(uname -m)"
[ -r /etc/os-release ] && say "distribution" "$(. /etc/os-release; printf '%s %s' "$ID" "$VERSION_ID")"
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null)
ls /lib/ld-musl-* >/dev/null 2>&1 && libc=musl
say "C library" "$libc"
say "time zone" "$(date +%Z) $(date +%z)"
say "locale" "${LC_ALL:-${LC_CTYPE:-${LANG:-none}}}"
say "open files" "$(ulimit -n)"
say "processors" "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
say "umask" "$(umask)"
of Python python3 --version
of Node node --version
of Ruby ruby --version
of PHP php --version
of Java java -version
of Go go version
of OpenSSL openssl version
exit 0
"""
_SHELL = ("/bin/sh", "-c", _LINES)
_LOCALE_KEY = re.compile(r"TZ|LANG|LC_\w+")
_HARMLESS = (Form.ZONE, Form.LOCALE)
_KNOWN = re.compile(
    r"version of \w+|system|distribution|C library|time zone|locale|open files|processors|umask"
)


def machine_here(variables: Mapping[str, str], directory: str) -> dict[str, str]:
    """Return what this machine is to an application with these variables; {} when it cannot be told."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # In a list of processes everybody can read what is given here.
    own |= {k: v for k, v in variables.items() if _LOCALE_KEY.fullmatch(k) and form_of(v) in _HARMLESS}
    return _told(("/usr/bin/env", "-i", *(f"{k}={v}" for k, v in own.items()), *_SHELL), directory)


def machine_of(source: str, root: str, consent: Callable[[str], bool]) -> tuple[dict[str, str], str]:
    """Return what the machine of `container:NAME`, `compose:SERVICE`, `kubernetes:KIND/NAME` is, and why not.

    Both are empty for a source that is no machine. Somebody has to have agreed to the source by its name.
    """
    command = _inside(source)
    if not command:
        return {}, ""
    if not consent(source):
        return {}, f"{source} was not asked: give --i-own-this {source}"
    found = _told((*command, "sh", "-c", _LINES), root)
    return found, "" if found else f"{source} told nothing of its machine: it may have no shell"


def _inside(source: str) -> tuple[str, ...]:
    kind, _, name = source.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./-]*", name):
        return ()
    match kind:
        case "container":
            return ("docker", "exec", name)
        case "compose":
            return ("docker", "compose", "exec", "-T", name)
        case "kubernetes":
            place = name.split("/")
            wanted = ("-c", place[2]) if len(place) > 2 else ()
            return ("kubectl", "exec", "/".join(place[:2]), *wanted, "--")
    return ()


def _told(command: Sequence[str], directory: str) -> dict[str, str]:
    done = run(command, cwd=directory, timeout=_TIMEOUT, apart=True)
    pairs = (line.partition("\t") for line in done.output.splitlines())
    return {
        name: " ".join(value.split())[:_LONGEST]
        for name, tab, value in pairs
        if tab and _KNOWN.fullmatch(name) and value.strip()
    }
