"""What commits mean, for accountants: movements from balance to balance, and what was rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dunctl import money
from dunctl.case.checks import day_of
from dunctl.case.describe import describe
from dunctl.case.parse import parse_entry
from dunctl.case.records import ENTRY_CLASSES, moment
from dunctl.owed.review import Account, CaseReview, Move, accounts
from dunctl.show.text import table, wrap
from dunctl.store.history import Version
from dunctl.store.review import Review, Rewritten
from dunctl.words import counted, t

_ORDER = (*ENTRY_CLASSES, "void", "by hand")


def page(found: Review, today: date) -> list[str]:
    """Return the review for people: totals, each case, and in the end what was rewritten."""
    who = ", ".join(f"{name} ({n})" for name, n in sorted(found.commits.items()))
    lines = [
        t(
            "{span}: {commits}, {cases} changed",
            span=f"{found.span.start[:7]}..{found.span.end[:7]}",
            commits=counted(sum(found.commits.values()), "{n} commit", "{n} commits"),
            cases=counted(len(found.cases), "{n} case", "{n} cases"),
        )
    ]
    if who:
        lines += wrap(t("by {who}", who=who), 0)
    for account in accounts(list(found.cases)):
        lines += ["", *_account(account)]
    for case in found.cases:
        lines += ["", *_case(case, found.writers, today)]
    return lines


def _account(account: Account) -> list[str]:
    rows = [
        (t("opening balance of these cases"), "", money.show(account.opening, account.currency))
    ]
    for kind in sorted(account.moves, key=_ORDER.index):
        count, total = account.moves[kind]
        rows.append((f"  {kind}", str(count), signed(total, account.currency)))
    rows.append((t("closing balance"), "", money.show(account.closing, account.currency)))
    return table((account.currency, t("Entries"), t("Amount")), rows, (1, 2))


def signed(amount: Decimal, currency: str) -> str:
    """Return an amount with its sign."""
    return ("+" if amount > 0 else "") + money.show(amount, currency)


def _case(case: CaseReview, writers: Mapping[str, str], today: date) -> list[str]:
    known = case.new or case.old
    name = known.debtor.name if known else ""
    lines = [f"{case.id} · {name}" if name else case.id]
    for move in case.moves:
        first = f"  {day_of(moment(move.entry.record))}  "
        words = _words(case, move, today)
        if move.mark in writers:
            words += f" [{writers[move.mark]}]"
        head, *more = wrap(words, len(first))
        lines += [first + head.strip(), *more]
    for key, old, new in case.facts if case.old else ():
        lines += wrap(f"{key}: {_fact(old)} -> {_fact(new)}", 2)
    return lines


def _words(case: CaseReview, move: Move, today: date) -> str:
    known = case.new or case.old
    base = move.currency or (known.head.currency if known else "")
    words = describe(move.entry.record, base, today)
    if move.kind in ("void", "by hand") and move.kind != move.entry.kind:
        words = f"{move.kind}: {words}"
    if move.amount and move.currency:
        words += f" ({signed(move.amount, move.currency)})"
    return words


def _fact(value: object) -> str:
    return "-" if value is None else str(value)


def rewritten_lines(rows: Iterable[Rewritten], today: date) -> list[str]:
    """Return a line for each earlier entry that was edited or lost."""
    return [_rewritten(row, today) for row in rows]


def _rewritten(row: Rewritten, today: date) -> str:
    old = _entry_words(row, today)
    step = row.version
    by = f" ({step.commit[:7]}, {step.author}, {step.at.date()})" if step.commit else ""
    if row.new is None:
        return t("{path}: gone: {old}{by}", path=step.path, old=old, by=by)
    differing = ", ".join(
        f"{key} {_fact(row.old.get(key))} -> {_fact(row.new.get(key))}"
        for key in dict.fromkeys([*row.old, *row.new])
        if row.old.get(key) != row.new.get(key)
    )
    return t("{path}: edited: {old}: {what}{by}", path=step.path, old=old, what=differing, by=by)


def _entry_words(row: Rewritten, today: date) -> str:
    """Return an earlier entry in words, or as it was written where it was no sound one."""
    record = parse_entry(row.kind, row.old)
    if record is None or not money.is_currency(row.currency):
        return f"[[{row.kind}]] {', '.join(f'{key} = {value}' for key, value in row.old.items())}"
    return f"{day_of(moment(record))} {describe(record, row.currency, today)}"


def history_lines(
    steps: Sequence[tuple[Version, CaseReview, list[Rewritten]]], today: date
) -> list[str]:
    """Return a case's commits, oldest first: who, when, and what each of them did."""
    lines: list[str] = []
    for step, review, rewritten in steps:
        head = f"{step.at.date()} {step.commit[:7]} {step.author}: {step.subject}"
        lines += wrap(head, 0)
        for key, old, new in review.facts:
            if len(review.facts) <= 6 and review.old is not None:
                lines += wrap(f"{key}: {_fact(old)} -> {_fact(new)}", 2)
        lines += [f"  {line}" for line in rewritten_lines(rewritten, today)]
    return lines


def data(found: Review, today: date) -> dict[str, Any]:
    """Return the review as the JSON contract has it; keys are only ever added."""
    return {
        "from": found.span.start,
        "to": found.span.end,
        "commits": dict(sorted(found.commits.items())),
        "currencies": {
            one.currency: {
                "opening": money.plain(one.opening, one.currency),
                "movements": {
                    kind: {"count": count, "amount": money.plain(total, one.currency)}
                    for kind, (count, total) in one.moves.items()
                },
                "closing": money.plain(one.closing, one.currency),
            }
            for one in accounts(list(found.cases))
        },
        "cases": [
            {
                "case": case.id,
                "moves": [
                    {
                        "kind": move.kind,
                        "currency": move.currency,
                        "amount": money.plain(move.amount, move.currency)
                        if move.currency
                        else None,
                        "by": found.writers.get(move.mark),
                        "text": describe(
                            move.entry.record,
                            (case.new or case.old).head.currency,  # type: ignore[union-attr]  # one is there
                            today,
                        ),
                    }
                    for move in case.moves
                ],
                "facts": [
                    {"key": key, "old": _fact(old), "new": _fact(new)}
                    for key, old, new in case.facts
                ],
            }
            for case in found.cases
        ],
        "rewritten": [
            {
                "path": row.version.path,
                "commit": row.version.commit,
                "author": row.version.author,
                "kind": row.kind,
                "gone": row.new is None,
                "text": _rewritten(row, today),
            }
            for row in found.rewritten
        ],
    }
