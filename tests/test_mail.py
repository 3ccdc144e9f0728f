"""A letter as an e-mail: what any mail program reads out of it, and that nothing slips in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.letters.html import as_html
from dunctl.letters.mail import (
    Mailbox,
    as_eml,
    earlier,
    header,
    mailbox,
    message_id,
    recipient,
    to_send,
)
from dunctl.letters.sheet import Sheet, Table, Text, as_text
from tests.casefile import case, entry

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OURS = Mailbox("Kettle Ltd", "accounts@kettle.example")
THEIRS = Mailbox("Ann Ward", "ann@acme.example")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\r\n.\r\n"
SHEET = Sheet(
    template="reminder",
    language="en",
    form="email",
    sender=("Kettle Ltd", "1 Quay Street", "Bristol"),
    recipient=("Acme Ltd", "Ann Ward"),
    place_date="24 November 2026",
    subject="Payment reminder: £500.00",
    references=(("Customer", "10482"),),
    salutation="Dear Ann Ward,",
    blocks=(
        Text("Please pay £500.00."),
        Table("", ("Invoice", "Amount"), (False, True), (("17", "500.00"),)),
        Text("Thank you."),
    ),
    closing="Yours sincerely",
    signature=("Jo Marsh", "Kettle Ltd"),
    page="Page {n} of {m}",
    qr=None,
    qr_caption="",
    paper="a4",
    country="GB",
)
HEADERS = [
    *("Date", "From", "To", "Subject", "Message-ID", "Content-Language", "MIME-Version"),
    *("X-Unsent", "Content-Type"),
]
HOSTILE = (
    "a\r\nBcc: everybody@evil.example",
    "a\nX-Evil: 1\n\nbody",
    "a\rTo: b@evil.example",
    "a\x00b\x1b[2Jc\x7fd",
    "a\u2028Bcc: b@evil.example\u2029\x85c",
    "=?utf-8?Q?a=0D=0ABcc:_b@evil.example?=",
    '"><script>alert(1)</script>',
    'Ann" <ann@evil.example>, "b',
    "Ann, (Bob) <b@evil.example>; c@evil.example",
    "\\",
    "\u202egnp.exe",
    "王芳（总部）",
    "Jörg Müßig-Çelik & Söhne GmbH",
    "字" * 5000,
    "x" * 10_000,
    "a b " * 2500,
    "😀👩‍👩‍👧‍👦 e\u0301",
    " ",
    "",
)


def eml(sheet: Sheet = SHEET, **changed: Any) -> bytes:
    given: dict[str, Any] = {
        "sender": OURS,
        "recipient": THEIRS,
        "pdf": PDF,
        "message_id": message_id("acme", sheet, OURS),
        "in_reply_to": (),
        "date": NOON,
        **changed,
    }
    return as_eml(sheet, **given)


def opened(data: bytes) -> EmailMessage:
    """Open a message as a mail program does; it must be without a defect."""
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert [d for part in message.walk() for d in part.defects] == []
    return message


def words(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n") + "\n"


def one_line(text: str) -> str:
    """Return what is left of a text in a header: no control character, ordinary spaces."""
    invisible = "\x00\x1b\x7f\u202e"
    kept = "".join(c for c in text if c not in invisible)
    return re.sub(r"\s+", " ", kept).strip()


def test_a_mail_program_finds_text_page_and_pdf() -> None:
    message = opened(eml())
    assert message.get_content_type() == "multipart/mixed"
    assert words(message) == as_text(SHEET)
    assert words(message, "html") == as_html(SHEET)
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == "reminder-2026-11-24.pdf"
    assert attached.get_payload(decode=True) == PDF


def test_without_a_pdf_it_is_text_and_page_alone() -> None:
    assert opened(eml(pdf=None)).get_content_type() == "multipart/alternative"


def test_its_head_says_who_to_whom_when_and_that_it_is_not_sent() -> None:
    message = opened(eml())
    assert list(message) == HEADERS
    assert message["From"].addresses == (Address("Kettle Ltd", addr_spec=OURS.address),)
    assert message["To"].addresses == (Address("Ann Ward", addr_spec=THEIRS.address),)
    assert message["Date"].datetime == NOON
    assert message["Subject"] == "Payment reminder: £500.00"
    assert message["X-Unsent"] == "1"


def test_who_has_no_address_is_left_for_the_mail_program_to_fill_in() -> None:
    message = opened(eml(sender=None, recipient=None))
    assert list(message) == [name for name in HEADERS if name not in ("From", "To")]


def test_every_server_can_take_it() -> None:
    for data in (eml(), eml(SHEET._replace(subject="逾期" * 400), in_reply_to=["<a@b>"] * 40)):
        assert data.isascii()
        assert b"\n" not in data.replace(b"\r\n", b"")
        assert b"\r" not in data.replace(b"\r\n", b"")
        assert max(map(len, data.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_long_texts_of_any_script_come_out_whole(language: str) -> None:
    texts = {
        "en": "pay now. " * 80,
        "zh": "请于本月底前付清全部货款。" * 40,
        "de": "Süße Grüße " * 70,
    }
    sheet = SHEET._replace(language=language, blocks=(Text(texts[language].strip()),))
    assert words(opened(eml(sheet))) == as_text(sheet)


def test_lines_that_look_like_the_end_of_something_are_text() -> None:
    texts = ("--=_a_000000000000000000000000--", ".", "From ann", "--")
    sheet = SHEET._replace(blocks=tuple(map(Text, texts)))
    assert set(texts) <= set(words(opened(eml(sheet))).split("\n"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_subject_is_text_whatever_it_says(text: str) -> None:
    message = opened(eml(SHEET._replace(subject=text)))
    assert list(message) == HEADERS
    assert message["Subject"] == one_line(text)
    assert message.get_content_type() == "multipart/mixed"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_is_a_name_and_never_an_address(text: str) -> None:
    box = Mailbox(text, "ann@acme.example")
    message = opened(eml(sender=box, recipient=box))
    assert list(message) == HEADERS
    for name in ("From", "To"):
        (found,) = message[name].addresses
        assert found.addr_spec == "ann@acme.example"
        # email puts a space between two encoded words of a name, which readers leave out
        assert found.display_name.replace(" ", "") == one_line(text).replace(" ", "")


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_becomes_a_header_or_a_part(subject: str, name: str) -> None:
    data = eml(
        SHEET._replace(subject=subject), recipient=Mailbox(name, "ann@acme.example"), pdf=None
    )
    message = opened(data)
    assert list(message) == HEADERS
    assert [found.addr_spec for found in message["To"].addresses] == ["ann@acme.example"]
    assert len(list(message.walk())) == 3


def test_the_same_letter_is_the_same_bytes_in_every_process() -> None:
    code = (
        "import sys, hashlib; from tests.test_mail import eml; "
        "print(hashlib.sha256(eml()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(found) == 1


def test_the_message_id_is_that_of_the_words_in_their_case() -> None:
    own = message_id("acme", SHEET, OURS)
    assert re.fullmatch(r"<[0-9a-f]{32}@kettle\.example>", own)
    assert message_id("acme", SHEET, OURS) == own
    others = [
        message_id("acme-2", SHEET, OURS),
        message_id("acme", SHEET._replace(subject="Payment reminder: £500.01"), OURS),
        message_id("acme", SHEET._replace(place_date="25 November 2026"), OURS),
        message_id("acme", SHEET._replace(blocks=(Text("Please pay £500.01."),)), OURS),
    ]
    assert len({own, *others}) == 5
    assert message_id("王芳", SHEET, None).endswith("@dunctl.invalid>")


def test_a_letter_answers_the_one_before_it_and_never_itself() -> None:
    own = message_id("acme", SHEET, OURS)
    message = opened(eml(in_reply_to=("<1@kettle.example>", "<2@kettle.example>", own, "<3@k.ex>")))
    assert message["In-Reply-To"] == "<2@kettle.example>"
    assert message["References"].split() == ["<1@kettle.example>", "<2@kettle.example>"]


def test_what_is_no_message_id_is_answered_by_nothing() -> None:
    message = opened(eml(in_reply_to=("a", "<a b@c>", "<a@b>\r\nBcc: <c@d>", "<>")))
    assert "In-Reply-To" not in message
    assert "Bcc" not in message


def test_only_what_went_out_by_email_is_answered() -> None:
    letter = entry("letter", at="2026-11-01T09:00:00Z", template="reminder")
    ((_, handle),) = handles(case(letter).data).items()

    def sending(nth: int, state: str, **keys: str) -> str:
        at = f"2026-11-0{nth}T09:00:00Z"
        return entry("sending", at=at, letter=handle, state=state, **keys)

    known = case(
        letter,
        sending(3, "sent", channel="email", message_id="<c@k.example>"),
        sending(1, "sent", channel="email", message_id="<a@k.example>"),
        sending(2, "failed", channel="email", message_id="<b@k.example>"),
        sending(4, "sent", tracking="RR1"),
        sending(5, "sent", channel="email", message_id="<a@k.example>"),
    )
    assert earlier(known) == ("<a@k.example>", "<c@k.example>")


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("ann@acme.example", "", "ann@acme.example"),
        ("  ann@acme.example ", "", "ann@acme.example"),
        ("Ann Ward <ann.w+due@ACME.example>", "Ann Ward", "ann.w+due@acme.example"),
        ('"Ward, Ann" <ann@acme.example>', "Ward, Ann", "ann@acme.example"),
        ("<ann@acme.example>", "", "ann@acme.example"),
        ("王芳 <wang@例子.example>", "王芳", "wang@xn--fsqu00a.example"),
        ("info@müller.example", "", "info@xn--mller-kva.example"),
        ("root@localhost", "", "root@localhost"),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, name: str, address: str) -> None:
    assert mailbox(text) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "@acme.example", "ann@", "ann@@acme.example", "ann@acme..example"),
        *("ann@-acme.example", "a b@acme.example", "ann@acme.example, bob@acme.example"),
        *("ann@acme.example>", "<ann@acme.example", "a.@acme.example", ".a@acme.example"),
        *("ann@acme.example\r\nRCPT TO:<b@evil.example>", "王@acme.example"),
        *("Ann <ann@acme.example> <b@evil.example>", "ann@acme.example;b@evil.example"),
        *("x" * 65 + "@acme.example", "ann@" + "a" * 64 + ".example", "ann@acme example"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no e-mail address"):
        mailbox(text)


def test_it_is_addressed_to_whom_it_is_written_to() -> None:
    people = [
        entry("person", name="Ann", email="ann@acme.example"),
        entry("person", name="Bob"),
    ]
    both = case(*people, debtor='email = "office@acme.example"')
    assert recipient(both, "Ann") == ("Ann", "ann@acme.example")
    assert recipient(both, "Bob") == ("Acme", "office@acme.example")
    assert recipient(both, None) == ("Acme", "office@acme.example")
    assert recipient(case(*people), "Bob") is None


def test_what_is_sent_is_the_kept_letter_under_a_new_address() -> None:
    kept = eml(in_reply_to=("<1@kettle.example>",), recipient=Mailbox("x" * 300, "a@b.example"))
    when = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
    data = to_send(kept, OURS, Mailbox("Jörg", "joerg@acme.example"), when)
    assert data.partition(b"\r\n\r\n")[2] == kept.partition(b"\r\n\r\n")[2]
    message = opened(data)
    assert "X-Unsent" not in message
    assert [str(found) for found in message["To"].addresses] == ["Jörg <joerg@acme.example>"]
    assert message["Date"].datetime == when
    for name in ("Subject", "Message-ID", "In-Reply-To", "References"):
        assert message[name] == opened(kept)[name]
    assert sorted(message) == sorted([*HEADERS[:-2], "Content-Type", "In-Reply-To", "References"])


def test_hidden_recipients_of_a_message_that_somebody_else_made_are_dropped() -> None:
    kept = eml().replace(
        b"Subject:", b"bcc: a@evil.example,\r\n b@evil.example\r\nCC: c@d.e\r\nSubject:"
    )
    message = opened(to_send(kept, OURS, THEIRS, NOON))
    assert "Bcc" not in message
    assert "Cc" not in message
    assert message["Subject"] == "Payment reminder: £500.00"


def test_a_header_is_read_back_as_it_was_meant() -> None:
    data = eml(SHEET._replace(subject="付款提醒：¥1,200.00，请于 11 月 27 日前支付" * 5))
    assert header(data, "Subject") == "付款提醒：¥1,200.00，请于 11 月 27 日前支付" * 5
    assert header(data, "X-Nothing") == ""
