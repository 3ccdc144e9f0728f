"""Whether everything that is owed can be computed: a quick answer before the long one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from operator import attrgetter

from dunctl.case.checks import currency_of
from dunctl.case.records import Case, Invoice, Letter, of
from dunctl.owed.interest import first_day, wanted
from dunctl.owed.law import Law
from dunctl.owed.profiles import Profile, profile_of

_ASKED = ("claim", "refund")
"""Entries of which ``owed`` may have something to say whatever the rates are."""
_scope = attrgetter(
    *("debtor.kind", "debtor.country", "debtor.subdivision", "terms.law", "terms.profile"),
    *("terms.interest", "terms.margin", "terms.signed"),
)
"""All of a case that its interest profile depends on, but the currency."""


def may_be_unknown(law: Law, day: date) -> Callable[[Case], bool]:
    """Return what tells whether ``owed`` may have problems with a case on ``day``.

    If not, it has none. A series is known from one day to another, so of the days of interest the
    first and the last one tell.
    """
    tomorrow = day + timedelta(days=1)
    profiles: dict[tuple[object, ...], Profile | None] = {}

    def profile(case: Case, currency: str) -> Profile | None:
        key = currency, *_scope(case)
        if key not in profiles:
            profiles[key] = profile_of(case, law, currency)[0]
        return profiles[key]

    @cache
    def is_known(name: str, on: date) -> bool:
        series = law.series.get(name)
        if series is None or series.problems or not series.changes:
            return False
        return series.changes[0][0] <= on <= series.published_until

    def told(case: Case) -> bool:
        if any(kind in case.data for kind in _ASKED):
            return True
        if "letter" in case.data and any(letter.interest for letter in of(case, Letter)):
            return True
        invoices = of(case, Invoice)
        for currency in {currency_of(case, invoice) for invoice in invoices}:
            rule = profile(case, currency)
            if rule is None or not (rule.series or rule.cap):
                continue
            begins = [first for one in invoices if (first := first_day(one, rule)) <= tomorrow]
            for first in {min(begins), max(begins)} if begins else ():
                days = {*wanted(rule, first, first), *wanted(rule, first, tomorrow)}
                if not all(is_known(name, on) for name, on in days):
                    return True
        return False

    return told
