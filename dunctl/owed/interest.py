"""Interest on the declining balance, exact: periods with their days, rate and where it is from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import reduce
from itertools import pairwise

from dunctl import dates, money
from dunctl.case.records import Invoice
from dunctl.owed.law import Law
from dunctl.owed.profiles import ZERO, Bound, Profile, series_of
from dunctl.owed.rates import half_year, half_year_eve, rate_on
from dunctl.tuples import NamedTuple
from dunctl.words import t

_EXACT = Context(prec=50, rounding=ROUND_HALF_UP)
_CENT = Decimal("0.01")
_DAY = timedelta(days=1)
_GRACE = 30


class Period(NamedTuple):
    """Days from ``start`` to ``end``, both counted, at one rate on one balance.

    ``rate`` is per cent a year of ``year_days`` days; ``interest`` is exact, on x rate x days /
    (100 x year_days); ``source`` says what the rate is made of.
    """

    start: date
    end: date
    days: int
    rate: Decimal
    on: Decimal
    interest: Decimal
    source: str
    year_days: int = 365


def first_day(invoice: Invoice, profile: Profile) -> date:
    """Return the day from which an invoice bears interest by a profile."""
    if profile.first_day == "after_due":
        return invoice.due + _DAY
    return max(invoice.due, invoice.received or invoice.due) + timedelta(days=_GRACE + 1)


def periods(
    steps: Sequence[tuple[date, Decimal]],
    first: date,
    until: date,
    profile: Profile,
    law: Law,
    since: date | None = None,
    settled: Sequence[tuple[date, Decimal]] = (),
) -> tuple[Period, ...]:
    """Return the periods of interest from ``first`` to ``until``, the day asked about.

    ``steps`` are (day, principal from that day on), in order. Rates that are fixed are those of
    ``first``; with ``since`` only the days from then on are counted. ``settled`` is interest that
    was paid or let go, which matters only where the profile compounds. Raises ``RateUnknown``.
    """
    end = until + _DAY if profile.last_day == "inclusive" else until
    if first >= end:
        return ()
    cuts = {day for day, _ in steps}
    cuts.update(_moves(profile, law, first, end))
    rests = set(_rests(profile, first, end))
    cuts |= rests | ({since} if since else set())
    inside = sorted(day for day in cuts if first < day < end)
    days = [day for day, _ in steps]
    rates: dict[date, tuple[Decimal, str]] = {}
    found: list[Period] = []
    capital = ZERO
    for start, stop in pairwise((first, *inside, end)):
        if start in rests:
            capital = max(ZERO, _sum(p.interest for p in found) - _settled(settled, start))
        nth = bisect_right(days, start)
        principal = steps[nth - 1][1] if nth else ZERO
        on = max(ZERO, principal) + capital
        counted = _days(start, stop, profile)
        if on <= 0 or not counted:
            continue
        moved = _moved(profile, first, start)
        key = start if profile.cap else moved
        if key not in rates:
            rates[key] = _rate(profile, law, moved, start, until)
        rate, source = rates[key]
        year = _year(start, profile)
        interest = _share(_times(on, rate, counted), year)
        found.append(Period(start, stop - _DAY, counted, rate, on, interest, source, year))
    return tuple(_joined(p for p in found if since is None or p.start >= since))


def _joined(found: Iterator[Period]) -> Iterator[Period]:
    """Join neighbours that differ in nothing but their days."""
    last: Period | None = None
    for period in found:
        if last and (last.rate, last.on, last.source, last.year_days, last.end + _DAY) == (
            *(period.rate, period.on, period.source, period.year_days),
            period.start,
        ):
            days = last.days + period.days
            interest = _share(_times(last.on, last.rate, days), last.year_days)
            last = last._replace(end=period.end, days=days, interest=interest)
            continue
        if last:
            yield last
        last = period
    if last:
        yield last


def _moves(profile: Profile, law: Law, first: date, end: date) -> Iterator[date]:
    """Yield the days on which the rate, or what a year is, can change."""
    if profile.day_count == "act/act":
        yield from (date(year, 1, 1) for year in range(first.year, end.year + 1))
    if profile.series and profile.rate_mode == "floating_half_year":
        for year in range(first.year, end.year + 1):
            yield from (date(year, 1, 1), date(year, 7, 1))
    if profile.series and profile.rate_mode == "floating_daily":
        series = series_of(law, profile.series)
        yield from (day for day, _ in series.changes)
        yield series.published_until + _DAY
    if profile.cap and profile.cap.changed_on:
        yield profile.cap.changed_on


def _rests(profile: Profile, first: date, end: date) -> Iterator[date]:
    """Yield the days on which unpaid interest begins to bear interest."""
    months = {"never": 0, "monthly": 1, "yearly": 12}[profile.compound]
    day, nth = first, 0
    while months and day < end:
        nth += months
        day = dates.add_months(first, nth)
        yield day


def _settled(settled: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    return _sum(amount for on, amount in settled if on <= day)


def _days(start: date, stop: date, profile: Profile) -> int:
    """Return the days from ``start`` until before ``stop``; months of 30 days by 30E/360."""
    if profile.day_count == "30/360":
        months = (stop.year - start.year) * 12 + stop.month - start.month
        return months * 30 + min(stop.day, 30) - min(start.day, 30)
    return (stop - start).days


def _year(day: date, profile: Profile) -> int:
    if profile.day_count == "act/365":
        return 365
    if profile.day_count == "act/act":
        return (date(day.year, 12, 31) - date(day.year, 1, 1)).days + 1
    return 360


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(_EXACT.add, amounts, ZERO)


def _times(on: Decimal, rate: Decimal, days: int) -> Decimal:
    return _EXACT.multiply(_EXACT.multiply(on, rate), Decimal(days))


def _share(product: Decimal, year: int) -> Decimal:
    return _EXACT.divide(product, Decimal(100 * year))


def _moved(profile: Profile, first: date, day: date) -> date:
    """Return the day whose rate counts on ``day``, before the profile's reference is applied."""
    if profile.rate_mode == "fixed_at_start":
        return first
    return half_year(day)[0] if profile.rate_mode == "floating_half_year" else day


def wanted(profile: Profile, first: date, day: date) -> list[tuple[str, date]]:
    """Return each series, and of which day its rate counts on ``day``; ``first`` bears first."""
    found = []
    if profile.series:
        moved = _moved(profile, first, day)
        found.append((profile.series, _reference(profile.reference, moved, profile)))
    if profile.cap:
        cap = profile.cap
        on = _reference(cap.reference, day, profile)
        later = cap.changed_on and on < cap.changed_on and cap.then == "suing"
        found.append((cap.series, day if later else on))
    return found


def _reference(reference: str, day: date, profile: Profile) -> date:
    if reference == "half_year":
        return half_year(day)[0]
    if reference == "half_year_eve":
        return half_year_eve(day)
    if reference == "contract":
        if profile.contract_on is None:
            raise ValueError(f"{profile.id} is not bound to a contract")
        return profile.contract_on
    return day


def _rate(profile: Profile, law: Law, moved: date, day: date, until: date) -> tuple[Decimal, str]:
    """Return the rate of a day in per cent a year, and what it is made of."""
    if profile.series is None:
        if profile.percent is None:
            raise ValueError(f"{profile.id} is not bound to a clause")
        rate, source = profile.percent, profile.percent_says
    else:
        series = series_of(law, profile.series)
        on = _reference(profile.reference, moved, profile)
        published = rate_on(series, on)
        rate = _EXACT.multiply(published, profile.factor) + profile.margin
        source = t("{title} {rate} % on {day}", title=series.title, rate=published, day=on)
        if profile.factor != 1:
            source = f"{profile.factor} x {source}"
        if profile.margin:
            source += f" {'+' if profile.margin > 0 else '-'} {abs(profile.margin)}"
    if profile.cap:
        cap, by = _limit(profile.cap, profile, law, day, until)
        if rate > cap:
            rate, source = cap, t("{source}, at most {limit}", source=source, limit=by)
    return _tidy(max(ZERO, rate)), source


def _tidy(rate: Decimal) -> Decimal:
    """Return a rate with two decimals, or with as many as it needs."""
    exact = rate.normalize(_EXACT)
    exponent = exact.as_tuple().exponent
    return exact.quantize(_CENT) if isinstance(exponent, int) and exponent > -2 else exact


def _limit(cap: Bound, profile: Profile, law: Law, day: date, until: date) -> tuple[Decimal, str]:
    """Return the highest rate that may count on ``day``, and what it is made of."""
    on = _reference(cap.reference, day, profile)
    if cap.changed_on and cap.before_percent is not None and on < cap.changed_on:
        if day < cap.changed_on:
            return cap.before_percent, t("{percent} %", percent=cap.before_percent)
        on = until if cap.then == "suing" else on
    series = series_of(law, cap.series)
    published = rate_on(series, on)
    said = t("{title} {rate} % on {day}", title=series.title, rate=published, day=on)
    return _EXACT.multiply(published, cap.factor), f"{cap.factor} x {said}"


def line(period: Period, profile: Profile, currency: str) -> Decimal:
    """Return what a period counts for by the profile's rounding: exact, unless that rounds it."""
    if profile.rounding == "per_segment":
        return money.quantize(period.interest, currency)
    if profile.rounding == "daily_rate_rounded":
        return period.days * money.quantize(
            _share(_times(period.on, period.rate, 1), period.year_days), currency
        )
    return period.interest


def rounded(found: Sequence[Period], profile: Profile, currency: str) -> Decimal:
    """Return the interest of all periods in the currency's digits, by the profile's rounding.

    Halves go up, and are seen as halves however the time was divided into periods.
    """
    if profile.rounding != "end":
        return _sum(line(period, profile, currency) for period in found)
    products: dict[int, Decimal] = {}
    for period in found:
        product = _times(period.on, period.rate, period.days)
        products[period.year_days] = _EXACT.add(products.get(period.year_days, ZERO), product)
    whole = 365 * 366 * 360
    total = _sum(_EXACT.multiply(p, Decimal(whole // y)) for y, p in products.items())
    return money.quantize(_share(total, whole), currency)


def daily(
    on: Decimal, first: date, day: date, profile: Profile, law: Law, currency: str
) -> Decimal:
    """Return what the day after ``day`` adds on a principal, exact. Raises ``RateUnknown``.

    Only a profile that rounds the amount of each day rounds it.
    """
    after = day + _DAY
    rate, _ = _rate(profile, law, _moved(profile, first, after), after, after)
    amount = _share(_times(on, rate, 1), _year(after, profile))
    return money.quantize(amount, currency) if profile.rounding == "daily_rate_rounded" else amount


def fixed_sum(amount: Decimal, currency: str, profile: Profile) -> Decimal:
    """Return the fixed sum for the recovery of a debt of ``amount``; 0 where there is none."""
    if currency != profile.fixed_sum_currency or amount <= 0:
        return ZERO
    return next(
        (fixed for below, fixed in profile.fixed_sums if below is None or amount < below), ZERO
    )
