"""What a path says about a file: a test, a document, somebody else's code, the way to build."""

from __future__ import annotations

import re

_TEST_DIRECTORIES = frozenset(
    (
        "test", "tests", "spec", "specs", "__tests__", "testing", "e2e", "cypress", "testdata", "fixtures",
        "integration_tests", "integration-tests", "unittests", "androidtest", "functional",
    )
)  # fmt: skip
_TEST_NAME = re.compile(
    r"^(?:tests?_.*|.*_tests?|.*_spec|.*_cest|tests?|conftest)\.\w+$|\.(?:test|spec|cy|e2e)\.\w+$"
    r"|^(?:.+[a-z0-9](?:Tests?|TestCase|Spec|IT)|Test[A-Z]\w*)\.(?:java|kt|kts|scala|cs|php|swift|groovy)$"
)
#: A file that the usual runner of a language collects without being told; groups of endings.
_COLLECTED = (
    (("py",), re.compile(r"^(?:test.*|.*_test|tests)\.py$")),
    (("go",), re.compile(r"_test\.go$")),
    (("rb",), re.compile(r"(?:_spec|_test)\.rb$|^test_.*\.rb$")),
    (("exs",), re.compile(r"_test\.exs$")),
    (
        ("js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts"),
        re.compile(
            r"\.(?:test|spec|cy|e2e)\.\w+$|^(?:test|spec)[-_.].*|.*[-_](?:test|spec)\.\w+$|^test\.\w+$"
        ),
    ),
    (("php",), re.compile(r"(?:Test|Cest|TestCase|_test|Spec)\.php$|^test", re.IGNORECASE)),
)
_DOCUMENT = re.compile(
    r"(?i)\.(?:md|rst|txt|adoc|markdown|textile|png|jpe?g|gif|svg|webp|ico|pdf|po|pot|mo)$"
    r"|(?:^|/)(?:changelog|changes|news|history|authors|contributors|license|licence|readme"
    r"|codeowners)(?:\.\w+)?$"
    r"|(?:^|/)(?:docs?|changelogs?|changelog\.d|newsfragments|\.changeset)/|^(?:examples?|tutorials?)/"
)
_PIPELINE = re.compile(
    r"(?i)(?:^|/)(?:\.github/(?:workflows|actions)/.+\.ya?ml|\.gitlab-ci\.yml|\.gitlab/ci/.+|\.circleci/.+"
    r"|jenkinsfile(?:\.\w+)?|azure-pipelines[\w.-]*\.ya?ml|\.azure-pipelines/.+|\.travis\.yml|appveyor\.yml"
    r"|\.drone\.(?:ya?ml|star)|\.buildkite/.+|bitbucket-pipelines\.yml|\.woodpecker(?:\.ya?ml|/.+)"
    r"|cloudbuild\.ya?ml|buildspec\.ya?ml|\.semaphore/.+|\.teamcity/.+|\.cirrus\.yml"
    r"|\.pre-commit-config\.yaml"
    r"|lefthook\.ya?ml|\.husky/.+|\.forgejo/workflows/.+|\.gitea/workflows/.+|codefresh\.ya?ml)$"
)
_VENDORED = re.compile(
    r"(?i)(?:^|/)(?:vendor|vendored|_vendor|third[_-]party|node_modules|site-packages|bower_components)/"
    r"|\.min\.(?:js|css)$|(?:^|/)dist/.+\.(?:js|css)$|[._]pb2?(?:_grpc)?\.\w+$|\.generated\.\w+$|\.snap$"
)


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def is_test(path: str) -> bool:
    """True for a test, or for what lies beside tests."""
    parts = path.split("/")
    return bool(_TEST_NAME.search(parts[-1])) or any(p.lower() in _TEST_DIRECTORIES for p in parts[:-1])


def is_collected(path: str) -> bool:
    """True for a file in which the usual runner of its language looks for tests."""
    name = name_of(path)
    ending = name.rpartition(".")[2].lower()
    for endings, pattern in _COLLECTED:
        if ending in endings:
            in_place = ending not in ("py", "go", "rb", "exs", "php") and "__tests__" in path.split("/")
            return in_place or bool(pattern.search(name))
    return is_test(path) or ending in ("rs", "swift", "cc", "cpp", "cxx", "c")


def is_document(path: str) -> bool:
    """True for what people read: documents, examples, pictures, translations, a changelog."""
    return bool(_DOCUMENT.search(path)) and not re.search(r"(?i)requirements|constraints|CMakeLists", path)


def is_pipeline(path: str) -> bool:
    """True for what decides how a commit is built, tested and shipped."""
    return bool(_PIPELINE.search(path))


def is_vendored(path: str) -> bool:
    """True for other people's code and for what a program wrote."""
    return bool(_VENDORED.search(path))
