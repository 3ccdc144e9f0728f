"""The page to have on screen before dialling (practice C)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dunctl import dates, money
from dunctl.calling.people import Callee, call_order, callee
from dunctl.calling.today import Call, Held
from dunctl.case.checks import day_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import (
    Acknowledgement,
    Case,
    Contact,
    Dispute,
    Document,
    Fee,
    Payment,
    Person,
    Reversal,
    Terms,
    of,
    pairs,
)
from dunctl.case.vocabulary import AGENTS
from dunctl.owed.claims import owed
from dunctl.owed.holds import released
from dunctl.owed.law import Law
from dunctl.owed.limitation_events import SIGNED_PAPERS
from dunctl.owed.profiles import profile_of
from dunctl.show import credit
from dunctl.show.agreed import offer_lines, plan_lines, waiting_lines
from dunctl.show.spoken import sentences
from dunctl.show.text import amounts, table, wrap
from dunctl.steps.authority import Authority, in_words, powers, unlimited
from dunctl.steps.credit import supply
from dunctl.steps.dialling import dialling_order
from dunctl.steps.guard_facts import spoken
from dunctl.steps.ladder import freeze, suggest
from dunctl.steps.packs import Pack
from dunctl.steps.policy import Stage
from dunctl.steps.promises import PromiseState, reliability
from dunctl.steps.standing import Standing
from dunctl.words import in_days, t

CONTACTS = 5
"""How many of the last contacts the page has (practice C12)."""

SILENCED = ("represented", "insolvent", "deceased", "agency", "stop_contact")
"""Holds with which nobody is called who does not stand for the debtor (practice B29, B38, O07)."""

BOSSES = ("owner", "legal_rep", "dept_head")
"""Who can make finance pay, or name it (practice B06, B07)."""

PAPERS = {"contract": ("contract", "order"), "delivery note": ("delivery_note", "acceptance")}
"""Kinds of document of which a case wants one, beside a statement or an IOU (practice M01, C04)."""


def page(
    at: Standing,
    law: Law,
    found: Call | Held | None,
    phrases: Mapping[str, Any],
    creditor: Mapping[str, Any],
    caller: str,
    limits: Sequence[str],
    authority: Authority,
    packs: Sequence[Pack],
) -> list[str]:
    """Return the page as lines; amounts first, one case only, its name on top (C01, C13).

    ``limits`` are lines about debts that run out of time; ``packs`` the rules that apply.
    """
    first = found.callee if isinstance(found, Call) else callee(at.case)
    silenced = first.role not in AGENTS and any(hold.kind in SILENCED for hold in at.holds)
    lines = [f"{at.case.id} · {at.case.debtor.name}", ""]
    for part in (
        _money(at),
        list(limits),
        _when(at, found),
        _people(at, first, silenced=silenced),
        _invoices(at, law),
        _promises(at),
        [*plan_lines(at), *offer_lines(at), *waiting_lines(at), *_granted(at, authority, caller)],
        _contacts(at),
        [] if silenced else _open_questions(at),
        _not_to_do(at, law),
        [] if silenced else sentences(at, first, phrases, creditor, caller, packs),
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
    lines += _judged(at.case)
    lines += _stage(at)
    delivery = credit.line(at)
    if delivery:
        lines += wrap(delivery, 0)
    bounced = {
        reversal.payment for reversal in of(at.case, Reversal) if reversal.on <= at.money_day
    }
    names = handles(at.case.data) if bounced else {}
    payments = [
        payment
        for entry, payment in pairs(at.case, Payment)
        if payment.on <= at.money_day and names.get((entry.kind, entry.nth)) not in bounced
    ]
    if payments:
        words = describe(payments[-1], at.case.head.currency, at.today)
        lines.append(t("Last {payment}", payment=words))
    return lines


def _judged(case: Case) -> list[str]:
    """Return what somebody judged of the debtor (practice C17, C21, I21)."""
    debtor = case.debtor
    found = (
        (t("ability"), debtor.ability),
        (t("willingness"), debtor.willingness),
        (t("manner"), debtor.manner),
    )
    known = [(what, said) for what, said in found if said and said != "unknown"]
    words = [f"{what} {said}".replace("_", " ") for what, said in known]
    return wrap(t("Judged: {words}", words=", ".join(words)), 0) if words else []


def _stage(at: Standing) -> list[str]:
    """Return what the policy says of the stage, and of the next one (practice D04, D18, J01)."""
    if at.stage == "closed" or at.settled:
        return []
    stage, suggestion = at.policy.stages[at.stage], suggest(at)
    words = [", ".join(stage.channels) or t("no channel of ours")]
    words += [t("tone: {tone}", tone=stage.tone)] if stage.tone else []
    words += [t("who: {who}", who=stage.who)] if stage.who else []
    head = t("Stage {stage}", stage=at.stage) + _band(stage)
    if suggestion.to and not suggestion.obstacle:
        head += t(", next {stage}", stage=suggestion.to)
    return wrap(f"{head}: {'; '.join(words)}", 0)


def _band(stage: Stage) -> str:
    if stage.from_day is None:
        return ""
    if stage.to_day is None:
        return t(" (from day {day})", day=stage.from_day)
    return t(" (days {first}-{last})", first=stage.from_day, last=stage.to_day)


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


def _people(at: Standing, first: Callee, *, silenced: bool) -> list[str]:
    lines = [t("Nobody to call; known are") if silenced else t("Whom to ask for")]
    for person in at.case.people:
        mark = "> " if person.name == first.name and not silenced else "  "
        role = person.role.replace("_", " ") + (", " + t("decides") if person.decides else "")
        known = dialling_order(at, person) if person.phone else ()
        reach = ", ".join(known) or person.email or t("(no number)")
        wishes = [t("likes {when}", when=text) for text in person.prefer]
        wishes += [t("not {when}", when=text) for text in person.avoid]
        lines += wrap(f"{person.name} ({role}) {reach}", 4, f"  {mark}")
        lines += wrap("; ".join(wishes), 6) if wishes else []
    if not at.case.people:
        reach = ", ".join(dialling_order(at, None)) or t("(no number)")
        lines += wrap(f"{at.case.debtor.name} {reach}", 4, "    " if silenced else "  > ")
    finance, boss = _broken_by_finance(at), _boss(at.case)
    if finance and boss and not silenced and boss.name != first.name:
        lines += wrap(
            t(
                "then {boss} too: {finance} of finance did not keep the promise",
                boss=boss.name,
                finance=finance,
            ),
            2,
        )
    if at.case.debtor.payment_procedure:
        words = t("How they pay: {words}", words=at.case.debtor.payment_procedure)
        lines += wrap(words, 2)
    return lines


def _boss(case: Case) -> Person | None:
    return next((person for person in call_order(case) if person.role in BOSSES), None)


def _broken_by_finance(at: Standing) -> str | None:
    """Return who of finance made the last promise, if it is broken (practice B06)."""
    last = at.promises[-1] if at.promises else None
    if last is None or last.status not in ("broken", "partial") or not last.missing:
        return None
    names = [person.name for person in at.case.people if person.role == "finance"]
    return last.promise.whom if last.promise.whom in names else None


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
    return [*table(headers, rows, (2, 3, 4, 5)), *terms, *_papers(at), *_interest(at, law)]


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


def _papers(at: Standing) -> list[str]:
    """Return which papers the case has, and which it lacks (practice C04, C22, M01)."""
    case, today = at.case, at.today
    papers = [paper for paper in of(case, Document) if paper.on <= today]
    owned_up = [
        paper for paper in of(case, Acknowledgement) if paper.on <= today and paper.form != "oral"
    ]
    kinds = dict.fromkeys(paper.kind for paper in papers)
    refs = {paper.kind: paper.ref for paper in papers if paper.ref}
    there = [" ".join(filter(None, (k.replace("_", " "), refs.get(k)))) for k in kinds]
    there += dict.fromkeys(t("{form} acknowledgement", form=paper.form) for paper in owned_up)
    kept = {*kinds, *(("contract",) if case.terms.contract else ())}
    lacking = [t(name) for name, any_of in PAPERS.items() if kept.isdisjoint(any_of)]
    if not owned_up and kept.isdisjoint(SIGNED_PAPERS):
        lacking.append(t("statement or IOU"))
    missing = ", ".join(lacking)
    if not there:
        return wrap(t("Papers missing: {papers}", papers=missing), 0)
    words = t("Papers: {papers}", papers=", ".join(there))
    return wrap(words + ("; " + t("missing: {papers}", papers=missing) if lacking else ""), 0)


def _interest(at: Standing, law: Law) -> list[str]:
    """Return what may be said of interest: how much so far, and its ground."""
    profile, ground = profile_of(at.case, law)
    if profile is None:
        return []
    found = owed(at.case, at.today, law, at.money_day)
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


def _granted(at: Standing, authority: Authority, user: str) -> list[str]:
    """Return what whoever is calling may grant alone; nothing where nobody is named (C10)."""
    if not authority.users or at.settled:
        return []
    own = powers(authority, user)
    if own is None:
        return [t("You ({user}) may grant everything alone", user=user)]
    words = t("You ({user}) may grant alone: {what}", user=user, what=", ".join(in_words(own)))
    others = ", ".join(unlimited(authority))
    more = t("more: ask {names}", names=others) if others else t("more waits for an approval")
    return wrap(f"{words}; {more}", 0)


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
    asks += [] if at.settled else _carried_out(case)
    if (case.head.reason or "").startswith("cashflow") and not case.incomes:
        asks.append(t("when does money come in: dunctl set {id} income DAY", id=case.id))
    if not any(p.phone for p in case.people) and not case.debtor.phone:
        asks.append(t("a telephone number"))
    asks += _old_numbers(at)
    if any(s.status == "open" and not s.confirmed for s in at.promises):
        asks.append(t("the promise in writing: dunctl confirm {id}", id=case.id))
    if any(s.status in ("broken", "partial") and s.missing for s in at.promises):
        asks.append(t("why was the promise not kept, and the new day and amount?"))
    if not asks:
        return [t("Nothing is missing")]
    return [t("To find out"), *(line for ask in asks for line in wrap(ask, 4, "  - "))]


def _carried_out(case: Case) -> Iterator[str]:
    """Ask who carries the payment out, and a boss for the way there (practice B07, B08)."""
    known = case.debtor.payment_procedure or any(p.role == "finance" for p in case.people)
    if known or case.debtor.kind == "consumer":
        return
    boss = _boss(case)
    if boss is None:
        yield t("who pays out, and how: dunctl set {id} debtor.payment_procedure TEXT", id=case.id)
        return
    yield t(
        "who pays out? Ask {boss} for finance, because of the invoice: "
        'dunctl set {id} person "NAME;finance;PHONE"',
        boss=boss.name,
        id=case.id,
    )


def _old_numbers(at: Standing) -> Iterator[str]:
    """Ask whether numbers still are right that were last proved long ago (practice B41, C02)."""
    for person in at.case.people:
        if not person.phone or not person.verified:
            continue
        talks = [c.at.astimezone(at.zone).date() for c in at.contacts if _by_phone(c, person)]
        proved = max([person.verified, *talks])
        if (at.today - proved).days > at.policy.numbers.prove_again_days:
            yield t(
                "is this still the number of {name}, last proved {day}: "
                'dunctl set {id} "person.{name}.verified" today',
                name=person.name,
                day=dates.say(proved, today=at.today),
                id=at.case.id,
            )


def _by_phone(contact: Contact, person: Person) -> bool:
    here = contact.whom == person.name and contact.channel == "phone"
    return here and spoken(contact.channel, contact.outcome)


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
