"""What secrets look like: one row per kind, found by a literal that every secret of the kind contains. Pure.

Every expression is linear on hostile text: what it consumes cannot begin another attempt.
"""

from __future__ import annotations

from andon.record import Record


class Format(Record):
    """One kind of secret."""

    #: Named in the marker that replaces it.
    kind: str
    #: Literals in lower case at one of which the expression begins.
    needles: tuple[bytes, ...]
    #: What is in the last group that matched is the secret; without groups, everything is.
    expression: bytes
    #: False for formats that are a secret whatever stands there.
    may_be_harmless: bool = False


def _prefixed(kind: str, needles: str, expression: bytes) -> Format:
    """Return the rule for a token with a prefix that nothing else has, whatever stands before it."""
    return Format(kind=kind, needles=tuple(needles.encode().split()), expression=expression)


#: The start of a word: after nothing of a word, after an escaped line end, after a terminal's colour.
_START = rb"(?:(?<![\w.-])|(?<=set-)|(?<=\\[nrt])|(?<=[0-9;\[]m))"
_SCHEMES = rb"(?:(?:basic|bearer|digest|token|negotiate|apikey|aws4-hmac-sha256)[ \t]+)?"
#: What the names of secrets contain.
_NAMES = tuple(
    b"password passwd passphrase pwd secret token api_key api-key apikey access_key access-key accesskey"
    b" private_key private-key credential".split()
)
_NAME_TAIL = rb"s?(?:[_-]?(?:access|key|base|value|hash|id|prod|production|staging|dev|live|test))*"

FORMATS = (
    Format(
        kind="private-key",
        needles=(b"-----begin",),
        expression=rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        rb"(?:(?!-----END)[A-Za-z0-9+/=\s\\:,.\-()@<>\[\]])*"
        rb"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    _prefixed(
        "aws-access-key",
        "akia asia abia acca",
        rb"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    ),
    _prefixed("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", rb"gh[pousr]_[A-Za-z0-9]{30,}"),
    _prefixed("github-token", "github_pat_", rb"github_pat_[A-Za-z0-9_]{22,}"),
    _prefixed(
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- glimt-",
        rb"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[\w.-]{16,}",
    ),
    _prefixed(
        "slack-token",
        "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-",
        rb"xox[abeoprs]-[A-Za-z0-9.-]{10,}",
    ),
    _prefixed("slack-token", "xapp-", rb"xapp-[A-Za-z0-9-]{10,}"),
    Format(
        kind="webhook",
        needles=(b"hooks.slack.com/", b"discord.com/api/webhooks/", b"discordapp.com/api/webhooks/"),
        expression=rb"(?i:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/)"
        rb"([\w/-]{16,})",
    ),
    _prefixed(
        "stripe-key",
        "sk_live_ sk_test_ rk_live_ rk_test_",
        rb"[rs]k_(?:live|test)_[A-Za-z0-9]{10,}",
    ),
    _prefixed("stripe-key", "whsec_", rb"whsec_[A-Za-z0-9+/=]{16,}"),
    Format(
        kind="api-key",  # OpenAI, Anthropic and others of their style
        needles=(b"sk-",),
        expression=_START + rb"sk-(?=[A-Za-z_-]{0,99}[0-9])[\w-]{20,}",
    ),
    _prefixed("google-key", "aiza", rb"AIza[\w-]{35}"),
    _prefixed("google-key", "ya29.", rb"ya29\.[\w-]{20,}"),
    _prefixed("npm-token", "npm_", rb"npm_[A-Za-z0-9]{36,}"),
    _prefixed("sendgrid-key", "sg.", rb"SG\.[\w-]{16,64}\.[\w-]{16,}"),
    _prefixed("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", rb"do[opr]_v1_[a-f0-9]{32,}"),
    _prefixed("shopify-token", "shpat_ shpca_ shppa_ shpss_", rb"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32,}"),
    _prefixed("huggingface-token", "hf_", rb"hf_[A-Za-z0-9]{30,}"),
    _prefixed("docker-token", "dckr_pat_", rb"dckr_pat_[\w-]{20,}"),
    _prefixed("vault-token", "hvs. hvb.", rb"hv[sb]\.[\w-]{20,}"),
    Format(
        kind="jwt",
        needles=(b"eyj",),
        expression=rb"eyJ(?:(?!eyJ)[\w-]){8,}\.[\w-]{8,}\.[\w-]*",
    ),
    Format(
        kind="url-password",
        needles=(b"://",),
        expression=rb"://[^\s/:@\"'<>?#]*:([^\s/\"'<>?#]+)@",
    ),
    Format(
        kind="url-token",  # a long name, as in a Sentry DSN
        needles=(b"://",),
        expression=rb"://([A-Za-z0-9_-]{20,})(?::[^\s/@]*)?@",
    ),
    Format(
        kind="authorization",
        needles=(b"authorization",),
        # In single quotes, in double quotes, as a quoted name with a quoted value, as a header line.
        expression=rb"(?i:(?<=')authorization[ \t]*:[ \t]*%(s)s([^'\r\n]+)"
        rb"|(?<=\")authorization[ \t]*:[ \t]*%(s)s([^\"\r\n]+)"
        rb"|authorization\\*[\"'][ \t]*(?:[:=,]|=>)[ \t]*\\*[\"']?%(s)s([^\"'\\\r\n]+)"
        rb"|authorization[ \t]*[:=][ \t]*%(s)s([^\r\n]+))" % {b"s": _SCHEMES},
    ),
    Format(
        kind="cookie",
        needles=(b"cookie",),
        expression=rb"(?i:(?:(?<=')|(?<='set-))cookie[ \t]*:[ \t]*([^'\r\n]+)"
        rb"|(?:(?<=\")|(?<=\"set-))cookie[ \t]*:[ \t]*([^\"\r\n]+)"
        rb"|cookie\\*[\"'][ \t]*(?:[:=,]|=>)[ \t]*\\*[\"']([^\"'\\\r\n]+)"
        rb"|%scookie[ \t]*:[ \t]*([^\r\n]+))" % _START,
    ),
    Format(
        kind="bearer-token",
        needles=(b"bearer ",),
        expression=rb"(?i:bearer) +([\w.~+/=-]{16,})",
    ),
    Format(
        kind="assignment",
        needles=_NAMES,
        expression=rb"(?i:(?:%s)%s)\\{0,3}[\"']?[ \t]{0,4}(?::=|=>|==?|:)[ \t]{0,4}"
        rb"(?:\"((?:\\.|[^\"\\\r\n])+)|'((?:\\.|[^'\\\r\n])+)"
        rb"|\\+[\"']([^\"'\\\r\n]+)|([^\s\"',;&<>(){}\[\]\\][^\s\"',;&]*))" % (b"|".join(_NAMES), _NAME_TAIL),
        may_be_harmless=True,
    ),
)
