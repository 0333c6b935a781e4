"""Libraries that get older again: clients of external services by name, other major steps as a count."""

from __future__ import annotations

import json
import re

from andon.response.risks.risk import Risk, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.response.risks.risk import Change

#: Libraries that speak to a service which somebody else changes: whole names, or beginnings that end in `*`.
CLIENTS = (
    "stripe", "braintree*", "adyen*", "paypal*", "square*", "mollie*", "plaid*",
    "boto3", "botocore", "aiobotocore", "awscrt", "aws-sdk*", "aws-*", "google-cloud-*",
    "google-api-*", "googleapis", "google-cloud", "azure-*", "azure", "aws", "cloud.google.com",
    "firebase*",
    "twilio*", "sendgrid*", "mailgun*", "postmark*", "resend", "nexmo*", "vonage*",
    "slack-*", "slack_*", "slack", "discord*", "pygithub", "octokit*", "python-gitlab",
    "openai", "anthropic", "anthropic-ai", "cohere*", "google-generativeai", "google-genai", "mistralai",
    "algolia*", "elasticsearch*", "elastic", "opensearch*", "meilisearch*", "pinecone*", "typesense*",
    "kafka*", "confluent-kafka*", "kafkajs", "pika", "amqp*", "celery", "kombu", "sidekiq", "bullmq",
    "resque", "redis*", "ioredis", "hiredis", "pymongo", "mongodb", "mongoid", "cassandra-driver",
    "psycopg*", "pg", "mysql*", "grpc*", "protobuf", "google-protobuf", "sentry*", "datadog*",
    "ddtrace", "newrelic*", "launchdarkly*", "unleash*", "auth0*", "okta*",
    "supabase*", "contentful*", "shopify*", "salesforce*", "simple-salesforce",
    "hubspot*", "zendesk*", "intercom*", "segment*", "mixpanel*", "amplitude*", "cloudinary*",
)  # fmt: skip
_WHOLE = frozenset(name for name in CLIENTS if not name.endswith("*"))
_BEGINNINGS = tuple(name[:-1] for name in CLIENTS if name.endswith("*"))
#: Words that make a library of any name a client.
_CLIENT_WORDS = frozenset(("client", "sdk", "api"))
_WORDS = re.compile(r"[^a-z0-9]+")

_PINNED = re.compile(
    r"^\s{0,8}([A-Za-z0-9][\w.-]{0,100})(?:\[[^\]\n]{0,100}\])?\s{0,4}===?\s{0,4}([\w.+!-]{1,60})",
    re.MULTILINE,
)
_GEM = re.compile(r"^    ([\w.-]{1,100}) \(([\w.-]{1,60})\)$", re.MULTILINE)
_GO = re.compile(r"^\s{0,8}(?:require\s+)?([\w./~-]{3,200}) v([\w.+-]{1,100})", re.MULTILINE)
_PNPM = re.compile(
    r"""^\s{2,4}["']?/?((?:@[\w.-]{1,80}/)?[\w.-]{1,80})[@/](\d[\w.+-]{0,60})(?:\([^\n]{0,200}\))?["']?:""",
    re.MULTILINE,
)
_YARN_NAME = re.compile(r"""^["']?((?:@[\w.-]{1,80}/)?[\w.-]{1,80})@""")
_YARN_VERSION = re.compile(r"""^  version:? ["']?(\d[\w.+-]{0,60})""")
_TOML_FIELD = re.compile(r"""^(name|version) = "([^"\n]{1,120})"$""")
_NUMBER = re.compile(r"\d{1,12}")


def is_lockfile(path: str) -> bool:
    """True for a file that pins the libraries of a release."""
    return _reader(path) is not None


def read_lockfile(path: str, text: str) -> dict[str, str]:
    """Return each library with its version; nothing for a file that is no lock file or cannot be read."""
    read = _reader(path)
    return read(text) if read else {}


def _reader(path: str) -> Callable[[str], dict[str, str]] | None:
    lowered = path.lower()
    name = lowered.rpartition("/")[2]
    if name in _READERS:
        return _READERS[name]
    is_list = name.endswith(".txt") and ("requirements" in lowered or "constraints" in name)
    return _pinned if is_list else None


def lockfile_risks(change: Change) -> list[Risk]:
    """Return what gets older: each client of an external service, and the major steps of everything else."""
    read = _reader(change.path)
    if read is None or change.is_new or change.is_gone:
        return []
    older, newer = read(change.old), read(change.new)
    risks, others = [], []
    for name, now in newer.items():
        then = older.get(name)
        if then is None or not _is_below(then, now):
            continue
        is_major = _numbers(then)[:1] < _numbers(now)[:1]
        if is_client(name):
            step = "goes down a major version" if is_major else "gets older"
            text = f"{name} {step}: {now} -> {then}"
            line = line_of(change.new, name)
            risks.append(Risk(kind="dependency", path=change.path, line=line, text=text, is_loud=is_major))
        elif is_major:
            others.append(f"{name} {now} -> {then}")
    if others:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        risks.append(Risk(kind="dependency", path=change.path, text=f"other major steps down: {shown}"))
    return risks


def is_client(name: str) -> bool:
    """True for a library that, by its name, talks to a service outside."""
    lowered = name.lower()
    parts = (lowered, *lowered.lstrip("@").split("/"))
    if any(part in _WHOLE or part.startswith(_BEGINNINGS) for part in parts):
        return True
    return bool(_CLIENT_WORDS.intersection(_WORDS.split(lowered)))


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a release, without epoch, pre-release and build."""
    plain = version.rpartition("!")[2].lstrip("vV=").partition("+")[0].partition("-")[0]
    return tuple(int(number) for number in _NUMBER.findall(plain)[:6])


def _is_below(one: str, other: str) -> bool:
    return one != other and _numbers(one) < _numbers(other)


def _highest(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return one version a name: of several in use the newest."""
    found: dict[str, str] = {}
    for name, version in pairs:
        if name not in found or _is_below(found[name], version):
            found[name] = version
    return found


def _pinned(text: str) -> dict[str, str]:
    return _highest([(m[1].lower(), m[2]) for m in _PINNED.finditer(text)])


def _gems(text: str) -> dict[str, str]:
    return _highest([(m[1], m[2]) for m in _GEM.finditer(text)])


def _go(text: str) -> dict[str, str]:
    return _highest([(m[1], m[2]) for m in _GO.finditer(text)])


def _pnpm(text: str) -> dict[str, str]:
    return _highest([(m[1], m[2]) for m in _PNPM.finditer(text)])


def _yarn(text: str) -> dict[str, str]:
    pairs, name = [], ""
    for line in text.splitlines():
        if match := _YARN_NAME.match(line):
            name = match[1]
        elif name and (match := _YARN_VERSION.match(line)):
            pairs.append((name, match[1]))
            name = ""
    return _highest(pairs)


def _toml_packages(text: str) -> dict[str, str]:
    """Read `[[package]]` tables of uv, poetry, pdm and Cargo line by line: they are long, and always so."""
    pairs, name = [], ""
    for line in text.splitlines():
        if line.startswith("["):
            name = ""
        elif match := _TOML_FIELD.match(line):
            if match[1] == "name":
                name = match[2]
            elif name:
                pairs.append((name, match[2]))
                name = ""
    return _highest(pairs)


def _npm(text: str) -> dict[str, str]:
    plain = _json(text)
    packages = plain.get("packages")
    if isinstance(packages, dict):
        named = [(key.rpartition("node_modules/")[2], part) for key, part in packages.items() if key]
    else:
        inner = plain.get("dependencies")
        named = list(inner.items()) if isinstance(inner, dict) else []
    return _highest([(name, part["version"]) for name, part in named if _has_version(part)])


def _pipfile(text: str) -> dict[str, str]:
    inner = _json(text).get("default")
    parts = list(inner.items()) if isinstance(inner, dict) else []
    return _highest([(name, part["version"].lstrip("=")) for name, part in parts if _has_version(part)])


def _composer(text: str) -> dict[str, str]:
    packages = _json(text).get("packages")
    parts = [p for p in packages if _has_version(p)] if isinstance(packages, list) else []
    return _highest([(str(part.get("name", "")), part["version"].lstrip("v")) for part in parts])


def _has_version(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("version"), str)


def _json(text: str) -> dict[str, object]:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}


_READERS: dict[str, Callable[[str], dict[str, str]]] = {
    "uv.lock": _toml_packages,
    "poetry.lock": _toml_packages,
    "pdm.lock": _toml_packages,
    "cargo.lock": _toml_packages,
    "pipfile.lock": _pipfile,
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm,
    "gemfile.lock": _gems,
    "go.mod": _go,
    "composer.lock": _composer,
}
