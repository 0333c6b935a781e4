"""Secrets of clouds, platforms, databases and of what deploys to them. Pure.

Prefixes, alphabets and lengths are facts from the providers' documentation and their announcements to secret
scanning programmes.
"""

from __future__ import annotations

from andon.secrets.formats.row import (
    ALNUM,
    ASSIGNED,
    BASE64,
    HEX,
    LOWER,
    START,
    UPPER,
    UUID,
    WORD,
    named,
    shaped,
    token,
)

FORMATS = (
    shaped(
        "aws-access-key", "aws", "akia asia abia acca",
        rb"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])", badness="P0",
    ),
    shaped(
        "aws-secret-key", "aws", "aws_secret aws-secret awssecret secret_access_key secretaccesskey",
        rb"(?i:aws[_-]?secret|secret_?access_?key)(?i:[\w.-]{0,30})%s([A-Za-z0-9/+]{40})(?![\w/+=-])" % ASSIGNED,
        badness="P0",
    ),
    shaped(
        "aws-session-token", "aws", "aws_session_token sessiontoken",
        rb"(?i:aws_session_token|sessiontoken)[\"'`]?[ \t]{0,6}(?:=|:)[ \t]{0,6}[\"'`]?"
        rb"([A-Za-z0-9/+]{100,}=*)", badness="P2",
    ),
    token("aws-bedrock-key", "aws", "ABSKQmVkcm9ja0FQSUtleS", rb"[A-Za-z0-9+/=]", 80, 300),
    shaped("aws-mws-key", "aws", "amzn.mws.", rb"amzn\.mws\.%s" % UUID),
    token("google-key", "google", "AIza", WORD, 35, badness="P2"),
    token("google-key", "google", "ya29.", rb"[\w.-]", 20, 2000, badness="P2"),
    token("google-client-secret", "google", "GOCSPX-", WORD, 28),
    shaped("google-refresh-token", "google", "1//0", START + rb"1//0[\w-]{40,}"),
    shaped("firebase-server-key", "google", ":apa91b", rb"(?<=[\w-]{11}):APA91b[\w-]{120,}", lead=11),
    shaped(
        "azure-storage-key", "azure", "accountkey= sharedaccesskey=",
        rb"(?i:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{43,86}={1,2})", badness="P0",
    ),
    shaped(
        "azure-sas", "azure", "sig=",
        rb"(?i:(?<=[?&;])sig=)([A-Za-z0-9%+/]{43,70}(?:=|%3[dD]))(?![\w%])", badness="P2",
    ),
    shaped(
        "azure-client-secret", "azure", "q~", rb"(?<=[\w~.-]{3}[0-9])Q~[\w~.-]{31,34}(?![\w~-])",
        badness="P0", lead=4,
    ),
    shaped(
        "azure-devops-token", "azure", "azdo", rb"(?<=[A-Za-z0-9]{76})AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])", lead=76,
    ),
    shaped(
        "azure-key", "azure", "jqqj99", rb"(?<=[A-Za-z0-9]{52})JQQJ99[A-Za-z0-9]{18,26}(?![A-Za-z0-9])", lead=52,
    ),
    shaped(
        "azure-key", "azure", "azfu", rb"(?<=[\w-]{44})AzFu[\w-]{5}[AQgw]==", lead=44,
    ),
    shaped(
        "azure-key", "azure", "+ast acdb", rb"(?<=[A-Za-z0-9+/]{76})(?:\+ASt|ACDb)[A-Za-z0-9+/]{5}[AQgw]==",
        lead=76, badness="P0",
    ),
    shaped(
        "azure-key", "azure", "+acr azse",
        rb"(?<=[A-Za-z0-9+/]{42})(?:\+ACR|AzSe)[A-D][A-Za-z0-9+/]{5}(?![A-Za-z0-9+/])", lead=42,
    ),
    shaped(
        "azure-key", "azure", "azca +asb +aeh aiot",
        rb"(?<=[A-Za-z0-9+/]{33})(?:AzCa|\+ASb|\+AEh|AIoT)[A-P][A-Za-z0-9+/]{5}=", lead=33,
    ),
    named("azure-service-key", "azure", "azure", rb"[A-Za-z0-9+/]{86}==|[a-f0-9]{32}|[a-z2-7]{52}"),
    token("alibaba-access-key", "alibaba", "LTAI", ALNUM, 12, 20, starts=True, badness="P0"),
    named("alibaba-secret-key", "alibaba", "alibaba aliyun alicloud", rb"[A-Za-z0-9]{30}", badness="P0"),
    token("tencent-secret-id", "tencent", "AKID", ALNUM, 32, 36, starts=True, badness="P0"),
    token("yandex-key", "yandex", "AQVN", WORD, 35, 38, starts=True),
    named("ibm-cloud-key", "ibm", "ibm bluemix watson", rb"[A-Za-z0-9_-]{44}"),
    token("digitalocean-token", "digitalocean", "dop_v1_ doo_v1_ dor_v1_", HEX, 64, badness="P0"),
    named("digitalocean-token", "digitalocean", "digitalocean spaces", rb"[A-Za-z0-9+/]{43}|[a-f0-9]{64}"),
    shaped("cloudflare-key", "cloudflare", "v1.0-", rb"(?<![\w.])v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"),
    token("cloudflare-token", "cloudflare", "cfut_ cfat_", ALNUM, 40, 60),
    named("cloudflare-token", "cloudflare", "cloudflare", rb"[A-Za-z0-9_-]{40}|[a-f0-9]{37}"),
    named("linode-token", "linode", "linode", rb"[a-f0-9]{64}", badness="P0"),
    named("hetzner-token", "hetzner", "hetzner hcloud", rb"[A-Za-z0-9]{64}", badness="P0"),
    named("vultr-key", "vultr", "vultr", rb"[A-Z0-9]{36}", badness="P0"),
    named("scaleway-key", "scaleway", "scw_ scaleway", UUID, badness="P0"),
    shaped("heroku-key", "heroku", "hrku-", rb"HRKU-(?:AA[\w-]{58}|%s)" % UUID),
    named("heroku-key", "heroku", "heroku", UUID),
    shaped("fly-token", "fly", "flyv1", rb"FlyV1 +(fm[12][ar]?_[A-Za-z0-9+/=_,-]{40,})"),
    token("fly-token", "fly", "fo1_", WORD, 43, starts=True),
    token("vercel-token", "vercel", "vcp_ vci_ vca_ vcr_ vck_", ALNUM, 24, 60, starts=True),
    named("vercel-token", "vercel", "vercel", rb"[A-Za-z0-9]{24}"),
    token("netlify-token", "netlify", "nfp_ nfc_ nfo_ nfu_", ALNUM, 36, 44, starts=True),
    named("netlify-token", "netlify", "netlify", rb"[A-Za-z0-9_-]{40,46}"),
    token("render-key", "render", "rnd_", ALNUM, 28, 36, starts=True),
    named("railway-token", "railway", "railway", UUID),
    token("scalingo-token", "scalingo", "tk-us-", WORD, 48, starts=True),
    token("supabase-token", "supabase", "sbp_", HEX, 40, badness="P0"),
    shaped("supabase-token", "supabase", "sb_secret_", rb"sb_secret_[\w-]{22,}", badness="P0"),
    token("planetscale-token", "planetscale", "pscale_tkn_ pscale_pw_", rb"[\w=.-]", 32, 64),
    token("planetscale-token", "planetscale", "pscale_oauth_", rb"[\w=.-]", 32, 64),
    token("neon-key", "neon", "napi_", LOWER, 60, 72),
    shaped(
        "databricks-token", "databricks", "dapi dose", START + rb"(?:dapi|dose)[a-f0-9]{32}(?:-\d)?(?![\w])",
        badness="P0",
    ),
    token("confluent-secret", "confluent", "cflt", BASE64, 60, starts=True),
    named("confluent-secret", "confluent", "confluent", rb"[A-Za-z0-9+/]{64}"),
    token("aiven-token", "aiven", "AVNS_", WORD, 19, 24, starts=True, badness="P0"),
    shaped(
        "terraform-token", "hashicorp", ".atlasv1.",
        rb"(?<=[A-Za-z0-9]{14})\.atlasv1\.[A-Za-z0-9_=-]{60,70}", lead=14, badness="P0",
    ),
    token("vault-token", "hashicorp", "hvs. hvb. hvr.", WORD, 24, 300, badness="P0"),
    named("vault-token", "hashicorp", "vault_token vault-token", rb"s\.[A-Za-z0-9]{24}", badness="P0"),
    token("pulumi-token", "pulumi", "pul-", HEX, 40, starts=True, badness="P0"),
    shaped(
        "doppler-token", "doppler", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        rb"(?<![\w.])dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}(?!\w)", badness="P0",
    ),
    shaped("infisical-token", "infisical", "st.", rb"(?<![\w.])st\.[a-f0-9]{24}\.[a-f0-9]{32}\.[a-f0-9]{32}"),
    shaped("onepassword-token", "onepassword", "ops_eyj", rb"ops_eyJ[A-Za-z0-9+/_-]{200,}={0,3}",
           checksum="json", badness="P0"),
    shaped(
        "onepassword-key", "onepassword", "a3-",
        START + rb"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}(?![\w-])", badness="P0",
    ),
    token("openshift-token", "openshift", "sha256~", WORD, 43),
    shaped("tailscale-key", "tailscale", "tskey-", rb"tskey-[a-z]+-[A-Za-z0-9]{8,}(?:-[A-Za-z0-9]{20,})?"),
    named("ngrok-token", "ngrok", "ngrok", rb"[A-Za-z0-9]{24,30}_[A-Za-z0-9]{20,24}"),
    token("prefect-key", "prefect", "pnu_ pnb_", ALNUM, 36, starts=True),
    token("age-key", "age", "AGE-SECRET-KEY-1", UPPER, 58, checksum="bech32", badness="P0"),
    shaped(
        "wireguard-key", "wireguard", "privatekey",
        rb"(?i:PrivateKey)[ \t]*=[ \t]*([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)", badness="P0",
    ),
    shaped(
        "putty-key", "key", "private-lines:", rb"Private-Lines: *\d+\r?\n((?:[A-Za-z0-9+/=]{16,}\r?\n?)+)",
        badness="P0",
    ),
    token("extended-private-key", "key", "xprv9", rb"[1-9A-HJ-NP-Za-km-z]", 106, starts=True, badness="P0"),
    token("nostr-key", "key", "nsec1", LOWER, 58, checksum="bech32", starts=True),
)  # fmt: skip
