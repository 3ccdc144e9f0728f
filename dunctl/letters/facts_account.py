"""The account as it stands: its movements, money that came, disputes, papers that prove it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dunctl.case.checks import currency_of
from dunctl.case.records import Acknowledgement, Dispute, Document, of, pairs
from dunctl.letters.draft import ZERO, Column, Draft, table
from dunctl.letters.sheet import Sign, Table
from dunctl.letters.words import PAPERS
from dunctl.owed.holds import released
from dunctl.owed.settlement import arrived
from dunctl.owed.statement import Account, Line, statement

SIGNED = ("name", "position", "date", "signature")


def account(draft: Draft) -> tuple[tuple[Table, ...], dict[str, Decimal]]:
    """Return the account as a table a currency, and the closing balances (practice H21).

    It begins after the last balance that they acknowledged, which is then its opening.
    """
    agreed = [a.on for a in of(draft.at.case, Acknowledgement) if a.on < draft.today]
    first = agreed[-1] + timedelta(days=1) if agreed else None
    found = statement(draft.at.case, first, draft.today, draft.law, draft.at.money_day)
    mine = [one for one in found.accounts if draft.meant(one.currency)]
    mine.sort(key=lambda one: (one.currency != draft.home, one.currency))
    return (
        tuple(_account(draft, one, first) for one in mine),
        {one.currency: one.closing for one in mine},
    )


def _account(draft: Draft, one: Account, first: date | None) -> Table:
    def figure(value: Decimal) -> str:
        return draft.exactly(value, one.currency)

    lines = []
    if first is not None:
        lines.append(
            {
                "statement.on": draft.short(first),
                "statement.what": draft.say("statement.opening"),
                "statement.balance": figure(one.opening),
            }
        )
    lines += [
        {
            "statement.on": draft.short(line.on),
            "statement.what": movement(draft, line),
            "statement.amount": figure(line.amount),
            "statement.balance": figure(line.balance),
        }
        for line in one.lines
    ]
    title = draft.say("statement.title", unit=draft.unit(one.currency))
    closing = draft.say("statement.closing", date=draft.short(draft.today))
    return table(draft, title, _STATEMENT, lines, [(closing, figure(one.closing))])


_STATEMENT = (
    Column("statement.on"),
    Column("statement.what", wide=True),
    *(Column(f"statement.{key}", right=True) for key in ("amount", "balance")),
)


def movement(draft: Draft, line: Line) -> str:
    """Return what moved the account, in the words of the letter."""
    about = line.about or ""
    if line.kind in ("invoice", "interest"):
        text = draft.say(f"statement.{line.kind}", number=about)
    elif line.kind == "reversal":
        text = draft.say("statement.reversal", day=draft.short(date.fromisoformat(about)))
    else:
        text = draft.say(f"statement.{line.kind}", basis=line.basis or "")
        if about:
            text = draft.say("statement.for", what=text, number=about)
    return f"{text} ({line.ref})" if line.ref else text


def signature_lines(draft: Draft) -> Sign:
    """Return where the debtor signs: name, position, date, signature."""
    return Sign(tuple(draft.say(f"sign.{key}") for key in SIGNED))


def received(draft: Draft) -> dict[str, Any] | None:
    """Return the money that came last, and what is left to pay after it (practice H26)."""
    case = draft.at.case
    came = [p for p in arrived(case, draft.at.money_day) if draft.meant(currency_of(case, p))]
    if not came:
        return None
    last = came[-1]
    currency = currency_of(case, last)
    that_day = [p for p in came if p.on == last.on and currency_of(case, p) == currency]
    late = draft.at.ledger.chasable()
    credit = {code: -value for code, value in _balances(draft).items() if value < 0}
    return {
        "amount": draft.sums({currency: sum((p.amount for p in that_day), ZERO)}),
        "day": draft.day(last.on),
        "days_ago": max(0, (draft.today - last.on).days),
        "remaining": draft.sums(open_totals(draft)),
        "overdue": draft.sums({code: late[code] for code in late if draft.meant(code)}),
        "credit": draft.sums(credit),
    }


def open_totals(draft: Draft) -> dict[str, Decimal]:
    """Return what is on the account, due or not, with what is claimed of interest and fees."""
    return {code: value for code, value in _balances(draft).items() if value > 0}


def _balances(draft: Draft) -> dict[str, Decimal]:
    """Return the balance of the account by currency, less than 0 where it is to their credit."""
    return {
        code: total.principal + total.claimed + total.fees - total.unallocated
        for code, total in draft.owed.totals.items()
        if draft.meant(code)
    }


def disputes(draft: Draft) -> list[dict[str, Any]]:
    """Return what they contest: since when, what it is about, how much (practice E05, H33)."""
    ended = released(draft.at.case, draft.today)
    return [
        {
            "made": draft.day(dispute.at),
            "about": draft.say(f"about.{dispute.about}"),
            "amount": draft.amount(dispute.amount, currency_of(draft.at.case, dispute)),
            "invoice": dispute.invoice,
        }
        for entry, dispute in pairs(draft.at.case, Dispute)
        if draft.local(dispute.at) <= draft.today
        and entry not in ended
        and draft.meant(currency_of(draft.at.case, dispute))
    ]


def documents(draft: Draft) -> list[str]:
    """Return the papers that prove the claim and may be named to the debtor (practice M03)."""
    return [
        draft.say(f"document.{paper.kind}", ref=paper.ref or "", date=draft.day(paper.on)).strip()
        for paper in of(draft.at.case, Document)
        if paper.kind in PAPERS and paper.on <= draft.today
    ]


def decision(draft: Draft) -> str | None:
    """Return the day on which going to court was decided: by a paper, or by the step itself."""
    days = [
        paper.on
        for paper in of(draft.at.case, Document)
        if paper.kind == "decision" and paper.on <= draft.today
    ]
    if draft.at.stage == "legal" and draft.at.stepped:
        days.append(draft.local(draft.at.stepped.at))
    return draft.day(days[-1]) if days else None


def assigned(draft: Draft) -> Document | None:
    """Return the paper by which the claim was assigned."""
    found = [
        paper
        for paper in of(draft.at.case, Document)
        if paper.kind == "assignment" and paper.on <= draft.today
    ]
    return found[-1] if found else None


def balance(draft: Draft, closing: dict[str, Decimal]) -> str | None:
    """Return the closing balances, also where they are nothing."""
    parts = [draft.amount(closing[code], code) for code in draft.ordered(closing)]
    return draft.listing(parts)
