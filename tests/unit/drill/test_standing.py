"""Reading what a status answer says about the items of the protocol."""

from andon.drill.standing import standings


def line(item: str, check: str, standing: str, **more: object) -> dict[str, object]:
    given = {"item": item, "check": check, "text": f"Do {item}: by all means", "standing": standing}
    return {**given, "summary": "seen", "proof": [], "by": "", **more}


def test_the_furthest_item_speaks_for_a_check() -> None:
    found = standings(
        {"checklist": [line("a", "deployed", "not applicable"), line("b", "deployed", "passed", proof=[7])]}
    )
    assert list(found) == ["deployed"]
    assert found["deployed"].proven
    assert found["deployed"].item == "b"
    assert found["deployed"].evidence == "seen (#7)"


def test_an_item_without_a_check_goes_by_its_key() -> None:
    found = standings({"checklist": [line("s1.2", "", "open")]})
    assert found["s1.2"].waits
    assert not found["s1.2"].proven


def test_a_signature_names_who_signed() -> None:
    found = standings({"checklist": [line("a", "x", "signed", by="mina")]})
    assert found["x"].proven
    assert found["x"].evidence.startswith("signed by mina")


def test_what_is_skipped_or_failed_is_not_proven() -> None:
    for standing in ("skipped", "failed", "open", "not applicable", "something new"):
        assert not standings({"checklist": [line("a", "x", standing)]})["x"].proven


def test_a_status_without_a_checklist_has_no_items() -> None:
    assert standings({"open": []}) == {}
