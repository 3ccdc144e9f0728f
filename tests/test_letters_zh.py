"""What letters in Chinese say, in whole letters: each was read before it was approved."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from dunctl.letters import layout
from dunctl.letters.sheet import Sheet, as_sms, as_text
from dunctl.letters.sms import MOST, parts
from tests.casefile import policy
from tests.lettercase import FILES, FITTING, STATIONER, Approved, one, sheet, shipped

SNAPSHOTS = Path(__file__).parent / "snapshots" / "letters"
CHINESE = [name for name in FILES if name.startswith("zh/")]
HEADQUARTERS = policy('[letter]\nnext_unit = "集团信用管理部"\ncourt = "上海市徐汇区人民法院"\n')
FACTORED: Mapping[str, Any] = {
    **STATIONER,
    "assignee": {
        "name": "示例商业保理有限公司",
        "address": ["上海市黄浦区样板路 1 号"],
        "bank": {"bank": "示例银行上海分行", "account": "6200 0000 0000 0000 001"},
    },
}

LATE = """
format = 1
currency = "CNY"
[debtor]
name = "杭州云帆贸易有限公司"
number = "YF-17"
country = "CN"
timezone = "Asia/Shanghai"
address = ["浙江省杭州市西湖区", "文三路 100 号"]
size = "large"
[terms]
contract = "YF-2026-17"
signed = 2026-01-12
suspend_clause = "8"
ends = 2026-12-31
interest = { percent = 0.05, per = "day", clause = "9.2" }
[supply]
stopped = 2026-12-07
[[person]]
name = "王芳"
role = "finance"
[[invoice]]
number = "2026-0311"
issued = 2026-05-11
due = 2026-06-10
amount = 30000.00
[[invoice]]
number = "2026-0398"
issued = 2026-07-20
due = 2026-08-19
amount = 14500.00
[[invoice]]
number = "2026-0540"
issued = 2026-11-16
due = 2026-12-16
amount = 9000.00
[[document]]
on = 2026-05-09
kind = "delivery_note"
ref = "QS-0311"
[[letter]]
at = 2026-07-01T10:00:00+08:00
template = "reminder"
[[fee]]
on = 2026-10-01
amount = 700.00
basis = "双方合同第 10 条"
kind = "contract"
invoice = "2026-0311"
[[payment]]
on = 2026-09-14
amount = 10000.00
invoice = "2026-0311"
[[promise]]
at = 2026-11-02T09:05:00+08:00
with = "王芳"
amount = 20000.00
due = 2026-11-20
[[payment]]
on = 2026-11-19
amount = 5000.00
invoice = "2026-0311"
"""
OPEN = """
[[dispute]]
at = 2026-11-23T10:00:00+08:00
amount = 3000.00
invoice = "2026-0398"
about = "quality"
"""
DECIDED = LATE + '[[document]]\non = 2026-11-27\nkind = "decision"\nref = "2026-31"\n'
ASSIGNED = LATE + '[[document]]\non = 2026-11-27\nkind = "assignment"\nref = "BL-209"\n'


def small(due: str, **more: Any) -> str:
    return one(due, name="苏州晴川文化用品店", currency="CNY", zone="Asia/Shanghai", **more)


TWO = """
[[invoice]]
number = "A-2"
issued = 2026-09-28
due = 2026-10-28
amount = 800
"""
SETTLED = small("2026-11-13") + "[[payment]]\non = 2026-11-26\namount = 1200\n"
ENDED = SETTLED.replace(
    "[[invoice]]", '[terms]\ncontract = "QC-9"\nends = 2026-11-30\n[[invoice]]', 1
)
PROMISED = (
    small("2026-11-13", kind="sole_trader")
    + TWO
    + """
[[person]]
name = "周晴"
role = "owner"
[[promise]]
at = 2026-11-30T10:00:00+08:00
amount = 700
due = 2026-12-04T15:00:00+08:00
via = "transfer"
invoice = "A-1"
"""
)
INSTALMENTS = """
[[plan]]
at = 2026-11-20T10:00:00+08:00
instalments = [
  { due = 2026-11-27, amount = 400 },
  { due = 2026-12-28, amount = 400 },
  { due = 2027-01-27, amount = 400 },
]
accelerate = "双方2026年11月20日协议第 4 条"
"""
PLANNED = (
    one("2026-11-13", kind="consumer", name="张伟", currency="CNY", zone="Asia/Shanghai")
    + INSTALMENTS
    + "[[payment]]\non = 2026-11-26\namount = 400\n"
)
MISSED = small("2026-11-13") + INSTALMENTS.replace("accelerate", "#")

CASES: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "upcoming": (
        "upcoming",
        small("2026-12-08") + "[[payment]]\non = 2026-11-20\namount = 80\ninvoice = 'A-0'\n"
        "[[invoice]]\nnumber = 'A-0'\nissued = 2026-10-20\ndue = 2026-11-19\namount = 80\n",
        {},
    ),
    "upcoming-today": (
        "upcoming",
        small("2026-12-01") + TWO.replace("2026-10-28", "2026-12-03"),
        {},
    ),
    "courtesy": ("courtesy", small("2026-11-27"), {}),
    "courtesy-several": ("courtesy", LATE + OPEN, {}),
    "courtesy-plan": ("courtesy", MISSED, {}),
    "promise-confirmation": ("promise-confirmation", PROMISED, {}),
    "broken-promise": ("broken-promise", LATE + OPEN, {}),
    "broken-promise-instalment": ("broken-promise", MISSED, {}),
    "supply-stop": ("supply-stop", LATE, {}),
    "interest-notice": ("interest-notice", LATE + OPEN, {}),
    "instalment-offer": ("instalment-offer", PLANNED, {}),
    "dispute-answer": ("dispute-answer", LATE + OPEN, {}),
    "reconciliation": ("reconciliation", LATE, {}),
    "thank-you": ("thank-you", LATE, {}),
    "thank-you-settled": ("thank-you", SETTLED, {}),
    "call-back": ("call-back", small("2026-11-27"), {}),
    "hand-over": ("hand-over", LATE, {"rules": HEADQUARTERS}),
    "before-action": ("before-action", DECIDED, {"rules": HEADQUARTERS}),
    "assignment": ("assignment", ASSIGNED, {"creditor": FACTORED}),
    "contract-end": ("contract-end", LATE + OPEN, {}),
    "contract-end-settled": ("contract-end", ENDED, {}),
    "final-demand-interest": ("final-demand", LATE, {}),
    "reminder-one": ("reminder", small("2026-11-27"), {}),
}
"""By the stem of its file: the template of a letter, its case, and who writes by which policy."""


def approved() -> dict[str, Approved]:
    found = {}
    for stem, (name, text, more) in CASES.items():
        for form in shipped(f"zh/{name}").forms:
            if form == "email" and stem != "courtesy":  # the words are those of the letter
                continue
            ending = "" if form == "letter" else f"-{form}"
            chosen = {"creditor": STATIONER, "form": form, **more}
            found[f"zh-{stem}{ending}"] = Approved(
                f"zh/{name}", form, partial(sheet, text, f"zh/{name}", **chosen)
            )
    return found


SHEETS = approved()
SMS = [name for name in SHEETS if SHEETS[name].form == "sms"]
DEMANDS = [name for name in SHEETS if shipped(SHEETS[name].template).asks]


@cache
def written(name: str) -> Sheet:
    return SHEETS[name].write()


@pytest.mark.parametrize("name", SHEETS)
def test_the_letters_read_as_they_were_approved(name: str) -> None:
    seen = as_text(written(name))
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seen, encoding="utf-8", newline="\n")
    assert seen == file.read_text(encoding="utf-8")


def test_every_template_has_its_chinese_one_in_the_same_forms() -> None:
    for name in FITTING:
        ours, theirs = shipped(f"zh/{name}"), shipped(f"en/{name}")
        for key in ("stages", "channel", "forms", "needs", "deadline", "claims", "asks"):
            assert getattr(ours, key) == getattr(theirs, key), (name, key)


def test_every_template_has_an_approved_letter() -> None:
    assert {name for name, _, _ in CASES.values()} == set(FITTING)


@pytest.mark.parametrize("name", SHEETS)
def test_a_letter_is_finished_chinese_text(name: str) -> None:
    seen = as_text(written(name))
    lines = seen.split("\n")
    assert all(line == line.rstrip() for line in lines)
    assert all(layout.width(line) <= layout.PAPER for line in lines) or name in SMS
    assert "\n\n\n" not in seen
    assert not re.search("[\u00a0\u202f{}\t\r]", seen)
    assert not re.search("[\u4e00-\u9fff][,;:?!]|。。|，，|，。|；。|：。", seen)


THREATS = (
    "黑名单|失信|曝光|报警|公安|强制执行|后果|严重|必须|立即|拒不|恶意|拖欠|欠款|无视|置之不理|"
    "征信|催收公司|律师|务必|否则|遗憾"
)


@pytest.mark.parametrize("name", CHINESE)
def test_no_letter_threatens_or_blames(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    assert not re.search(THREATS, text)
    legal = re.search("法院|诉讼|起诉|法律", text.split("+++")[2])
    assert bool(legal) is (name == "zh/before-action")


@pytest.mark.parametrize("name", [n for n in DEMANDS if n not in SMS])
def test_every_demand_has_sum_capitals_day_account_and_what_to_do_otherwise(name: str) -> None:
    text = re.sub(r"\s", "", as_text(written(name)))
    assert "1001234567890123456" in text
    assert "付款附言" in text
    assert re.search(r"已经付|已安排付款", text)
    assert "异议" in text
    assert re.search(r"\d日前", text) or "按各发票的应付日期" in text
    if SHEETS[name].template != "zh/contract-end":
        assert re.search(r"人民币[\d,]+\.\d\d元（大写：人民币[^（）]+[整分角]）", text)


@pytest.mark.parametrize("name", SMS)
def test_a_text_message_is_short_and_says_from_whom(name: str) -> None:
    text = as_sms(written(name))
    assert parts(text).number <= MOST
    assert "\n" not in text
    assert text.startswith("您好，我是李娜" if "call-back" in name else "【上海明拓文具有限公司】")
