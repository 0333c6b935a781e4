"""How code asks for a flag: the calls of OpenFeature, LaunchDarkly, Unleash and Andon by their names."""

from __future__ import annotations

import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def _spelled(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for line in words for word in line.split())


_KINDS = ("boolean", "string", "integer", "number", "float", "object")
_CAMEL = ("Boolean", "String", "Integer", "Number", "Double", "Float", "Object", "Int")
#: Names of the SDKs that readers of settings, JSON and tables have too: `config.getStringValue("host", "")`.
_READERS = (
    frozenset(f"get_{kind}_{what}{end}" for kind in (*_KINDS, "bool", "int", "struct")
              for what in ("value", "details") for end in ("", "_async"))
    | frozenset(f"{get}{kind}{what}" for get in ("get", "") for kind in _CAMEL
                for what in ("Value", "Details", "ValueDetails"))
    | frozenset(f"Get{kind}{what}Async" for kind in _CAMEL for what in ("Value", "Details"))
    | frozenset(f"fetch_{kind}_{what}" for kind in _KINDS for what in ("value", "details"))
)  # fmt: skip
#: Names that hardly anything but a flag SDK has.
_DISTINCT = (
    frozenset(f"use{kind}FlagValue" for kind in _CAMEL)
    | frozenset(f"use{kind}FlagDetails" for kind in _CAMEL)
    | _spelled((
        "variation_detail variationDetail boolVariation boolVariationDetail stringVariation",
        "intVariation doubleVariation jsonValueVariation jsonVariation numberVariation",
        "BoolVariation BoolVariationCtx BoolVariationDetail StringVariation IntVariation FloatVariation",
        "Float64Variation DoubleVariation JSONVariation JsonVariation",
        "bool_variation str_variation int_variation float_variation json_variation",
    ))
)  # fmt: skip
#: In all of them the caller's default stands beside the key.
SURE = _READERS | _DISTINCT
#: Names that others have too: they count by whom they are asked of, or by a key that is defined.
LIKELY = _spelled((
    "boolean string integer number object boolean_details string_details integer_details number_details",
    "object_details Boolean String Int Float Object variation useFlag isEnabled is_enabled IsEnabled",
    "getVariant get_variant GetVariant isFeatureEnabled is_feature_enabled IsEnabledAsync",
))  # fmt: skip
#: Of those, the ones of Go, where a context comes first: `flag.String("dir", ...)` is of a command.
_OF_GO = frozenset(("Boolean", "String", "Int", "Float", "Object"))
#: Of those, the ones that are also looked for with a constant for a key.
BY_CONSTANT = _spelled((
    "variation isEnabled is_enabled IsEnabled isFeatureEnabled is_feature_enabled IsEnabledAsync",
))  # fmt: skip
#: Calls that say yes or no, and nothing else, so that a removal knows what to put in their place.
_PLAIN = re.compile(
    r"(?i)(?:get_?|fetch_?|use)?bool(?:ean)?_?(?:flag)?_?(?:value|variation)?(?:_?async|ctx)?"
    r"|is_?(?:feature_?)?enabled"
)
#: Calls that answer a word or a number, and nothing else.
_VALUED = re.compile(
    r"(?i)(?:get_?|fetch_?|use)?(?:string|str|integer|int|number|float|float64|double)_?(?:flag)?_?"
    r"(?:value|variation)?(?:_?async|ctx)?"
)
#: Whom a flag is asked of.
_ASKED = re.compile(r"(?i)flag|feature|unleash|toggle|launch_?darkly|(?:^|[^a-z])ld(?:_?client)?\b|LDClient")
#: A file that works with flags, by what it imports or calls its things.
_SPEAKS = re.compile(r"(?i)open.?feature|launch.?darkly|unleash|feature.?flag|andon\.flags|ld_?client")
_SNAKE, _PASCAL = ("python", "ruby", "rust"), ("go", "csharp")
#: Names of the argument that is the key.
KEY_NAMES = ("flag_key", "flagKey", "key", "flag", "feature", "flag_name", "featureKey")


class CallNames(Record):
    """The names of calls that are looked for."""

    #: Functions of the project that take a key first, as `[flags] calls` names them.
    own: frozenset[str] = frozenset()

    def strength(self, name: str) -> str:
        """Return `sure`, `likely`, or "" for the name of a call."""
        if name in self.own or name in SURE:
            return "sure"
        return "likely" if name in LIKELY else ""

    def needles(self) -> tuple[bytes, ...]:
        """Return what is searched for in bytes, so that only what holds one of it is parsed.

        A likely name counts with its opening and a quote: `isEnabled` alone is in every second file.
        """
        sure = [f"{name}(" for name in (*SURE, *self.own)]
        sure += [f"{name} flag_key" for name in SURE if name.startswith("fetch_")]
        likely = [f"{name}({quote}" for name in LIKELY - _OF_GO for quote in "\"'`"]
        likely += [f".{name}({context}" for name in _OF_GO for context in ("ctx", "context")]
        likely += [f"{name}?({quote}" for name in ("is_enabled", "enabled") for quote in "\"':"]
        # With a constant for a key: what is asked, or the constant, has to be about flags.
        likely += [f"{name}(" for name in BY_CONSTANT]
        likely.append("is_enabled?(")
        generic = [f"{name}<" for name in SURE if name.startswith(("get", "use"))]
        return tuple(word.encode() for word in dict.fromkeys((*sure, *likely, *generic)))


def is_asked_of_flags(receiver: str) -> bool:
    """True when the words before a call say that it is about flags: `flags.`, `LDClient.get().`."""
    return bool(_ASKED.search(receiver[-120:]))


def is_of_client(receiver: str) -> bool:
    """True for words that name a client: `ffClient.`, `OpenFeature.getClient().`, `flags.`."""
    return is_asked_of_flags(receiver) or "client" in receiver[-60:].lower()


def is_distinct(name: str) -> bool:
    """True for a name that needs nothing beside it to be a flag SDK's."""
    return name in _DISTINCT


def speaks_of_flags(text: str) -> bool:
    """True for a file that names an SDK of flags, or feature flags, anywhere."""
    return bool(_SPEAKS.search(text))


def is_written(name: str, language: str) -> bool:
    """True for a name as the SDKs of a language write it: `getFloatValue` is none of Go's."""
    if language in _SNAKE:
        return name.lower() == name
    return name[:1].isupper() == (language in _PASCAL) and "_" not in name


def answers(name: str) -> str:
    """Return `switch` for a call that answers yes or no, `value` for a word or number, else ""."""
    if _PLAIN.fullmatch(name):
        return "switch"
    return "value" if _VALUED.fullmatch(name) else ""
