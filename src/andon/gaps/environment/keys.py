"""What kind of key a setting has: the machine's own, the runtime's, or the application's. Pure."""

from __future__ import annotations

import re

#: What a container, a shell or a cluster sets by itself: it says where a process runs, not how.
_MACHINE = re.compile(
    r"PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|_|USER|LOGNAME|SHELL|TERM_PROGRAM\w*|COLORTERM|TMPDIR"
    r"|MAIL|LS_COLORS|LESS\w*|SSH_\w+|XDG_\w+|DBUS_\w+|GPG_KEY|PYTHON_VERSION|PYTHON_SHA256"
    r"|PYTHON_PIP_VERSION|PYTHON_SETUPTOOLS_VERSION|PYTHON_GET_PIP_\w+|NODE_VERSION|YARN_VERSION|RUBY_VERSION"
    r"|RUBY_DOWNLOAD_\w+|GEM_HOME|BUNDLE_\w+|JAVA_VERSION|JAVA_HOME|GOLANG_VERSION|GOPATH|VIRTUAL_ENV\w*"
    r"|KUBERNETES_\w+|[A-Z0-9_]+_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP)(?:_\w+)?)"
    r"|GITHUB_(?!TOKEN)\w+|RUNNER_\w+|ANDON_GAP_WORLD"
)
#: The same, when the application's source does not name it.
_PERHAPS_MACHINE = re.compile(r"TERM|TEMP|TMP|EDITOR|PAGER|DISPLAY|DYNO|CI")
#: What the runtime reads by itself, whether or not the source names it.
_RUNTIME = re.compile(
    r"TZ|LANG|LANGUAGE|LC_\w+|PYTHON\w*|NODE_\w+|NODE|RUBY\w*|RAILS_ENV|RACK_ENV|JAVA_OPTS|JAVA_TOOL_OPTIONS"
    r"|JDK_\w+|GO\w*DEBUG|GOMAXPROCS|DOTNET_\w+|ASPNETCORE_\w+|APP_ENV|FLASK_\w+|DJANGO_\w+|GUNICORN_\w+"
    r"|UVICORN_\w+|WEB_CONCURRENCY|[Hh][Tt][Tt][Pp]S?_[Pp][Rr][Oo][Xx][Yy]|https?_proxy|no_proxy|NO_PROXY"
    r"|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|MALLOC_\w+|LD_\w+|OMP_\w+|PG[A-Z]+|UMASK"
)
_POLICY = re.compile(
    r"(?:^|_)CSP(?:_|$)|CONTENT_?SECURITY|CORS|ORIGINS?$|X_FRAME|FRAME_ANCESTORS|PERMISSIONS_POLICY",
    re.IGNORECASE,
)
_TIME = re.compile(r"(?:^|_)(?:TZ|TIME_?ZONE)$", re.IGNORECASE)
_TEXT = re.compile(
    r"^(?:LANG|LANGUAGE|LC_\w+|PYTHONUTF8|PYTHONIOENCODING)$|LOCALE|ENCODING|CHARSET", re.IGNORECASE
)


def is_browsers(key: str) -> bool:
    """True for a policy that browsers obey on every page: what it may load, from where, inside of what."""
    return bool(_POLICY.search(key))


def is_machines_own(key: str, *, is_named: bool = True) -> bool:
    """True for what says where a process runs and not how the application is set.

    `is_named`: the application's source names it.
    """
    return bool(_MACHINE.fullmatch(key)) or (not is_named and bool(_PERHAPS_MACHINE.fullmatch(key)))


def is_runtimes(key: str) -> bool:
    """True for what the language's runtime or a framework reads although the source does not name it."""
    return bool(_RUNTIME.fullmatch(key))


def is_about_time(key: str) -> bool:
    """True for a time zone."""
    return bool(_TIME.search(key))


def is_about_text(key: str) -> bool:
    """True for what decides how text is read, written and sorted."""
    return bool(_TEXT.search(key))
