"""Cases, packs and calendars with which the gate is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

from hypothesis import strategies as st

from dunctl import dates
from dunctl.case.records import Case
from dunctl.case.vocabulary import CHANNELS, CREDITOR_ROLES, HOLDS, OUTCOMES, ROLES
from dunctl.steps.calendar import UNKNOWN, Calendar, Year, load
from dunctl.steps.guard import Asked, Verdict, verdict
from dunctl.steps.packs import Pack, applying
from dunctl.steps.packs_kinds import PURPOSES
from dunctl.steps.standing import Standing, standing
from dunctl.store.packs import shipped
from tests.casefile import POLICY, called, case, entry, invoice, paid, promise


@cache
def calendar(country: str | None, subdivision: str | None = None) -> Calendar:
    """Return the calendar of a place, each year worked out once."""

    @lru_cache
    def years(year: int) -> Year | None:
        return load(country, subdivision, year) if country else None

    return Calendar(country, subdivision, years)


def rules(
    *chosen: str,
    role: str = "own_debt",
    kind: str = "company",
    country: str | None = None,
    subdivision: str | None = None,
) -> tuple[Pack, ...]:
    """Return the shipped packs that apply; without words, those by scope."""
    return tuple(applying(shipped(), role, kind, country, subdivision, chosen or None))


def moment(words: str, zone: str) -> datetime:
    """Return the instant at which the clocks of a zone show ``words``, ``2026-04-01 08:00``."""
    return datetime.fromisoformat(words).replace(tzinfo=dates.zone(zone))


class Desk:
    """A case that can be asked about at any time; every answer starts from the journal."""

    def __init__(
        self,
        *entries: str,
        zone: str | None = "Europe/London",
        debtor: str = "",
        packs: Sequence[Pack] = (),
        country: str | None = None,
        subdivision: str | None = None,
    ) -> None:
        self.case: Case = case(
            invoice("1", "2026-01-02", "1000.00"), *entries, zone=zone, debtor=debtor
        )
        first = self.case.debtor.timezone[0] if self.case.debtor.timezone else "UTC"
        self.zone = first
        self.packs = tuple(packs)
        self.calendars = calendar(country, subdivision), calendar(country)

    def at(self, now: datetime) -> Standing:
        return standing(self.case, POLICY, now, *self.calendars)

    def ask(
        self,
        words: str,
        person: str | None = None,
        channel: str = "phone",
        purpose: str = "collect",
        zone: str | None = None,
    ) -> Verdict:
        when = moment(words, zone or self.zone)
        who = next((p for p in self.case.people if p.name == person), None)
        return verdict(self.at(when), self.packs, Asked(who, channel, purpose), when)

    def says(self, words: str, person: str | None = None, **asked: str) -> str:
        """Return the verdict and the rules against it: ``block us-regf/hours``."""
        found = self.ask(words, person, **asked)
        return " ".join([found.verdict, *dict.fromkeys(f.reason for f in found.findings)])

    def following(self, words: str, person: str | None = None, **asked: str) -> str | None:
        """Return when a contact is allowed next, on the debtor's clock."""
        found = self.ask(words, person, **asked).next_allowed
        there = found.astimezone(dates.zone(self.zone)) if found else None
        return f"{there:%Y-%m-%d %H:%M}" if there else None


# Random questions

ZONES = (
    "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
    "America/Havana", "America/Sao_Paulo", "Asia/Shanghai", "America/St_Johns",
)  # fmt: skip
STARTS = {
    "Pacific/Apia": datetime(2011, 12, 28, 6, 0, tzinfo=UTC),
    "America/Sao_Paulo": datetime(2018, 11, 2, 6, 0, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 2, 6, 0, tzinfo=UTC),
}
SPRING = datetime(2026, 3, 6, 6, 0, tzinfo=UTC), datetime(2026, 3, 27, 6, 0, tzinfo=UTC)
HOURS = ("mon-fri 09:00-17:00", "00:30-02:30", "tue", "sat-sun 10:00-12:00", "22:00-24:00")
PEOPLE = ("Ann", "Bob", "Acme")


def fake_year(year: int) -> Year:
    """Return a year with a holiday, a make-up day and a doubtful day around each start."""
    return Year(
        "XX",
        None,
        year,
        {date(year, 3, 9): "Day", date(year, 3, 30): "Day", date(year, 12, 31): "Eve"},
        {},
        frozenset({date(year, 3, 7), date(year, 3, 28), date(year, 11, 3)}),
        {date(year, 3, 10): "Part"},
        frozenset({5, 6}),
        None,
    )


FAKE = Calendar("XX", None, lru_cache(fake_year))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Standing, tuple[Pack, ...], Asked]:
    """Draw a case with a busy month behind it, packs that apply to it, and a contact."""
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
    if draw(st.integers(0, 20)) == 0:
        zones = []
    start = STARTS.get(zones[0]) if zones else None
    now = (start or draw(st.sampled_from(SPRING))) + timedelta(minutes=draw(st.integers(0, 2880)))
    there = dates.zone(zones[0]) if zones else UTC
    kind = draw(st.sampled_from(["company", "consumer"]))
    country = draw(st.sampled_from([None, "US", "AU", "CA", "IN", "GB", "CN"]))

    def past(days: int = 12) -> str:
        back = timedelta(minutes=draw(st.integers(1, days * 1440)))
        return (now - back).astimezone(there).isoformat()

    def soon() -> str:
        return (now + timedelta(minutes=draw(st.integers(-2880, 5 * 1440)))).isoformat()

    entries = [invoice("1", f"{now.year}-01-01", "1000.00")]
    for _ in range(draw(st.integers(0, 6))):
        keys = {"with_": draw(st.sampled_from(PEOPLE))} if draw(st.booleans()) else {}
        if draw(st.integers(0, 3)) == 0:
            keys["direction"] = "in"
        if draw(st.integers(0, 4)) == 0:
            keys["call_back"] = soon()
        if draw(st.integers(0, 4)) == 0:
            keys["purpose"] = draw(st.sampled_from(PURPOSES))
        channel = draw(st.sampled_from(("phone", "phone", "phone", *CHANNELS)))
        outcome = draw(st.sampled_from(("no_answer", "refused", *OUTCOMES)))
        entries.append(called(past(), outcome, channel=channel, **keys))
    if draw(st.booleans()):
        made = past()
        due = (datetime.fromisoformat(made) + timedelta(days=draw(st.integers(1, 14)))).replace(
            second=0
        )
        words = due.isoformat() if draw(st.booleans()) else str(due.date())
        entries.append(promise(made, "100.00", words))
    if draw(st.booleans()):
        entries.append(paid(str((now - timedelta(days=3)).date()), "60.00"))
    if draw(st.integers(0, 3)) == 0:
        last = now.astimezone(there) + timedelta(days=draw(st.integers(0, 4)))
        keys = {"until": str(last.date())}
        held = draw(st.sampled_from(HOLDS))
        if held != "pause" and draw(st.booleans()):
            keys = {}
        entries.append(entry("hold", at=past(), kind=held, with_="Bob", **keys))
    if draw(st.integers(0, 4)) == 0:
        due = now + timedelta(days=draw(st.integers(0, 4)))
        part = f"{{ due = {due.date()}, amount = 100.00 }}"
        entries.append(entry("plan", at=past(), instalments=f"[{part}]"))
    if draw(st.integers(0, 4)) == 0:
        entries.append(entry("letter", at=past(), template="reminder"))
    texts = st.lists(st.sampled_from(HOURS), max_size=1).map(str)
    for name in ("Ann", "Bob"):
        keys = {"verified": str((now - timedelta(days=2)).date())} if draw(st.booleans()) else {}
        entries.append(
            entry(
                "person",
                name=name,
                role=draw(st.sampled_from(("finance", *ROLES))),
                avoid=draw(texts),
                prefer=draw(texts),
                no_work_calls=draw(st.sampled_from(["true", "false"])),
                **keys,
            )
        )
    known = case(
        *entries,
        zone=str(zones).replace("'", '"') if zones else None,
        debtor=f'kind = "{kind}"\nhours = "{draw(st.sampled_from(HOURS))}"',
    )
    at = standing(known, POLICY, now, *draw(st.sampled_from([(FAKE, FAKE), (UNKNOWN, UNKNOWN)])))
    role = draw(st.sampled_from(sorted(CREDITOR_ROLES)))
    region = "CA-ON" if country == "CA" else "US-MA" if country == "US" else None
    chosen = draw(st.sampled_from([None, ["auto"], [p.id for p in shipped() if p.id != "house"]]))
    packs = tuple(applying(shipped(), role, kind, country, region, chosen))
    asked = Asked(
        draw(st.sampled_from([None, *known.people])),
        draw(st.sampled_from(("phone", "phone", *CHANNELS))),
        draw(st.sampled_from(("collect", "collect", *PURPOSES))),
        draw(st.sampled_from([0, 0, 30])),
    )
    return at, packs, asked
