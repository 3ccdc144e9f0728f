"""The page to have on screen before dialling (practice C), and the sentence that closes a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dunctl import dates, money
from dunctl.calling.people import callee
from dunctl.calling.today import Call, Held
from dunctl.case.checks import currency_of, day_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import (
    Case,
    Contact,
    Dispute,
    Fee,
    Payment,
    Promise,
    Reversal,
    Terms,
    of,
    pairs,
)
from dunctl.owed.claims import owed
from dunctl.owed.holds import released
from dunctl.owed.law import Law
from dunctl.owed.profiles import profile_of
from dunctl.show import credit
from dunctl.show.agreed import offer_lines, plan_lines, waiting_lines
from dunctl.show.text import amounts, table, wrap
from dunctl.steps.credit import supply
from dunctl.steps.ladder import freeze, suggest
from dunctl.steps.promises import PromiseState, reliability
from dunctl.steps.standing import Standing
from dunctl.words import in_days, t

CONTACTS = 5
"""How many of the last contacts the page has (practice C12)."""

UNTOLD = ("reception", "other")
"""Roles that are told nothing of the debt (practice B11)."""

FIRM = ("firm", "final", "formal", "prelegal", "legal")


def recap(promise: Promise, case: Case, phrases: Mapping[str, Any], today: date) -> str:
    """Return the sentence that repeats a promise to whoever made it (practice F09)."""
    text: str = phrases["recap"]
    return text.format(
        amount=_spoken(money.show(promise.amount, currency_of(case, promise)), phrases),
        due=spoken_date(promise.due, phrases, today),
        via=phrases["via"].get(promise.via or "", ""),
    )


def _spoken(amount: str, phrases: Mapping[str, Any]) -> str:
    return amount.translate(str.maketrans(",.", phrases.get("digits", ",.")))


def spoken_date(value: date | datetime, phrases: Mapping[str, Any], today: date) -> str:
    """Return a day for a sentence, in words of the phrases' language where it has its own."""
    pattern = phrases.get("date")
    if not pattern:
        return dates.say(value, today=today)
    clock = f" {value:%H:%M}" if isinstance(value, datetime) else ""
    year = phrases["year"].format(y=value.year) if value.year != today.year else ""
    weekday = phrases["weekdays"][value.weekday()]
    return year + str(pattern).format(m=value.month, d=value.day, weekday=weekday) + clock


def page(
    at: Standing,
    law: Law,
    found: Call | Held | None,
    phrases: Mapping[str, Any],
    creditor: Mapping[str, Any],
    caller: str,
    limits: Sequence[str] = (),
) -> list[str]:
    """Return the page as lines; amounts first, one case only, its name on top (C01, C13).

    ``limits`` are lines about debts that run out of time.
    """
    lines = [f"{at.case.id} · {at.case.debtor.name}", ""]
    for part in (
        _money(at),
        list(limits),
        _when(at, found),
        _people(at, found),
        _invoices(at, law),
        _promises(at),
        [*plan_lines(at), *offer_lines(at), *waiting_lines(at)],
        _contacts(at),
        _open_questions(at),
        _not_to_do(at, law),
        _sentences(at, found, phrases, creditor, caller),
    ):
        lines += [*part, ""] if part else []
    return lines[:-1]


def _money(at: Standing) -> list[str]:
    book, frozen = at.ledger, freeze(at)
    if frozen and book.chasable():
        lines = wrap(t("To ask for now: nothing ({why})", why=frozen[0]), 0)
    else:
        lines = [t("To ask for now: {amount}", amount=amounts(book.chasable()))]
    if book.disputed():
        lines.append(t("Disputed, not to be asked for: {amount}", amount=amounts(book.disputed())))
    if book.unallocated:
        lines.append(
            t("Credit of theirs, not allocated: {amount}", amount=amounts(book.unallocated))
        )
    lines += wrap(
        t(
            "Balance {balance}, {days} past due, stage {stage}, reason {reason}",
            balance=amounts(book.balance()),
            days=in_days(book.days_past_due()),
            stage=at.stage,
            reason=at.case.head.reason or t("not known yet"),
        ),
        0,
    )
    delivery = credit.line(at)
    if delivery:
        lines += wrap(delivery, 0)
    bounced = {reversal.payment for reversal in of(at.case, Reversal) if reversal.on <= at.today}
    names = handles(at.case.data) if bounced else {}
    payments = [
        payment
        for entry, payment in pairs(at.case, Payment)
        if payment.on <= at.today and names.get((entry.kind, entry.nth)) not in bounced
    ]
    if payments:
        words = describe(payments[-1], at.case.head.currency, at.today)
        lines.append(t("Last {payment}", payment=words))
    return lines


def _when(at: Standing, found: Call | Held | None) -> list[str]:
    if isinstance(found, Call):
        start, end = (moment.astimezone(at.zone) for moment in (found.start, found.end))
        words = t("Call {start:%H:%M}-{end:%H:%M} there", start=start, end=end)
        return wrap(f"{words}: {'; '.join(found.why)}", 0)
    if isinstance(found, Held):
        words = t("Not today: {why}", why=found.why)
        if found.until:
            words += t("; until {until}", until=dates.say(found.until, today=at.today))
        return wrap(words, 0)
    return [t("Nothing to call about")]


def _people(at: Standing, found: Call | Held | None) -> list[str]:
    first = found.callee if isinstance(found, Call) else callee(at.case)
    lines = [t("Whom to ask for")]
    for person in at.case.people:
        mark = "> " if person.name == first.name else "  "
        role = person.role.replace("_", " ") + (", " + t("decides") if person.decides else "")
        reach = ", ".join(person.phone) or person.email or t("(no number)")
        wishes = [t("likes {when}", when=text) for text in person.prefer]
        wishes += [t("not {when}", when=text) for text in person.avoid]
        lines += wrap(f"{person.name} ({role}) {reach}", 4, f"  {mark}")
        lines += wrap("; ".join(wishes), 6) if wishes else []
    if not at.case.people:
        reach = ", ".join(at.case.debtor.phone) or t("(no number)")
        lines += wrap(f"{at.case.debtor.name} {reach}", 4, "  > ")
    return lines


def _invoices(at: Standing, law: Law) -> list[str]:
    rows = [
        (
            r.number,
            r.due,
            (at.today - r.due).days if r.due < at.today else t("not due"),
            money.show(r.open, r.currency),
            money.show(r.disputed, r.currency) if r.disputed else "",
            money.show(r.amount, r.currency) if r.amount != r.open else "",
        )
        for r in at.ledger.receivables
        if r.open > 0
    ]
    if not rows:
        return [t("No open invoice")]
    headers = (t("Invoice"), t("Due"), t("Days"), t("Open"), t("Disputed"), t("Of"))
    terms = _terms(at.case.terms)
    return [*table(headers, rows, (2, 3, 4, 5)), *terms, *_interest(at, law)]


def _terms(terms: Terms) -> list[str]:
    parts = []
    if terms.contract:
        parts.append(t("contract {ref}", ref=terms.contract))
    if terms.days is not None:
        parts.append(in_days(terms.days))
    if terms.interest:
        rule = terms.interest
        parts.append(
            t(
                "interest {percent}% a {per} (clause {clause})",
                percent=rule.percent,
                per=rule.per,
                clause=rule.clause,
            )
        )
    return [t("Agreed: {terms}", terms=", ".join(parts))] if parts else []


def _interest(at: Standing, law: Law) -> list[str]:
    """Return what may be said of interest: how much so far, and its ground."""
    profile, ground = profile_of(at.case, law)
    if profile is None:
        return []
    found = owed(at.case, at.today, law)
    unknown = [one.interest.unknown for one in found.invoices if one.interest.unknown]
    if unknown:
        words = t("Interest: {ground}; not known: {why}", ground=ground, why=unknown[0])
        return wrap(words, 0)
    sums = {code: total.interest for code, total in found.totals.items() if total.interest}
    claimed = {code: total.claimed for code, total in found.totals.items() if total.claimed}
    if not sums:
        words = t("Interest, none so far: {ground}", ground=ground)
    elif not claimed:
        words = t("Interest {sum} so far, not claimed: {ground}", sum=amounts(sums), ground=ground)
    else:
        words = t(
            "Interest {sum} so far, {claimed} of it claimed: {ground}",
            sum=amounts(sums),
            claimed=amounts(claimed),
            ground=ground,
        )
    return wrap(words, 0)


def _promises(at: Standing) -> list[str]:
    if not at.promises:
        return [t("No promise so far")]
    kept, judged = reliability(at.promises)
    head = t("Promises: {kept} of {judged} kept", kept=kept, judged=judged)
    if not judged:
        head = t("Promises: none is decided yet")
    return [head, *("  " + _promise(at, state) for state in at.promises[-CONTACTS:])]


def _promise(at: Standing, state: PromiseState) -> str:
    words = describe(state.promise, state.currency, at.today)
    text = f"{words}: {state.status}"
    if state.paid or state.later:
        came = money.show(state.paid + state.later, state.currency)
        text += ", " + t("{amount} came", amount=came)
    if not state.confirmed:
        text += ", " + t("not in writing")
    return text


def _contacts(at: Standing) -> list[str]:
    if not at.contacts:
        return [t("No contact so far")]
    lines = [t("Last contacts")]
    for contact in reversed(at.contacts[-CONTACTS:]):
        when = dates.say(contact.at.astimezone(at.zone), today=at.today)
        words = describe(contact, at.case.head.currency, at.today)
        lines += wrap(f"{when}  {words}", 2)
        paid = [dates.say(contact.on, today=at.today)] if contact.on else []
        paid += [contact.place] if contact.place else []
        for label, said in (
            (t("paid, they say"), ", ".join(paid)),
            (t("ours"), contact.ours),
            (t("refusal"), contact.refusal),
        ):
            if said:
                lines += wrap(f"{label}: {said}", 6)
    return lines


def unrecorded(case: Case, contact: Contact) -> bool:
    """Return whether no dispute was recorded on the day of a contact or later."""
    return all(day_of(dispute.at) < day_of(contact.at) for dispute in of(case, Dispute))


def _open_questions(at: Standing) -> list[str]:
    """Return what is still to be found out (practice F03, C20, B05, A10, F05)."""
    case = at.case
    asks = []
    contested = [one for one in at.contacts if one.outcome == "dispute"]
    if contested and unrecorded(case, contested[-1]):
        asks.append(
            t("what exactly do they contest: dunctl dispute {id} AMOUNT --about WHAT", id=case.id)
        )
    if not case.head.reason or case.head.reason == "unknown":
        asks.append(t("why is it not paid: dunctl set {id} reason CODE", id=case.id))
    elif case.head.reason == "admin":
        asks.append(t("at which step is it stuck: order, invoice, approval, finance, bank?"))
    if not any(p.decides or p.role == "owner" for p in case.people):
        asks.append(t("who decides on payments?"))
    if (case.head.reason or "").startswith("cashflow") and not case.incomes:
        asks.append(t("when does money come in: dunctl set {id} income DAY", id=case.id))
    if not any(p.phone for p in case.people) and not case.debtor.phone:
        asks.append(t("a telephone number"))
    if any(s.status == "open" and not s.confirmed for s in at.promises):
        asks.append(t("the promise in writing: dunctl confirm {id}", id=case.id))
    if any(s.status in ("broken", "partial") and s.missing for s in at.promises):
        asks.append(t("why was the promise not kept, and the new day and amount?"))
    return (
        [t("To find out"), *("  - " + ask for ask in asks)] if asks else [t("Nothing is missing")]
    )


def _not_to_do(at: Standing, law: Law) -> list[str]:
    """Return what must not be done in this case (practice B11, O07, O10, O11, E41, E39, I-rows)."""
    donts = [t("not a word about the debt to anybody but the people above")]
    frozen = freeze(at)
    if frozen:
        donts.insert(0, t("do not chase: {why}", why=frozen[0]))
    ended = released(at.case, at.today)
    for entry in at.case.journal:
        if isinstance(entry.record, Dispute) and entry not in ended:
            donts.append(t("do not ask for what is disputed ({about})", about=entry.record.about))
            break
    profile, ground = profile_of(at.case, law)
    if profile is None:
        donts.append(t("no word of interest: {why}", why=ground))
    if not (of(at.case, Fee) or at.case.terms.fee_clause or (profile and profile.fixed_sums)):
        donts.append(t("no word of fees: neither a clause nor a statute gives any"))
    if supply(at).light == "red":
        donts.append(t("no talk of new orders before this is paid"))
    if at.case.debtor.key_account:
        donts.append(t("a key account: no step without asking the owner"))
    if suggest(at).to not in ("formal", "prelegal", "legal") and at.stage not in (
        "prelegal",
        "legal",
    ):
        donts.append(t("do not announce a lawyer or a court: that is not the next step"))
    return [t("Not to be done"), *(line for words in donts for line in wrap(words, 4, "  - "))]


def _sentences(
    at: Standing,
    found: Call | Held | None,
    phrases: Mapping[str, Any],
    creditor: Mapping[str, Any],
    caller: str,
) -> list[str]:
    who = found.callee if isinstance(found, Call) else callee(at.case)
    speaker = creditor.get("contact") or caller
    overdue = at.ledger.overdue()
    lines = [t("To say")]
    if who.person and who.person.role in UNTOLD:
        lines.append("  " + t("whoever answers is not to hear of the debt: name and number only"))
    elif overdue and not freeze(at):
        key = "opening_firm" if at.stage in FIRM else "opening"
        opening = phrases[key].format(
            caller=speaker,
            creditor=creditor.get("name", "…"),
            person=who.name,
            amount=_spoken(amounts(at.ledger.chasable()), phrases),
            due=spoken_date(overdue[0].payable, phrases, at.today),
        )
        lines += wrap(t("opening: {words}", words=opening), 4, "  ")
    closing = phrases["recap"].format(amount="…", due="…", via="")
    lines += wrap(t("closing: {words}", words=closing), 4, "  ")
    message = phrases["message"].format(caller=speaker, phone=creditor.get("phone", "…"))
    return lines + wrap(t("to anybody else: {words}", words=message), 4, "  ")
