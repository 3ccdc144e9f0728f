"""The guard of words: what may be written to a debtor, in sentences of three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.errors import Refused
from dunctl.letters import guard
from dunctl.letters.sheet import Sheet, as_text
from dunctl.owed.claims import owed
from dunctl.owed.sourced import DEBTOR_KINDS
from dunctl.steps.guard_families import FAMILIES
from dunctl.steps.guard_terms import (
    GATES,
    Group,
    Language,
    active,
    compiled,
    found_in,
    normal,
    within,
)
from dunctl.steps.guard_text import ANY, Facts, Finding, bound, check, facts, sentences
from dunctl.steps.packs import applying
from dunctl.steps.standing import Standing
from dunctl.store import wording
from dunctl.store.packs import shipped as packs
from tests.casefile import entry, step
from tests.lettercase import (
    ASSIGNED,
    CAFE,
    DECIDED,
    FILES,
    FITTING,
    HEAD_OFFICE,
    LANGUAGES,
    LAW,
    NOW,
    PAYS_LATE,
    PLANNED,
    PRINTER,
    at,
    fitting,
    one,
    shipped,
    template,
)

ROOT = Path(__file__).parent.parent
LEXICON = wording.lexicon()
BARE = Facts(consumer=True, letters=1)
"""A case that supports nothing: no clause, no decision, one letter so far."""


class Row(NamedTuple):
    language: str
    reason: str
    gates: frozenset[str]
    sentence: str


def rows() -> Iterator[Row]:
    for line in (ROOT / "tests" / "sentences.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, kind, sentence = line.split(" | ", 2)
            gates = frozenset(kind[1:].split()) if kind[0] == "+" else frozenset[str]()
            yield Row(language, "" if kind[0] == "+" else kind, gates, sentence)


ROWS = list(rows())
UNLAWFUL = [row for row in ROWS if row.reason]
LAWFUL = [row for row in ROWS if not row.reason]


def found(sentence: str, given_: Facts = BARE) -> list[Finding]:
    return _bare(sentence) if given_ is BARE else check([("letter", sentence)], given_, LEXICON)


@cache
def _bare(sentence: str) -> list[Finding]:
    return check([("letter", sentence)], BARE, LEXICON)


def reasons(sentence: str, given_: Facts = BARE) -> set[str]:
    return {finding.reason for finding in found(sentence, given_)}


def case_facts(text: str, rules: object = None, **more: str) -> Facts:
    standing = at(text, rules=rules or FITTING["reminder"].policy)  # type: ignore[arg-type]
    return of(standing, **more)


def of(standing: Standing, role: str = "own_debt", country: str | None = None) -> Facts:
    kind = standing.case.debtor.kind
    binding = applying(packs(), role, kind, country, None)
    return facts(standing, owed(standing.case, standing.today, LAW), binding, ours=["Print Ltd"])


# Sentences


def test_there_are_two_hundred_sentences_and_more_in_three_languages() -> None:
    assert len(ROWS) >= 200
    for language in ("en", "zh", "de"):
        assert sum(row.language == language for row in UNLAWFUL) >= 34
        assert sum(row.language == language for row in LAWFUL) >= 32
    assert len({row.sentence for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", UNLAWFUL, ids=lambda row: row.sentence)
def test_no_unlawful_sentence_passes(row: Row) -> None:
    findings = found(row.sentence)
    blocks = [finding for finding in findings if finding.level == "block"]
    if LEXICON.reasons[row.reason].level == "warn":
        blocks = findings  # it may be true
    assert blocks, "this sentence passes"


@pytest.mark.parametrize("row", UNLAWFUL, ids=lambda row: row.sentence)
def test_what_no_case_can_support_is_refused_of_every_case(row: Row) -> None:
    if LEXICON.reasons[row.reason].gate is None:
        assert reasons(row.sentence, BARE._replace(true=frozenset(GATES)))


@pytest.mark.parametrize("row", LAWFUL, ids=lambda row: row.sentence)
def test_no_lawful_sentence_is_refused(row: Row) -> None:
    assert found(row.sentence, BARE._replace(true=row.gates)) == []


@pytest.mark.parametrize("row", [row for row in LAWFUL if row.gates], ids=lambda row: row.sentence)
def test_what_only_a_clause_or_a_decision_makes_lawful_is_refused_without(row: Row) -> None:
    gates = {LEXICON.reasons[reason].gate for reason in reasons(row.sentence)}
    assert gates & row.gates


def test_most_unlawful_sentences_are_refused_for_the_reason_they_are_known_for() -> None:
    some = UNLAWFUL[::3]
    right = [row for row in some if row.reason in reasons(row.sentence)]
    assert len(right) / len(some) > 0.98


def test_every_reason_has_an_unlawful_sentence_or_a_test_of_its_own() -> None:
    apart = {"named", "placeholder", "told"}
    assert {row.reason for row in UNLAWFUL} == set(LEXICON.reasons) - apart


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("我方将提起诉讼，并委托律师。", "我方將提起訴訟，並委託律師。"),
        ("Wir würden Sie bloßstellen.", "Wir wuerden Sie blossstellen."),
        ("You’ll hear from our lawyer.", "YOU'LL  HEAR from our\u00a0law\u00adyer."),
        ("你是老赖。", "你 是 老\u200b赖。"),
    ],
)
def test_the_same_words_in_another_spelling_are_the_same_words(plain: str, other: str) -> None:
    assert reasons(plain) == reasons(other) != set()


@pytest.mark.parametrize(
    ("denied", "meant"),
    [
        ("We will not sue you.", "We will not hesitate to sue you."),
        ("We will not go to court over this.", "If you do not pay we will go to court."),
        ("No lawyer is involved.", "We have no choice but to involve a lawyer."),
        ("Wir klagen nicht.", "Wenn Sie nicht zahlen, klagen wir."),
        (
            "Wir schalten keinen Anwalt ein.",
            "Uns bleibt keine andere Wahl, als zum Anwalt zu gehen.",
        ),
        ("我方不会起诉。", "不付款我们就起诉。"),
        ("我方无意委托律师。", "我们不得不委托律师。"),
    ],
)
def test_a_denial_passes_only_if_it_denies(denied: str, meant: str) -> None:
    assert reasons(denied) == set()
    assert reasons(meant) != set()


def test_a_denial_does_not_excuse_an_insult() -> None:
    assert reasons("We do not say that you are a liar.") == {"insult"}


def test_a_sentence_in_another_language_is_read_all_the_same() -> None:
    assert reasons("Please pay soon. 否则我们将起诉。 Sonst kommt der Gerichtsvollzieher.") == {
        "court",
        "enforcement",
    }


def test_a_finding_names_the_sentence_the_rule_and_what_to_say_instead() -> None:
    text = "Thank you for your order. We will take you to court. Please pay."
    (finding,) = found(text)
    assert finding.sentence == "We will take you to court."
    assert "N08" in finding.rows
    assert "practice N05, N08" in str(finding)
    assert finding.remedy in str(finding)


def test_letters_that_were_never_written_cannot_be_counted() -> None:
    third = "This is our third reminder."
    assert reasons(third, Facts(letters=1)) == {"count"}
    assert reasons(third, Facts(letters=2)) == set()
    assert reasons(third, ANY) == set()


def test_a_message_that_anybody_may_read_has_a_name_and_a_number_only() -> None:
    silent = Facts(message=True)
    for lawful in (
        "This is Anna Ward, +44 117 496 0101. Please call back.",
        "我是王芳，电话021-5555 0101，请回电。",
        "Hier ist Anna Ward, 0117 496 0101. Bitte rufen Sie zurück.",
    ):
        assert reasons(lawful, silent) == set()
    for told in (
        "Please call back about your invoice.",
        "It is about £40.",
        "请就欠款一事回电。",
        "Es geht um Ihre Rechnung.",
        "Bitte rufen Sie wegen 40 € zurück.",
    ):
        assert reasons(told, silent) == {"told"}
        assert "told" not in reasons(told, Facts())


@pytest.mark.parametrize("text", ["Dear {name},", "TODO: the sum", "XXX", "Pay ____ now."])
def test_what_is_not_filled_in_does_not_go_out(text: str) -> None:
    plain = fitting("reminder", "en")
    for unfilled in (template(text), template("Please pay.")._replace(subject=text)):
        for findings in (
            guard.check_template(unfilled, LEXICON),
            guard.check_sheet(plain, unfilled, ANY, LEXICON),
        ):
            assert [finding.reason for finding in findings] == ["placeholder"]


@pytest.mark.parametrize("name", ["{{ACME}}", "{acme} Ltd", "TODO GmbH", "<ACME>", "XXXL AG"])
def test_a_value_that_looks_like_a_placeholder_is_a_value(name: str) -> None:
    plain = fitting("reminder", "en")
    hostile = plain._replace(subject=f"Invoice of {name}", salutation=f"Dear {name},")
    assert guard.check_sheet(hostile, template("Dear {{ debtor.name }},"), ANY, LEXICON) == []


def test_a_name_of_a_party_means_nothing() -> None:
    known = Facts(names=("Law Court Solicitors LLP", "Police Federation"))
    assert reasons("Law Court Solicitors LLP owes £40, the Police Federation £50.", known) == set()
    assert reasons("Law Court Solicitors LLP: we go to court.", known) == {"court"}


def test_sentences_are_cut_at_their_ends_and_not_at_abbreviations() -> None:
    text = "Invoice No. 5 of Mr. Smith is open. Please pay 1.200,50 € by 3. Mai.\n请付款。谢谢！"
    assert sentences(text) == [
        "Invoice No. 5 of Mr. Smith is open.",
        "Please pay 1.200,50 € by 3. Mai.",
        "请付款。",
        "谢谢！",
    ]


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for finding in found(text):
        assert finding.level in ("warn", "block")


@given(st.sampled_from(UNLAWFUL), st.sampled_from(LAWFUL), st.sampled_from([" ", "\n", "\n\n"]))
def test_good_company_does_not_make_a_sentence_lawful(bad: Row, good: Row, between: str) -> None:
    assert reasons(bad.sentence) <= reasons(good.sentence + between + bad.sentence)


# The words


def groups(language: Language) -> Iterator[tuple[str, Group]]:
    negation = language.negation
    yield from (("idioms", language.idioms), ("hollow", negation.hollow), ("not", negation.words))
    yield from (("breaks", negation.breaks), ("joins", negation.joins))
    yield from ((f"count {number}", terms) for number, terms in language.counts)
    for rule in language.rules:
        parts = (group for one_ in rule.alternatives for group in one_)
        for group in (*parts, rule.unless, rule.mask, rule.whole):
            yield rule.reason.id, group


@pytest.mark.parametrize("language", LEXICON.languages, ids=lambda language: language.code)
def test_every_term_can_be_found_and_none_is_everywhere(language: Language) -> None:
    for where, group in groups(language):
        for term in group:
            pattern = compiled(term.source, term.wide)
            assert pattern.search("") is None, (where, term.source)
            assert pattern.search("zqj") is None, (where, term.source)


@pytest.mark.parametrize("language", LEXICON.languages, ids=lambda language: language.code)
def test_every_reason_has_terms_in_every_language(language: Language) -> None:
    apart = {"named", "count", "placeholder"}
    assert {rule.reason.id for rule in language.rules} == set(LEXICON.reasons) - apart
    assert [number for number, _ in language.counts] == [2, 3, 4]


def told(language: Language, text: str) -> set[tuple[str, int, int]]:
    """Return the reasons whose terms are all in a text, and where the telling one is."""
    return {
        (rule.reason.id, *found_.span())
        for rule in language.rules
        for telling, *others in rule.alternatives
        if all(within(group, text) for group in others)
        for found_ in found_in(telling, text)
    }


@pytest.mark.parametrize("row", ROWS[::9], ids=lambda row: row.sentence)
def test_leaving_out_terms_that_cannot_be_there_changes_nothing(row: Row) -> None:
    text = normal(row.sentence)
    full = {language.code: language for language in LEXICON.languages}
    for language in active(LEXICON, text):
        here = text.translate(language.fold)
        assert told(full[language.code], here) <= told(language, here)


def test_a_letter_compiles_few_patterns() -> None:
    compiled.cache_clear()
    guard.check_sheet(fitting("final-demand", "en"), shipped("en/final-demand"), ANY, LEXICON)
    assert compiled.cache_info().currsize < 60


def test_reasons_stand_on_rows_of_practice_and_name_a_remedy() -> None:
    page = (ROOT / "docs" / "practice.md").read_text(encoding="utf-8")
    rows_ = dict(re.findall(r"^\| ([A-Q]\d\d) \| (.*) \|$", page, re.MULTILINE))
    for why in LEXICON.reasons.values():
        assert why.remedy
        for row in why.source.split(", "):
            assert f"`words/{why.id}`" in rows_[row], f"{row} does not name {why.id}"
    named = set(re.findall(r"`words/([a-z-]+)`", page))
    assert named == set(LEXICON.reasons)
    assert {why.family for why in LEXICON.reasons.values()} == set(FAMILIES)
    assert {why.gate for why in LEXICON.reasons.values()} - {None} == set(GATES)


def test_a_store_adds_terms_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "policies" / "text"
    folder.mkdir(parents=True)
    own = '[reason.insult]\nany = ["numpty*"]\n'
    (folder / "en.toml").write_text(own, encoding="utf-8")
    theirs = check([("letter", "You numpty.")], BARE, wording.lexicon(tmp_path))
    assert [finding.reason for finding in theirs] == ["insult"]
    assert found("You numpty.") == []


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ('[reason.rude]\nany = ["oi"]', "en: there is no reason rude"),
        ('[reason.insult]\nany = ["a|b"]', "en: insult: choices belong to brackets: a|b"),
        ('[reason.insult]\nany = ["@nobody"]', "en: insult: there is no list @nobody"),
        ("[reason.insult\n", "policies/text/en.toml:1"),
    ],
)
def test_what_is_wrong_with_terms_is_said(tmp_path: Path, own: str, sentence: str) -> None:
    folder = tmp_path / "policies" / "text"
    folder.mkdir(parents=True)
    (folder / "en.toml").write_text(own, encoding="utf-8")
    with pytest.raises(Refused, match=re.escape(sentence)):
        wording.lexicon(tmp_path)


# What a case supports


PRELEGAL = step("2026-11-28T10:00:00Z", "prelegal")


def test_going_to_court_may_be_said_once_it_is_decided_and_next() -> None:
    sentence = "We will bring the claim before the county court."
    nothing = case_facts(PAYS_LATE)
    assert "not decided" in nothing.closed["court"]
    early = case_facts(DECIDED)
    assert "not next: stage upcoming" in early.closed["court"]
    ready = case_facts(DECIDED + PRELEGAL)
    assert "court" in ready.true
    assert [reasons(sentence, one_) for one_ in (nothing, early, ready)] == [
        {"court"},
        {"court"},
        set(),
    ]
    held = case_facts(
        DECIDED + PRELEGAL + entry("hold", at="2026-11-29T10:00:00Z", kind="insolvent")
    )
    assert "not allowed now" in held.closed["court"]


def test_a_case_at_law_may_speak_of_court_and_lawyer() -> None:
    known = case_facts(PAYS_LATE + step("2026-11-28T10:00:00Z", "legal", why="urgent"))
    assert {"court", "lawyer"} <= known.true
    assert "agency" not in known.true


@pytest.mark.parametrize("what", ["agency", "lawyer", "credit_bureau", "termination"])
def test_a_decision_opens_what_it_names_and_nothing_else(what: str) -> None:
    paper = entry("document", on="2026-11-27", kind="decision", ref=f"{what} of 27 November")
    known = case_facts(PAYS_LATE + step("2026-11-26T10:00:00Z", "formal") + paper)
    steps = {"court", "agency", "lawyer", "credit_bureau", "termination", "insolvency"}
    assert known.true & steps == {what}


def test_no_case_opens_enforcement() -> None:
    assert all("enforcement" in case_facts(text).closed for text in (DECIDED + PRELEGAL, CAFE))


def test_interest_needs_a_clause_or_a_statute() -> None:
    statute = case_facts(PAYS_LATE)  # a company in England
    consumer = case_facts(one(kind="consumer", name="Rosa Diaz"))
    clause = '\n[terms]\ninterest = { percent = 5, per = "year", clause = "9" }\n'
    agreed = case_facts(one(kind="consumer", name="Rosa Diaz") + clause)
    assert ["interest" in known.true for known in (statute, consumer, agreed)] == [
        True,
        False,
        True,
    ]
    assert {"late_charge", "interest", "fee"} <= set(consumer.closed)


def test_a_fee_needs_its_basis() -> None:
    plain = one(kind="consumer", name="Rosa Diaz")
    charged = entry("fee", on="2026-11-29", amount="5.00", basis="clause 4")
    assert "fee" in case_facts(plain).closed
    assert "fee" in case_facts(plain + charged).true
    assert "fee" in case_facts(plain + '\n[terms]\nfee_clause = "4"\n').true


def test_a_set_off_needs_its_clause() -> None:
    assert "setoff" in case_facts(one()).closed
    assert "setoff" in case_facts(one() + '\n[terms]\nsetoff_clause = "14"\n').true


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        (one(), False),
        (one() + "\n[supply]\nstopped = 2026-11-30\n", True),
        (one() + "\n[supply]\nstopped = 2026-12-30\n", False),
        (PAYS_LATE, True),
    ],
)
def test_a_stop_of_supply_is_decided_and_has_its_clause(text: str, open_: bool) -> None:
    assert ("supply_stop" in case_facts(text).true) is open_


def test_assignment_handover_and_the_clause_of_a_plan_are_in_the_case() -> None:
    assert "assignment" in case_facts(PAYS_LATE).closed
    assert "assignment" in case_facts(ASSIGNED).true
    assert "handover" in case_facts(CAFE).closed
    assert "handover" in case_facts(CAFE, HEAD_OFFICE).true
    assert "acceleration" in case_facts(PAYS_LATE).closed
    assert "acceleration" in case_facts(PLANNED).true


def test_a_visit_is_announced_where_the_stage_has_visits_and_to_no_private_people() -> None:
    final = step("2026-11-28T10:00:00Z", "final")
    assert "visit" in case_facts(CAFE + final).true
    assert "visit" in case_facts(one()).closed
    assert "visit" in case_facts(one(kind="consumer", name="Rosa Diaz") + final).closed


def test_people_who_are_not_to_hear_of_the_debt_are_not_named() -> None:
    known = case_facts(
        PAYS_LATE
        + entry("person", name="Karin Lund", role="other")
        + entry("person", name="Ida Moe", role="guarantor")
    )
    assert reasons("We spoke with Karin Lund about it.", known) == {"named"}
    assert reasons("We spoke with Ida Moe and Ellen Frost about it.", known) == set()
    promised = PAYS_LATE + entry("person", name="Karin Lund", role="other")
    promised += entry(
        "promise", at="2026-11-20T10:00:00Z", amount="10", due="2026-11-25", with_="Karin Lund"
    )
    assert reasons("Karin Lund promised us £10.00.", case_facts(promised)) == set()


@pytest.mark.parametrize("kind", DEBTOR_KINDS)
def test_their_employer_matters_only_to_private_people(kind: str) -> None:
    known = case_facts(one(kind=kind, name="Rosa Diaz"))
    asked = reasons("We will speak with your manager.", known)
    assert asked == ({"employer"} if kind == "consumer" else set())


# Packs


def us(role: str = "third_party") -> Facts:
    return of(at(one(kind="consumer", name="Rosa Diaz")), role, "US")


def test_what_a_pack_blocks_nobody_overrules() -> None:
    (finding,) = found("We will take you to court.", us())
    assert finding.bound is not None
    assert finding.bound.startswith("us-regf/false-threats: 12 CFR 1006.18")
    with pytest.raises(Refused, match="--override does not help") as caught:
        guard.refuse([finding], "I mean it", "ann")
    assert "us-regf/false-threats" in str(caught.value)


def test_a_pack_that_does_not_bind_leaves_the_override() -> None:
    (finding,) = found("We will take you to court.", us("own_debt"))
    assert finding.bound is None
    assert guard.refuse([finding], "the board said so", "ann") == (
        "override of court by ann: the board said so"
    )


def test_without_a_reason_nothing_is_overruled() -> None:
    findings = found("We will take you to court, you liar.")
    with pytest.raises(Refused) as caught:
        guard.refuse(findings, None, "ann")
    said = str(caught.value)
    assert "--override --why" in said
    assert said.count("We will take you to court, you liar.") == 2
    assert guard.refuse([], None, "ann") is None


def test_a_warning_refuses_nothing() -> None:
    findings = found("My boss will fire me if you do not pay.")
    assert {finding.level for finding in findings} == {"warn"}
    assert guard.refuse(findings, None, None) is None


def test_every_family_of_words_is_bound_somewhere_or_is_our_own() -> None:
    assert set(bound(packs())) <= set(FAMILIES)
    assert {"step", "claim", "falsehood", "violence", "abuse", "disclosure"} <= set(bound(packs()))


# Templates and letters


@pytest.mark.parametrize("name", FILES)
def test_no_shipped_template_has_a_sentence_that_is_refused(name: str) -> None:
    assert guard.check_template(shipped(name), LEXICON) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FITTING)
def test_no_letter_for_its_fitting_case_is_refused(name: str, language: str) -> None:
    if f"{language}/{name}" not in FILES:
        pytest.skip("not there yet")
    text, ours, rules, law = FITTING[name]
    if name == "before-action":
        text += PRELEGAL
    standing = at(text, rules=rules, law=law)
    claims = owed(standing.case, standing.today, law)
    message = name in guard.MESSAGES
    known = facts(standing, claims, ours=[str(ours["name"])], message=message)
    own = shipped(f"{language}/{name}")
    for form in own.forms:
        made = fitting(name, language, form)
        assert [str(one_) for one_ in guard.check_sheet(made, own, known, LEXICON)] == []
        assert [str(one_) for one_ in guard.check_text(as_text(made), known, LEXICON)] == []


def test_the_fixed_text_of_a_template_is_read_and_its_values_are_not() -> None:
    made = template("Dear {{ debtor.name }}, {% if overdue %}you liar{% endif %}.\n\n{{ payment }}")
    assert [one_.reason for one_ in guard.check_template(made, LEXICON)] == ["insult"]


def test_every_part_of_a_letter_is_read() -> None:
    plain, own = fitting("reminder", "en"), shipped("en/reminder")
    assert guard.check_sheet(plain, own, ANY, LEXICON) == []
    bad: list[Sheet] = [
        plain._replace(subject="Pay, you crook"),
        plain._replace(closing="Yours, and watch your back"),
        plain._replace(blocks=(*plain.blocks, plain.blocks[0]._replace(text="We sue."))),  # type: ignore[call-arg]
    ]
    for one_ in bad:
        assert as_text(one_) != as_text(plain)
        assert guard.check_sheet(one_, own, BARE, LEXICON)


def test_the_spelling_of_a_text_does_not_depend_on_its_form() -> None:
    assert normal("Ａ　Ｂ") == "a b"
    assert normal("我 方 将") == "我方将"
    assert normal("Straße") == "strasse"


def test_dates_of_the_case_decide_and_not_the_clock() -> None:
    assert date(2026, 12, 1) == NOW.date()
    later = PAYS_LATE + entry("document", on="2026-12-02", kind="decision") + PRELEGAL
    assert "not decided" in case_facts(later).closed["court"]
    assert PRINTER["name"]
