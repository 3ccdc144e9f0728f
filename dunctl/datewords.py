"""Days and moments in people's words, English and Chinese; the door to it is ``dates.understand``.

First a clock time is taken out of the words, then what is left is matched with one form after
another. Words that could mean two days are refused, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NoReturn, TypeAlias

from dunctl.dates import (
    MONTHS,
    WEEKDAYS,
    Prefer,
    add_months,
    add_working_days,
    month_end,
    resolve,
    weekday_number,
)
from dunctl.tuples import NamedTuple
from dunctl.words import t

_SIMPLER = str.maketrans("後點時週號禮兩個這\u3007", "后点时周号礼两个这零")
_SHORT = (("今早", "今天早上"), ("今晚", "今天晚上"), ("明早", "明天早上"), ("明晚", "明天晚上"))
_DAYS = {
    "today": 0,
    "tomorrow": 1,
    "yesterday": -1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "day before yesterday": -2,
    "the day before yesterday": -2,
    "今天": 0,
    "今日": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
    "大后天": 3,
    "昨天": -1,
    "昨日": -1,
    "前天": -2,
    "大前天": -3,
}
_NEXT_LAST = {"next": 1, "last": -1, "this": 0, "下": 1, "上": -1, "下下": 2, "上上": -2}
_YEARS = {"今": 0, "明": 1, "去": -1}
# The first and the last hour that people call by the name of a part of the day.
_PARTS = {
    "a": (0, 11),
    "p": (12, 23),
    "凌晨": (0, 6),
    "清晨": (4, 9),
    "早晨": (4, 11),
    "早上": (4, 11),
    "早": (4, 11),
    "上午": (1, 12),
    "中午": (11, 14),
    "下午": (12, 19),
    "傍晚": (16, 20),
    "晚上": (17, 23),
    "晚": (17, 23),
}
_PART = "|".join(part for part in _PARTS if not part.isascii())
_WEEKDAY = (
    "(?P<wd>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)\.?"
)
_WEEKDAY_ZH = "(?P<wd>(?:周|星期|礼拜)[一二三四五六日天])"
_MONTH = (
    "(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_N = "[0-9]{1,9}|[二三四五六七八九]?十[一二三四五六七八九]?|零?[一二两三四五六七八九]|零"
_MOST_WORKING_DAYS = 20_000


class _Asked(NamedTuple):
    now: datetime
    prefer: Prefer
    clock: time | None
    weekday: int | None = None

    @property
    def today(self) -> date:
        return self.now.date()


_Form: TypeAlias = Callable[[re.Match[str], _Asked], date]


def understand(words: str, *, now: datetime, zone: tzinfo, prefer: Prefer) -> date | datetime:
    """Read a day or a moment; see ``dates.understand``."""
    text = _normal(words)
    if not text:
        raise ValueError(t('a day is missing; write for example 2026-11-27, "fri 15:00" or +3d'))
    try:
        return _read(text, words, now.astimezone(zone), zone, prefer)
    except OverflowError:
        raise ValueError(
            t('"{words:.60}" is too far away; write a day such as 2026-11-27', words=words)
        ) from None


def _normal(words: str) -> str:
    text = unicodedata.normalize("NFKC", words).lower().translate(_SIMPLER)
    for short, full in _SHORT:
        text = text.replace(short, full)
    text = " ".join(text.replace(",", " ").split())
    if not text.isascii():
        text = re.sub(r"(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])", "", text)
    text = re.sub(r"(?<=[0-9])t(?=[0-9]{1,2}:)", " ", text)
    return text.removeprefix("on ").rstrip("。")


def _read(text: str, words: str, now: datetime, zone: tzinfo, prefer: Prefer) -> date | datetime:
    moment = _with_offset(text, words)
    if moment:
        return moment.astimezone(zone)
    rest, clock = _take_clock(text)
    asked = _Asked(now, prefer, clock)
    day = _day(rest, asked) if rest or clock is None else asked.today
    if day is None:
        raise ValueError(
            t(
                '"{words:.60}" is not understood as a day or a time; '
                'write for example 2026-11-27, "fri 15:00" or +3d',
                words=words,
            )
        )
    _plausible(day.year)
    if clock is None:
        return day
    found = resolve(datetime.combine(day, clock), zone)
    if found is None:
        raise ValueError(
            t(
                "the clocks in {zone} skip {clock} on {day}; write an hour more or less",
                zone=zone,
                clock=f"{clock:%H:%M}",
                day=day.isoformat(),
            )
        )
    return found


def _with_offset(text: str, words: str) -> datetime | None:
    match = re.fullmatch(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?) ?"
        r"(z|[+-][0-9]{2}:?[0-9]{2})",
        text,
    )
    if not match:
        return None
    try:
        moment = datetime.fromisoformat((match[1] + match[2]).upper())
    except ValueError:
        raise ValueError(
            t('"{words:.60}" does not exist; check the day, the hour and the offset', words=words)
        ) from None
    _plausible(moment.year)
    return moment


def _take_clock(text: str) -> tuple[str, time | None]:
    """Split the words into the rest and the clock time, if there is one."""
    for pattern, read in _CLOCKS:
        match = re.search(pattern, text)
        if match:
            rest = f"{text[: match.start()].strip()} {text[match.end() :].strip()}"
            return rest.strip(), read(match)
    return text, None


def _digital(match: re.Match[str]) -> time:
    hour = _hour(int(match["h"]), match["part"] or match["ap"], match[0])
    return _time(hour, int(match["m"]), int(match["s"] or 0), match[0])


def _english(match: re.Match[str]) -> time:
    return _time(_hour(int(match["h"]), match["ap"], match[0]), 0, 0, match[0])


def _chinese(match: re.Match[str]) -> time:
    quarters = {"一刻": 15, "半": 30, "三刻": 45}.get(match["quarters"], 0)
    minute = _number(match["m"]) if match["m"] else quarters
    return _time(_hour(_number(match["h"]), match["part"], match[0]), minute, 0, match[0])


def _hour(hour: int, part: str | None, words: str) -> int:
    """Turn an hour of a part of the day into one of 24; ``晚上12点`` belongs to neither day."""
    if part is None:
        return hour
    first, last = _PARTS[part]
    said = (hour % 12, hour % 12 + 12) if 1 <= hour <= 12 else (hour,)
    for real in said:
        if first <= real <= last:
            return real
    raise _no_time(words)


def _time(hour: int, minute: int, second: int, words: str) -> time:
    if hour > 23 or minute > 59 or second > 59:
        raise _no_time(words)
    return time(hour, minute, second)


def _no_time(words: str) -> ValueError:
    return ValueError(
        t(
            '"{words}" is not a time of day; write one from 00:00 to 23:59',
            words=words.strip(),
        )
    )


_DIGITAL = (
    rf"(?:\bat )?(?P<part>{_PART})?(?<![0-9:.])(?P<h>[0-9]{{1,2}}):(?P<m>[0-9]{{2}})"
    r"(?::(?P<s>[0-9]{2}))?(?![0-9:])(?: ?(?P<ap>[ap])(?:m(?![a-z])|\.m\.))?"
)
_ENGLISH = r"(?:\bat )?(?<![0-9:.])(?P<h>[0-9]{1,2}) ?(?P<ap>[ap])(?:m(?![a-z])|\.m\.)"
_CHINESE = (
    rf"(?P<part>{_PART})?(?<![周期拜0-9])(?P<h>{_N})[点时]"
    rf"(?:钟|整|(?P<quarters>半|一刻|三刻)|(?P<m>{_N})分?)?"
)
_CLOCKS: tuple[tuple[str, Callable[[re.Match[str]], time]], ...] = (
    (_DIGITAL, _digital),
    (_ENGLISH, _english),
    (_CHINESE, _chinese),
    (r"(?:\bat )?(?:12 )?\b(?:noon|midday)\b|中午|正午", lambda _: time(12)),
)


def _day(text: str, asked: _Asked) -> date | None:
    """Read the words without their clock time; None if no form fits."""
    if text in _DAYS:
        return asked.today + timedelta(days=_DAYS[text])
    for pattern, read in _FORMS:
        match = re.fullmatch(pattern, text)
        if match:
            return read(match, asked)
    return _with_weekday(text, asked) if asked.weekday is None else None


def _with_weekday(text: str, asked: _Asked) -> date | None:
    """Read ``Fri 27 Nov`` and ``11月27日周五``: the weekday must be that of the day."""
    match = re.fullmatch(rf"{_WEEKDAY} (?P<rest>.+)", text) or re.fullmatch(
        rf"(?P<rest>.+?)\(?{_WEEKDAY_ZH}\)?", text
    )
    if match is None:
        return None
    number = weekday_number(match["wd"])
    day = _day(match["rest"], asked._replace(weekday=number))
    if day and day.weekday() != number:
        raise ValueError(
            t(
                "{day} is a {weekday}; write the day without its weekday, or the other day",
                day=day.isoformat(),
                weekday=WEEKDAYS[day.weekday()],
            )
        )
    return day


def _shift(n: int, unit: str, asked: _Asked) -> date:
    today, unit = asked.today, unit.removeprefix("个")
    if unit[:2] in ("bd", "wd", "wo", "bu", "工作"):
        if abs(n) > _MOST_WORKING_DAYS:
            raise OverflowError
        return add_working_days(today, n)
    if unit[0] in "d天日":
        return today + timedelta(days=n)
    if unit[0] in "w周星礼":
        return today + timedelta(weeks=n)
    return add_months(today, n * 12 if unit[0] in "y年" else n)


def _signed(match: re.Match[str], asked: _Asked) -> date:
    n = _count(match["n"])
    return _shift(-n if match["sign"] == "-" else n, match["unit"], asked)


def _ahead(match: re.Match[str], asked: _Asked) -> date:
    return _shift(_count(match["n"]), match["unit"], asked)


def _ago(match: re.Match[str], asked: _Asked) -> date:
    return _shift(-_count(match["n"]), match["unit"], asked)


def _count(words: str) -> int:
    if len(words) > 9:
        raise OverflowError
    return 1 if words in ("a", "an", "one") else _number(words)


def _end_of_month(match: re.Match[str], asked: _Asked) -> date:
    which = match["which"]
    ends = [month_end(add_months(asked.today, n)) for n in (-1, 0, 1)]
    if which:
        return ends[1 + _NEXT_LAST.get(which, 0)]
    return ends[0] if asked.prefer == "past" and ends[1] > asked.today else ends[1]


def _end_of_named_month(match: re.Match[str], asked: _Asked) -> date:
    month, year = _month_number(match["name"]), asked.today.year
    if match["y"]:
        return month_end(_date(int(match["y"]), month, 1))
    ends = [month_end(_date(year + n, month, 1)) for n in (-1, 0, 1)]
    return _choose([(end.year, end.month, end.day) for end in ends], asked)


def _numeric(match: re.Match[str], asked: _Asked) -> date:
    return _dated(match["y"], int(match["m"]), int(match["d"]), asked)


def _named(match: re.Match[str], asked: _Asked) -> date:
    return _dated(match["y"], _month_number(match["name"]), int(match["d"]), asked)


def _chinese_date(match: re.Match[str], asked: _Asked) -> date:
    year = match["y"]
    if year in _YEARS:
        year = str(asked.today.year + _YEARS[year])
    return _dated(year, _number(match["m"]), _number(match["d"]), asked)


def _ambiguous(match: re.Match[str], _: _Asked) -> NoReturn:
    raise ValueError(
        t(
            '"{words}" can be read in more than one way; write the year first, such as 2026-04-03',
            words=match[0],
        )
    )


def _day_of_month(match: re.Match[str], asked: _Asked) -> date:
    day = _number(match["d"])
    months = [add_months(asked.today, n) for n in (-1, 0, 1)]
    return _choose([(month.year, month.month, day) for month in months], asked)


def _day_of_that_month(match: re.Match[str], asked: _Asked) -> date:
    month = add_months(asked.today, _NEXT_LAST.get(match["which"], 0))
    return _date(month.year, month.month, _number(match["d"]))


def _weekday(match: re.Match[str], asked: _Asked) -> date:
    days = _days_ahead(match["wd"], asked.today)
    clock, now = asked.clock, asked.now.time()
    if asked.prefer == "past":
        back = 0 if days == 0 and (clock is None or clock <= now) else 7
        return asked.today + timedelta(days=days - back)
    more = 7 if days == 0 and clock is not None and clock < now else 0
    return asked.today + timedelta(days=days + more)


def _last_weekday(match: re.Match[str], asked: _Asked) -> date:
    return asked.today + timedelta(days=_days_ahead(match["wd"], asked.today) - 7)


def _weekday_of_week(match: re.Match[str], asked: _Asked) -> date:
    sunday = asked.today - timedelta(days=asked.today.weekday() + 1)
    days = 1 + (weekday_number(match["wd"]) or 0)
    return sunday + timedelta(days=days, weeks=_NEXT_LAST.get(match["which"], 0))


def _days_ahead(name: str, today: date) -> int:
    return ((weekday_number(name) or 0) - today.weekday()) % 7


def _dated(year: str | None, month: int, day: int, asked: _Asked) -> date:
    if year:
        return _date(int(year), month, day)
    return _choose([(asked.today.year + n, month, day) for n in (-1, 0, 1)], asked)


def _choose(options: list[tuple[int, int, int]], asked: _Asked) -> date:
    """Choose among the last, this and the next one by ``prefer``.

    This year's or month's is taken anyway if it has the weekday that was said: so ``say`` writes.
    """
    today = asked.today
    days = [_maybe(*option) for option in options]
    if days[1] and days[1].weekday() == asked.weekday:
        return days[1]
    if asked.prefer == "near" and any(days):
        return min((day for day in days if day), key=lambda day: (abs(day - today), day < today))
    this = (today.year, today.month, today.day)
    later = asked.prefer == "future" and options[1] < this
    earlier = asked.prefer == "past" and options[1] > this
    return _date(*options[1 + later - earlier])


def _maybe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date:
    _plausible(year)
    if not 1 <= month <= 12:
        raise ValueError(t("there is no month {month}; write 1 to 12", month=month))
    last = month_end(date(year, month, 1)).day
    if not 1 <= day <= last:
        raise ValueError(
            t(
                "there is no {day} {month} {year}; that month has {days} days",
                day=day,
                month=MONTHS[month - 1],
                year=year,
                days=last,
            )
        )
    return date(year, month, day)


def _plausible(year: int) -> None:
    if not 1970 <= year <= 2199:
        raise ValueError(
            t("the year {year} is not a likely one; write one from 1970 to 2199", year=year)
        )


def _month_number(name: str) -> int:
    short = name[:3].title()
    return MONTHS.index(short) + 1 if short in MONTHS else _number(name)


def _number(digits: str) -> int:
    """Read 0 to 99 in Chinese, or any ASCII digits."""
    if digits.isascii():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    value = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "": 0}
    if ten:
        return (value[tens] or 1) * 10 + value[ones]
    return value[digits[-1]]


_UNIT = "(?P<unit>(?:working |business )?days?|weeks?|months?|years?)"
_YEAR = "(?: (?P<y>[0-9]{4}))?"
_DAY_OF = "(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?"
_FORMS: tuple[tuple[str, _Form], ...] = (
    (_WEEKDAY, _weekday),
    (_WEEKDAY_ZH, _weekday),
    (r"(?P<y>[0-9]{4})(?P<by>[-/.])(?P<m>[0-9]{1,2})(?P=by)(?P<d>[0-9]{1,2})", _numeric),
    (rf"{_DAY_OF}\.? (?:of )?{_MONTH}{_YEAR}", _named),
    (rf"{_MONTH} {_DAY_OF}{_YEAR}", _named),
    (r"(?P<sign>[-+]) ?(?P<n>[0-9]+) ?(?P<unit>[bw]d|[dwmy])", _signed),
    (rf"(?P<sign>[-+]) ?(?P<n>[0-9]+) {_UNIT}", _signed),
    (rf"in (?P<n>[0-9]+|an?|one) {_UNIT}", _ahead),
    (rf"(?P<n>[0-9]+|an?|one) {_UNIT} ago", _ago),
    (rf"(?P<which>next|this) (?:week )?{_WEEKDAY}", _weekday_of_week),
    (rf"(?P<which>last) week {_WEEKDAY}", _weekday_of_week),
    (rf"{_WEEKDAY} (?P<which>next|this|last) week", _weekday_of_week),
    (rf"last {_WEEKDAY}", _last_weekday),
    (rf"(?P<which>上上|下下|[上下本这])个?{_WEEKDAY_ZH}", _weekday_of_week),
    (rf"(?:(?P<y>[0-9]{{4}}|[今明去])年)?(?P<m>{_N})月(?P<d>{_N})[日号]?", _chinese_date),
    (rf"(?P<which>[上下本这])个?月(?P<d>{_N})[日号]?", _day_of_that_month),
    (rf"(?P<d>{_N})[日号]", _day_of_month),
    (r"(?:the )?(?P<d>[0-9]{1,2})(?:st|nd|rd|th)", _day_of_month),
    (rf"(?P<n>{_N})(?P<unit>个?工作日|天|日|个?周|个?星期|个?礼拜|个月|年)[之以]?后", _ahead),
    (rf"(?P<n>{_N})(?P<unit>个?工作日|天|日|个?周|个?星期|个?礼拜|个月|年)[之以]?前", _ago),
    (r"eom|month end|(?:the )?end of (?:(?:the|(?P<which>next|this|last)) )?month", _end_of_month),
    (r"(?:(?P<which>[上下本这])个?)?月[底末]", _end_of_month),
    (rf"(?:the )?end of {_MONTH}{_YEAR}", _end_of_named_month),
    (rf"(?:(?P<y>[0-9]{{4}})年)?(?P<name>{_N})月[底末]", _end_of_named_month),
    (r"(?P<d>[0-9]{1,2})\. ?(?P<m>[0-9]{1,2})\. ?(?P<y>[0-9]{4})?", _numeric),
    (r"[0-9]{1,4}[-/][0-9]{1,2}(?:[-/][0-9]{1,4})?", _ambiguous),
    (r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{2})?", _ambiguous),
)
