"""Tables and pairs of a dossier, from whatever their cells are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from dunctl import money
from dunctl.letters.sheet import Block, Pairs, Table


def of_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Collection[int] = (),
    *,
    title: str = "",
    feet: Iterable[tuple[str, str]] = (),
) -> Table:
    """Return a table; ``right`` names the columns of amounts. A column of empty cells is left out.

    Not so the last one of a table with sums below it.
    """
    sums = tuple(feet)
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    last = len(headers) - 1
    used = [
        nth
        for nth in range(len(headers))
        if any(row[nth] for row in cells) or (sums and nth == last)
    ]
    return Table(
        title,
        tuple(headers[nth] for nth in used),
        tuple(nth in right for nth in used),
        tuple(tuple(row[nth] for nth in used) for row in cells),
        sums,
    )


def of_pairs(rows: Iterable[tuple[str, object]]) -> list[Block]:
    """Return labels with their values, those without one left out; nothing where none is left."""
    found = tuple((label, str(value)) for label, value in rows if value)
    return [Pairs(found)] if found else []


def figure(amount: Decimal, currency: str) -> str:
    """Write an amount for a table whose title has the currency; nothing for 0."""
    return f"{money.quantize(amount, currency):,f}" if amount else ""


def exactly(amount: Decimal, currency: str, finer: int = 0) -> str:
    """Write an amount for an account, 0 too, with ``finer`` decimals more."""
    return f"{money.quantize(amount, currency, finer):,f}"
