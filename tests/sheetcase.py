"""Sheets for the tests of outputs, written by hand: what is printed, without a case behind it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dunctl.letters import qr
from dunctl.letters.sheet import Pairs, Sheet, Sign, Table, Text

BERLIN: Mapping[str, Any] = {
    "name": "Müller & Söhne GmbH",
    "address": ["Beispielgasse 7", "10115 Berlin"],
    "bank": {"iban": "DE89 3704 0044 0532 0130 00"},
}
ZURICH: Mapping[str, Any] = {
    "name": "Müller & Söhne AG",
    "address": ["Bahnhofstrasse 1", "8001 Zürich"],
    "bank": {"iban": "CH93 0076 2011 6238 5295 7"},
}


def claims(rows: int = 2) -> Table:
    """Return a table of so many invoices of 4,100.00 each, with its sum."""
    return Table(
        "Amounts in EUR",
        ("Invoice", "Issued", "Due", "Amount", "Paid or\ncredited", "To pay"),
        (False, False, False, True, True, True),
        tuple(
            (f"2026-{nth:04}", "1 Aug 2026", "31 Aug 2026", "4,600.00", "500.00", "4,100.00")
            for nth in range(1, rows + 1)
        ),
        (("Sum", f"{4100 * rows:,}.00"), ("Total to pay", f"{4100 * rows:,}.00")),
    )


ENGLISH = Sheet(
    template="final-demand",
    language="en",
    form="letter",
    sender=(
        "Müller & Söhne GmbH",
        "Beispielgasse 7",
        "10115 Berlin",
        "Telephone: +49 30 23125 000",
    ),
    recipient=("Harbour Café Ltd", "For the attention of Jane Smith", "4 Quay Street", "Cardiff"),
    place_date="1 December 2026",
    subject="Final demand: €8,200.00",
    references=(("Customer number", "10482"), ("Contract", "HC-2026-3")),
    salutation="Dear Jane Smith,",
    blocks=(
        Text("The invoices below have not been paid. They were due on 31 August 2026."),
        claims(),
        Text("Please pay €8,200.00, to reach our account by 8 December 2026:"),
        Pairs(
            (
                ("Account holder", "Müller & Söhne GmbH"),
                ("IBAN", "DE89 3704 0044 0532 0130 00"),
                ("Reference", "10482"),
            )
        ),
        Text("We hold these papers:"),
        Text("- Delivery note DN 771 of 30 July 2026"),
        Text("- Order PO 88 of 20 July 2026"),
        Text("If you dispute a part, please tell us by 8 December 2026 which."),
    ),
    closing="Yours sincerely",
    signature=("Anna Ward", "Credit Controller", "Müller & Söhne GmbH"),
    page="Page {n} of {m}",
    qr=qr.payload(BERLIN, "EUR", Decimal("8200.00"), "10482"),
    qr_caption="Scan to pay",
    paper="a4",
    country="GB",
)
CHINESE = Sheet(
    template="final-demand",
    language="zh",
    form="letter",
    sender=("上海明拓文具有限公司", "上海市徐汇区漕溪北路 88 号", "电话：+86 21 5555 0101"),
    recipient=("致：杭州云帆贸易有限公司", "收件人：陈镕", "浙江省杭州市西湖区", "文三路 100 号"),
    place_date="",
    subject="催款函：逾期货款人民币138,000.00元",
    references=(("客户编号", "YF-17"), ("合同编号", "YF-2026-17")),
    salutation="尊敬的陈镕：",
    blocks=(
        Text("据我方账目，截至2026年12月1日，下列发票项下的货款已过付款期限，尚未付清。"),
        Table(
            "单位：人民币元",
            ("发票号码", "应付日期", "已付或\n已抵减", "应付"),
            (False, False, True, True),
            (("2026-0412", "2026-08-31", "20,000.00", "138,000.00"),),
            (("应付合计", "138,000.00"),),
        ),
        Text("请于2026年12月8日前将人民币138,000.00元（大写：人民币壹拾叁万捌仟元整）汇至："),
        Pairs((("户名", "上海明拓文具有限公司"), ("账号", "1001 2345 6789 0123 456"))),
    ),
    closing="顺颂商祺！",
    signature=("上海明拓文具有限公司", "应收账款主管：李娜", "2026年12月1日"),
    page="第{n}页，共{m}页",
    qr=None,
    qr_caption="",
    paper="a4",
    country="CN",
)
GERMAN = ENGLISH._replace(
    language="de",
    recipient=(
        "Gastronomiebedarfsgroßhandelsgesellschaft",
        "Waldmoos mbH",
        "Frau Dr. Annegret Müller-Lüdenscheidt",
        "Straße des Siebzehnten Juni 135",
        "10623 Berlin",
    ),
    place_date="1. Dezember 2026",
    subject="Letzte Mahnung: 8.200,00 €",
    salutation="Sehr geehrte Frau Dr. Müller-Lüdenscheidt,",
    closing="Mit freundlichen Grüßen",
    page="Seite {n} von {m}",
)
AMERICAN = ENGLISH._replace(
    recipient=("Harbor Cafe Inc.", "Attn: Jane Smith", "4 Quay Street, Suite 200", "Portland, ME"),
    subject="Statement of account to December 1, 2026",
    blocks=(
        Text("Please compare our account with your books."),
        claims(90),
        Text("We confirm the balance."),
        Sign(("Name", "Position", "Date", "Signature and stamp")),
    ),
    qr=None,
    paper="us-letter",
    country="US",
)
SHEETS = {"english": ENGLISH, "chinese": CHINESE, "german": GERMAN, "american": AMERICAN}

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "{{ 7*7 }} {% for x in y %}",
    '#import "x.typ" #eval("1") $x$ *bold* _it_ `raw` <label> @ref // note',
    "&lt;b&gt; &amp;",
    "Robert'); DROP TABLE cases;--",
)
"""Values that are markup somewhere: each is to be printed as it stands."""


def with_name(text: str) -> Sheet:
    """Return the English letter with ``text`` in every place that takes a value."""
    return ENGLISH._replace(
        sender=(text, text),
        recipient=(text, text),
        subject=text,
        references=((text, text),),
        salutation=text,
        blocks=(
            Text(text),
            Table(text, (text, "To pay"), (False, True), ((text, "1.00"),), ((text, "1.00"),)),
            Pairs(((text, text),)),
            Sign((text,)),
            Text(f"- {text}"),
        ),
        signature=(text,),
        qr_caption=text,
    )
