"""``dunctl set``."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import click

from dunctl.case import edit, lines, records
from dunctl.case.fields import AMOUNT, DAY, FLAG, SHARE, Key, closest
from dunctl.case.records import Case, Debtor, Head, Income, Person, Plan, Supply, Terms
from dunctl.case.toml import loads
from dunctl.cli.concede import permit_stop
from dunctl.cli.verb import Seat, amount, day, person, refuse_new_errors, verb
from dunctl.errors import Refused, WrongUsage
from dunctl.store import store as stores
from dunctl.store.lookup import resolve
from dunctl.store.store import Read
from dunctl.words import t


@verb("set")
@click.argument("case", metavar="ID")
@click.argument("key")
@click.argument("value")
def command(seat: Seat, case: str, key: str, value: str) -> None:
    """Set a fact of a case; comments and order in the file stay.

    KEY is reason, owner, policy, note; debtor.KEY, terms.KEY, supply.KEY, person.NAME.KEY (see
    docs/case-file.md); an empty VALUE takes it away. KEY person adds a person ("NAME;ROLE;PHONE"),
    KEY income a day of the month on which money reaches the debtor.

    Example: dunctl set acme reason dispute.quality
    """

    def change(found: Read) -> tuple[str, str]:
        text, message = meant(found)
        refuse_new_errors(found, text)
        return text, message

    def meant(found: Read) -> tuple[str, str]:
        if found.case is None:
            raise AssertionError("change refuses a file that is no case")
        message = f"{found.id}: {key} = {value}" if value else f"{found.id}: {key} taken away"
        if key == "person":
            return edit.append(found.text, [("person", edit.to_table(person(value)))]), message
        if key == "income":
            return edit.append(found.text, [("income", _income(seat, value))]), message
        if key == "supply.stopped" and value:
            permit_stop(seat, found.case)
        if key == "currency" and value.upper() != found.case.head.currency:
            _refuse_other_money(found.case)
        if key == "policy" and value:
            stores.policy(seat.store, value)
        path, known = _place(found.case, key)
        new = _value(seat, found.case.head.currency, known, key, value)
        if isinstance(new, date | Decimal):
            message = f"{found.id}: {key} = {new}"
        return edit.set_key(found.text, path, new), message

    click.echo(stores.change(seat.store, resolve(seat.store, case), change))


def _refuse_other_money(case: Case) -> None:
    """Refuse another currency where amounts are written without their own: theirs would change."""
    for entry in case.journal:
        record: Any = entry.record
        sums = isinstance(record, Plan) or getattr(record, "amount", None) is not None
        if sums and record.currency is None:
            raise Refused(
                t(
                    "{id} has amounts in {currency}: void them first, or open another case",
                    id=case.id,
                    currency=case.head.currency,
                )
            )


def _income(seat: Seat, words: str) -> dict[str, Any]:
    if words.isdigit():
        _checked(records.keys(Income)["day_of_month"][1], int(words), "income")
        return {"day_of_month": int(words)}
    return {"on": day(seat, words, "income", "future")}


def _place(case: Case, key: str) -> tuple[lines.Path, Key]:
    """Return the path of a key in the file, and what is known of it."""
    table, _, name = key.rpartition(".")
    if table.startswith("person."):
        names = [one.get("name") for one in case.data.get("person", [])]
        who = table.removeprefix("person.")
        if who not in names:
            hint = closest(who, [name for name in names if isinstance(name, str)])
            raise Refused(t("{id} has no person {name}", id=case.id, name=who) + hint)
        return ("person", names.index(who), name), _known(Person, key, name)
    classes: dict[str, type[Any]] = {"": Head, "debtor": Debtor, "terms": Terms, "supply": Supply}
    if table not in classes:
        raise WrongUsage(t("there is no key {key}: see docs/case-file.md", key=key))
    return (*filter(None, [table]), name), _known(classes[table], key, name)


def _known(cls: type[Any], key: str, name: str) -> Key:
    table = records.keys(cls)
    if name not in table or name == "format":
        raise WrongUsage(
            t("there is no key {key}: see docs/case-file.md", key=key) + closest(name, list(table))
        )
    return table[name][1]


def _value(seat: Seat, currency: str, known: Key, key: str, words: str) -> Any:
    """Return the words as the value that the file is to have, checked by the key's own kind.

    An amount is one of ``currency``.
    """
    if not words:
        if known.required:
            raise Refused(t("{key} cannot be taken away: every case needs it", key=key))
        return None
    value: Any = words
    if known.kind is DAY:
        value = day(seat, words, key, "near")
    elif known.kind is FLAG:
        value = {"true": True, "yes": True, "false": False, "no": False}.get(words.lower(), words)
    elif known.kind is AMOUNT:
        value = amount(words, currency, key)
    elif known.kind is SHARE:
        value = _number(words, key)
    elif known.kind.schema.get("type") == "integer" and words.lstrip("-").isdigit():
        value = int(words)
    elif known.kind.schema.get("type") == "object":
        try:
            value = loads(f"x = {words}")["x"]
        except (ValueError, KeyError) as error:
            raise WrongUsage(f"{key}: {error}") from error
    _checked(known, value, key)
    return value if isinstance(value, str | bool | int | Decimal | date | dict) else words


def _number(words: str, key: str) -> Decimal:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", words.strip()):
        raise WrongUsage(t("{key} must be a number with a decimal point, such as 1.5", key=key))
    return Decimal(words.strip())


def _checked(known: Key, value: object, key: str) -> None:
    try:
        known.kind.read(value)
    except ValueError as error:
        raise WrongUsage(f"{key} {error}") from error
