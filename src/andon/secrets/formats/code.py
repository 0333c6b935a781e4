"""Secrets of forges, registries of packages, builds and tools of developers. Pure.

Prefixes, alphabets and lengths are facts from the providers' documentation and their announcements to secret
scanning programmes.
"""

from __future__ import annotations

from andon.secrets.formats.row import ALNUM, HEX, LOWER, START, UUID, WORD, named, shaped, token

FORMATS = (
    token(
        "github-token", "github", "ghp_ gho_ ghu_ ghs_", ALNUM, 36, checksum="crc32-base62", badness="P0",
    ),
    token("github-token", "github", "ghr_", ALNUM, 36, 80, badness="P0"),
    shaped("github-token", "github", "github_pat_", rb"github_pat_\w{22,}", badness="P0"),
    named("github-token", "github", "github gh_", rb"[a-f0-9]{40}", badness="P0"),
    token("gitlab-token", "gitlab", "glpat-", rb"[\w.-]", 20, 320, badness="P0"),
    token(
        "gitlab-token", "gitlab",
        "gldt- glrt- glrtr- glcbt- glptt- glft- glsoat- glagent- glimt- glwt- glffct- gloas-",
        rb"[\w.-]", 16, 320,
    ),
    token("gitlab-token", "gitlab", "GR1348941", WORD, 20, 22),
    token("bitbucket-token", "atlassian", "ATBB", rb"[A-Za-z0-9=]", 32, 40, starts=True),
    named("bitbucket-token", "atlassian", "bitbucket", rb"[A-Za-z0-9]{32}|[\w=-]{64}"),
    token("atlassian-token", "atlassian", "ATATT3xFfGF0 ATCTT3xFfGN0 ATSTT3xFfGN0", rb"[\w=-]", 150, 260),
    named("atlassian-token", "atlassian", "atlassian jira confluence", rb"[A-Za-z0-9]{24}"),
    token("npm-token", "npm", "npm_", ALNUM, 36, checksum="crc32-base62"),
    shaped("npm-token", "npm", "_authtoken", rb"(?i:_authToken)[ \t]*=[ \t]*[\"']?(%s|[A-Za-z0-9+/_-]{20,}=*)" % UUID),
    shaped("npm-token", "npm", "_auth=", rb"_auth=[\"']?([A-Za-z0-9+/]{16,}={0,2})"),
    shaped("npm-token", "npm", ":_password", rb"(?<=/):_password=[\"']?([A-Za-z0-9+/]{8,}={0,2})"),
    shaped("pypi-token", "pypi", "pypi-ag", rb"pypi-Ag[A-Za-z0-9_-]{50,}", checksum="macaroon"),
    token("rubygems-key", "rubygems", "rubygems_", HEX, 48),
    token("crates-token", "crates", "cio", ALNUM, 32, starts=True),
    token("nuget-key", "nuget", "oy2", LOWER, 43, starts=True),
    token("clojars-token", "clojars", "CLOJARS_", rb"[a-fA-F0-9]", 60),
    token("packagist-token", "packagist", "packagist_out_ packagist_ort_ packagist_uut_ packagist_uct_", HEX, 60, 72),
    token("docker-token", "docker", "dckr_pat_ dckr_oat_", WORD, 27, 36),
    shaped("docker-login", "docker", '"auth"', rb"\"auth\"[ \t]*:[ \t]*\"([A-Za-z0-9+/]{12,}={0,2})\""),
    token("artifactory-key", "jfrog", "AKCp", ALNUM, 69, 73, starts=True),
    token("artifactory-key", "jfrog", "cmVmdGtu", ALNUM, 56, starts=True),
    token("sourcegraph-token", "sourcegraph", "sgp_", rb"[a-fA-F0-9_]", 40, 64, starts=True),
    token("circleci-token", "circleci", "CCIPAT_ CCIPRJ_", WORD, 60, 72),
    named("circleci-token", "circleci", "circleci circle_", rb"[a-f0-9]{40}"),
    token("buildkite-token", "buildkite", "bkua_ bkat_", ALNUM, 36, 44),
    named("travis-token", "travis", "travis", rb"[A-Za-z0-9_-]{22}"),
    named("codecov-token", "codecov", "codecov", UUID, badness="P3"),
    token("sonar-token", "sonar", "sqp_ sqa_ squ_", HEX, 40, starts=True, badness="P2"),
    named("sonar-token", "sonar", "sonar", rb"[a-f0-9]{40}", badness="P2"),
    named("snyk-token", "snyk", "snyk", UUID, badness="P2"),
    shaped("launchdarkly-key", "launchdarkly", "sdk- api-", START + rb"(?:sdk|api)-%s(?![\w-])" % UUID, badness="P2"),
    named("jenkins-token", "jenkins", "jenkins", rb"11[a-f0-9]{32}"),
    shaped("postman-key", "postman", "pmak-", rb"PMAK-[a-f0-9]{24}-[a-f0-9]{34}", badness="P2"),
    token("readme-key", "readme", "rdme_", LOWER, 64, 72, badness="P3"),
    named("expo-token", "expo", "expo_ expo-", rb"[A-Za-z0-9_-]{40}"),
    token("sentry-token", "sentry", "sntryu_", HEX, 64, badness="P2"),
    shaped("sentry-token", "sentry", "sntrys_eyj", rb"sntrys_eyJ[A-Za-z0-9+/=_-]{50,}", checksum="json", badness="P2"),
    named("sentry-token", "sentry", "sentry", rb"[a-f0-9]{64}", badness="P2"),
    token("linear-key", "linear", "lin_api_", ALNUM, 40, badness="P2"),
    token("linear-key", "linear", "lin_oauth_", HEX, 64, badness="P2"),
    token("figma-token", "figma", "figd_ figu_ figdr_", rb"[\w-]", 38, 52, badness="P2"),
    token("contentful-token", "contentful", "CFPAT-", WORD, 43, badness="P2"),
    token("frameio-token", "frameio", "fio-u-", rb"[\w=-]", 64, badness="P2"),
    named("codacy-token", "codacy", "codacy", rb"[A-Za-z0-9]{20}|[a-f0-9]{32}", badness="P3"),
    token("mapbox-token", "mapbox", "sk.eyJ", rb"[\w.-]", 60, 200, starts=True, badness="P2"),
    named("gitea-token", "gitea", "gitea forgejo codeberg", rb"[a-f0-9]{40}"),
)  # fmt: skip
