"""A corpus of made-up secrets and of what only looks like them, written in fourteen formats of files.

Everything comes from a seed: no value of it was ever given to anybody. The forms are written here from what
providers publish, by hand and apart from the table that is measured with them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from andon.secrets.checksums import bech32_checksum, crc32_in_base62, crc32_in_hex

Chance = random.Random
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
WORD = ALNUM + "_-"
B64 = ALNUM + "+/"


class Line(NamedTuple):
    """One line of the corpus that is measured: where it is, and what it holds."""

    path: str
    #: First and last, from 1.
    first: int
    last: int
    kind: str
    #: structured, generic, or negative.
    sort: str


def letters(chance: Chance, alphabet: str, size: int) -> str:
    """Return `size` letters by chance; of twenty or more, some are digits."""
    made = chance.choices(alphabet, k=size)
    return "".join(made)


def _with(prefix: str, alphabet: str, size: int, suffix: str = "") -> Callable[[Chance], str]:
    return lambda c: prefix + letters(c, alphabet, size) + suffix


def _github(prefix: str) -> Callable[[Chance], str]:
    def make(c: Chance) -> str:
        body = letters(c, ALNUM, 30)
        return prefix + body + crc32_in_base62(body.encode()).decode()

    return make


def _grafana(c: Chance) -> str:
    key = "gl" + "sa_" + letters(c, ALNUM, 32)
    return f"{key}_{crc32_in_hex(key.encode()).decode()}"


def _age(c: Chance) -> str:
    data = letters(c, "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 52)
    return ("age-secret-" + "key-1" + data + bech32_checksum("age-secret-key-", data)).upper()


def _url64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _jwt(c: Chance) -> str:
    said = {"sub": letters(c, LOWER, 12), "iat": c.randrange(10**9, 2 * 10**9), "role": "service"}
    return f"{_url64({'alg': 'HS256', 'typ': 'JWT'})}.{_url64(said)}.{letters(c, WORD, 43)}"


def _pypi(c: Chance) -> str:
    raw = b"\x02\x01\x08" + b"pypi" + b".org" + b"\x02\x24" + c.randbytes(90)
    return "py" + "pi-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _discord(c: Chance) -> str:
    account = base64.b64encode(str(c.randrange(10**17, 10**18)).encode()).decode().rstrip("=")
    return f"{account}.{letters(c, WORD, 6)}.{letters(c, WORD, 38)}"


def _uuid(c: Chance) -> str:
    return str(uuid.UUID(int=c.getrandbits(128), version=4))


def _password(c: Chance) -> str:
    return letters(c, ALNUM, 14) + c.choice("!#*") + letters(c, string.digits, 2)


#: Kind -> how to make one. With a name in the key after "@", it is only told by the name it is given to.
STRUCTURED: dict[str, Callable[[Chance], str]] = {
    "aws-access-key": _with("AK" + "IA", string.ascii_uppercase + "234567", 16),
    "aws-secret-key@AWS_SECRET_ACCESS_KEY": _with("", B64, 40),
    "google-key": _with("AI" + "za", WORD, 35),
    "google-client-secret": _with("GOC" + "SPX-", WORD, 28),
    "azure-client-secret": lambda c: letters(c, ALNUM, 3) + "8Q" + "~" + letters(c, ALNUM, 34),
    "azure-storage-key@connection": lambda c: "DefaultEndpointsProtocol=https;AccountName=shop;Account" + "Key="
    + letters(c, B64, 86) + "==",
    "github-classic": _github("gh" + "p_"),
    "github-oauth": _github("gh" + "o_"),
    "github-server": _github("gh" + "s_"),
    "github-fine": lambda c: "github" + "_pat_" + letters(c, ALNUM, 22) + "_" + letters(c, ALNUM, 59),
    "gitlab-personal": _with("gl" + "pat-", WORD, 20),
    "gitlab-runner": _with("gl" + "rt-", WORD, 20),
    "gitlab-deploy": _with("gl" + "dt-", WORD, 20),
    "gitlab-trigger": _with("gl" + "ptt-", HEX, 40),
    "slack-bot": lambda c: "xo" + f"xb-{c.randrange(10**11, 10**12)}-{c.randrange(10**12, 10**13)}-{letters(c, ALNUM, 24)}",
    "slack-app": lambda c: "xa" + f"pp-1-A{letters(c, UPPER, 10)}-{c.randrange(10**12, 10**13)}-{letters(c, HEX, 64)}",
    "slack-webhook": lambda c: "https://hooks.slack" + f".com/services/T{letters(c, UPPER, 8)}/B{letters(c, UPPER, 10)}/{letters(c, ALNUM, 24)}",
    "discord-token@DISCORD_BOT_TOKEN": _discord,
    "discord-webhook": lambda c: "https://discord" + f".com/api/webhooks/{c.randrange(10**17, 10**18)}/{letters(c, WORD, 68)}",
    "telegram": lambda c: f"{c.randrange(10**8, 10**10)}:A" + "A" + letters(c, WORD, 33),
    "stripe-live": _with("sk" + "_live_", ALNUM, 24),
    "stripe-restricted": _with("rk" + "_live_", ALNUM, 99),
    "stripe-webhook": _with("wh" + "sec_", ALNUM, 32),
    "twilio@TWILIO_AUTH_TOKEN": _with("", HEX, 32),
    "sendgrid": lambda c: "S" + f"G.{letters(c, WORD, 22)}.{letters(c, WORD, 43)}",
    "mailgun": _with("ke" + "y-", HEX, 32),
    "mailchimp": lambda c: letters(c, HEX, 32) + f"-us{c.randrange(1, 21)}",
    "postmark@POSTMARK_SERVER_TOKEN": _uuid,
    "square": _with("sq" + "0csp-", WORD, 43),
    "shopify-access": _with("sh" + "pat_", HEX, 32),
    "shopify-secret": _with("sh" + "pss_", HEX, 32),
    "braintree": lambda c: "access" + f"_token$production${letters(c, LOWER, 16)}${letters(c, HEX, 32)}",
    "openai-project": lambda c: "sk" + f"-proj-{letters(c, WORD, 74)}T3Blbk" + f"FJ{letters(c, WORD, 74)}",
    "openai-old": lambda c: "sk" + f"-{letters(c, ALNUM, 20)}T3Blbk" + f"FJ{letters(c, ALNUM, 20)}",
    "anthropic": lambda c: "sk" + f"-ant-api03-{letters(c, WORD, 93)}AA",
    "huggingface": _with("h" + "f_", string.ascii_letters, 34),
    "replicate": _with("r" + "8_", ALNUM, 37),
    "groq": _with("gs" + "k_", ALNUM, 52),
    "perplexity": _with("pp" + "lx-", ALNUM, 48),
    "xai": _with("xa" + "i-", ALNUM, 80),
    "openrouter": _with("sk" + "-or-v1-", HEX, 64),
    "npm": _github("np" + "m_"),
    "pypi": _pypi,
    "rubygems": _with("ruby" + "gems_", HEX, 48),
    "crates": _with("ci" + "o", ALNUM, 32),
    "nuget": _with("oy" + "2", LOWER, 43),
    "docker": _with("dck" + "r_pat_", WORD, 27),
    "terraform": lambda c: letters(c, ALNUM, 14) + ".atlas" + "v1." + letters(c, WORD, 67),
    "vault": _with("hv" + "s.", WORD, 90),
    "pulumi": _with("pu" + "l-", HEX, 40),
    "digitalocean": _with("do" + "p_v1_", HEX, 64),
    "heroku@HEROKU_API_KEY": _uuid,
    "netlify": _with("nf" + "p_", ALNUM, 36),
    "cloudflare@CLOUDFLARE_API_TOKEN": _with("", WORD, 40),
    "datadog@DATADOG_API_KEY": _with("", HEX, 32),
    "newrelic": _with("NR" + "AK-", UPPER, 27),
    "grafana": _grafana,
    "sentry": _with("sn" + "tryu_", HEX, 64),
    "atlassian": lambda c: "AT" + f"ATT3xFfGF0{letters(c, WORD, 174)}={letters(c, UPPER[:6] + '0123456789', 8)}",
    "linear": _with("li" + "n_api_", ALNUM, 40),
    "notion": lambda c: "nt" + f"n_{letters(c, string.digits, 11)}{letters(c, ALNUM, 35)}",
    "figma": _with("fi" + "gd_", WORD, 40),
    "airtable@AIRTABLE_TOKEN": lambda c: f"pat{letters(c, ALNUM, 14)}.{letters(c, HEX, 64)}",
    "doppler": _with("dp" + ".pt.", ALNUM, 43),
    "databricks": _with("da" + "pi", HEX, 32),
    "supabase": _with("sb" + "p_", HEX, 40),
    "planetscale": _with("psc" + "ale_tkn_", WORD, 43),
    "age": _age,
    "postman": lambda c: "PM" + f"AK-{letters(c, HEX, 24)}-{letters(c, HEX, 34)}",
    "jwt": _jwt,
    "postgres-url": lambda c: f"postgres://shop:{_password(c).replace('#', '-')}@db.shop-prod.net:5432/orders",
    "mongodb-url": lambda c: f"mongodb+srv://shop:{letters(c, ALNUM, 18)}@cluster0.{letters(c, LOWER, 5)}.mongodb.net/orders",
    "amqp-url": lambda c: f"amqps://shop:{letters(c, ALNUM, 22)}@mq.shop-prod.net/orders",
    "redis-url": lambda c: f"redis://:{letters(c, ALNUM, 24)}@cache.shop-prod.net:6379/0",
}  # fmt: skip

GENERIC_NAMES = (
    "DB_PASSWORD", "db_password", "password", "SECRET_KEY", "api_key", "client_secret", "auth_token", "ADMIN_PASSWORD",
    "private_token", "encryption_key", "smtp_password", "access_token", "signing_secret", "JWT_SECRET", "redis_password",
    "apiSecret", "dbPassword", "webhook_secret",
)  # fmt: skip
GENERIC_VALUES: tuple[Callable[[Chance], str], ...] = (
    _password,
    _with("", ALNUM, 24),
    _with("", HEX, 32),
    _with("", ALNUM, 40),
    _with("", HEX, 64),
    lambda c: base64.b64encode(c.randbytes(32)).decode(),
    lambda c: letters(c, ALNUM, 10) + c.choice("!@%^*") + letters(c, ALNUM, 6),
    lambda c: c.choice("KLMNP") + letters(c, string.ascii_lowercase, 5) + letters(c, string.digits, 4) + c.choice("!*") + letters(c, ALNUM, 3),
)  # fmt: skip

#: Path -> how one value under a name is written there. `{n}` is the name, `{v}` the value.
WRITTEN: dict[str, tuple[str, ...]] = {
    "src/app{i}.py": ('{n} = "{v}"', "{n} = '{v}'", 'client = Client({n}="{v}")', 'cfg["{n}"] = "{v}"'),
    "web/app{i}.js": ("const {n} = '{v}';", '  {n}: "{v}",', "window.cfg.{n} = `{v}`;"),
    "deploy/app{i}.yaml": ("  {n}: {v}", '  {n}: "{v}"', "  - name: {n}\n    value: {v}"),
    "config/app{i}.json": ('  "{n}": "{v}",',),
    "config/app{i}.toml": ('{n} = "{v}"',),
    "env{i}/.env.production": ("{n}={v}", 'export {n}="{v}"'),
    "guide/AUTOMATION{i}.md": ("    export {n}={v}", "Set `{n}` to `{v}`.", '```\n{n}: "{v}"\n```'),
    "infra/main{i}.tf": ('  {n} = "{v}"', 'variable "{n}" {{\n  default = "{v}"\n}}'),
    "img{i}/Dockerfile": ("ENV {n}={v}", "ENV {n} {v}", 'ARG {n}="{v}"'),
    "config/app{i}.properties": ("{n}={v}", "shop.{n}={v}"),
    "config/app{i}.xml": ("  <{n}>{v}</{n}>", '  <add key="{n}" value="{v}"/>', '  <property name="{n}" value="{v}"/>'),
    "bin/run{i}.sh": ('export {n}="{v}"', "{n}={v} ./start"),
    "cmd/app{i}.go": ('const {n} = "{v}"', '{n} := "{v}"', 'os.Setenv("{n}", "{v}")', 'var {n} string = "{v}"'),
    "java/App{i}.java": ('String {n} = "{v}";', 'props.put("{n}", "{v}");', 'private static final String {n} = "{v}";'),
}  # fmt: skip
_FILLER = {
    "py": "total = sum(prices)", "js": "const total = prices.length;", "yaml": "  replicas: 3", "json": '  "replicas": 3,',
    "toml": "replicas = 3", "env": "# settings of the shop", "md": "Then start the shop.", "tf": "  count = 3",
    "docker": "RUN make shop", "properties": "shop.replicas=3", "xml": "  <replicas>3</replicas>", "sh": "echo started",
    "go": "total := len(prices)", "java": "int total = prices.size();",
}  # fmt: skip


def _negatives(c: Chance) -> list[tuple[str, str]]:
    """Return (path, line) of what is no secret, however much it looks like one."""
    made: list[tuple[str, str]] = []

    def add(path: str, *lines: str) -> None:
        made.extend((path, line) for line in lines)

    for _ in range(12):
        add("negatives/ids.json", f'  "id": "{_uuid(c)}",', f'  "commit": "{letters(c, HEX, 40)}",')
        add("negatives/ids.py", f'REQUEST_ID = "{_uuid(c)}"', f'ETAG = "{letters(c, HEX, 32)}"')
        add(
            "negatives/package-lock.json",
            f'      "integrity": "sha512-{base64.b64encode(c.randbytes(64)).decode()}",',
        )
        add(
            "negatives/poetry.lock",
            f'    {{file = "shop-1.0.tar.gz", hash = "sha256:{letters(c, HEX, 64)}"}},',
        )
        add(
            "negatives/go.sum",
            f"example.org/shop v1.{c.randrange(9)}.0 h1:{base64.b64encode(c.randbytes(32)).decode()}",
        )
        add(
            "negatives/deploy.yaml",
            f"    image: shop@sha256:{letters(c, HEX, 64)}",
            f"  - uses: actions/checkout@{letters(c, HEX, 40)}",
        )
        add(
            "negatives/style.css",
            f"  src: url(data:font/woff2;base64,{base64.b64encode(c.randbytes(150)).decode()});",
        )
        add(
            "negatives/page.html",
            f'<script integrity="sha384-{base64.b64encode(c.randbytes(48)).decode()}" nonce="{letters(c, ALNUM, 22)}"></script>',
        )
        add("negatives/keys.pub", f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{letters(c, B64, 43)} ann@home")
        add(
            "negatives/known.py",
            f'PUBLIC_KEY = "{base64.b64encode(c.randbytes(32)).decode()}"',
            f'CHECKSUM = "{hashlib.sha256(c.randbytes(4)).hexdigest()}"',
        )
        add(
            "negatives/wrong.py",
            'SHAPE = "gh' + f'p_{letters(c, ALNUM, 36)}"'
            if c.random() < 0.3
            else f'NAME = "shop-{letters(c, LOWER, 8)}"',
        )
    references = (
        'password = os.environ["DB_PASSWORD"]', "token = request.headers.get('X-Token')", "api_key = settings.API_KEY",
        'secret = getenv("CLIENT_SECRET_2")', "const password = process.env.DB_PASSWORD_1;", 'password = form["password1"]',
        "if password == confirm_password2:", "def reset_password(user, new_password1):", 'raise ValueError("password1 is too short")',
        'label = "Password (8 characters or more)"', 'token_url = "https://auth.shop-prod.net/oauth2/token"', "secret_name = 'shop-db-credentials-v2'",
        'password = "changeme123"', 'API_KEY = "your-api-key-here-1"', "api_key = '<insert key 1>'", 'auth_token = "xxxxxxxxxxxxxxxx1234"',
        "password = get_secret('prod/db/password1')", 'csrf_token_field = "csrfmiddlewaretoken1"', "access_token = None", "secret = None  # set by 2nd step",
        "private_key = load_key('/etc/shop/key1.pem')", 'key = f"user:{user_id}:token1"', 'cache_key = "orders-by-region-2024"', 'password_hash = hash_password(password, rounds=12)',
        'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased2")', 'sort_key = "created_at_2"', "primary_key = 'order_id2'", 'PASSWORD_RESET_TIMEOUT = "3days12hours"',
    )  # fmt: skip
    add("negatives/code.py", *references)
    templates = (
        "password: ${DB_PASSWORD_1}", 'password: "{{ vault_db_password_2 }}"', "apiKey: $(API_KEY_3)", "token: <your-token-1>",
        "secretName: shop-db-2", "secretKeyRef: { name: shop-db-2, key: password1 }", "url: postgres://shop:${DB_PASSWORD}@db.shop-prod.net/orders",
        "url: postgres://postgres:postgres@localhost:5432/orders", "url: amqp://guest:guest@mq:5672//", "url: redis://:password@localhost:6379/0",
        "url: https://user:pass@example.com/", "password: !vault |", "token: ENC[AES256_GCM,data:kept]", "imagePullSecrets: [{name: regcred2}]",
        "key: id_rsa.pub", "auth: { type: oauth2, flow: password1 }", "sealed: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq",
    )  # fmt: skip
    add("negatives/values.yaml", *templates)
    documents = (
        "AWS prints AKIAIOSFODNN7" + "EXAMPLE in its documents.", "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "A token looks like gh" + "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.", "Use `sk" + "-your-key-here-0123456789`.", "glpat-" + "00000000000000000000",
        "curl -H 'Authorization: Bearer $TOKEN' https://api.shop-prod.net", "Set `password` to at least 12 characters.", "xoxb-" + "your-token-goes-here",
        "-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----", "`-----BEGIN RSA PRIVATE" + " KEY-----` begins one.", "postgres://user:password@host/db",
        "sk_" + "test_4eC39HqLyjWDarjtT1zdp7dc is printed in the documents.", "SG" + ".xxxxxxxx.yyyyyyyy", "eyJ" + "hbGciOiJIUzI1NiJ9.<payload>.<signature>",
    )  # fmt: skip
    add("negatives/README.md", *documents)
    add(
        "negatives/.env.example",
        "DB_PASSWORD=changeme",
        "API_KEY=",
        "TOKEN=put-it-here",
        "SECRET_KEY=generate-one-with-openssl",
    )
    return made


def make(root: Path, seed: int = 5) -> list[Line]:
    """Write the corpus below `root` and return every line that is measured."""
    chance = Chance(seed)
    told: list[Line] = []
    files: dict[str, list[str]] = {}

    def put(path: str, text: str, kind: str, sort: str) -> None:
        lines = files.setdefault(path, [_filler(path)] * chance.randrange(1, 4))
        first = len(lines) + 1
        lines.extend(text.split("\n"))
        told.append(Line(path, first, len(lines), kind, sort))
        lines.extend([_filler(path)] * chance.randrange(0, 2))

    ways = list(WRITTEN.items())
    for number, (kind, make_one) in enumerate(STRUCTURED.items()):
        named = kind.partition("@")[2]
        for way in range(8):
            pattern, forms = ways[(number + way * 5) % len(ways)]
            name = (
                named
                if named and named != "connection"
                else chance.choice(("VALUE", "endpoint", "shop_setting"))
            )
            form = chance.choice(forms)
            put(pattern.format(i=way % 4), form.format(n=name, v=make_one(chance)), kind, "structured")
    for number in range(18 * 10):
        pattern, forms = ways[number % len(ways)]
        name = GENERIC_NAMES[number % len(GENERIC_NAMES)]
        value = chance.choice(GENERIC_VALUES)(chance)
        put(
            pattern.format(i=4 + number % 4),
            chance.choice(forms).format(n=name, v=value),
            "generic",
            "generic",
        )
    for number in range(6):
        body = "\n".join(letters(chance, B64, 64) for _ in range(20))
        kind = chance.choice(("RSA ", "EC ", "OPENSSH ", ""))
        text = f"-----BEGIN {kind}PRIVATE" + f" KEY-----\n{body}\n-----END {kind}PRIVATE" + " KEY-----"
        put(f"keys/server{number}.pem", text, "private-key", "structured")
    for path, line in _negatives(chance):
        put(path, line, "negative", "negative")
    for path, lines in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return told


def _filler(path: str) -> str:
    end = path.rpartition("/")[2]
    sort = "docker" if end == "Dockerfile" else "env" if ".env" in end else end.rpartition(".")[2]
    return _FILLER.get(sort, "")
