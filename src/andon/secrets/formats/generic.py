"""Secrets of no provider: private keys, JWT, passwords in addresses, headers and after telling names. Pure.

The last rows are the broadest: what several rows find is told by the first of them.
"""

from __future__ import annotations

from andon.secrets.formats.row import START, Format, shaped

_SCHEMES = rb"(?:(?:basic|bearer|digest|token|negotiate|apikey|aws4-hmac-sha256)[ \t]+)?"
#: What the names of secrets contain.
NAMES = tuple(
    b"password passwd passphrase pwd secret token api_key api-key apikey access_key access-key accesskey"
    b" private_key private-key credential".split()
)
NAME_TAIL = rb"s?(?:[_-]?(?:access|key|base|value|hash|id|prod|production|staging|dev|live|test))*"


KEYS = (
    Format(
        kind="private-key",
        provider="key",
        badness="P0",
        needles=(b"-----begin",),
        expression=rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        rb"(?:(?!-----END)[A-Za-z0-9+/=\s\\:,.\-()@<>\[\]])*"
        rb"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
    ),
)

FORMATS = (
    Format(
        kind="jwt",
        needles=(b"eyj",),
        expression=rb"eyJ(?:(?!eyJ)[\w-]){8,}\.[\w-]{8,}\.[\w-]*",
        checksum="jwt",
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
    shaped(
        "connection-string",
        "database",
        "password= pwd=",
        rb"(?i:(?:(?<=[;&?])|(?<=; ))(?:password|pwd)=)([^;&\"'\s<>]{4,200})",
        badness="P0",
    ),
    shaped(
        "netrc-password",
        "netrc",
        "login ",
        rb"(?i:login)[ \t]+[^\s:=]{1,100}\s{1,40}(?i:password)[ \t]+([^\s\"']{4,200})",
    ),
    shaped(
        "command-password",
        "account",
        "-u --user",
        rb"(?:(?:(?<=[ \t])-u|--user)[ =]?[\"']?)[\w.@+-]{1,64}:([^\s\"'$<{:/]{6,200})",
    ),
    shaped(
        "password-hash",
        "account",
        "$2a$ $2b$ $2y$ $5$ $6$ $1$ $apr1$ $y$ $argon2",
        rb"\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}|6\$[^$\s]{1,40}\$[./A-Za-z0-9]{86}"
        rb"|5\$[^$\s]{1,40}\$[./A-Za-z0-9]{43}|(?:1|apr1)\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"
        rb"|y\$[./A-Za-z0-9]{1,6}\$[./A-Za-z0-9]{1,30}\$[./A-Za-z0-9]{43}"
        rb"|argon2i?d?\$v=\d+\$[\w=,]{1,40}\$[A-Za-z0-9+/]{8,64}\$[A-Za-z0-9+/]{20,90})",
        badness="P2",
        is_sure=False,
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
        rb"|%scookie[ \t]*:[ \t]*([^\r\n]+))" % START,
    ),
    Format(
        kind="bearer-token",
        needles=(b"bearer ",),
        expression=rb"(?i:bearer) +([\w.~+/=-]{16,})",
    ),
    Format(
        kind="assignment",
        needles=NAMES,
        expression=rb"(?i:(?:%s)%s)\\{0,3}[\"']?[ \t]{0,4}(?::=|=>|==?|:)[ \t]{0,4}"
        rb"(?:\"((?:\\.|[^\"\\\r\n])+)|'((?:\\.|[^'\\\r\n])+)"
        rb"|\\+[\"']([^\"'\\\r\n]+)|([^\s\"',;&<>(){}\[\]\\][^\s\"',;&]*))" % (b"|".join(NAMES), NAME_TAIL),
        may_be_harmless=True,
    ),
)
