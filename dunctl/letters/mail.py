"""A sheet as an e-mail: one message with a text, the same as HTML, and the PDF, as bytes.

The bytes depend on what goes in and on nothing else, not even on the version of Python: so the
message is written here, not by ``email``. No value can become a header of its own: each is one line
without control characters, and what is not plain is encoded (RFC 2047).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from dunctl.case.records import Case, Person, Sending, of
from dunctl.letters.html import as_html
from dunctl.letters.layout import plain
from dunctl.letters.sheet import Sheet, as_text
from dunctl.tuples import NamedTuple
from dunctl.words import t

_LINE = 76
_WORD = 42  # bytes in an encoded word of 75 characters
_NOWHERE = "dunctl.invalid"
_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_HEADER = rb"^%s:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*"


class Mailbox(NamedTuple):
    """A name, which may be empty, and an address in ASCII."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Return the part behind the @."""
        return self.address.rpartition("@")[2]


def mailbox(text: str, name: str = "") -> Mailbox:
    """Read ``ann@example.com`` or ``Ann Ward <ann@example.com>``.

    A domain in other letters is written as the net knows it. Raises ``ValueError`` with half a
    sentence for what is no address.
    """
    found = re.fullmatch(r"\s*(?:\"?([^<>\"]*?)\"?\s*<([^<>]*)>|([^<>]*?))\s*", text)
    address = (found[2] or found[3] or "").strip() if found else ""
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    labels = ascii_domain.split(".")
    known = _LOCAL.fullmatch(local) and all(map(_LABEL.fullmatch, labels))
    if (
        found is None
        or not known
        or not text.strip().isprintable()
        or len(local) > 64
        or len(ascii_domain) > 253
    ):
        raise ValueError(t("is no e-mail address: {text}", text=plain(text)))
    return Mailbox(plain(found[1] or name), f"{local}@{ascii_domain}")


def message_id(case_id: str, sheet: Sheet, sender: Mailbox | None) -> str:
    """Return the Message-ID of a letter: the same for the same words in the same case.

    A receiver that gets a message twice knows it by that.
    """
    said = "\0".join((case_id, sheet.subject, as_text(sheet._replace(form="letter"))))
    short = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"<{short}@{sender.domain if sender else _NOWHERE}>"


def earlier(case: Case) -> tuple[str, ...]:
    """Return the Message-IDs of the letters of a case that went out by e-mail, oldest first."""
    sent = [s.message_id for s in of(case, Sending) if s.state == "sent" and s.message_id]
    return tuple(dict.fromkeys(sent))


def reachable(case: Case) -> list[tuple[Person | None, str]]:
    """Return the addresses that a case has: of the debtor (``None``), and of its people."""
    found: list[tuple[Person | None, str]] = []
    if case.debtor.email:
        found.append((None, case.debtor.email))
    return found + [(person, person.email) for person in case.people if person.email]


def recipient(case: Case, whom: str | None) -> Mailbox | None:
    """Return the mailbox of whom a letter is written to, else the debtor's; ``None`` without one.

    Raises ``ValueError`` where the case has one that is no address.
    """
    known = reachable(case)
    mine = [one for one in known if one[0] is not None and one[0].name == whom]
    for person, text in mine or [one for one in known if one[0] is None]:
        name = person.name if person else case.debtor.name
        return mailbox(text)._replace(name=plain(name))
    return None


def as_eml(
    sheet: Sheet,
    sender: Mailbox | None,
    recipient: Mailbox | None,
    pdf: bytes | None,
    message_id: str,
    in_reply_to: Sequence[str],
    date: datetime,
) -> bytes:
    """Return a letter as a message that a mail program opens to be looked through and sent.

    ``in_reply_to`` has the Message-IDs of the ``earlier`` ones, oldest first; the last is answered.
    """
    mark = sha256(message_id.encode()).hexdigest()[:24]
    text = _part("text/plain", as_text(sheet).encode())
    page = _part("text/html", as_html(sheet._replace(qr=None)).encode())
    body = _parts("alternative", f"=_a_{mark}", [text, page])
    if pdf is not None:
        name = f"{sheet.template}-{date:%Y-%m-%d}.pdf"
        body = _parts("mixed", f"=_m_{mark}", [body, _attached(pdf, name)])
    before = (
        in_reply_to[: in_reply_to.index(message_id)] if message_id in in_reply_to else in_reply_to
    )
    threads = [one for one in before if _ID.fullmatch(one)]
    head = [
        f"Date: {format_datetime(date.replace(microsecond=0))}",
        _mailbox_line("From", sender),
        _mailbox_line("To", recipient),
        "Subject: " + _text(sheet.subject, len("Subject: ")),
        f"Message-ID: {message_id}",
        f"In-Reply-To: {threads[-1]}" if threads else "",
        "References: " + "\r\n ".join(threads[-20:]) if threads else "",
        f"Content-Language: {sheet.language}",
        "MIME-Version: 1.0",
        "X-Unsent: 1",
    ]
    return "".join(f"{line}\r\n" for line in head if line).encode("ascii") + body


def to_send(eml: bytes, sender: Mailbox, recipient: Mailbox, date: datetime) -> bytes:
    """Return a message of ``as_eml`` as it goes out: by whom, to whom and when is as given."""
    head, gap, body = eml.partition(b"\r\n\r\n")
    head += b"\r\n"
    for name in (b"Date", b"From", b"To", b"Cc", b"Bcc", b"X-Unsent"):
        head = re.sub(_HEADER % name, b"", head, flags=re.MULTILINE | re.IGNORECASE)
    new = (
        f"Date: {format_datetime(date.replace(microsecond=0))}",
        _mailbox_line("From", sender),
        _mailbox_line("To", recipient),
    )
    first = "".join(f"{line}\r\n" for line in new).encode("ascii")
    return first + head.removesuffix(b"\r\n") + gap + body


def header(eml: bytes, name: str) -> str:
    """Return a header of a message as a person reads it, or nothing."""
    from email import message_from_bytes
    from email.policy import default

    return plain(str(message_from_bytes(eml, policy=default)[name] or ""))


def said(eml: bytes) -> str:
    """Return what a message says to a person: its subject, and its plain text."""
    from email import message_from_bytes
    from email.policy import default

    message = message_from_bytes(eml, policy=default)
    body = message.get_body(("plain",))
    return f"{plain(str(message['Subject'] or ''))}\n\n{body.get_content() if body else ''}"


def _part(kind: str, data: bytes) -> bytes:
    """Return a text as a part: quoted where that is shorter, else in base64."""
    quoted = binascii.b2a_qp(data, quotetabs=False, istext=True).replace(b"\n", b"\r\n")
    packed = _packed(data.replace(b"\n", b"\r\n"))
    way, body = min((b"quoted-printable", quoted), (b"base64", packed), key=lambda one: len(one[1]))
    return (
        f"Content-Type: {kind}; charset=utf-8\r\n".encode()
        + b"Content-Transfer-Encoding: %s\r\n\r\n%s" % (way, body)
        + (b"" if body.endswith(b"\r\n") else b"\r\n")
    )


def _attached(pdf: bytes, name: str) -> bytes:
    return (
        f'Content-Type: application/pdf; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode("ascii") + _packed(pdf)


def _packed(data: bytes) -> bytes:
    packed = b64encode(data)
    return b"".join(packed[nth : nth + _LINE] + b"\r\n" for nth in range(0, len(packed), _LINE))


def _parts(kind: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    """Return parts as one; no text in quoted-printable or base64 can have the boundary."""
    fence = f"--{boundary}".encode()
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + b"".join(fence + b"\r\n" + part for part in parts)
        + fence
        + b"--\r\n"
    )


def _mailbox_line(name: str, box: Mailbox | None) -> str:
    if box is None:
        return ""
    shown = plain(box.name.replace("\u00a0", " "))
    if not shown:
        return f"{name}: {box.address}"
    words = _text(shown, len(name) + 2)
    if words == shown and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", shown):
        words = '"' + re.sub(r'([\\"])', r"\\\1", shown) + '"'
    return f"{name}: {words}\r\n <{box.address}>"


def _text(text: str, used: int) -> str:
    """Return a text for a header: as it is if short and plain, else in encoded words."""
    shown = plain(text.replace("\u00a0", " "))
    if shown.isascii() and shown.isprintable() and "=?" not in shown and len(shown) + used <= _LINE:
        return shown
    words, word = [], b""
    for char in shown:
        data = char.encode("utf-8", "replace")
        if len(word) + len(data) > _WORD:
            words.append(word)
            word = b""
        word += data
    return "\r\n ".join(f"=?utf-8?B?{b64encode(one).decode()}?=" for one in (*words, word))
