"""What an import is going to do, and how it understood the file."""

from __future__ import annotations

from dunctl import money
from dunctl.intake.invoices import Plan
from dunctl.show.text import listing, table, wrap
from dunctl.words import counted, t

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MOST = 12


def page(plan: Plan) -> list[str]:
    """Return the preview: the reading, the cases, and totals that tie."""
    reading = plan.reading
    delimiter = DELIMITERS.get(reading.delimiter, reading.delimiter)
    orders = sorted({order for order in reading.date_orders.values() if order})
    lines = [
        t(
            "Read as {encoding}, {delimiter}, header in line {line}, dates {order}, decimal {mark}",
            encoding=reading.encoding,
            delimiter=delimiter,
            line=reading.header_line,
            order="/".join(orders) or "-",
            mark=reading.decimal,
        )
    ]
    columns = [(role.replace("_", " "), name) for role, name in reading.columns]
    lines += ["", *listing((t("Meaning"), t("Column")), columns)]
    if reading.ignored:
        lines += wrap(t("Not used: {columns}", columns=", ".join(reading.ignored)), 0)
    if plan.cases:
        rows = [
            (
                c.case_id,
                t("new") if c.new else t("exists"),
                c.count("invoice"),
                c.count("payment"),
                c.count("dispute"),
                c.name,
            )
            for c in plan.cases[:MOST]
        ]
        headers = (t("Case"), "", t("Invoices"), t("Payments"), t("Disputes"), t("Customer"))
        lines += ["", *listing(headers, rows, (2, 3, 4))]
        if len(plan.cases) > MOST:
            lines.append(t("… and {n} more", n=len(plan.cases) - MOST))
    new = sum(case.new for case in plan.cases)
    lines += [
        "",
        t(
            "{rows}: {invoices} to add, {there:,} there already, {refused:,} refused",
            rows=counted(plan.read, "{n:,} row", "{n:,} rows"),
            invoices=counted(plan.new, "{n:,} invoice", "{n:,} invoices"),
            there=plan.there,
            refused=len(plan.refused),
        ),
    ]
    lines.append(
        t(
            "{cases}, {new:,} of them new; {payments}, {disputes}",
            cases=counted(len(plan.cases), "{n:,} case", "{n:,} cases"),
            new=new,
            payments=counted(plan.count("payment"), "{n:,} payment", "{n:,} payments"),
            disputes=counted(plan.count("dispute"), "{n:,} dispute", "{n:,} disputes"),
        )
    )
    rows_total = [
        (
            currency,
            *(
                money.show(part, currency)
                for part in (total.read, total.new, total.there, total.refused)
            ),
        )
        for currency, total in sorted(plan.totals.items())
    ]
    headers_total = (t("Total"), t("Read"), t("Added"), t("There"), t("Refused"))
    return [*lines, "", *table(headers_total, rows_total, (1, 2, 3, 4))]
