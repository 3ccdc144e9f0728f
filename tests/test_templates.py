"""Templates: what they may do, what is said of those that are wrong, and the words around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dunctl.case.vocabulary import STAGES
from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.letters import check, remarks, render, words
from dunctl.letters.fields import BLOCKS, FIELDS
from dunctl.letters.render import LONGEST, make_sheet, subject
from dunctl.letters.sheet import Text, as_text
from dunctl.letters.template import LARGEST, NEEDS, Template, choose_language, parse_template
from dunctl.steps.policy import Stage
from tests.lettercase import (
    CAFE,
    FILES,
    FITTING,
    LANGUAGES,
    POLICY,
    PRINTER,
    ROOT,
    letter,
    note,
    one,
    sheet,
    shipped,
    template,
    values,
    words_of,
)

# Values are text.

HOSTILE = {
    "{{ 7*7 }}": "{{ 7*7 }}",
    "{% for x in y %}": "{% for x in y %}",
    "{# gone #}": "{# gone #}",
    "<b>&amp;</b>": "<b>&amp;</b>",
    "\\u001b[31mRed\\u0007": "[31mRed",
    "A\\r\\nDear all,\\n\\n\\nB\\tC": "A Dear all, B C",
    "\\u202egnp.exe": "gnp.exe",
    "A\\u2028B\\u0085C": "A B C",
    "a\\u00a0 b": "a  b",
    "=1+1": "=1+1",
    "%s {0} $HOME": "%s {0} $HOME",
}


@pytest.mark.parametrize(("name", "seen"), HOSTILE.items())
def test_a_hostile_name_comes_out_as_text(name: str, seen: str) -> None:
    text = one(name=name)
    assert f"\n{seen}\n" in letter(text)
    assert f"\n致：{seen}\n" in letter(text, "zh/reminder")
    assert seen in subject(template("x", subject='"To {{ debtor.name }}"'), values(text))
    for form in ("email", "sms"):
        found = sheet(text + WITH_NUMBER.format(number=name), "en/courtesy", form=form)
        assert seen in as_text(found).replace("\n", " ")


WITH_NUMBER = '[[invoice]]\nnumber = "{number}"\ndue = 2026-11-20\namount = 5\nref = "{number}"\n'


@pytest.mark.parametrize("name", [*(f"en/{name}" for name in FITTING), "zh/reminder"])
def test_ten_thousand_characters_and_every_control_come_out_as_text(name: str) -> None:
    long = "word " * 2000 + "\\u0002claims\\u0002\\u0000\\u2066{{ total }}\\u202e"
    text, creditor, rules, law = FITTING[name.partition("/")[2]]
    for old, new in (('ref = "PO', f'ref = "{long}'), ('name = "', f'name = "{long} ')):
        text = text.replace(old, new, 1)
    ours = {**creditor, "name": "N" * 10_000, "bank": {"account": "9" * 300, "bank": "B" * 999}}
    seen = letter(text, name, creditor=ours, rules=rules, law=law)
    assert not any(char in seen for char in "\x00\x02\u202e\u2066")
    assert "{{ total }}" in seen or "call-back" in name


def test_a_subject_is_one_line() -> None:
    two = template("x", subject='"""A\n\n{{ total }}"""')
    assert subject(two, values(one(currency="CHF"))) == "A CHF 1,200.00"


# Templates: what is missing, and what they may not do.


def missing(body: str, text: str = CAFE, **creditor: Any) -> str:
    with pytest.raises(Refused) as caught:
        note(body, text, {**PRINTER, **creditor})
    return str(caught.value)


@pytest.mark.parametrize("empty", [None, "", {}, []])
def test_what_is_missing_is_named_with_its_place(empty: object) -> None:
    assert missing("one\n\n{{ creditor.bank }}", bank=empty) == (
        "templates/en/note.md:14: creditor.bank is not set: add it to dunctl.toml under [creditor]"
    )
    assert missing("{{ creditor.contact }}", contact="\u200b \n").startswith(
        "templates/en/note.md:12: creditor.contact is not set"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ creditor.bank.account }}", "add it to dunctl.toml under [creditor.bank]"),
        ("{% if creditor.fax == 'x' %}y{% endif %}", "creditor.fax is not set: add it to dunctl"),
        ("{{ creditor.fone }}", "under [creditor] (did you mean phone?)"),
        ("{{ debtor.email }}", "debtor.email is not set: add it to cases/acme.toml under [debtor]"),
        ("{{ terms.days }}", "terms.days is not set: add it to cases/acme.toml under [terms]"),
        ("{{ dedline }}", "this letter has no dedline: ask for it with {% if dedline is defined"),
        ("{{ dedline }}", "(did you mean deadline?)"),
        ("{{ invoices[9].number }}", "has no element 9"),
        ("{% for c in invoices %}{{ c.sum }}{% endfor %}", "this letter has no invoices.sum"),
        ("{{ creditor.items }}", "creditor.items is not set"),
        ("{{ creditor['fax'] }}", "creditor.fax is not set"),
    ],
)
def test_each_missing_value_has_its_remedy(body: str, said: str) -> None:
    seen = missing("\n" + body)
    assert seen.startswith("templates/en/note.md:13: ")
    assert said in seen


def test_a_person_who_is_missing_is_added_to_the_case() -> None:
    assert missing("{{ person.name }}", one()).endswith(
        "person is not set: add it to cases/acme.toml under [[person]]"
    )


def test_the_line_of_a_subject_is_its_line_in_the_front_matter() -> None:
    with pytest.raises(Refused, match=r"^templates/en/note\.md:7: creditor\.fax is not set"):
        sheet(CAFE, template("x", subject='"{{ creditor.fax }}"'))


@pytest.mark.parametrize("name", FILES)
def test_no_letter_goes_out_without_who_writes(name: str) -> None:
    text, creditor, rules, law = FITTING[name.partition("/")[2]]
    nobody = {k: v for k, v in creditor.items() if k != "name"}
    with pytest.raises(Refused, match=rf"templates/{name}\.md:\d+: creditor\.name is not"):
        letter(text, name, creditor=nobody, rules=rules, law=law)


@pytest.mark.parametrize("name", sorted(set(FITTING) - {"call-back", "assignment"}))
def test_a_desk_that_has_only_its_name_writes_a_whole_letter(name: str) -> None:
    text, _, rules, law = FITTING[name]
    for form in shipped(f"en/{name}").forms:
        only = {"name": "Harbour Goods Ltd"}
        seen = letter(text, f"en/{name}", creditor=only, rules=rules, law=law, form=form)
        assert "IBAN" not in seen
        assert only["name"] in seen


def test_a_desk_that_has_only_its_name_is_told_what_to_add() -> None:
    assert remarks.missing({"name": "Harbour Goods Ltd"}) == [
        "dunctl.toml has no bank under [creditor]: letters refer to the account on the invoices",
        "dunctl.toml has no contact under [creditor]: letters do not say who signs",
        "dunctl.toml has no phone and no email under [creditor]: nobody can answer",
    ]
    assert remarks.missing(PRINTER) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ ().__class__ }}", '"tuple" is not for letters'),
        ("{{ [].__class__ }}", "access to attribute '__class__' of 'list' object is unsafe"),
        ("{{ ().__class__.__bases__[0].__subclasses__() }}", '"call" is not for letters'),
        ("{{ total.__class__ }}", "unsafe"),
        ("{{ creditor.__class__ }}", "creditor.__class__ is not set"),
        ("{{ creditor._where }}", "creditor._where is not set"),
        ("{{ invoices['__class__'] }}", "unsafe"),
        ("{{ self._TemplateReference__context }}", "unsafe"),
        ("{{ range(10) }}", '"call" is not for letters'),
        ("{{ lipsum }}", "this letter has no lipsum"),
        ("{{ cycler }}", "this letter has no cycler"),
        ("{{ namespace }}", "this letter has no namespace"),
        ("{{ 'x' * 999999999 }}", '"mul" is not for letters'),
        ("{{ 9 ** 9 ** 9 }}", '"pow" is not for letters'),
        ("{{ '%99999999d' % 1 }}", '"mod" is not for letters'),
        ("{{ '%99999999d' | format(1) }}", "No filter named 'format'"),
        ("{{ 'x' | center(99999999) }}", "No filter named 'center'"),
        ("{{ invoices | attr('append') }}", "No filter named 'attr'"),
        ("{% set x = total ~ total %}", '"set" is not for letters'),
        ("{% include 'secret' %}", '"include" is not for letters'),
        ("{% import 'os' as os %}", '"import" is not for letters'),
        ("{% extends 'base' %}", '"extends" is not for letters'),
        ("{% macro m() %}{{ m() }}{% endmacro %}", '"macro" is not for letters'),
        ("{% block b %}{% endblock %}", '"block" is not for letters'),
        (
            "{% for a in invoices %}{% for b in invoices %}{% for c in invoices %}"
            "{% endfor %}{% endfor %}{% endfor %}",
            "a loop in a loop in a loop",
        ),
        ("{% if %}", "Expected an expression"),
        ("{% nonsense %}", "Encountered unknown tag 'nonsense'"),
        ("{{ total", "unexpected end of template"),
        ("{{ total < 5 }}", "cannot be filled in"),
        ("{% for x in 5 %}{% endfor %}", "cannot be filled in"),
        ("{{ debtor | table({}, {}) }}", "No filter named 'table'"),
        ("{{ debtor | xmlattr }}", "No filter named 'xmlattr'"),
    ],
)
def test_a_template_can_only_print(body: str, said: str) -> None:
    seen = missing("one\n" + body)
    assert seen.startswith("templates/en/note.md:13: ")
    assert said in seen


@pytest.mark.parametrize(
    "body", ["{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "{{ 1" + "0" * 5000 + " }}"]
)
def test_what_python_cannot_read_is_refused_too(body: str) -> None:
    assert missing(body).startswith("templates/en/note.md:12: the letter cannot be filled in: ")


def test_what_can_be_printed_is_bounded() -> None:
    body = "{% for a in numbers %}{% for b in numbers %}{{ b }}{% endfor %}{% endfor %}"
    context = values(CAFE) | {"numbers": ["x" * 10] * 1000}
    with pytest.raises(Refused, match=f"longer than {LONGEST} characters"):
        make_sheet(template(body), words_of("en"), context)


def test_what_a_template_may_do() -> None:
    body = """{% set you = "you" if count == 1 else "all of you" %}
{# a comment #}
{% for one in invoices if one.number != "E-17" %}
{{ loop.index }} {{ you | upper }} {{ invoices | length }} {{ one.number ~ "!" }}

{% else %}
none
{% endfor %}
{% if decision is not defined and overdue %}never{% endif %}
{{ creditor.fax | default("no fax") }}


{{ debtor.address | join(", ") }}   """
    assert note(body) == (
        "1 ALL OF YOU 3 2026-0412!\n\n2 ALL OF YOU 3 2026-0455!\n\nneverno fax\n\n"
        "4 Quay Street, Cardiff CF10 1AA\n"
    )


def test_paragraphs_items_and_tables_of_a_body() -> None:
    body = "one\ntwo\n\n- a\n- b\nc\n\n  {{ payment }}  \n已付\n款项\n{{ debtor.number }}\n"
    blocks = sheet(CAFE, template(body)).blocks
    texts = [block.text if isinstance(block, Text) else type(block).__name__ for block in blocks]
    assert texts == ["one two", "- a", "- b c", "Pairs", "已付款项10482"]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("one {% if count %}two{% endif %}\n\nthree", ["one two", "three"]),
        (
            "one {% if count %}two{% endif %}\n \n{% if count %}\nthree\n{% endif %}",
            ["one two", "three"],
        ),
        ("one\n{% if count == 0 %}two{% endif %}\nthree", ["one three"]),
        ("one\n{% if count %}{% set a = 'b' %}\n{% endif %}\n\nthree", ["one", "three"]),
        ("one{# but not this #}\n\nthree", ["one", "three"]),
    ],
)
def test_a_blank_line_ends_a_paragraph_also_after_a_tag(body: str, texts: list[str]) -> None:
    blocks = sheet(CAFE, template(body)).blocks
    assert [block.text for block in blocks if isinstance(block, Text)] == texts


@pytest.mark.parametrize(
    "body",
    ["{{ claims }}:", "see {{ claims }}", "{{ claims }} {{ claims }}", "{{ claims | upper }}"],
)
def test_a_table_stands_alone_on_its_line(body: str) -> None:
    with pytest.raises(Refused) as caught:
        note("first\n\n" + body)
    assert str(caught.value) == (
        "templates/en/note.md:14: {{ claims }} is a table: it stands alone on its line"
    )


def test_no_text_can_pass_for_a_table() -> None:
    assert "To pay" not in note("x\n\x02claims\x02")
    with pytest.raises(Refused, match="stands alone on its line"):
        note("x\n{{ '\\x02nothing\\x02' }}")


# Template files.


def read(*lines: str, path: str = "templates/en/note.md") -> Template:
    return parse_template("\n".join(lines), path)


FRONT = (
    *("+++", 'name = "note"', 'language = "en"', 'stages = ["firm", "remind"]'),
    *('channel = "email"', 'tone = "plain"', 'subject = "S"', 'deadline = "deadline_days"'),
    *('forms = ["sms", "letter"]', 'sms = "short"', 'needs = ["fees", "overdue"]', "+++"),
)


def test_a_template_is_read() -> None:
    assert read(*FRONT, "", "Hello", "")._replace(where={}, sha256="") == Template(
        path="templates/en/note.md",
        name="note",
        language="en",
        stages=("remind", "firm"),
        channel="email",
        tone="plain",
        subject="S",
        forms=("letter", "sms"),
        body="\nHello\n",
        needs=("overdue", "fees"),
        deadline="deadline_days",
        sms="short",
        body_line=13,
    )
    assert read(*FRONT, "Hello").line("sms") == 10


def test_a_template_of_windows_is_the_same() -> None:
    text = "\n".join((*FRONT, "", "Hello", ""))
    windows = "\ufeff" + text.replace("\n", "\r\n")
    assert parse_template(windows, "templates/en/note.md") == read(text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("+++", "---", "1: a template starts with a line +++, the keys name, language, stages"),
        ('tone = "plain"', "", "12: the key tone is missing (text)"),
        ('tone = "plain"', 'tune = "plain"', "6: unknown key tune; delete the line (did you mean "),
        ('tone = "plain"', "tone = 5", "6: tone must be text in quotes"),
        ('tone = "plain"', "tone = plain", "6: is not TOML: "),
        ('tone = "plain"', "tone = “plain”", "write straight quotes"),
        ('"note"', '"notice"', "2: name must be note, as the path says"),
        ('"note"', '"a note"', "2: name must be one word"),
        ('"en"', '"zh"', "3: language must be en, as the path says"),
        ('["firm", "remind"]', '"firm"', "4: stages must be a list such as"),
        ('["firm", "remind"]', '["frm"]', "4: stages is none of upcoming, "),
        ('"email"', '"pigeon"', "5: channel is none of phone, "),
        ('"deadline_days"', '"soon"', "8: deadline is none of deadline_days, final_deadline_days"),
        ('["sms", "letter"]', '["leter"]', "9: forms is none of letter, email, sms"),
        ('["sms", "letter"]', "[]", "9: forms must be a list such as"),
        ('["sms", "letter"]', '["letter"]', '10: the key sms and "sms" in forms belong together'),
        ('sms = "short"', "", '9: the key sms and "sms" in forms belong together'),
        ('["fees", "overdue"]', '["overdu"]', "11: needs is none of overdue, "),
        ('needs = ["fees", "overdue"]', "claims = 1", "11: claims must be true or false"),
        ("Hello", " ", "13: there is no text for the letter"),
    ],
)
def test_what_is_wrong_with_a_template_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        read(*"\n".join((*FRONT, "Hello")).replace(old, new, 1).split("\n"))
    assert str(caught.value).startswith("templates/en/note.md:")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "+++", "Hello", "+++\nname = 'note'\n", "x" * (LARGEST + 1)])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^templates/en/note\.md:1: a template "):
        parse_template(text, "templates/en/note.md")


@pytest.mark.parametrize("stage", [s for s in POLICY.stages.values() if s.letter])
def test_the_stages_of_the_policy_use_templates_written_for_them(stage: Stage) -> None:
    made = shipped(f"en/{stage.letter}")
    assert stage.name in made.stages
    assert set(stage.channels) & set(made.forms), "made for none of the channels of its stage"


@pytest.mark.parametrize("name", FILES)
def test_every_template_says_what_it_needs_and_every_need_is_used(name: str) -> None:
    made = shipped(name)
    assert set(made.stages) <= set(STAGES)
    assert made.deadline or not made.demands
    assert made.name in FITTING


def test_every_need_has_a_template_or_is_for_those_of_a_store() -> None:
    used = {need for name in FITTING for need in shipped(f"en/{name}").needs}
    assert set(NEEDS) - used == {"fees", "settlement", "setoff_clause"}


# Languages.


@pytest.mark.parametrize(
    ("wanted", "debtor", "default", "folder"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh-CN", "en", "zh"),
        (None, "zh-Hans-CN", "en", "zh"),
        (None, "EN_gb", "zh", "en"),
        (None, None, "en", "en"),
        (None, "pt-BR", "en", "pt-br"),
        (None, "fr", "en", "en"),
    ],
)
def test_the_language_of_a_letter(
    wanted: str | None, debtor: str | None, default: str, folder: str
) -> None:
    assert choose_language(wanted, debtor, default, ["en", "pt-br", "zh"]) == folder


@pytest.mark.parametrize(("wanted", "debtor"), [("fr", "en"), ("x" * 99, None)])
def test_a_language_without_letters_is_refused(wanted: str | None, debtor: str | None) -> None:
    with pytest.raises(Refused, match="only in en, zh: choose one of these"):
        choose_language(wanted, debtor, "en", ["zh", "en"])


# What a template asks for, without a case.


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_templates_ask_for_nothing_unknown(name: str) -> None:
    assert check.problems(shipped(name), PRINTER) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ dedline }}", "13: no letter has dedline (did you mean deadline?)"),
        ("{{ creditor.fone }}", "13: no letter has creditor.fone (did you mean phone?)"),
        ("{% if promises is defined %}{{ promisses }}{% endif %}", "13: no letter has promisses"),
        ("{% if brocken is defined %}x{% endif %}", "13: no letter has brocken (did you mean"),
        ("{% for p in promises %}{{ p.du }}{% endfor %}", "no letter has promises.du (did you"),
        ("{{ (disputes | first).abot }}", "no letter has disputes.abot (did you mean about?)"),
        ("{{ disputes[0].abot }}", "no letter has disputes.abot (did you mean about?)"),
        ("{{ broken['du'] }}", "no letter has broken.du (did you mean due?)"),
        ("{{ nothing | default('x') }}", "no letter has nothing"),
        ("{% for p in promise %}{{ q.due }}{% endfor %}", "no letter has q.due"),
        ("{{ claim }}", "no letter has claim (did you mean claims?)"),
        ("{% include 'x' %}", '13: "include" is not for letters'),
        ("{% if %}", "13: Expected an expression"),
    ],
)
def test_an_unknown_field_is_named_with_what_may_be_meant(body: str, said: str) -> None:
    (seen,) = check.problems(template("x\n" + body), PRINTER)
    assert seen.startswith("templates/en/note.md:13: ")
    assert said in seen


def test_the_subject_and_the_text_message_are_looked_at_too() -> None:
    made = template("x", subject='"{{ totl }}"', forms='["letter", "sms"]', sms='"{{ yu }}"')
    assert [seen.partition(" (")[0] for seen in check.problems(made, PRINTER)] == [
        "templates/en/note.md:7: no letter has totl",
        "templates/en/note.md:11: no letter has yu",
    ]


def test_what_a_template_sets_itself_and_what_dunctl_toml_has_is_known() -> None:
    body = (
        "{% if count > 1 %}{% set noun = 'x' %}{% endif %}{{ noun }} {{ creditor.vat }}"
        "{% for a in debtor.address %}{{ a }} {{ loop.index }}{% endfor %}{{ creditor.bank.blz }}"
    )
    ours = {**PRINTER, "vat": "GB 1", "bank": {"blz": "100"}}
    assert check.problems(template(body), ours) == []


def names(table: Mapping[str, Any], where: str = "") -> set[str]:
    """Return the dotted names of the values that a letter has."""
    found = set()
    for key, value in table.items():
        items = value if isinstance(value, list | tuple) else [value]
        mark = "[]" if isinstance(value, list | tuple) else ""
        for item in items:
            if isinstance(item, Mapping):
                found |= names(item, f"{where}{key}{mark}.")
            elif item is not None:
                found.add(f"{where}{key}{mark}")
    return found


def test_every_field_is_there_in_some_letter_and_every_value_is_a_field() -> None:
    found = {"subject"}
    for name, (text, creditor, rules, law) in FITTING.items():
        context = values(text, f"en/{name}", creditor=creditor, rules=rules, law=law)
        found |= names({k: v for k, v in context.items() if k not in render.KEPT})
    seen = found | {f"{key}[]" for key in ("debtor.phone",)} | {"capitals", "currency"}
    lacking = {
        *("debtor.email", "terms.days", "terms.interest_clause", "terms.fee_clause"),
        *("terms.setoff_clause", "promise.by", "promise.arrived", "plan.by", "plan.late"),
        *("broken.by", "plan.deferred", "settlement.made", "settlement.amount", "balance"),
        *("settlement.until", "settlement.paid", "settlement.missing", "received.credit"),
        *("creditor.bank.account", "creditor.bank.holder", "protocol"),
    }
    assert sorted(set(FIELDS) - seen - lacking) == []
    assert sorted(seen - set(FIELDS) - {"currency"}) == []


def test_every_block_is_in_some_shipped_letter() -> None:
    used = {block for name in FITTING for block in BLOCKS if f"{{{{ {block} }}}}" in body(name)}
    assert used == set(BLOCKS)


def body(name: str) -> str:
    return shipped(f"en/{name}").body


# The words around letters.


def test_every_language_has_its_words() -> None:
    for language in LANGUAGES:
        assert words_of(language).language == language


def test_a_store_lays_its_own_words_over_the_shipped_ones() -> None:
    shipped_words = (ROOT / "templates" / "en" / "words.toml").read_text(encoding="utf-8")
    own = '[frame]\ncustomer = "Account"\n'
    found = words.read("en", [(shipped_words, "a"), (own, "b")])
    assert found.texts["frame.customer"] == "Account"
    assert found.texts["frame.contract"] == "Contract"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[frame]\ncustomr = 'x'\n",
            "w.toml:2: unknown key customr; delete the line (did you",
        ),
        ("[fram]\n", "w.toml:1: unknown key fram; delete the line (did you mean frame?)"),
        ("frame = 1\n", "w.toml:1: [frame] must be a table"),
        ("[frame]\ncustomer = 1\n", "w.toml:2: customer must be text in quotes"),
        ("[frame]\nphone = 'T {fone}'\n", "w.toml:2: phone has no {fone}: there is {phone} (did"),
        ("[frame]\nphone = 'T {}'\n", "w.toml:2: phone has no {}: there is {phone}"),
        ("signature = 'x'\n", "w.toml:1: signature must be a list of lines"),
        ("signature = ['{name}']\n", "w.toml:1: signature has no {name}: there is {contact}, {r"),
        ("x = \n", "w.toml:1: is not TOML"),
    ],
)
def test_what_is_wrong_with_the_words_is_named(text: str, said: str) -> None:
    base = (ROOT / "templates" / "en" / "words.toml").read_text(encoding="utf-8")
    with pytest.raises(Refused) as caught:
        words.read("en", [(base, "base"), (text, "w.toml")])
    assert str(caught.value).startswith(said)


def test_words_that_are_missing_are_named() -> None:
    with pytest.raises(
        Refused, match=r"^templates/fr/words\.toml: these words are missing: frame\."
    ):
        words.read("fr", [("[salutation]\nnobody = 'Bonjour'\n", "w.toml")])


def test_a_value_is_no_place_for_another() -> None:
    assert words.fill("{name}, {day}", {"name": "{day}", "day": "today"}) == "{day}, today"


# The commands.


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "dunctl.toml").write_text(
        'format = 1\n[creditor]\nname = "Thornbury Print Ltd"\ncontact = "Anna Ward"\n'
        'phone = "+44 117 496 0101"\n',
        encoding="utf-8",
    )
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "acme.toml").write_text(one(), encoding="utf-8")
    return tmp_path


def run(store: Path, *args: str) -> Result:
    return CliRunner().invoke(
        main, [*args], env={"DUNCTL_NOW": "2026-12-01T09:00:00+00:00", "DUNCTL_STORE": str(store)}
    )


def put(store: Path, text: str, name: str = "en/note.md") -> None:
    file = store / "templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


NOTE = "\n".join((*FRONT, "Dear {{ debtor.name }}", "")).replace('"fees", ', "")


def test_templates_are_listed_with_those_of_the_store_marked(store: Path) -> None:
    put(store, NOTE)
    seen = run(store, "templates", "list", "--lang", "en").stdout
    assert "note                  en *  letter, sms" in seen
    assert "reminder              en    letter, email, sms" in seen
    data = json.loads(run(store, "templates", "list", "--json").stdout)
    assert {one["language"] for one in data["templates"]} == set(LANGUAGES)
    assert [one["name"] for one in data["templates"] if one["own"]] == ["note"]


def test_a_template_is_shown_as_it_is_to_be_made_one_s_own(store: Path) -> None:
    seen = run(store, "templates", "show", "reminder", "--lang", "zh").stdout
    assert seen == FILES["zh/reminder"].read_text(encoding="utf-8")
    put(store, NOTE)
    assert run(store, "templates", "show", "note").stdout == NOTE
    assert "(did you mean note?)" in run(store, "templates", "show", "nite").stderr


def test_the_file_that_the_shell_has_just_made_for_it_is_no_template_yet(store: Path) -> None:
    """``dunctl templates show reminder > templates/en/reminder.md``, as the help says."""
    put(store, "", "en/reminder.md")
    put(store, "", "en/note.md")
    seen = run(store, "templates", "show", "reminder").stdout
    assert seen == FILES["en/reminder"].read_text(encoding="utf-8")
    assert run(store, "templates", "show", "note").stdout == ""


def test_what_a_template_may_print_is_listed(store: Path) -> None:
    seen = run(store, "templates", "fields").stdout
    assert "promises[].due         for when" in seen
    assert "claims            what is asked for: a table a currency, with its total" in seen
    data = json.loads(run(store, "templates", "fields", "--json").stdout)
    assert data == {"fields": dict(FIELDS), "tables": dict(BLOCKS)}


def test_the_shipped_templates_are_proved_with_the_cases_of_the_store(store: Path) -> None:
    found = run(store, "templates", "check")
    assert found.stdout.startswith(f"{len(FILES)} templates, tried ")
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("debtor.name", "debtor.nam", "note.md:13: no letter has debtor.nam (did you mean name?)"),
        ("debtor.name", "debtor.email", "note.md:13: debtor.email is not set: add it to cases/acm"),
        ('tone = "plain"', "", "note.md:12: the key tone is missing (text)"),
        ("Dear {{ debtor.name }}", "{% set x = count %}", 'note.md:13: "set" is not for letters'),
    ],
)
def test_what_is_wrong_with_a_template_is_found_by_check(
    store: Path, old: str, new: str, said: str
) -> None:
    put(store, NOTE.replace(old, new))
    found = run(store, "templates", "check", "note")
    assert (found.exit_code, found.stdout.count("\n")) == (1, 1)
    assert found.stdout.startswith(f"templates/en/{said}")


def test_words_are_proved_too(store: Path) -> None:
    put(store, '[frame]\ncustomr = "x"\n', "en/words.toml")
    found = run(store, "templates", "check", "--lang", "en")
    assert found.exit_code == 1
    assert found.stdout.startswith("templates/en/words.toml:2: unknown key customr")
    refused = run(store, "letter", "acme", "reminder", "--format", "text")
    assert "templates/en/words.toml:2: unknown key" in refused.stderr


def test_nothing_to_prove_is_said(store: Path) -> None:
    found = run(store, "templates", "check", "nonsense")
    assert (found.exit_code, found.stderr) == (1, "dunctl: there is no template nonsense\n")


def test_a_letter_of_the_store_takes_the_place_of_the_shipped_one(store: Path) -> None:
    own = FILES["en/reminder"].read_text(encoding="utf-8").replace("According to", "By")
    put(store, own, "en/reminder.md")
    assert "By our books" in run(store, "letter", "acme", "reminder", "--format", "text").stdout
