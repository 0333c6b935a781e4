"""The postmortem: drafted from the history, completed by people, read back exactly, and linted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from andon.errors import InvalidInput
from andon.incident import events as e
from andon.incident.words import Severity
from andon.record import replace
from andon.review.lint import complain, missing
from andon.review.markup import escaped, normal, one_line, unescaped
from andon.review.outline import headings, is_closed
from andon.review.paper import read_sections, to_markdown
from andon.review.postmortem import KEYS, Postmortem, draft
from tests.unit.incident.cases import culprit
from tests.unit.review.story import HASH, WRITTEN, at, incident, whole, written

HOSTILE = "# x | <script>alert(1)</script> `a` **b** [l](http://x) <!-- /andon --> \x1b[31m\u202e\n## y"


def postmortem(*more: tuple[float, str, e.Event], title: str = "checkout answers 500") -> Postmortem:
    """Return the draft of the whole incident after `more` happened, an hour and a half after declaring."""
    history = whole(title, *more)
    return draft(incident(history), history, at(90))


def test_every_section_is_drafted_from_the_history() -> None:
    drafted = postmortem()
    assert [s.key for s in drafted.sections] == [
        "summary",
        "timeline",
        "cause",
        "skipped",
        "follow-up",
        "lessons",
    ]
    values = {f.key: f.value for f in drafted.fields}
    assert values["summary/when"] == (
        "2026-03-01 01:50:00 UTC (known from: deployment of r3), declared 2026-03-01 02:00:00 UTC by ann"
    )
    assert values["summary/duration"].startswith("24 min until the harm stopped (2026-03-01 02:14:00 UTC)")
    assert "10 min to detect" in values["summary/duration"]
    assert values["summary/severity"].splitlines() == [
        "P0 CRITICAL",
        "",
        "- 2026-03-01 02:04:00 UTC bob: P1 to P0 (everybody is hit)",
    ]
    assert values["timeline/detection"].splitlines()[1] == (
        "- 02:00:00 ann: impact confirmed by probe: POST /checkout is 500"
    )
    assert "decided rollback by rule recent-deploy" in values["timeline/response"]
    assert "02:14:00 bob: mitigated by rollback" in values["timeline/resolution"]
    assert values["timeline/verification"] == "- 02:09:00 bob: verification passed: 3 of 3 pass"
    assert values["cause/what-broke"] == "- checkout: answers 500 (probe)"
    assert values["cause/why"] == "the new price field is missing for old products"
    assert drafted.due_at == at(14 + 24 * 60)
    empty = {f.key for f in drafted.fields if not f.value and not f.optional}
    assert empty == set(WRITTEN)


def test_what_was_skipped_names_its_follow_up_and_what_nobody_settled() -> None:
    skipped = next(s for s in postmortem().sections if s.key == "skipped").record
    assert skipped[0] == "- [ ] Clean up: no time (HOTFIX allows it; follow-up A1, open)"
    assert skipped[-1] == "Neither proven, signed nor skipped (1): Look twice."
    done = postmortem((80, "bob", e.ActionDone(action="A1", proof="commit 1")))
    assert next(s for s in done.sections if s.key == "skipped").record[0].startswith("- [x] Clean up")
    follow = next(s for s in done.sections if s.key == "follow-up").record
    assert "\n".join(follow) == (
        "- [x] A1 Do what was skipped: Clean up "
        "(owner: bob; due: 2026-03-08; from: shortcut:clean; done: commit 1)"
    )


def test_the_culprit_stands_beside_the_cause_and_in_the_story() -> None:
    drafted = postmortem((50, "bob", culprit()))
    assert drafted.find("cause/why").value.splitlines()[-1].startswith("The commit: cccccccccc Count prices")
    assert (
        "bob: culprit proven: cccccccccc Count prices in cents" in drafted.find("timeline/resolution").value
    )


def test_people_win_over_the_draft() -> None:
    drafted = postmortem((80, "ann", e.SectionWritten(section="cause/why", text="  \nThe real one.  \n\n")))
    assert drafted.find("cause/why").value == "The real one."


def test_a_text_that_belongs_to_no_field_is_kept() -> None:
    drafted = postmortem(
        (80, "ann", e.SectionWritten(section="legal/notice", text="We told the authority.")),
        (80, "ann", e.SectionWritten(section="odd key <b>", text="Odd.")),
    )
    text = to_markdown(drafted)
    assert "We told the authority." in text and "Odd." in text
    assert read_sections(text) == {"legal/notice": "We told the authority."}


def test_nothing_known_is_said_as_such() -> None:
    history = whole()[:1]
    drafted = draft(incident(history), history, at(5))
    assert drafted.find("summary/when").value.endswith("when it began is not known")
    assert drafted.find("summary/duration").value.startswith("Still hurting")
    text = to_markdown(drafted)
    assert "No shortcut was taken." in text and "No evidence was stored." in text
    assert drafted.find("cause/why").value == ""


def test_the_document_ends_with_its_evidence() -> None:
    text = to_markdown(postmortem())
    tail = text[text.index("## Evidence") :]
    assert f"| `{HASH}` | log | shop.log \\| end | 9 bytes |" in tail
    assert text.rstrip().endswith(f"from 15 events; chain head: `{15:064x}`.")


def test_hostile_titles_do_nothing() -> None:
    calm, hostile = postmortem(), postmortem(title=HOSTILE)
    text = to_markdown(hostile)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", text)
    assert [(h.level, h.line) for h in headings(text)] == [
        (h.level, h.line) for h in headings(to_markdown(calm))
    ]
    html = MarkdownIt("commonmark").render(text)
    assert "<script" not in html and "<strong>b" not in html and "href" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert read_sections(text) == {}


def test_the_headings_are_the_sections() -> None:
    text = to_markdown(postmortem(*written()))
    assert [h.text for h in headings(text)] == [
        "Postmortem: INC-7 checkout answers 500",
        "Incident summary",
        "Timeline",
        "Root cause",
        "What was skipped",
        "Follow-up actions",
        "Lessons learned",
        "Evidence",
    ]
    assert "TO WRITE" not in text


# ---- reading back

TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                "",
                "words",
                "## Timeline",
                "- item",
                "    code",
                "<!-- /andon -->",
                "<!-- andon:cause/why -->",
                "<!--\\ /andon -->",
                "<!-- \\\\andon:x",
                "**Label**",
                "```",
                " trailing ",
                "\t",
            ]
        ),
        max_size=6,
    ).map("\n".join),
)


@given(st.dictionaries(st.sampled_from([*KEYS, "more/own-key"]), TEXTS, max_size=6))
@settings(max_examples=300, deadline=None)
def test_people_s_texts_come_back_exactly(texts: dict[str, str]) -> None:
    events = [(70.0, "ann", e.SectionWritten(section=k, text=t)) for k, t in texts.items()]
    expected = {key: normal(text) for key, text in texts.items() if normal(text)}
    text = to_markdown(postmortem(*events))
    assert read_sections(text) == expected
    assert read_sections(text.replace("\n", "\r\n")) == expected


@given(st.text(max_size=300))
@settings(deadline=None)
def test_reading_anything_is_an_answer_or_an_error(text: str) -> None:
    try:
        read_sections(text)
    except InvalidInput as problem:
        assert problem.where.startswith("line ")


def test_an_edited_draft_becomes_a_person_s_text() -> None:
    text = to_markdown(postmortem())
    edited = text.replace("- checkout: answers 500", "- checkout and basket: answer 500")
    assert read_sections(edited) == {"cause/what-broke": "- checkout and basket: answer 500 (probe)"}
    asked = re.sub(r"\*TO WRITE: What helped[^\n]*", "Everybody was awake.", text)
    assert read_sections(asked) == {"lessons/went-well": "Everybody was awake."}


def test_an_emptied_text_is_read_as_empty() -> None:
    text = to_markdown(postmortem(*written()))
    assert read_sections(text.replace(WRITTEN["lessons/went-well"], ""))["lessons/went-well"] == ""


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("<!-- /andon -->\n\n**Duration**", "\n\n**Duration**", "ends summary/when is gone"),
        ("andon:cause/why draft", "andon:cause/what-broke draft", "a second time"),
    ],
)
def test_spoiled_markers_are_named(before: str, after: str, complaint: str) -> None:
    text = to_markdown(postmortem())
    assert before in text
    with pytest.raises(InvalidInput, match=complaint) as caught:
        read_sections(text.replace(before, after))
    assert re.fullmatch(r"line \d+", caught.value.where)


# ---- lint


def test_a_fresh_draft_misses_what_only_people_know() -> None:
    found = missing(postmortem())
    assert [m.key for m in found] == list(WRITTEN)
    assert {m.why for m in found} == {"nobody has written it"}
    assert found[0].remedy == 'andon postmortem edit --set summary/user-impact="..."'


def test_a_complete_postmortem_misses_nothing() -> None:
    assert missing(postmortem(*written())) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "TODO",
        "todo: ask ann",
        "TBD",
        "n/a",
        "N/A.",
        "none",
        "nothing",
        "?",
        "...",
        "unknown",
        "it broke",
        "*TO WRITE: what?*",
        "XXX",
        "--",
        "a ```\n",
        "words words words\n```\ncode",
        "some words <!-- x\n\n<!--",
    ],
)
def test_texts_that_say_nothing(text: str) -> None:
    assert complain(text)


@pytest.mark.parametrize(
    "text",
    [
        "The cache was cold.",
        "n/a: no test runs there",
        "Unknown: logs were gone by then",
        "何が起きたか分からない",
        "Nothing went well here, honestly",
        "Todo lists helped us a great deal during the whole night",
    ],
)
def test_texts_that_say_something(text: str) -> None:
    assert not complain(text)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("Checkout was broken badly", False),
        ("All customers in Europe", True),
        ("about 3% of payments failed", True),
        ("Nobody noticed: night in every market", True),
        ("Unknown how many, the logs are gone", True),
    ],
)
def test_user_impact_says_how_many_or_who(text: str, fine: bool) -> None:
    keys = [m.key for m in missing(postmortem(*written(summary__user_impact=text)))]
    assert keys == ([] if fine else ["summary/user-impact"])


def test_follow_ups_of_an_emergency_need_owner_and_date() -> None:
    opened = (75.0, "ann", e.ActionOpened(action="A2", title="Alarm", origin="person"))
    (found,) = missing(postmortem(*written(), opened))
    assert (found.key, found.why) == ("follow-up/A2", "it has no owner and no due date: Alarm")
    dropped = (76.0, "ann", e.ActionDropped(action="A2", reason="exists already"))
    assert missing(postmortem(*written(), opened, dropped)) == ()


def test_a_shortcut_needs_its_follow_up() -> None:
    taken = (75.0, "ann", e.ShortcutTaken(item="look", reason="r", action="A9", pre_justified=True))
    (found,) = missing(postmortem(*written(), taken))
    assert found.key == "skipped/look" and "A9" in found.why


def test_an_emergency_without_follow_up_says_why() -> None:
    complete = postmortem(*written())
    bare = replace(complete, actions=(), shortcuts=())
    assert [m.key for m in missing(bare)] == ["follow-up/remarks"]
    history = whole("t", *written(follow_up__remarks="The provider fixed it on their side."))
    told = draft(incident(history), history, at(90))
    assert missing(replace(told, actions=(), shortcuts=())) == ()
    assert missing(replace(bare, worst_severity=Severity.P3)) == ()


# ---- escaping


@given(st.text(max_size=80))
def test_escaping_can_be_undone(text: str) -> None:
    assert unescaped(escaped(text)) == one_line(text)


@given(st.text(alphabet=st.sampled_from("ab1 .)-+*_`<>[]()#|~!&=\\\n\t$@:/\"'{}^"), max_size=40))
def test_escaped_text_shows_itself(text: str) -> None:
    html = MarkdownIt("commonmark").render(f"- x {escaped(text)} y").replace("&lt;", "<").replace("&gt;", ">")
    html = html.replace("&quot;", '"').replace("&amp;", "&")
    assert html == f"<ul>\n<li>x {one_line(text)} y</li>\n</ul>\n"
    alone = MarkdownIt("commonmark").render(escaped(text))
    assert alone == "" or alone.startswith("<p>")
    assert is_closed(escaped(text))
