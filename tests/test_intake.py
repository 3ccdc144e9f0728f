from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.edit import append, new_case
from dunctl.case.parse import parse
from dunctl.case.records import Case, Dispute, Invoice, Payment, of
from dunctl.errors import Refused
from dunctl.intake.columns import COUNTRIES, assign, clean, currencies, role
from dunctl.intake.customers import slug
from dunctl.intake.guess import date_orders, decimal_mark, read_amount, read_day
from dunctl.intake.invoices import Plan, plan
from dunctl.intake.table import Table, read_table

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=8)))
HEADER = "Customer,Invoice No,Issued,Due,Amount\n"


def imported(data: str | bytes, cases: Sequence[Case] = (), **options: Any) -> Plan:
    raw = data.encode() if isinstance(data, str) else data
    usual: dict[str, Any] = {"now": NOW, "currency": "EUR"}
    return plan(read_table(raw), cases, **usual | options)


def applied(plan: Plan, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """Write a plan as the command does: new files, then entries at their end."""
    written = dict(texts or {})
    for case in plan.cases:
        assert case.new == (case.case_id not in written)
        text = new_case(case.head, case.facts, "s.json") if case.new else written[case.case_id]
        written[case.case_id] = append(text, case.entries)
    return written


def cases_of(texts: Mapping[str, str]) -> list[Case]:
    """Read case files, which must be without any problem."""
    found = []
    for name, text in texts.items():
        case, problems = parse(text, name, f"cases/{name}.toml")
        assert case is not None
        assert not problems
        found.append(case)
    return found


def after(data: str | bytes, **options: Any) -> list[Case]:
    return cases_of(applied(imported(data, **options)))


def case_file(body: str, name: str = "acme") -> list[Case]:
    return cases_of({name: 'format = 1\ncurrency = "EUR"\n' + body})


def ties(plan: Plan) -> bool:
    """Tell whether what was read is what became of it, in rows and in money."""
    totals = plan.totals.values()
    return plan.read == plan.new + plan.there + len(plan.refused) and all(
        t.read == t.new + t.there + t.refused for t in totals
    )


def reasons(plan: Plan) -> list[str]:
    assert ties(plan)
    return [f"{problem.line}: {problem.message}" for problem in plan.refused]


# The table: encoding, delimiter, header, rows.

CHINESE = (
    "客户,发票号,开票日期,到期日,金额\n"
    "杭州云帆贸易有限公司,0412,2026年8月1日,2026年8月31日,128000.00\n"
)
GERMAN = (
    "Kunde;Rechnungsnr;Rechnungsdatum;Fällig am;Betrag\n"
    "Müller & Söhne GmbH;0017;13.09.2026;01.10.2026;1.234,56\n"
)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_a_chinese_file_is_read_in_every_usual_encoding(encoding: str, name: str) -> None:
    done = imported(CHINESE.encode(encoding), currency="CNY")
    assert done.reading.encoding == name
    (case,) = cases_of(applied(done))
    assert (case.id, case.debtor.name) == ("杭州云帆贸易有限公司",) * 2
    assert of(case, Invoice) == [
        Invoice("0412", date(2026, 8, 31), Decimal("128000.00"), date(2026, 8, 1))
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_german_file_is_read_in_every_usual_encoding(encoding: str) -> None:
    done = imported(GERMAN.encode(encoding))
    assert done.reading.decimal == ","
    assert set(done.reading.date_orders.values()) == {"dmy"}
    (case,) = cases_of(applied(done))
    assert (case.id, case.debtor.name) == ("müller-söhne-gmbh", "Müller & Söhne GmbH")
    assert of(case, Invoice) == [
        Invoice("0017", date(2026, 10, 1), Decimal("1234.56"), date(2026, 9, 13))
    ]


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["北京华信贸易", "上海远洋", "广州李氏"], "gb18030"),
        (["Größe AG", "Café Zoë", "Señor Núñez", "Zürich"], "cp1252"),
        (["Société Générale", "L’Été", "Königsbräu"], "cp1252"),
    ],
)
def test_an_english_header_leaves_the_encoding_to_the_names(
    names: list[str], encoding: str
) -> None:
    rows = "".join(f"{name},{i},2026-08-01,2026-08-31,5.00\n" for i, name in enumerate(names))
    table = read_table((HEADER + rows).encode(encoding))
    assert table.encoding == encoding
    assert [row.cells[0] for row in table.rows] == names


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("李", "gbk"),
        ("Иванов и сыновья", "cp1251"),
        ("Pawłowski", "cp1250"),
        ("東京商事", "shift-jis"),
    ],
)
def test_an_unclear_encoding_is_refused_and_not_guessed(name: str, encoding: str) -> None:
    data = (HEADER + f"{name},1,2026-08-01,2026-08-31,5.00\n").encode(encoding)
    with pytest.raises(
        Refused, match="GB18030, cp1252 or another encoding; save the file as UTF-8"
    ):
        read_table(data)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_past_quotes(delimiter: str) -> None:
    head = delimiter.join(["Customer", "Invoice", "Due date", "Amount"])
    row = delimiter.join([f'"A{delimiter} ""B"", C;D|E\tF"', "007", "2026-08-31", '"1,000.50"'])
    table = read_table(f"{head}\r\n{row}\r\n".encode())
    assert table.delimiter == delimiter
    assert table.rows[0].cells == (f'A{delimiter} "B", C;D|E\tF', "007", "2026-08-31", "1,000.50")


def test_lines_keep_their_numbers_past_a_preamble_quoted_breaks_and_blank_lines() -> None:
    data = (
        "Aged receivables of Example Ltd\n\nas of;2026-11-01;;\nsep=,\n"
        "Customer,Invoice,Due date,Amount\n"
        '"Acme\r\nHoldings",1,2026-08-31,5.00\n'
        "\n,,,\n"
        "Beta,2,2026-08-31,6.00,,\n"
        "Gamma,3,2026-08-31\n"
        "Delta,4,2026-08-31,7.00,8.00\n"
        "Total,,,18.00\n"
    )
    done = imported(data)
    assert done.reading.header_line == 5
    assert [(case.name, case.case_id) for case in done.cases] == [
        ("Acme Holdings", "acme-holdings"),
        ("Beta", "beta"),
    ]
    assert reasons(done) == [
        '11: the row has 3 cells, the header 4; look for a missing or an extra ","',
        '12: the row has 5 cells, the header 4; look for a missing or an extra ","',
    ]
    assert [(n.line, n.message) for n in done.notices] == [(13, "a line of totals; skipped")]


def test_a_quote_that_is_never_closed_costs_no_other_row() -> None:
    rows = "".join(f'"Acme {i},{i},2026-08-31,5.00\n' for i in range(4))
    done = imported("Customer,Invoice,Due date,Amount\n" + rows + '"Beta",9,2026-08-31,1.00\n')
    assert (done.read, done.new) == (5, 5)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty; a line with the names of the columns is needed"),
        (b"\xef\xbb\xbf\r\n", "the file is empty"),
        (b"\x00\x01\x02\x00abc", "NUL bytes"),
        (b"PK\x03\x04\x14\x00\x06\x00", "the file is XLSX or ZIP, not CSV; export it as CSV"),
        (b"\xff\xfea", "begins as UTF-16-LE, but byte 1 is not"),
        (b"hello\nworld\n", 'customer, invoice number, due date, amount; the file begins "hello"'),
        (
            b"Name,Invoice,Amount\nA,1,2\n",
            r"no column for due date .*; the header is: Name \| Invoice \| Amount",
        ),
        (
            b"Customer,Invoice,Due,Amount,Total\nA,1,2026-08-31,2,3\n",
            r'columns 4 \("Amount"\) and 5 \("Total"\) could both be the amount; rename or delete',
        ),
        ("Customer,Invoice,Due,金额（万元）\nA,1,2026-08-31,2\n".encode(), "no column for amount"),
        (b"Customer,Invoice,Due,Net amount\nA,1,2026-08-31,2\n", "no column for amount"),
    ],
)
def test_a_file_that_is_no_table_of_receivables_is_refused_in_one_sentence(
    data: bytes, message: str
) -> None:
    with pytest.raises(Refused, match=message):
        imported(data)


# Columns.


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("customerID", "customer_id"),
        ("Customer_Name", "customer_name"),
        ("INVOICE NO.", "number"),
        ("Invoice #", "number"),
        ("InvoiceDate", "issued"),
        ("Fälligkeitsdatum", "due"),
        ("faellig am", "due"),
        ("Amount (EUR)", "amount"),
        ("Betrag in CHF", "amount"),
        ("Amount_USD", "amount"),
        ("Betrag €", "amount"),
        ("金额（元）", "amount"),
        ("账期（天）", "terms"),
        ("SettledDate", "paid"),
        ("回款日期", "paid"),
        ("Währung", "currency"),
        ("DaysLate", None),
        ("PaperlessDate", None),
        ("", None),
    ],
)
def test_a_column_is_known_by_its_name_in_three_languages(name: str, meaning: str | None) -> None:
    assert role(name)[0] == meaning


def test_a_loose_name_takes_the_role_that_no_other_column_has() -> None:
    base = ("Invoice", "Due", "Amount")
    assert dict(assign(("Customer", *base)).at)["customer_name"] == (0,)
    both = assign(("Customer", "Customer name", *base)).at
    assert (both["customer_id"], both["customer_name"]) == ((0,), (1,))
    assert assign(("Kunde", "Name", "Datum", *base)).at["issued"] == (2,)


def test_an_unknown_column_is_named_and_left_alone() -> None:
    done = imported("Customer,Invoice,Colour,Due,Amount\nA,1,red,2026-08-31,5\n")
    assert done.reading.ignored == ("Colour",)


# Days.


@pytest.mark.parametrize(
    "text",
    [
        "2013-02-15", "20130215", "2013/2/15", "2013.02.15", "2013年2月15日",
        "２０１３年２月１５日", "15. Februar 2013",
        "2013-02-15T00:00:00Z", "2013-02-15 23:59:59.123", "15-Feb-2013", "February 15, 2013",
        "15.2.2013", "15/02/2013 12:00 AM", " 15-2-2013 ",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read_day(text, "dmy") == date(2013, 2, 15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("13.02.15", "year of two digits"),
        ("15-Feb-13", "year of two digits"),
        ("41320", "a spreadsheet's serial number, not a day"),
        ("2013-02-30", "a day that does not exist"),
        ("30/02/2013", "a day that does not exist"),
        ("2/15/2013", "no day when read day first"),
        ("15.02.0213", "the year is 213"),
        ("next week", "is not a day; write 2026-11-27"),
        ("Yes", "is not a day"),
        ("=A1+1", "is not a day"),
    ],
)
def test_what_is_no_day_is_refused_with_the_remedy(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_day(text, "dmy")


def cells(*texts: str) -> list[tuple[int, str]]:
    return list(enumerate(texts, start=2))


def test_the_order_of_a_day_comes_from_the_whole_column_or_from_the_other_columns() -> None:
    assert date_orders({"a": cells("1/2/2013", "1/13/2013")}) == {"a": "mdy"}
    assert date_orders({"a": cells("1/2/2013", "13/1/2013")}) == {"a": "dmy"}
    assert date_orders({"a": cells("1/2/2013"), "b": cells("1/13/2013")})["a"] == "mdy"
    assert date_orders({"a": cells("2013-01-02", "3/3/2013")}) == {"a": None}
    assert date_orders({"a": []}) == {"a": None}


@pytest.mark.parametrize(
    "columns",
    [
        {"Due": cells("1/2/2013", "3/4/2013")},
        {"Due": cells("1.2.2013")},
        {"Due": cells("1/2/2013"), "A": cells("1/13/2013"), "B": cells("13/1/2013")},
    ],
)
def test_ambiguous_days_ask_for_the_order(columns: dict[str, list[tuple[int, str]]]) -> None:
    message = r'"Due" can be .* \(line 2: .*write --date-order dmy or --date-order mdy'
    with pytest.raises(Refused, match=message):
        date_orders(columns)
    assert set(date_orders(columns, "dmy").values()) == {"dmy"}


def test_a_column_that_contradicts_itself_names_both_lines() -> None:
    with pytest.raises(Refused, match=r"day first on line 3 .* month first on line 2 .*dmy or"):
        date_orders({"Due": cells("1/13/2013", "13/1/2013")})


def test_one_day_against_a_whole_column_costs_its_row_only() -> None:
    rows = [f"A,{i},,12/{i}/2026,1.00\n" for i in range(13, 25)] + ["A,99,,24/12/2026,1.00\n"]
    done = imported(HEADER + "".join(rows))
    assert reasons(done) == ['14: "24/12/2026" is no day when read month first']
    assert done.new == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("46000", 'column "Due", line 2: .*serial number'),
        ("1/2/26", 'column "Due", line 2: .*year'),
    ],
)
def test_a_column_of_serial_numbers_or_short_years_is_refused(text: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        imported(HEADER + f"A,1,,{text},5.00\n")


# Amounts.


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        ("1\u202f234,56", ",", "1234.56"),
        ("1'234.56", ".", "1234.56"),
        ("1’234.56", ".", "1234.56"),
        ("12,34,567.00", ".", "1234567.00"),
        ("€ 1,234.56", ".", "1234.56"),
        ("1.234,56 EUR", ",", "1234.56"),
        ("１，２３４．５６", ".", "1234.56"),
        ("1.234,-", ",", "1234.00"),
        (".5", ".", "0.50"),
        ("55.9400", ".", "55.94"),
        ("5-", ".", "-5.00"),
        ("-€5", ".", "-5.00"),
        ("€-5", ".", "-5.00"),
        ("\u22125.00", ".", "-5.00"),
        ("(5.00)", ".", "-5.00"),
        ("0", ".", "0.00"),
    ],
)
def test_an_amount_is_read_exactly(text: str, mark: Any, amount: str) -> None:
    assert str(read_amount(text, mark, "EUR")) == amount


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.234", "has more decimals than EUR has"),
        ("1.000", "has more decimals than EUR has"),
        ("1.2345", "has more decimals than EUR has"),
        ("1,23.45", "misplaced"),
        ("1,2345", "misplaced"),
        ("1.2.3", "misplaced"),
        ("1E5", "is not an amount"),
        ("--5", "is not an amount"),
        ("(-5)", "is not an amount"),
        ("", "the amount is missing"),
        ("=1+1", "is not an amount"),
        ("9" * 16, "too large"),
        ("9" * 5000, "is not an amount"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_amount(text, ".", "EUR")


def figures(*texts: str, digits: int = 2) -> list[tuple[int, str, int]]:
    return [(line, text, digits) for line, text in cells(*texts)]


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,234.56"], "."),
        (["1.234,56"], ","),
        (["5,00", "1.234"], ","),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["1 234,567"], ","),
        (["0,125"], ","),
        (["1,234", "12,345"], "."),
        (["1.234"], ","),
        (["17", ""], "."),
        (["5.00"] * 20 + ["5,00"], "."),
    ],
)
def test_the_decimal_mark_comes_from_the_whole_column(texts: list[str], mark: str) -> None:
    assert decimal_mark("Amount", figures(*texts)) == mark


@pytest.mark.parametrize(
    ("texts", "digits"),
    [(["1,234"], 3), (["1,234", "1.234"], 2), (["5.00", "5,00"], 2)],
)
def test_an_ambiguous_decimal_mark_asks_for_it(texts: list[str], digits: int) -> None:
    with pytest.raises(Refused, match="write --decimal dot or --decimal comma"):
        decimal_mark("Amount", figures(*texts, digits=digits))
    assert decimal_mark("Amount", figures(*texts, digits=digits), ",") == ","


def test_three_digits_are_decimals_in_a_currency_that_has_three() -> None:
    data = HEADER + 'A,1,,2026-08-31,"1.234"\n'
    with pytest.raises(Refused, match="--decimal"):
        imported(data, currency="KWD")
    assert imported(data, currency="KWD", decimal="dot").totals["KWD"].new == Decimal("1.234")
    assert imported(data, currency="EUR").totals["EUR"].new == Decimal("1234.00")


def test_a_row_says_its_currency_before_the_header_and_the_header_before_the_option() -> None:
    head = "Customer,Invoice,Due,Amount (EUR)\n"
    assert set(imported(head + "A,1,2026-08-31,5\n", currency="USD").totals) == {"EUR"}
    rows = "Customer,Invoice,Due,Amount,Currency\nA,1,2026-08-31,5,RMB\nA,2,2026-08-31,£5,\n"
    done = imported(rows + "A,3,2026-08-31,$5,EUR\nA,4,2026-08-31,5,XQQ\nA,5,2026-08-31,6,\n")
    assert {code: str(total.new) for code, total in done.totals.items()} == {
        "CNY": "5.00",
        "GBP": "5.00",
        "EUR": "6.00",
    }
    assert [text.partition(": ")[0] for text in reasons(done)] == ["4", "5"]
    (case,) = cases_of(applied(done))
    assert {invoice.currency for invoice in of(case, Invoice)} == {None, "GBP", "EUR"}
    assert not imported(rows, cases_of(applied(done))).cases
    with pytest.raises(Refused, match="write --currency EUR"):
        imported("Customer,Invoice,Due,Amount\nA,1,2026-08-31,5\n", currency=None)


# What an import adds.


def test_each_row_that_is_refused_is_named_with_its_reason() -> None:
    done = imported(
        HEADER + "A,1,2026-08-01,2026-08-31,10.00\n"
        "A,1,2026-08-01,2026-08-31,10.00\n"
        "A,,2026-08-01,2026-08-31,1.00\n"
        ",2,2026-08-01,2026-08-31,2.00\n"
        "A,3,2026-09-01,2026-08-31,4.00\n"
        "A,4,2026-08-01,2026-08-32,8.00\n"
        "A,5,2026-08-01,,16.00\n"
        "A,6,2026-08-01,2026-08-31,-32.00\n"
        "A,7,2026-08-01,2026-08-31,0\n"
        "A,8,2026-08-01,2026-08-31,a lot\n"
        "A,9,2026-08-01,2026-08-31,64.00\n"
        "A,9,2026-08-01,2026-08-31,65.00\n"
        "A,1.2E+11,2026-08-01,2026-08-31,128.00\n"
        f"{'A' * 300},10,2026-08-01,2026-08-31,256.00\n"
    )
    assert reasons(done) == [
        "3: the row is a duplicate of line 2",
        "4: the invoice number is missing",
        "5: the customer is missing",
        "6: due 2026-08-31 is before issued 2026-09-01",
        '7: "2026-08-32" is a day that does not exist',
        "8: the due day is missing",
        "9: -32.00 is a credit note: record it with dunctl credit",
        "10: the amount is 0: nothing is owed",
        '11: "a lot" is not an amount; write digits such as 1250.00',
        "12: invoice 9 is on lines 12, 13 with different details; leave one of them",
        "13: invoice 9 is on lines 12, 13 with different details; leave one of them",
        '14: "1.2E+11" is a number that a spreadsheet has shortened; '
        "format the column as text and export it again",
        f'15: "{"A" * 39}…" is too long; look for a missing quote',
    ]
    assert (done.read, done.new, done.there) == (14, 1, 0)
    assert done.totals["EUR"].read == Decimal("532.00")
    assert str(done.refused[0]) == "file:3: the row is a duplicate of line 2"


def test_what_was_paid_is_a_payment_and_what_is_contested_is_a_dispute() -> None:
    done = imported(
        "Customer,Invoice,Issued,Due,Amount,Disputed,Settled date\n"
        "A,1,2026-08-01,2026-08-31,10.00,No,2026-09-05\n"
        "A,2,2026-08-01,2026-08-31,20.00,Yes,2026-09-05\n"
        "A,3,2026-08-01,2026-08-31,30.00,Yes,\n"
        "A,4,2026-08-01,2026-08-31,40.00,wrong colour,n/a\n"
        "A,5,2026-08-01,2026-08-31,50.00,,2026-07-05\n"
        "A,6,2026-08-01,2026-08-31,60.00,,Yes\n",
        by="li.na",
    )
    (case,) = cases_of(applied(done))
    assert {(p.invoice, p.on, p.amount, p.by) for p in of(case, Payment)} == {
        ("1", date(2026, 9, 5), Decimal("10.00"), "li.na"),
        ("2", date(2026, 9, 5), Decimal("20.00"), "li.na"),
        ("5", date(2026, 7, 5), Decimal("50.00"), "li.na"),
    }
    disputes = {d.invoice: d for d in of(case, Dispute)}
    assert set(disputes) == {"3", "4"}
    assert disputes["3"].at == NOW
    assert disputes["3"].amount == Decimal("30.00")
    assert disputes["4"].note == "wrong colour"
    assert reasons(done) == ['7: "Yes" is not a day; write 2026-11-27']
    assert [n.message for n in done.notices] == [
        "paid 2026-07-05, before issued 2026-08-01: taken as paid in advance"
    ]


def test_terms_give_the_due_day_that_is_missing() -> None:
    done = imported(
        "Kunde;Rechnung;Datum;Fällig;Zahlungsziel;Betrag\n"
        "A;1;2026-08-01;;30 Tage;5\nA;2;2026-08-01;;2/10 net 45;5\nA;3;2026-08-01;;bald;5\n"
        "A;4;2026-08-01;2026-08-02;30;5\n"
    )
    (case,) = cases_of(applied(done))
    assert {i.number: i.due for i in of(case, Invoice)} == {
        "1": date(2026, 8, 31),
        "2": date(2026, 9, 15),
        "4": date(2026, 8, 2),
    }
    assert reasons(done) == ['4: no due day, and "bald" is no number of days']


def test_an_open_amount_is_met_by_a_payment_on_the_day_of_the_import() -> None:
    head = "Customer,Invoice,Due,Amount,Outstanding\n"
    first = after(head + "A,1,2026-08-31,100.00,100.00\nA,2,2026-08-31,100.00,30.00\n")
    assert [(p.on, p.amount, p.invoice) for p in of(first[0], Payment)] == [
        (NOW.date(), Decimal("70.00"), "2")
    ]
    later = imported(
        head + "A,1,2026-08-31,100.00,0\nA,2,2026-08-31,100.00,50.00\nA,3,2026-08-31,5.00,6.00\n",
        first,
        now=NOW + timedelta(days=9),
    )
    ((kind, table),) = later.cases[0].entries
    assert (kind, table["amount"], table["invoice"]) == ("payment", Decimal("100.00"), "1")
    assert reasons(later) == ["4: 6.00 of 5.00 cannot be open; correct one of them"]
    only = imported("Customer,Invoice,Due,Outstanding\nA,1,2026-08-31,30.00\n")
    assert only.totals["EUR"].new == Decimal("30.00")


def test_a_customer_is_the_case_of_its_number_then_of_its_name() -> None:
    cases = cases_of(
        {
            "one": 'format = 1\ncurrency = "EUR"\n[debtor]\nname = "Old name"\nnumber = "0017"\n',
            "two": 'format = 1\ncurrency = "EUR"\n[debtor]\nname = "Beta"\n',
            "three": 'format = 1\ncurrency = "EUR"\n[debtor]\nname = "Gamma"\nnumber = "3"\n',
            "delta": 'format = 1\ncurrency = "EUR"\n[debtor]\nname = "Delta AG"\n',
        }
    )
    done = imported(
        "Customer no,Customer name,Invoice,Due,Amount\n"
        "0017,New name,1,2026-08-31,5\n"
        "0018,Beta,2,2026-08-31,5\n"
        "0019,Gamma,3,2026-08-31,5\n"
        ",Gamma,4,2026-08-31,5\n"
        "17,Other,5,2026-08-31,5\n"
        "0020,Delta,6,2026-08-31,5\n",
        cases,
    )
    assert [(c.case_id, c.new, c.number, c.count("invoice")) for c in done.cases] == [
        ("one", False, "0017", 1),
        ("two", False, "0018", 1),
        ("gamma", True, "0019", 2),
        ("other", True, "17", 1),
        ("delta-0020", True, "0020", 1),
    ]
    assert "Delta becomes case delta-0020, since delta is another" in done.notices[0].message


def test_a_customer_who_could_be_two_is_refused() -> None:
    same = 'format = 1\ncurrency = "EUR"\n[debtor]\nname = "Beta"\n'
    cases = cases_of({"a": same + 'number = "1"\n', "b": same + 'number = "1"\n', "c": same})
    head = "Customer no,Customer name,Invoice,Due,Amount\n"
    done = imported(head + "1,X,1,2026-08-31,5\n", cases)
    assert reasons(done) == ["2: cases a, b have the same customer number 1; change one of them"]
    done = imported(head + "7,Beta,1,2026-08-31,5\n8,Beta,2,2026-08-31,5\n", cases)
    assert len(done.refused) == 2
    assert "Beta could be c; write the customer number in the case" in done.refused[0].message
    done = imported(head + "7,Beta,1,2026-08-31,5\n8,Beta,2,2026-08-31,5\n,Beta,3,2026-08-31,5\n")
    assert reasons(done) == [
        "4: Beta could be customer 7, 8; write the customer number in this row"
    ]
    assert [case.case_id for case in done.cases] == ["beta", "beta-8"]


def test_an_invoice_that_is_there_differently_is_refused() -> None:
    cases = case_file(
        '[debtor]\nname = "A"\n[[invoice]]\nnumber = "1"\ndue = 2026-08-31\namount = 10.00\n'
    )
    done = imported(HEADER + "A,1,,2026-08-31,12.00\n", cases)
    assert reasons(done) == [
        "2: invoice 1 is in case acme with 10.00 EUR due 2026-08-31, here with 12.00 EUR due "
        "2026-08-31; correct the file, or void the one in the case"
    ]
    assert not done.cases


PAID = "Customer,Invoice,Due,Amount,Disputed,Paid on\n"
ONE = '[debtor]\nname = "A"\n[[invoice]]\nnumber = "1"\ndue = 2026-08-31\namount = 10.00\n'


@pytest.mark.parametrize(
    ("body", "row", "expected"),
    [
        ("", "A,1,2026-08-31,10.00,,", []),
        ("", "A,1,2026-08-31,10.00,,2026-09-05", [("payment", "10.00")]),
        ("", "A,1,2026-08-31,10.00,yes,", [("dispute", "10.00")]),
        (
            '[[payment]]\non = 2026-09-05\namount = 10.00\ninvoice = "1"\n',
            "A,1,2026-08-31,10.00,yes,2026-09-06",
            [],
        ),
        (
            '[[payment]]\non = 2026-09-05\namount = 4.00\ninvoice = "1"\n',
            "A,1,2026-08-31,10.00,,2026-09-06",
            [("payment", "6.00")],
        ),
        (
            '[[credit]]\non = 2026-09-05\namount = 4.00\ninvoice = "1"\n',
            "A,1,2026-08-31,10.00,,2026-09-06",
            [("payment", "6.00")],
        ),
        (
            "[[payment]]\non = 2026-09-05\namount = 3.00\n",
            "A,1,2026-08-31,10.00,,2026-09-06",
            [("payment", "7.00")],
        ),
        (
            "[[payment]]\non = 2026-09-05\namount = 25.00\n",
            "A,1,2026-08-31,10.00,,2026-09-06",
            [],
        ),
        (
            '[[dispute]]\nat = 2026-09-05T10:00:00Z\namount = 4.00\ninvoice = "1"\n',
            "A,1,2026-08-31,10.00,yes,",
            [],
        ),
    ],
)
def test_a_row_adds_to_its_case_only_what_the_case_lacks(
    body: str, row: str, expected: list[tuple[str, str]]
) -> None:
    done = imported(PAID + row + "\n", case_file(ONE + body))
    added = [(kind, str(table["amount"])) for case in done.cases for kind, table in case.entries]
    assert added == expected
    assert (done.new, done.there) == (0, 1)


def test_money_that_names_no_invoice_is_not_counted_twice() -> None:
    body = '[[invoice]]\nnumber = "0"\ndue = 2026-01-31\namount = 4.00\n'
    cases = case_file(ONE + body + "[[payment]]\non = 2026-09-05\namount = 10.00\n")
    done = imported(PAID + "A,1,2026-08-31,10.00,,2026-09-08\nA,2,2026-08-31,9.00,,\n", cases)
    assert done.count("payment") == 0
    assert "acme has a payment of 10.00 on 2026-09-05 for no invoice" in done.notices[0].message
    again = imported(
        PAID + "A,1,2026-08-31,10.00,,2026-09-08\nA,2,2026-08-31,9.00,,\n",
        cases_of(applied(done, {"acme": 'format = 1\ncurrency = "EUR"\n' + ONE + body
                                + "[[payment]]\non = 2026-09-05\namount = 10.00\n"})),
    )  # fmt: skip
    assert not again.cases


def test_what_a_void_took_back_stays_taken_back() -> None:
    from dunctl.case.handles import handles

    data = PAID + "A,1,2026-08-31,10.00,,2026-09-05\nA,2,2026-08-31,20.00,yes,\n"
    ((name, text),) = applied(imported(data)).items()
    for handle in handles(cases_of({name: text})[0].data).values():
        text = append(text, [("void", {"at": NOW, "entry": handle})])
    done = imported(data, cases_of({name: text}))
    assert (done.new, done.there, done.cases) == (0, 2, ())
    assert len(done.notices) == 2
    kept = append(text, [("void", {"at": NOW, "entry": "0000000"})])
    assert imported(data, [c for c in [parse(kept, name)[0]] if c]).cases == ()


def test_an_invoice_that_another_case_has_is_noticed() -> None:
    done = imported(HEADER + "A Ltd,1,,2026-08-31,10.00\n", case_file(ONE))
    assert done.cases[0].case_id == "a-ltd"
    assert "A Ltd gets a new case, but case acme has invoice 1, too" in done.notices[0].message


def test_numbers_are_text_and_keep_their_zeros() -> None:
    done = imported(
        "Customer ID,Invoice number,Due,Amount\n"
        '0379-NEVHP,0000611365,2026-08-31,5\n0379-NEVHP,="0012",2026-08-31,5\n'
    )
    (case,) = cases_of(applied(done))
    assert (case.id, case.debtor.number) == ("0379-nevhp", "0379-NEVHP")
    assert {i.number for i in of(case, Invoice)} == {"0000611365", "0012"}


def test_hostile_cells_stay_text_and_control_characters_go() -> None:
    done = imported(
        "Customer,Invoice,Due,Amount,Phone,Email,Country\n"
        '"=HYPERLINK(""http://x"",""y"")",@1,2026-08-31,5,+86 571 8888 0101,a@example.com,de\n'
        '../../etc/pass\x1b[31mwd,{0}\'""",2026-08-31,5,8.6E+12,not one,391\n'
        '"a\u202etxt\u0000"'.replace("\u0000", "")
        + ",[[x]],2026-08-31,5,,,\n"
    )
    found = {case.id: case.debtor for case in cases_of(applied(done))}
    assert [debtor.name for debtor in found.values()] == [
        '=HYPERLINK("http://x","y")',
        "../../etc/pass [31mwd",
        "atxt",
    ]
    assert list(found) == ["hyperlink-http-x-y", "etc-pass-31mwd", "atxt"]
    first, second, _ = found.values()
    assert (first.phone, first.email, first.country) == (
        ("+86 571 8888 0101",),
        "a@example.com",
        "DE",
    )
    assert (second.phone, second.email, second.country) == ((), None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Müller & Söhne", "müller-söhne"),
        ("  --A  B--", "a-b"),
        (".hidden", "hidden"),
        ("...", "case"),
        ("CON", "case-con"),
        ("com1", "case-com1"),
        ("ＡＢＣ　商事", "abc-商事"),
        ("İstanbul", "istanbul"),
    ],
)
def test_a_case_is_named_so_that_every_system_can_hold_it(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_a_slug_is_letters_digits_and_single_dashes(text: str) -> None:
    name = slug(text)
    assert name == name.lower()
    assert 0 < len(name) <= 60
    assert all(part and part.isalnum() for part in name.split("-"))


def test_cases_of_one_name_get_different_ids() -> None:
    rows = "".join(f"{name},{i},,2026-08-31,5\n" for i, name in enumerate(("A.", "a", "A!", "=a")))
    done = imported(HEADER + rows, taken=["A-3"])
    assert [case.case_id for case in done.cases] == ["a", "a-2", "a-4", "a-5"]


def test_country_codes_and_currency_names_are_the_official_ones() -> None:
    from babel import Locale

    assert len(COUNTRIES) == 249
    assert set(Locale("en").territories) >= COUNTRIES
    assert currencies("rmb") == ("CNY",)
    assert currencies("nonsense") == ()
    assert clean("a\u200b\tb\n") == "a b"


# Promises that hold for any file.

PIECES = st.sampled_from(
    [
        *(
            "Customer",
            "客户",
            "Kunde",
            "invoice no",
            "Due",
            "Betrag",
            "Amount (EUR)",
            "Settled date",
        ),
        *("Outstanding", "Issued", "Disputed", "Terms", "Currency", "A", "B Ltd", "0017", "Total"),
        *("1,234.56", "1.234,56", "5.00", "5", "1.234", "-3", "0", "13/1/2026", "1/13/2026"),
        *("2026-08-31", "3/4/2026", "46000", "yes", "no", "", " ", '"', "€5", "$", "EUR", "XX"),
        *(",", ";", "\t", "|", "\n", "\r\n", "\x00", "\ufeff", "=1+1", "\x1b[0m", "é", "李"),
    ]
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030", "cp1252"])


@given(
    st.one_of(
        st.binary(),
        st.tuples(st.lists(PIECES, max_size=80).map("".join), ENCODINGS).map(
            lambda pair: pair[0].encode(pair[1], "replace")
        ),
        st.binary(max_size=60).map(lambda tail: b"Customer,Invoice,Due,Amount\nA,1," + tail),
    )
)
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    try:
        table = read_table(data)
        done = plan(table, [], now=NOW, currency="EUR")
    except Refused:
        return
    assert isinstance(table, Table)
    assert ties(done)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "1", "2", "0017", "con"]),
        st.sampled_from(["", "Acme", "acme", "Beta GmbH", "云帆", "1"]),
        st.sampled_from(["", "1", "01", "1", "2", "3", "2026-17"]),
        st.sampled_from(["", "2026-08-01", "2026-09-30", "2026-08-32"]),
        st.sampled_from(["", "2026-08-31", "2026-08-31", "2026-10-01", "soon"]),
        st.sampled_from(
            ["10.00", "10.00", "20.5", "-4", "0", "1,000.00", "x", "EUR 7", "$3", "1.5"]
        ),
        st.sampled_from(["", "", "0", "4.00", "10.00"]),
        st.sampled_from(["", "EUR", "USD", "JPY", "KWD", "???"]),
        st.sampled_from(["", "2026-09-03", "2026-07-01", "2027-01-01", "n/a"]),
        st.sampled_from(["", "Yes", "no", "too late"]),
        st.sampled_from(["", "30", "net 14", "?"]),
    ),
    max_size=25,
)
MONEY = st.lists(
    st.tuples(
        st.sampled_from([2, 5, 30]), st.sampled_from(["10.00", "3.00"]), st.sampled_from(["", "1"])
    ),
    max_size=4,
)


@given(ROWS, MONEY, st.integers(0, 40))
def test_totals_tie_and_a_second_import_adds_nothing(
    rows: list[tuple[str, ...]], money: list[tuple[int, str, str]], days: int
) -> None:
    head = "Customer no,Customer name,Invoice,Issued,Due,Amount,Outstanding,Currency,Paid on,"
    data = head + "Disputed,Terms\n" + "".join('"' + '","'.join(row) + '"\n' for row in rows)
    book = 'format = 1\ncurrency = "EUR"\n[debtor]\nname = "Acme"\n' + ONE.partition('"A"\n')[2]
    for day, amount, number in money:
        book += f"[[payment]]\non = 2026-09-{day:02}\namount = {amount}\n"
        book += f'invoice = "{number}"\n' if number else ""
    texts = {"first": book}
    done = imported(data, cases_of(texts))
    assert ties(done)
    texts = applied(done, texts)
    again = imported(data, cases_of(texts), now=NOW + timedelta(days=days))
    assert ties(again)
    assert again.cases == ()
    assert again.there == done.new + done.there
    assert again.refused == done.refused


# A real file.

SAMPLE = Path(
    os.environ.get("DUNCTL_RECEIVABLES")
    or Path(__file__).parents[2] / "shared/data/receivables/ibm-accounts-receivable.csv"
)


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample of receivables is not here")
def test_the_public_sample_of_receivables_is_taken_whole() -> None:
    data = SAMPLE.read_bytes()
    done = plan(read_table(data), [], now=datetime(2026, 11, 22, tzinfo=UTC), currency="USD")
    assert (done.read, done.new, done.there, done.refused) == (2466, 2466, 0, ())
    assert (len(done.cases), done.count("payment"), done.count("dispute")) == (100, 2466, 0)
    assert done.totals["USD"].read == done.totals["USD"].new == Decimal("147703.18")
    assert set(done.reading.date_orders.values()) == {"mdy"}
    cases = cases_of(applied(done))
    numbers = [invoice.number for case in cases for invoice in of(case, Invoice)]
    assert sum(number.startswith("0") for number in numbers) == 266
    assert "0379-nevhp" in {case.id for case in cases}
    assert {case.debtor.country for case in cases} == {None}
    again = plan(read_table(data), cases, now=datetime(2026, 11, 23, tzinfo=UTC), currency="USD")
    assert (again.new, again.there, again.cases, again.refused) == (0, 2466, (), ())
