"""Which of production's settings would lead an experiment elsewhere, and what it gets instead. Pure.

An experiment must never talk to production by accident. So an address of another host is not flipped, nor a
credential by which another service would be used, nor the name of a bucket or a queue where one is used.
What can be seen of such a value (it is missing, empty, has a line end or quotes) is flipped all the same.
"""

from __future__ import annotations

import ipaddress
import re

from andon.gaps.environment.values import Form, form_of, is_secret, snake, unquoted
from andon.gaps.relevance import words
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_LOCAL_WORDS = "localhost localhost.localdomain ip6-localhost host.docker.internal 0.0.0.0 :: *"
_LOCAL = frozenset(_LOCAL_WORDS.split())
_IN_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{0,30}://(?:[^\s/@\"',]*@)?(\[[0-9A-Fa-f:.]+\]|[^\s/:?#,;\"'\\\]})]+)"
)
_MAIL = re.compile(r"(?<![\w.+-/:])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w:/-])")
_IN_DSN = re.compile(r"\b(?:host|hostaddr|server|data source|addr(?:ess)?)\s*=\s*([^\s;,]+)", re.IGNORECASE)
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_WITH_PORT = re.compile(rf"(?:\S*@)?(\[[0-9A-Fa-f:]+\]|{_NAME}(?:\.{_NAME})*):\d{{2,5}}(?:/\S*)?")
_DOTTED = re.compile(rf"(?:\S*@)?({_NAME}(?:\.{_NAME})+)\.?(?:/\S*)?")
_BARE = re.compile(rf"({_NAME})")
_TOP_WORDS = """
com net org io dev app cloud co internal local lan corp intra private test example invalid info biz ai eu uk
de fr nl ch at it es pt se no fi dk pl cz ru ua cn jp kr in au nz br ca us me tv aws svc cluster arpa shop
online site tech store xyz
"""
_TOP = frozenset(_TOP_WORDS.split())
#: A key whose value is where something is, even when it is only a word.
_ADDRESS_KEY = re.compile(
    r"(?:^|_)(?:host|hosts|hostname|server|servers|endpoint|endpoints|addr|address|addresses|url|urls|uri|dsn"
    r"|broker|brokers|nodes|gateway|upstream|proxy|smtp|bootstrap|peers|cluster|master|primary|replica)$",
    re.IGNORECASE,
)
#: A key whose addresses say who may call, or what is written into an answer; nothing is asked there.
_ONLY_NAMES = re.compile(
    r"allow|origin|cors|csp|trusted|cookie|csrf|referr?er|frame_ancestors|no_proxy|^NO_PROXY$|deny|block"
    r"|bind|listen|server_name|module|class|logger|package|issuer|audience",
    re.IGNORECASE,
)
#: A key that names a thing in another service.
_THING = re.compile(r"bucket|queue|topic|webhook|channel_id|account_id|project_id|tenant", re.IGNORECASE)
#: Secrets that an application uses by itself: nobody else is asked with them.
_OWN = re.compile(
    r"jwt|session|cookie|csrf|signing|encrypt|salt|pepper|hash|hmac|^secret_?key|^app_?key|^key$|master_?key"
    r"|secret_key_base|pin$",
    re.IGNORECASE,
)
#: Keys that hold a credential even when it is a word.
_STRONG = re.compile(r"password|passwd|pwd|secret|token|api_?key|access_?key|private", re.IGNORECASE)
#: Forms of credentials of services outside.
_PROVIDERS = re.compile(
    r"\b(?:sk|pk|rk)_live_|\bAKIA[0-9A-Z]{12}|\bASIA[0-9A-Z]{12}|\bgh[pousr]_|\bgithub_pat_|\bglpat-|\bxox[abprs]-"
    r"|\bSG\.[\w-]{10}|\bAIza[\w-]{20}|\bsk-[A-Za-z0-9]|\bkey-[0-9a-f]{20}|\bAC[0-9a-f]{32}|\bya29\.|\bshpat_"
    r"|\bnpm_\w{20}|\bhf_\w{20}|\bdop_v1_|\bEAA[A-Za-z0-9]{20}"
)


class Flip(Record):
    """What an experiment gives the application under a key that is to be as in production."""

    #: None: the variable is not there.
    value: str | None
    #: Why it is not wholly as in production; "" when it is.
    held: str = ""
    #: True when it is as the tests have it, so that nothing would be tried.
    is_same: bool = False


def hosts_in(key: str, value: str) -> tuple[str, ...]:
    """Return the hosts other than this machine to which a value leads, without ports and credentials."""
    if _ONLY_NAMES.search(snake(key)):
        return ()
    return tuple(dict.fromkeys(host for host in _hosts(key, value) if not is_local(host)))


def is_local(host: str) -> bool:
    """True for this machine by any of its own names."""
    plain = host.strip("[]").lower().rstrip(".")
    if plain in _LOCAL or plain.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(plain).is_loopback
    except ValueError:
        return False


def _hosts(key: str, value: str) -> Iterator[str]:
    if not _ADDRESS_KEY.search(snake(key)):
        value = _MAIL.sub(" ", value)
    yield from (found[1] for found in _IN_URL.finditer(value))
    yield from (found[1].strip("'\"") for found in _IN_DSN.finditer(value))
    is_address = bool(_ADDRESS_KEY.search(snake(key)))
    found = [word for word in re.split(r"[\s,;|]+", value) if "://" not in word]
    for part in (word.strip("'\"`()<>") for word in found):
        if host := _host_of(part, is_address=is_address):
            yield host


def _host_of(part: str, *, is_address: bool) -> str:
    """Return the host that a word without scheme names; "" for none."""
    if found := _WITH_PORT.fullmatch(part):
        return "" if found[1].isdigit() and not is_address else found[1]
    if found := _DOTTED.fullmatch(part):
        return found[1] if is_address or _is_domain(found[1]) else ""
    found = _BARE.fullmatch(part) if is_address else None
    return found[1] if found and not found[1].isdigit() else ""


def _is_domain(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return name.rpartition(".")[2].lower() in _TOP


def flip(
    key: str,
    test: str | None,
    production: str | None,
    settings: Mapping[str, str],
    recorded: Collection[str] = (),
) -> Flip:
    """Return what an experiment uses for `key` as in production.

    `settings` are the tests' world's; `recorded` are names of services whose answers are recorded, so that
    whatever credential is used with them goes nowhere.
    """
    if production is None or not production.strip().strip("\"'"):
        return Flip(value=production)
    why = _why_held(key, production, settings, recorded)
    if not why:
        return Flip(value=production)
    if test is None:
        return Flip(value=None, held=f"{key} is not flipped: {why}", is_same=True)
    dressed = _dressed(test, production)
    if dressed == test:
        return Flip(value=test, held=f"{key} is not flipped: {why}", is_same=True)
    return Flip(
        value=dressed, held=f"{key} has the tests' value with production's white space and quotes: {why}"
    )


def _why_held(key: str, production: str, settings: Mapping[str, str], recorded: Collection[str]) -> str:
    hosts = hosts_in(key, production)
    if hosts:
        more = "" if len(hosts) == 1 else f" and {len(hosts) - 1} more"
        return f"it would lead the experiment to {_host_shown(hosts[0])}{more}"
    if re.match(r"(?:sqlite|file)\S*:", production.strip(), re.IGNORECASE):
        return "it would lead the experiment to a file of production"
    if _PROVIDERS.search(production):
        return "it is a credential of a service outside"
    if (
        is_credential(key, production)
        and not _OWN.search(snake(key))
        and not _stays_here(key, settings, recorded)
    ):
        return "it may be a credential of a service outside, and nothing says that this service is recorded"
    if _MAIL.search(production) and _uses_outside(settings):
        return "somebody could get mail, for the tests' world uses a service outside"
    if _THING.search(snake(key)) and _uses_outside(settings):
        return "it names something in a service outside, which the experiment could reach"
    return ""


def is_credential(key: str, value: str) -> bool:
    """True when a value looks as if somebody could be asked with it."""
    plain = unquoted(value.strip())
    if form_of(plain) is not Form.TEXT or len(plain) < 6 or not is_secret(key, value):
        return False
    return not (plain.isalpha() and plain.islower()) or bool(_STRONG.search(snake(key)))


def _host_shown(host: str) -> str:
    """Return a host by name when it is a domain or a number: a word could be anything, also a secret."""
    plain = host.strip("[]")
    return plain if _is_domain(plain) and len(plain) <= 100 else "another host"


def _stays_here(key: str, settings: Mapping[str, str], recorded: Collection[str]) -> bool:
    """True when what the credential is for is recorded, or runs on this machine."""
    own = words(key) - {"token", "password", "secret", "key", "auth", "credential", "pass"}
    if any(own & words(name) for name in recorded):
        return True
    neighbours = [k for k in settings if k != key and own & words(k) and _ADDRESS_KEY.search(snake(k))]
    return bool(neighbours) and not any(hosts_in(k, settings[k]) for k in neighbours)


def _uses_outside(settings: Mapping[str, str]) -> bool:
    return any(hosts_in(key, value) or _PROVIDERS.search(value) for key, value in settings.items())


def _dressed(test: str, production: str) -> str:
    """Return the tests' value with what stands around production's: white space and quotes."""
    stripped = production.strip()
    before = production[: len(production) - len(production.lstrip())]
    after = production[len(production.rstrip()) :]
    is_quoted = len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "\"'`"
    quote = stripped[0] if is_quoted and not test.strip().startswith(stripped[0]) else ""
    return f"{before}{quote}{test.strip()}{quote}{after}"
