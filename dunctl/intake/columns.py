"""Which column means what: the names that other programs give to the parts of a receivable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from dunctl import money
from dunctl.errors import Refused
from dunctl.tuples import NamedTuple
from dunctl.words import t

_ALIASES: Mapping[str, str] = {
    "customer_id": """
        customerid customerno customernumber customercode customeraccount customernr custid custno
        custnr custcode clientid clientno clientnumber clientcode debtorid debtorno debtornumber
        debtorcode debtoraccount accountid kundennr kundennummer kundenid kundeid kundenkonto
        kundenno kundnr kdnr kdnummer debitornr debitornummer debitorennr debitorennummer
        debitorenkonto 客户编号 客户代码 客户编码 客户号 客户id 往来单位编码 客户代号
        """,
    "customer_name": """
        customername clientname debtorname companyname company accountname contactname buyer
        buyername custname kundenname debitorname debitorenname firma firmenname firmierung name1
        客户名称 客户名 客户全称 购方名称 购买方名称 购货单位 往来单位 往来单位名称 公司名称
        单位名称 债务人 欠款单位 付款单位
        """,
    "name": "name 名称",
    "customer": "customer client debtor kunde debitor billto soldto 客户 购买方",
    "number": """
        invoicenumber invoiceno invoicenr invoicenum invoiceid invoice invoiceref invno invnumber
        invnum num documentnumber documentno docno docnumber billno billnumber rechnungsnr
        rechnungsnummer rechnungnr rechnungsno renr rgnr rechnr rechnung belegnr belegnummer
        fakturanr fakturanummer 发票号 发票号码 发票编号 发票 单据号 单据编号 单号 账单号 账单编号
        票据号 应收单号
        """,
    "issued": """
        invoicedate issuedate issued issuedon dateissued dateofissue dateofinvoice billdate
        billingdate documentdate docdate invdate rechnungsdatum redatum rgdatum belegdatum
        ausstellungsdatum rechnungvom 开票日期 发票日期 开票时间 开具日期 出票日期 单据日期 账单日期
        """,
    "date": "date datum 日期",
    "due": """
        duedate due dueon datedue paymentduedate invoiceduedate paymentdue payby netduedate maturity
        maturitydate faellig faelligam faelligkeit faelligkeitsdatum nettofaelligkeit zahlbarbis
        nettofaelligkeitsdatum 到期日 到期日期 付款到期日 应付日期 应收日期 还款日 最后付款日
        约定付款日 约定付款日期
        """,
    "amount": """
        amount invoiceamount total totalamount invoicetotal grossamount amountgross gross grosstotal
        grandtotal totalgross totalinclvat amountinclvat invoicevalue originalamount amt invamt
        betrag rechnungsbetrag bruttobetrag betragbrutto brutto gesamtbetrag rechnungssumme
        gesamtsumme endbetrag forderung forderungsbetrag 金额 发票金额 价税合计 含税金额 总金额
        应收金额 开票金额 账单金额 合计金额 总额
        """,
    "open": """
        openamount amountopen outstanding outstandingamount amountoutstanding openbalance amountdue
        balancedue remainingamount invoiceamountdue offen offenerbetrag betragoffen restbetrag
        offenerposten 未收金额 未付金额 未清金额 欠款金额 欠款 未回款金额
        """,
    "currency": """
        currency currencycode curr cur ccy invoicecurrency documentcurrency waehrung waehrungscode
        whg belegwaehrung 币种 货币 币别 货币代码 币种代码
        """,
    "paid": """
        settleddate settled settledon datesettled settlementdate paid paiddate datepaid paidon
        paymentdate dateofpayment receiveddate cleareddate clearingdate fullypaidondate bezahlt
        bezahltam zahlungsdatum zahldatum gezahltam zahlungseingang ausgleichsdatum beglichenam
        付款日期 收款日期 回款日期 到账日期 实际付款日 实际付款日期 结清日期 收款日 回款日 到款日期
        付清日期
        """,
    "disputed": """
        disputed dispute isdisputed indispute disputeflag contested strittig bestritten reklamiert
        reklamation 争议 有争议 是否争议 有无争议 异议 是否有争议
        """,
    "terms": """
        terms paymentterms paymentterm termsdays paymenttermsdays creditdays creditterms netdays
        termdays zahlungsziel zahlungszieltage zahlungsfrist zahlungsbedingung zahlungsbedingungen
        账期 账期天数 信用期 付款条件 付款期限 信用天数
        """,
    "country": """
        country countrycode countryiso countryregion countryname customercountry billingcountry
        billcountry billtocountry pocountry land laendercode landescode 国家 国家代码 国别
        """,
    "state": """
        state stateprovince stateorprovince statecode province provincecode subdivision
        billingstate billingprovince billstate billtostate poregion bundesland 省份 州
        """,
    "phone": """
        phone phonenumber telephone telephonenumber tel telno mobile telefon telefonnummer telnr
        mobil 电话 联系电话 手机 手机号 电话号码
        """,
    "email": "email emailaddress mail mailaddress emailadresse 邮箱 电子邮箱 电子邮件",
}
_ROLE = {alias: role for role, aliases in _ALIASES.items() for alias in aliases.split()}
_SEVERAL = frozenset({"country", "state", "phone", "email", "name", "customer", "date"})
_HARMLESS = """
    gross brutto inclvat inklmwst days tage text iso yyyymmdd ddmmyyyy mmddyyyy ttmmjjjj
    天 含税 是否
"""
_NAMED_CURRENCIES: Mapping[str, tuple[str, ...]] = {
    "€": ("EUR",), "EURO": ("EUR",), "EUROS": ("EUR",), "欧元": ("EUR",),
    "£": ("GBP",), "英镑": ("GBP",), "US$": ("USD",), "美元": ("USD",),
    "A$": ("AUD",), "AU$": ("AUD",), "C$": ("CAD",), "CA$": ("CAD",), "HK$": ("HKD",),
    "NT$": ("TWD",), "NZ$": ("NZD",), "S$": ("SGD",), "R$": ("BRL",), "MX$": ("MXN",),
    "港元": ("HKD",), "港币": ("HKD",), "新台币": ("TWD",),
    "$": ("USD", "AUD", "CAD", "HKD", "SGD", "NZD", "TWD", "MXN", "CLP", "COP", "ARS"),
    "¥": ("CNY", "JPY"), "CN¥": ("CNY",), "JP¥": ("JPY",), "RMB": ("CNY",), "人民币": ("CNY",),
    "人民币元": ("CNY",), "元": ("CNY", "TWD", "HKD"), "圆": ("CNY",), "円": ("JPY",),
    "日元": ("JPY",), "₩": ("KRW",), "원": ("KRW",), "₹": ("INR",), "₽": ("RUB",), "₺": ("TRY",),
    "₫": ("VND",), "₪": ("ILS",), "฿": ("THB",), "₴": ("UAH",), "₱": ("PHP",), "₦": ("NGN",),
    "ZŁ": ("PLN",), "KČ": ("CZK",), "FT": ("HUF",), "SFR": ("CHF",), "FR": ("CHF",),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
}  # fmt: skip
# ISO 3166-1 alpha-2, officially assigned.
_ASSIGNED = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ASSIGNED.split())


class Columns(NamedTuple):
    """Where each role stands in a row; ``currency`` are those that the amount's name allows."""

    at: Mapping[str, tuple[int, ...]]
    currency: tuple[str, ...]
    ignored: tuple[str, ...]

    def first(self, role: str) -> int | None:
        """Return the column of a role that has one column at most."""
        return self.at[role][0] if role in self.at else None


def clean(text: str, most: int | None = None) -> str:
    """Return a cell as one line of text: no control, direction or zero-width characters.

    ``="0012"``, by which spreadsheets keep zeros, is ``0012``; any other formula stays text.
    """
    text = text.strip()
    if text.startswith('="') and text.endswith('"') and text.count('"') == 2:
        text = text[2:-1]
    if not text.isascii() or not text.isprintable():
        text = re.sub(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]", "", text)
        text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", text)
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    return text if most is None or len(text) <= most else text[: most - 1] + "…"


def currencies(word: str) -> tuple[str, ...]:
    """Return the currencies that a code, a sign or a name can mean; none for anything else."""
    word = unicodedata.normalize("NFKC", word).strip(" .").upper()
    if money.is_currency(word):
        return (word,)
    return _NAMED_CURRENCIES.get(word, ())


@lru_cache(maxsize=1024)
def role(name: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the role that a column's name stands for, and the currencies that it names."""
    words = unicodedata.normalize("NFKC", clean(name, 200)).casefold()
    known = _ROLE.get(_key(words))
    if known:
        return known, ()
    bracket = re.fullmatch(r"([^(\[]+)[(\[]([^)\]]*)[)\]]\W*", words)
    tail = re.fullmatch(r"(.*?\S)(?:\s+in\s+|[\s_/:]+)(\S+)", words)
    sign = re.fullmatch(r"(.*[^\W\d_])\s*([€£$¥])", words)
    for split in (bracket, tail, sign):
        known = _ROLE.get(_key(split[1])) if split else None
        if not split or not known:
            continue
        named = currencies(split[2])
        if named and known in ("amount", "open"):
            return known, named
        if split is bracket and _key(split[2]) in _HARMLESS.split():
            return known, ()
    return None, ()


def known(cells: Sequence[str]) -> int:
    """Return how many different roles a line of cells names."""
    return len({found for cell in cells if (found := role(cell)[0])})


def missing(header: Sequence[str]) -> list[str]:
    """Return what a receivable needs and no column of ``header`` gives, in words."""
    roles = {role(cell)[0] for cell in header}
    lacking = []
    if not roles & {"customer", "customer_id", "customer_name", "name"}:
        lacking.append(t("customer"))
    if "number" not in roles:
        lacking.append(t("invoice number"))
    if "due" not in roles and not ("terms" in roles and roles & {"issued", "date"}):
        lacking.append(t("due date (or invoice date and terms in days)"))
    if not roles & {"amount", "open"}:
        lacking.append(t("amount"))
    return lacking


def assign(header: Sequence[str]) -> Columns:
    """Give each column of a header its role.

    ``Refused`` when a needed one is missing, or when two columns could have the same role.
    """
    lacking = missing(header)
    if lacking:
        raise Refused(
            t(
                "no column for {missing}; the header is: {header}",
                missing=", ".join(lacking),
                header=clean(" | ".join(header), 300),
            )
        )
    at: dict[str, list[int]] = {}
    for column, cell in enumerate(header):
        found = role(cell)[0]
        if found:
            at.setdefault(found, []).append(column)
    for name, places in at.items():
        if len(places) > 1 and name not in _SEVERAL:
            raise Refused(
                t(
                    'columns {first} ("{one}") and {second} ("{other}") could both be the {role}; '
                    "rename or delete one",
                    first=places[0] + 1,
                    one=clean(header[places[0]], 60),
                    second=places[1] + 1,
                    other=clean(header[places[1]], 60),
                    role=_title(name),
                )
            )
    _settle(at, "name", "customer_name")
    _settle(at, "customer", "customer_name", "customer_id")
    _settle(at, "date", "issued")
    if "amount" not in at:
        at["amount"] = at.pop("open")
    used = {column for places in at.values() for column in places}
    return Columns(
        {name: tuple(places) for name, places in at.items()},
        role(header[at["amount"][0]])[1],
        tuple(clean(cell, 60) for i, cell in enumerate(header) if i not in used and clean(cell)),
    )


def _settle(at: dict[str, list[int]], loose: str, *roles: str) -> None:
    """Let a column of a loose name take the first of ``roles`` that no other column has."""
    for column in at.pop(loose, []):
        free = next((name for name in roles if name not in at), None)
        if free:
            at[free] = [column]


def _title(name: str) -> str:
    titles = {
        "customer_id": t("customer number"),
        "customer_name": t("customer name"),
        "number": t("invoice number"),
        "issued": t("invoice date"),
        "due": t("due date"),
        "amount": t("amount"),
        "open": t("open amount"),
        "paid": t("day of payment"),
        "disputed": t("dispute flag"),
    }
    return titles.get(name, name)


def _key(words: str) -> str:
    """Return a name without case, spaces, signs and umlauts, as the aliases are written."""
    words = unicodedata.normalize("NFC", words.replace("#", "no"))
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        words = words.replace(umlaut, plain)
    return "".join(c for c in words if c.isalnum())
