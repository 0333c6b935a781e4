"""Values given to telling names in the ways of source code and markup, which a log has no use for. Pure.

Read by the gate only: in the words of a log, these would hide what is no secret.
"""

from __future__ import annotations

from andon.secrets.formats.generic import NAME_TAIL, NAMES
from andon.secrets.formats.row import Format

#: Names that tell less, and are worth a look where a value is given to them in quotes.
_NAMES = (*NAMES, b"encryption", b"signing", b"webhook", b"_pass", b"jwt", b"_auth")
_NAME = rb"(?i:(?:%s)%s)" % (b"|".join(_NAMES), NAME_TAIL)
_QUOTED = rb"(?:\"((?:\\.|[^\"\\\r\n]){6,300})\"|'((?:\\.|[^'\\\r\n]){6,300})'|`([^`\r\n]{6,300})`)"


def _row(needles: tuple[bytes, ...], expression: bytes) -> Format:
    return Format(kind="assignment", needles=needles, expression=expression, may_be_harmless=True)


FORMATS = (
    # <dbPassword>value</dbPassword>
    _row(_NAMES, _NAME + rb"\w{0,20}>[ \t]*(?:<!\[CDATA\[)?([^<>\s\]]{6,300})(?:\]\]>)?</"),
    # <add key="DbPassword" value="value"/>, {"name": "TOKEN", "value": "value"}
    _row(_NAMES, _NAME + rb"[\"'],?\s{1,20}[\"']?(?i:value|content)[\"']?[ \t]{0,3}[=:][ \t]{0,3}" + _QUOTED),
    # - name: DB_PASSWORD, and on the next line value: the value
    _row(_NAMES, _NAME + rb"[\"']?\r?\n[ \t]{1,40}(?i:value)[ \t]{0,3}:[ \t]{1,3}[\"']?([^\s\"']{6,300})"),
    # `NAME` to `value`, NAME = `value`, variable "NAME" { default = "value" }
    _row(
        _NAMES,
        _NAME
        + rb"[\"'`]{0,2}(?:[ \t]{1,4}(?:to|is)|[ \t]{0,4}[:=]"
        + rb"|[ \t]{0,4}\{\s{1,20}default[ \t]{0,6}=)[ \t]{0,4}"
        + _QUOTED,
    ),
    # setPassword("value"), password("value")
    _row(_NAMES, _NAME + rb"\([ \t]{0,3}" + _QUOTED),
    # put("password", "value"), define('DB_PASSWORD', 'value')
    _row(_NAMES, _NAME + rb"[\"'][ \t]{0,3},[ \t]{0,3}" + _QUOTED),
    # const apiKey string = "value", password: &str = "value", config["password"] = "value"
    _row(
        _NAMES,
        _NAME
        + rb"(?:[\"']\]|(?:[ \t]*:)?[ \t]{1,4}(?:&'static[ \t])?&?[\w.<>\[\]]{1,20})[ \t]{0,4}:?=[ \t]{0,4}"
        + _QUOTED,
    ),
    # password = b"value", u"value", r"value", f"value"; new String("value"); [Secret("value")]
    _row(
        NAMES, _NAME + rb"[\"']?[ \t]{0,4}(?::=|=>|=|:)[ \t]{0,4}(?:[bBrRuU]{1,2}|[\w.]{1,30}\(|\[)" + _QUOTED
    ),
    # ENV DB_PASSWORD value; set the_password value
    _row(
        (b"env ", b"arg "),
        rb"(?i:(?:env|arg)[ \t]+\w{0,40}(?:%s)%s)[ \t]+[\"']?([^\s\"'=$]{6,300})"
        % (b"|".join(NAMES), NAME_TAIL),
    ),
    # --password value
    _row(
        (b"--pass", b"--token", b"--secret", b"--api-key", b"--db-pass"),
        rb"--[\w-]{0,20}(?i:pass|passwd|password|token|secret|key)[ \t]+"
        rb"[\"']?([^\s\"'$<{-][^\s\"'$<{]{6,200})",
    ),
    # <Pass encoding="base64">value</Pass>
    _row((b"<pass",), rb"(?i:<pass\w{0,12})(?:[ \t][^<>\r\n]{0,80})?>([^<>\s]{6,300})</"),
    # names that tell less: db_pass, ENCRYPTION_KEY, signingKey, salt, auth
    _row(
        (b"pass", b"key", b"auth", b"salt", b"hmac", b"cipher", b"seed", b"credentials", b"secret"),
        rb"(?:(?<![A-Za-z])(?i:pass)|(?<=[a-z0-9])(?:Pass|Key)|(?<=[_.-])(?i:key|pass)|(?i:auth|salt|hmac|cipher)"
        rb"|(?<![A-Za-z])(?i:key|seed|secret)|(?i:secret))(?i:(?:[_-]?(?:key|code|phrase|hash|token)){0,2})"
        rb"[\"']?[ \t]{0,4}"
        rb"(?:\w{1,12}[ \t])?(?::=|=>|==?|:|(?<=[\"']),)[ \t]{0,12}(?:new )?(?:\w{1,20}\()?"
        rb"(?:[bBrRuU]?\"([^\"\r\n]{8,300})|[bBrRuU]?'([^'\r\n]{8,300})|([^\s\"',;&<>(){}\[\]\\]{8,300}))",
    ),
)
