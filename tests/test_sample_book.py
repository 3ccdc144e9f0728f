from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
import tomli

from dunctl import dates
from dunctl.case import records
from dunctl.case.parse import parse
from dunctl.case.records import Case, Contact, Dispute, Hold, Letter, Plan, Promise, Step, of
from dunctl.case.vocabulary import REASONS, STAGES
from dunctl.owed.ledger import ledger

ROOT = Path(__file__).parent.parent
BOOK = sorted((ROOT / "cases").glob("*.toml"))
MORNING = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Europe/London"))
LUNCH = "11:30-14:00"
WORKING = "mon-fri 09:00-17:30"
CALLABLE = "mon-fri 08:00-21:00"


class Row(NamedTuple):
    country: str
    kind: str
    currency: str
    reason: str | None
    stage: str
    owed: str


SHOWN = {
    "chengdu-jinzhanlou": Row("CN", "company", "CNY", "admin.approval", "remind", "46800.00"),
    "delacourt": Row("US", "consumer", "USD", "oversight.bill_missing", "courtesy", "486.00"),
    "grantholme": Row("GB", "company", "GBP", "unwilling.able_refuses", "legal", "18450.00"),
    "karrindale": Row("AU", "company", "AUD", None, "upcoming", "4460.00"),
    "lindwurm": Row("DE", "company", "EUR", "cashflow_short.temporary", "firm", "6930.00"),
    "murrabeen": Row("AU", "company", "AUD", "insolvent.passive", "formal", "20340.00"),
    "ningbo-yongxilan": Row(
        "CN", "company", "CNY", "cashflow_downstream.unpaid_by_customer", "firm", "108000.00"
    ),
    "oakmere": Row("GB", "company", "GBP", "oversight.forgot", "closed", "0.00"),
    "pascall": Row("GB", "consumer", "GBP", "hardship_long.unemployed", "formal", "250.00"),
    "tarnbeck": Row("GB", "company", "GBP", "overcommitted.owes_many", "prelegal", "7875.00"),
    "thimble-lane": Row("GB", "sole_trader", "GBP", "unknown", "courtesy", "316.80"),
    "waldmoos": Row("DE", "company", "EUR", "dispute.quality", "final", "8330.00"),
    "wexcombe": Row("US", "company", "USD", "habitual.pays_only_late", "final", "6105.00"),
    "xiamen-luyuyao": Row("CN", "sole_trader", "CNY", "unreachable.no_answer", "final", "15600.00"),
}


def read(path: Path) -> Case:
    case, problems = parse(path.read_text(encoding="utf-8"), path.stem, path.name)
    assert problems == []
    assert case is not None
    return case


@pytest.fixture(scope="module")
def book() -> dict[str, Case]:
    return {path.stem: read(path) for path in BOOK}


def test_the_book_shows_what_it_claims(book: dict[str, Case]) -> None:
    assert book.keys() == SHOWN.keys()
    for name, case in book.items():
        row = SHOWN[name]
        steps = of(case, Step)
        assert case.debtor.country == row.country
        assert case.debtor.kind == row.kind
        assert case.head.currency == row.currency
        assert case.head.reason == row.reason
        assert steps[-1].to == row.stage
        assert str(ledger(case, MORNING.date()).balance()[row.currency]) == row.owed


def test_the_book_has_every_stage_and_nearly_every_reason(book: dict[str, Case]) -> None:
    assert {step.to for case in book.values() for step in of(case, Step)} == set(STAGES)
    families = {row.reason.partition(".")[0] for row in SHOWN.values() if row.reason}
    assert set(REASONS) - families == {"deceased", "fraud"}
    assert {row.country for row in SHOWN.values()} == {"AU", "CN", "DE", "GB", "US"}
    assert {row.currency for row in SHOWN.values()} == {"AUD", "CNY", "EUR", "GBP", "USD"}
    zones = {case.debtor.timezone[0] for case in book.values() if case.debtor.country == "US"}
    assert len(zones) == 2


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_a_file_names_its_schema_and_stays_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#:schema ../docs/case.schema.json"
    assert len(lines) <= 150


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_entries_are_written_in_order_and_end_before_the_morning(path: Path) -> None:
    case = read(path)
    zone = ZoneInfo(case.debtor.timezone[0])
    for record in (entry.record for entry in (*case.journal, *case.voided)):
        moment = records.moment(record)
        if isinstance(moment, datetime):
            assert moment < MORNING
            assert moment.utcoffset() == moment.astimezone(zone).utcoffset()
        else:
            assert moment < MORNING.date()
    for cls in records.ENTRY_CLASSES.values():
        moments = [
            records.moment(e.record)
            for e in sorted((*case.journal, *case.voided), key=lambda e: e.nth)
            if isinstance(e.record, cls)
        ]
        assert moments == sorted(moments, key=str)


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_calls_are_made_while_the_debtor_works(path: Path) -> None:
    case = read(path)
    usual = CALLABLE if case.debtor.kind == "consumer" else WORKING
    for contact in of(case, Contact):
        if contact.channel != "phone" or contact.direction == "in":
            continue
        people = [person for person in case.people if person.name == contact.whom]
        assert within(contact.at, CALLABLE)
        assert within(contact.at, case.debtor.hours or usual)
        assert not within(contact.at, case.debtor.lunch or LUNCH)
        assert not any(within(contact.at, text) for person in people for text in person.avoid)


def within(at: datetime, hours: str) -> bool:
    minute = at.hour * 60 + at.minute
    return any(
        day == at.weekday() and start <= minute < end
        for day, start, end in dates.parse_hours(hours)
    )


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_steps_keep_to_the_ladder(path: Path) -> None:
    policy = tomli.loads((ROOT / "dunctl/policies/default.toml").read_text(encoding="utf-8"))
    bands = {stage["name"]: stage for stage in policy["stage"]}
    case = read(path)
    early = (case.head.reason or "").startswith("habitual") and policy["ladder"]["habitual_shift"]
    for step in of(case, Step):
        band = bands[step.to]
        wanted = STAGES[max(0, STAGES.index(step.to) - early)]
        days = ledger(case, step.at.date()).days_past_due()
        assert bands[wanted].get("from_day", 0) <= days <= band.get("to_day", days)
        needs = band.get("needs", [])
        assert "reason" not in needs or case.head.reason
        assert "contact" not in needs or any(c.at < step.at for c in of(case, Contact))
        assert "final_demand" not in needs or any(
            x.template == "final-demand" and x.at < step.at for x in of(case, Letter)
        )


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_a_letter_asks_for_what_was_owed_and_undisputed(path: Path) -> None:
    case = read(path)
    for letter in of(case, Letter):
        then = ledger(case, letter.at.date())
        owed = then.chasable() or then.balance()
        assert letter.amount == owed[letter.currency or case.head.currency]
        assert letter.deadline
        assert letter.deadline > letter.at.date()


def test_the_morning_has_something_of_everything(book: dict[str, Case]) -> None:
    promises = {name: [p.due for p in of(case, Promise)] for name, case in book.items()}
    assert promises["ningbo-yongxilan"] == [date(2026, 11, 23)]
    assert promises["lindwurm"] == [datetime.fromisoformat("2026-11-24T15:00:00+01:00")]
    assert promises["delacourt"] == [date(2026, 11, 27)]
    assert promises["tarnbeck"][-1] == date(2026, 11, 19)

    holds = {name: [h.kind for h in of(case, Hold)] for name, case in book.items()}
    assert {name: kinds for name, kinds in holds.items() if kinds} == {
        "grantholme": ["represented"],
        "murrabeen": ["insolvent"],
        "thimble-lane": ["pause"],
    }
    lawyer = of(book["grantholme"], Hold)[0].whom
    assert [p.role for p in book["grantholme"].people if p.name == lawyer] == ["lawyer"]

    (plan,) = of(book["pascall"], Plan)
    so_far = [part for part in plan.instalments if part[0] < MORNING.date()]
    assert [(p.on, p.amount) for p in of(book["pascall"], records.Payment)] == so_far
    assert [entry.kind for entry in book["pascall"].voided] == ["payment"]

    waldmoos = ledger(book["waldmoos"], MORNING.date())
    assert {c: str(a) for c, a in waldmoos.disputed().items()} == {"EUR": "1620.00"}
    assert {c: str(a) for c, a in waldmoos.chasable().items()} == {
        "EUR": "6710.00",
        "USD": "380.00",
    }
    assert len(of(book["waldmoos"], Dispute)) == 2
    wexcombe = ledger(book["wexcombe"], MORNING.date())
    assert {c: str(a) for c, a in wexcombe.unallocated.items()} == {"USD": "15.00"}


def test_seven_are_overdue_and_were_left_alone_for_two_working_days(
    book: dict[str, Case],
) -> None:
    held = {"grantholme", "murrabeen", "pascall", "thimble-lane"}
    quiet = dates.add_working_days(MORNING.date(), -2)
    callable_now = {
        name
        for name, case in book.items()
        if ledger(case, MORNING.date()).days_past_due()
        and name not in held
        and max(c.at.date() for c in of(case, Contact)) <= quiet
    }
    assert callable_now == {
        "chengdu-jinzhanlou",
        "lindwurm",
        "ningbo-yongxilan",
        "tarnbeck",
        "waldmoos",
        "wexcombe",
        "xiamen-luyuyao",
    }


def test_the_store_says_who_we_are() -> None:
    store = tomli.loads((ROOT / "dunctl.toml").read_text(encoding="utf-8"))
    assert store["format"] == 1
    assert dates.zone(store["desk"]["timezone"]) == MORNING.tzinfo
    assert within(MORNING, store["desk"]["hours"])
    assert not within(MORNING - timedelta(minutes=1), store["desk"]["hours"])
    iban = store["creditor"]["bank"]["iban"]
    assert int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1
    rated = {*store["rates"], store["defaults"]["currency"]}
    assert rated == {row.currency for row in SHOWN.values()}
