"""What limitation, letters and expected remember of a case says what the case says, until it wakes.

On random days, whatever is due, breaks, ends, may be claimed or reminded of meanwhile; and what is
printed is the same, byte for byte, with the index and without it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.case.handles import handles
from dunctl.case.parse import parse
from dunctl.cli import expected, letters, limitation
from dunctl.cli.verb import Seat
from dunctl.show import limitation as shown
from dunctl.store import config
from dunctl.store import store as stores
from dunctl.store.index import Note
from dunctl.store.law import law_of
from dunctl.store.store import Read, Store
from tests import casefile
from tests.casefile import called, disputed, entry, invoice, paid, promise, step
from tests.indexdesk import SETTINGS, play, warm

pytest.importorskip("resource", reason="files have other times, processes other ways")
DAYS = 45
"""Entries are of so many days before the first day and after it."""
FIRST = date(2026, 11, 24)
ZONES = ("Europe/London", "Pacific/Apia", "America/Los_Angeles", "Asia/Kathmandu", None)
PLACES = ('country = "GB"', 'country = "DE"', 'country = "CN"', 'country = "US"', "")
VERBS = {"limitation": limitation.note, "letters": letters.note, "expected": expected.note}
PATIENT = """\
[[stage]]
name = "upcoming"
to_day = 3

[[stage]]
name = "courtesy"
from_day = 4
"""
PROVED = {"amount": "900.00", "tracking": "ZZ 1"}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Return a store for its settings and its law."""
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / config.NAME).write_text(SETTINGS)
        policies = Path(root) / "policies"
        policies.mkdir()
        (policies / "patient.toml").write_text(PATIENT)
        yield stores.open_store(Path(root))


def happened(draw: st.DrawFn) -> str:
    """Draw an entry of about now, or one that is still to come; much of it ends by itself."""
    day = FIRST + timedelta(days=draw(st.integers(-DAYS, DAYS)))
    hour, offset = draw(st.integers(0, 23)), draw(st.sampled_from(("Z", "+13:00", "-08:00")))
    moment = f"{day}T{hour:02}:30:00{offset}"
    soon = day + timedelta(days=draw(st.integers(0, 12)))
    amount = draw(st.sampled_from(("100.00", "900.00", "5000.00")))
    named = draw(st.sampled_from(({}, {"invoice": "N0"})))
    match draw(st.integers(0, 19)):
        case 0:
            return called(moment, draw(st.sampled_from(("no_answer", "refused"))))
        case 1:
            return promise(moment, amount, str(soon + timedelta(days=1)), **named)
        case 2:
            return promise(moment, amount, f"{soon + timedelta(days=1)}T15:00:00{offset}")
        case 3 | 4:
            return paid(str(soon), amount, **named)
        case 5:
            return disputed(moment, amount, **named)
        case 6:
            kind = draw(st.sampled_from(("pause", "insolvent", "represented", "plan")))
            return entry("hold", at=moment, kind=kind, until=str(soon))
        case 7:
            return entry("release", at=moment, what=draw(st.sampled_from(("dispute", "plan"))))
        case 8 | 9:
            dues = [soon + timedelta(days=n) for n in (1, draw(st.integers(2, 20)))]
            parts = ", ".join(f"{{ due = {due}, amount = 450.00 }}" for due in dues)
            keys = draw(st.sampled_from(({}, {"accelerate": "clause 7"}, {"pending": "too long"})))
            return entry("plan", at=moment, instalments=f"[{parts}]", **keys)
        case 10:
            return entry("settlement", at=moment, amount=amount, until=str(soon))
        case 11:
            return entry("credit", on=str(soon), amount=amount)
        case 12:
            return entry("claim", on=str(soon))
        case 13:
            return entry("fee", on=str(soon), amount="40.00", basis="§ 288 (5) BGB")
        case 14:
            form = draw(st.sampled_from(("signed", "written", "oral")))
            return entry("acknowledgement", on=str(day), form=form)
        case 15:
            kinds = ("court_claim", "court_paper", "judgment", "reconciliation")
            return entry("document", on=str(day), kind=draw(st.sampled_from(kinds)))
        case 16 | 17:
            stages = ("courtesy", "remind", "firm", "formal", "legal", "closed")
            return step(moment, draw(st.sampled_from(stages)))
        case _:
            template = draw(st.sampled_from(("upcoming", "courtesy", "reminder")))
            return entry(
                "letter", at=moment, template=template, **draw(st.sampled_from(({}, PROVED)))
            )


@st.composite
def cases(draw: st.DrawFn) -> str:
    """Draw a case with an invoice that is due about now, and others of long ago."""
    entries = []
    for nth in range(draw(st.integers(1, 3))):
        due = FIRST + timedelta(days=draw(st.integers(-DAYS, DAYS)))
        if nth:
            years = draw(st.sampled_from((0, 3, 3, 6)))
            due = due.replace(year=due.year - years, day=min(due.day, 28))
        issued = str(due - timedelta(days=draw(st.integers(0, 60))))
        dated = {"issued": issued} if draw(st.booleans()) else {}
        entries.append(invoice(f"N{nth}", str(due), "900.00", **dated))
    entries += [happened(draw) for _ in range(draw(st.integers(0, 6)))]
    zone, place = draw(st.sampled_from(ZONES)), draw(st.sampled_from(PLACES))
    about = [entry_about(draw, *named) for named in named_in(entries) if draw(st.booleans())]
    head = draw(st.sampled_from(("", 'policy = "patient"')))
    text = casefile.text(*entries, *about, zone=zone, head=head, debtor=place)
    assume(not [one for one in parse(text, "acme", "acme.toml")[1] if one.level == "error"])
    return text


def named_in(entries: Sequence[str]) -> list[tuple[str, str]]:
    """Return kind and handle of each entry that others can be about."""
    known = casefile.case(*entries)
    return [(kind, handle) for (kind, _), handle in handles(known.data).items()]


def entry_about(draw: st.DrawFn, kind: str, handle: str) -> str:
    """Draw what happens to an entry: money taken back, a letter not sent, a plan approved."""
    day = FIRST + timedelta(days=draw(st.integers(-DAYS, DAYS)))
    moment = f"{day}T11:00:00Z"
    if kind == "payment":
        return entry("reversal", on=str(day), payment=handle)
    if kind == "letter" and draw(st.booleans()):
        state = draw(st.sampled_from(("failed", "sent")))
        return entry("sending", at=moment, letter=handle, state=state)
    if kind == "plan":
        return entry("approval", at=moment, entry=handle, by="jo")
    if kind in ("hold", "dispute"):
        return entry("release", at=moment, what=handle)
    return entry("document", on=str(day), kind="delivery_receipt", proves=handle)


def told(verb: str, seat: Seat, note: Note) -> Any:
    """Return what a verb makes of a note on the day of its seat, as it comes out of the index."""
    head, rest = json.loads(json.dumps([note.head, note.rest]))
    return head, shown.data([shown.Told(*rest)], seat.today) if verb == "limitation" else rest


def seat_at(store: Store, now: datetime) -> Seat:
    return Seat(store, now, whole_day=False, law=lambda: law_of(store))


def note_of(verb: str, seat: Seat, text: str) -> Note:
    case = stores.with_defaults(seat.store, casefile.read(text))
    return VERBS[verb](seat, Read("acme", "cases/acme.toml", text, case, []))


START = datetime(2026, 11, 24, 9, 10, tzinfo=dates.zone("Europe/London"))


@pytest.mark.parametrize("verb", VERBS)
@given(text=cases(), first=st.integers(-DAYS * 1440, DAYS * 1440), more=st.integers(0, 40 * 1440))
def test_a_note_says_what_the_case_says_until_it_wakes(
    verb: str, store: Store, text: str, first: int, more: int
) -> None:
    now = START + timedelta(minutes=first)
    note = note_of(verb, seat_at(store, now), text)
    assert note.since <= now.timestamp() < note.wakes
    for minutes in (more, 400 * 1440):
        last = min(note.wakes - 1, (now + timedelta(minutes=minutes)).timestamp())
        later = seat_at(store, datetime.fromtimestamp(last, now.tzinfo))
        assert told(verb, later, note) == told(verb, later, note_of(verb, later, text))


CHANGING = {
    "to be reminded of": casefile.text(invoice("N0", "2026-12-16", "900.00")),
    "a letter was written": casefile.text(
        invoice("N0", "2026-11-20", "900.00"),
        step("2026-11-23T10:00:00Z", "courtesy"),
        entry("letter", at="2026-11-20T10:00:00Z", template="upcoming"),
    ),
    "no step yet": casefile.text(invoice("N0", "2026-12-01", "9.00"), head='policy = "patient"'),
    "out of time": casefile.text(
        invoice("N0", "2020-12-28", "900.00"),
        entry("acknowledgement", on="2020-12-30", form="written"),
        debtor='country = "GB"\nsubdivision = "GB-EAW"',
    ),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("text", CHANGING.values(), ids=CHANGING)
def test_day_by_day_what_is_kept_is_what_would_be_made(verb: str, text: str, store: Store) -> None:
    """From one waking to the next, over New Year."""
    kept = note_of(verb, seat_at(store, START), text)
    made = 1
    for hours in range(12, 50 * 24, 12):
        seat = seat_at(store, START + timedelta(hours=hours))
        fresh = note_of(verb, seat, text)
        if seat.now.timestamp() >= kept.wakes:
            kept, made = fresh, made + 1
        assert told(verb, seat, kept) == told(verb, seat, fresh), seat.now
    assert made < 12


ASKED = (
    *("limitation", "limitation --json", "limitation --csv", "limitation --as-of 2027-01-04"),
    *("limitation --as-of '2026-11-20 15:00'", "letters --due", "letters --due --json"),
    *("letters --due --as-of 2026-12-01", "expected", "expected --json", "expected --csv"),
    *("expected --as-of 2026-11-02", "expected --as-of '2026-12-20 15:00' --json"),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder in memory, where there is one: nothing here asks for a lasting disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        warm(Path(made))
        yield Path(made)


@pytest.mark.parametrize("seed", range(int(os.environ.get("DESKS", "2"))))
def test_what_is_printed_is_the_same_whatever_happens(seed: int, folder: Path) -> None:
    play(folder, 500 + seed, 4, ASKED)
