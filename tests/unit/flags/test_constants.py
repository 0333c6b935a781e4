"""Keys in a constant of another file: found by the constant's name once all files are known."""

from __future__ import annotations

import pytest

from andon.flags.hygiene.constants import constants_of, resolved
from andon.flags.hygiene.languages import LANGUAGES
from andon.flags.hygiene.removing import remove_from
from andon.flags.hygiene.scanning import FileScan, Scanner, from_plain, to_plain
from andon.flags.hygiene.sdk import CallNames

SCANNER = Scanner(("new-pricing", "bulk-orders"), CallNames())


def scans(**files: str) -> dict[str, FileScan]:
    """Return what each file says, `name__ending` for `name.ending`, as it is kept and with names resolved."""
    said = {path.replace("__", "."): text for path, text in files.items()}
    found = {path: from_plain(to_plain(SCANNER.scan(path, text.encode()))) for path, text in said.items()}
    constants = constants_of(found.values())
    return {path: resolved(scan, constants) for path, scan in found.items()}


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("k.cs", 'x = featureService.IsEnabled(FeatureFlagKeys.NewPricing);'),
        ("k.java", 'x = unleash.isEnabled(FlagKeys.NewPricing);'),
        ("k.ts", 'const x = flags.isEnabled(FlagKeys.NewPricing);'),
        ("k.kt", 'val x = featureFlags.isEnabled(Flag.NewPricing.key)'),
        ("k.go", 'var x = unleash.IsEnabled(keys.NewPricing)'),
        ("k.php", '<?php $x = $unleash->isEnabled(FlagKeys::NewPricing);'),
        ("k.rb", 'x = unleash.is_enabled?(FlagKeys::NewPricing)'),
        ("k.py", 'x = client.get_boolean_value(FlagKeys.NewPricing, False)'),
    ],
)  # fmt: skip
def test_a_call_by_a_constant_of_another_file(keys: str, code: str) -> None:
    given = {
        "k.cs": 'class FeatureFlagKeys { public const string NewPricing = "new-pricing"; }',
        "k.java": 'class FlagKeys { static final String NewPricing = "new-pricing"; }',
        "k.ts": "export const FlagKeys = {\n  NewPricing: 'new-pricing',\n};",
        "k.kt": 'enum class Flag(val key: String) {\n  NewPricing("new-pricing"),\n}',
        "k.go": 'package keys\nconst NewPricing Flag = "new-pricing"',
        "k.php": "<?php class FlagKeys { const NewPricing = 'new-pricing'; }",
        "k.rb": "module FlagKeys\n  NewPricing = 'new-pricing'.freeze\nend",
        "k.py": 'class FlagKeys:\n    NewPricing = "new-pricing"',
    }[keys]
    path = "shop." + keys.partition(".")[2]
    found = scans(**{keys.replace(".", "__"): given, path.replace(".", "__"): code})
    assert [(one.key, bool(one.call)) for one in found[path].mentions] == [("new-pricing", True)]
    alone = scans(**{path.replace(".", "__"): code})[path]
    is_sure = path == "shop.py"  # a client's call: then it is one with a computed key
    assert [(one.key, bool(one.call)) for one in alone.mentions] == [("", True)] * is_sure


def test_a_name_for_several_keys_stands_for_none() -> None:
    code = "x = flags.isEnabled(Keys.OLD)"
    two = {"a__ts": 'const OLD = "new-pricing"', "b__ts": 'const OLD = "bulk-orders"'}
    assert not scans(**two, shop__ts=code)["shop.ts"].mentions


def test_flags_by_constants_inside_of_one_another() -> None:
    keys = 'class K { const string A = "new-pricing"; const string B = "bulk-orders"; }'
    keys = keys.replace("; ", ";\n")
    code = (
        "class S { int F() {\n if (!features.IsEnabled(K.A)) return 1;\n"
        " return features.IsEnabled(K.B) ? 2 : 3;\n} }"
    )
    (one,) = scans(keys__cs=keys, shop__cs=code)["shop.cs"].nested
    assert (one.outer, one.inner, one.line) == ("new-pricing", "bulk-orders", 3)
    unknown = code.replace("K.B", "K.C")
    assert not scans(keys__cs=keys, shop__cs=unknown)["shop.cs"].nested


def test_what_else_is_enabled_is_no_flag() -> None:
    code = "x = logger.isEnabled(Level.NewPricing)"
    assert not scans(k__java='String NewPricing = "new-pricing";', shop__java=code)["shop.java"].mentions


def test_it_is_removed_by_its_constant_too() -> None:
    code = (
        "class S {\n    int F() {\n        if (features.IsEnabled(K.A)) {\n            return 1;\n"
        "        }\n        return 2;\n    }\n}\n"
    )
    made = remove_from(code, LANGUAGES["csharp"], CallNames(), "new-pricing", True, {"A": "new-pricing"})
    assert made.text == "class S {\n    int F() {\n        return 1;\n    }\n}\n" and made.calls == 1
