from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import tomli
from freezegun import freeze_time
from hypothesis import example, given
from hypothesis import strategies as st

from dunctl import dates, money
from dunctl.dates import Prefer
from dunctl.store import parameters

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=SHANGHAI)  # a Thursday
TODAY = NOW.date()
PREFERENCES = st.sampled_from(("future", "past", "near"))
DAYS = st.dates(date(1971, 1, 1), date(2198, 12, 31))
WORDS = """
next last this in ago end of month week fri friday nov 27 27th 31 feb 2026 2026-11-27 29 3 days +3
+999999999 d bd w m y -2d 15:00 25:99 3pm 3:30 pm at noon 27.11. 3/4 0 00 T Z +08:00 +99:00 1e9
周五 下周 上个 月底 11月 27日 号 三 十 二十 点 半 下午 晚上 12点 天后 天前 个 年 去年 两 工作日 礼拜
天 日 〇 ２７ ： （ ） ١ ² ½
"""
PIECES = st.sampled_from(WORDS.split())
ANYTHING = st.text(max_size=20) | st.lists(PIECES, max_size=5).map(" ".join)
RUN_TOGETHER = st.lists(PIECES, max_size=5).map("".join)


def understand(words: str, prefer: Prefer = "future", now: datetime = NOW) -> date | datetime:
    return dates.understand(words, now=now, zone=SHANGHAI, prefer=prefer)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("today", "2026-11-19"),
        ("Tomorrow", "2026-11-20"),
        ("yesterday", "2026-11-18"),
        ("day after tomorrow", "2026-11-21"),
        ("the day before yesterday", "2026-11-17"),
        ("fri", "2026-11-20"),
        ("Friday", "2026-11-20"),
        ("on friday", "2026-11-20"),
        ("thu", "2026-11-19"),
        ("tues", "2026-11-24"),
        ("next fri", "2026-11-27"),
        ("next mon", "2026-11-23"),
        ("next week fri", "2026-11-27"),
        ("fri next week", "2026-11-27"),
        ("this mon", "2026-11-16"),
        ("last fri", "2026-11-13"),
        ("last thu", "2026-11-12"),
        ("last week wed", "2026-11-11"),
        ("27 Nov", "2026-11-27"),
        ("Nov 27", "2026-11-27"),
        ("27th nov", "2026-11-27"),
        ("27 November 2026", "2026-11-27"),
        ("27 Nov 2026", "2026-11-27"),
        ("november 27th, 2026", "2026-11-27"),
        ("27. Nov", "2026-11-27"),
        ("1 Sept", "2027-09-01"),
        ("Fri 27 Nov", "2026-11-27"),
        ("Fri, 27 Nov 2026", "2026-11-27"),
        ("2026-11-27", "2026-11-27"),
        ("2026/11/27", "2026-11-27"),
        ("2026.11.27", "2026-11-27"),
        ("27.11.", "2026-11-27"),
        ("27.11.2026", "2026-11-27"),
        ("3.4.2026", "2026-04-03"),
        ("+3d", "2026-11-22"),
        ("-2d", "2026-11-17"),
        ("in 3 days", "2026-11-22"),
        ("3 days ago", "2026-11-16"),
        ("a week ago", "2026-11-12"),
        ("+2w", "2026-12-03"),
        ("+1m", "2026-12-19"),
        ("+1y", "2027-11-19"),
        ("+3bd", "2026-11-24"),
        ("in 3 working days", "2026-11-24"),
        ("-4bd", "2026-11-13"),
        ("the 5th", "2026-12-05"),
        ("eom", "2026-11-30"),
        ("end of month", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("end of february", "2027-02-28"),
        ("end of feb 2028", "2028-02-29"),
        ("今天", "2026-11-19"),
        ("明天", "2026-11-20"),
        ("后天", "2026-11-21"),
        ("後天", "2026-11-21"),
        ("大后天", "2026-11-22"),
        ("昨天", "2026-11-18"),
        ("前天", "2026-11-17"),
        ("周五", "2026-11-20"),
        ("星期五", "2026-11-20"),
        ("礼拜五", "2026-11-20"),
        ("週五", "2026-11-20"),
        ("周日", "2026-11-22"),
        ("周天", "2026-11-22"),
        ("下周五", "2026-11-27"),
        ("下个星期天", "2026-11-29"),
        ("下下周一", "2026-11-30"),
        ("上周五", "2026-11-13"),
        ("本周五", "2026-11-20"),
        ("这周三", "2026-11-18"),
        ("11月27日", "2026-11-27"),
        ("11月27号", "2026-11-27"),
        ("11月27", "2026-11-27"),
        ("11 月 27 日", "2026-11-27"),
        ("１１月２７日", "2026-11-27"),
        ("十一月二十七日", "2026-11-27"),
        ("2026年11月27日", "2026-11-27"),
        ("明年1月5日", "2027-01-05"),
        ("11月27日（周五）", "2026-11-27"),
        ("27号", "2026-11-27"),
        ("27日", "2026-11-27"),
        ("5号", "2026-12-05"),
        ("二十七号", "2026-11-27"),
        ("月底", "2026-11-30"),
        ("下个月底", "2026-12-31"),
        ("12月底", "2026-12-31"),
        ("3天后", "2026-11-22"),
        ("三天后", "2026-11-22"),
        ("十天之后", "2026-11-29"),
        ("两周后", "2026-12-03"),
        ("3个月后", "2027-02-19"),
        ("三个工作日后", "2026-11-24"),
        ("3天前", "2026-11-16"),
        ("下个月5号", "2026-12-05"),
        ("上月5号", "2026-10-05"),
    ],
)
def test_days_are_understood(words: str, day: str) -> None:
    found = understand(words)
    assert not isinstance(found, datetime)
    assert found == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("15:00", "2026-11-19T15:00"),
        ("at 15:00", "2026-11-19T15:00"),
        ("09:05:30", "2026-11-19T09:05:30"),
        ("3pm", "2026-11-19T15:00"),
        ("3 p.m.", "2026-11-19T15:00"),
        ("3:30 pm", "2026-11-19T15:30"),
        ("12am", "2026-11-19T00:00"),
        ("12:30pm", "2026-11-19T12:30"),
        ("noon", "2026-11-19T12:00"),
        ("fri 15:00", "2026-11-20T15:00"),
        ("15:00 fri", "2026-11-20T15:00"),
        ("fri at 3pm", "2026-11-20T15:00"),
        ("tomorrow noon", "2026-11-20T12:00"),
        ("27 Nov 15:00", "2026-11-27T15:00"),
        ("27.11. 15:00", "2026-11-27T15:00"),
        ("+3d 9:00", "2026-11-22T09:00"),
        ("2026-11-27 15:00", "2026-11-27T15:00"),
        ("2026-11-27T15:00:00", "2026-11-27T15:00"),
        ("2026-11-27T15:00:00+08:00", "2026-11-27T15:00"),
        ("2026-11-27T15:00Z", "2026-11-27T23:00"),
        ("2026-11-27 15:00 +0100", "2026-11-27T22:00"),
        ("下午3点", "2026-11-19T15:00"),
        ("下午三点半", "2026-11-19T15:30"),
        ("下午三點半", "2026-11-19T15:30"),
        ("上午10点", "2026-11-19T10:00"),
        ("上午10点半", "2026-11-19T10:30"),
        ("晚上8点", "2026-11-19T20:00"),
        ("明晚8点", "2026-11-20T20:00"),
        ("中午", "2026-11-19T12:00"),
        ("中午1点", "2026-11-19T13:00"),
        ("凌晨12点", "2026-11-19T00:00"),
        ("15点", "2026-11-19T15:00"),
        ("15点30分", "2026-11-19T15:30"),
        ("三点一刻", "2026-11-19T03:15"),
        ("下午３：３０", "2026-11-19T15:30"),
        ("周五下午3点", "2026-11-20T15:00"),
        ("周五 15：00", "2026-11-20T15:00"),
        ("周五十点", "2026-11-20T10:00"),
        ("星期二二十点", "2026-11-24T20:00"),
        ("11月27日下午3点", "2026-11-27T15:00"),
        ("下周五 15:00", "2026-11-27T15:00"),
    ],
)
def test_moments_are_understood(words: str, moment: str) -> None:
    found = understand(words)
    assert isinstance(found, datetime)
    assert found.tzinfo is SHANGHAI
    assert found == datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("words", "future", "past", "near"),
    [
        ("fri", "2026-11-20", "2026-11-13", "2026-11-20"),
        ("thu", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("thu 15:00", "2026-11-19", "2026-11-12", "2026-11-19"),
        ("thu 10:30", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("thu 09:00", "2026-11-26", "2026-11-19", "2026-11-26"),
        ("周四上午9点", "2026-11-26", "2026-11-19", "2026-11-26"),
        ("19 Nov", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("19 Nov 09:00", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("27 Nov", "2026-11-27", "2025-11-27", "2026-11-27"),
        ("5 Nov", "2027-11-05", "2026-11-05", "2026-11-05"),
        ("10 Jan", "2027-01-10", "2026-01-10", "2027-01-10"),
        ("27号", "2026-11-27", "2026-10-27", "2026-11-27"),
        ("2号", "2026-12-02", "2026-11-02", "2026-12-02"),
        ("月底", "2026-11-30", "2026-10-31", "2026-11-30"),
        ("end of october", "2027-10-31", "2026-10-31", "2026-10-31"),
        ("Tue 10 Nov", "2026-11-10", "2026-11-10", "2026-11-10"),
    ],
)
def test_an_open_day_is_looked_for_where_it_is_preferred(
    words: str, future: str, past: str, near: str
) -> None:
    found = [understand(words, "future"), understand(words, "past"), understand(words, "near")]
    assert [f"{day:%Y-%m-%d}" for day in found] == [future, past, near]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", 'a day is missing; write for example 2026-11-27, "fri 15:00" or +3d'),
        (
            "soonish",
            '"soonish" is not understood as a day or a time; '
            'write for example 2026-11-27, "fri 15:00" or +3d',
        ),
        ("27", '"27" is not understood'),
        ("next week", '"next week" is not understood'),
        ("fri 15", '"fri 15" is not understood'),
        ("15:00 16:00", '"15:00 16:00" is not understood'),
        (
            "03/04/2026",
            '"03/04/2026" can be read in more than one way; '
            "write the year first, such as 2026-04-03",
        ),
        ("3/4", '"3/4" can be read in more than one way'),
        ("27/11/2026", '"27/11/2026" can be read in more than one way'),
        ("03-04-2026", '"03-04-2026" can be read in more than one way'),
        ("27.11.26", '"27.11.26" can be read in more than one way'),
        ("11.27", '"11.27" can be read in more than one way'),
        ("31 Nov", "there is no 31 Nov 2026; that month has 30 days"),
        ("2026-02-30", "there is no 30 Feb 2026; that month has 28 days"),
        ("29 Feb", "there is no 29 Feb 2027; that month has 28 days"),
        ("31号", "there is no 31 Nov 2026; that month has 30 days"),
        ("2026-13-01", "there is no month 13; write 1 to 12"),
        ("0226-11-27", "the year 226 is not a likely one; write one from 1970 to 2199"),
        ("25:00", '"25:00" is not a time of day; write one from 00:00 to 23:59'),
        ("24:00", '"24:00" is not a time of day'),
        ("15:60", '"15:60" is not a time of day'),
        ("0pm", '"0pm" is not a time of day'),
        ("晚上12点", '"晚上12点" is not a time of day'),
        ("2026-11-27T25:00:00Z", "does not exist; check the day, the hour and the offset"),
        ("2026-11-27T15:00:00+99:00", "does not exist; check the day, the hour and the offset"),
        ("Thu 27 Nov", "2026-11-27 is a Fri; write the day without its weekday, or the other day"),
        ("11月27日周四", "2026-11-27 is a Fri"),
        ("+999999999d", '"+999999999d" is too far away'),
        ("-999999999m", '"-999999999m" is too far away'),
        ("+999999999bd", '"+999999999bd" is too far away'),
        ("+" + "9" * 5000 + "d", "is too far away"),
        ("+99999d", "the year 2300 is not a likely one"),
    ],
)
def test_unclear_words_are_refused_with_the_remedy(words: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole sentence is checked below
        understand(words)
    assert sentence in str(refused.value)


def test_months_end_where_they_end() -> None:
    now = datetime(2027, 1, 31, 9, tzinfo=SHANGHAI)
    assert understand("+1m", now=now) == date(2027, 2, 28)
    assert understand("-2m", now=now) == date(2026, 11, 30)
    assert understand("eom", now=now) == date(2027, 1, 31)
    assert understand("月底", "past", now=now) == date(2027, 1, 31)


def test_today_is_the_day_in_the_zone() -> None:
    now = datetime(2026, 11, 19, 23, 30, tzinfo=BERLIN)
    assert understand("today", now=now) == date(2026, 11, 20)


def test_the_clocks_may_skip_a_time_and_repeat_another() -> None:
    now = datetime(2026, 3, 1, 9, tzinfo=BERLIN)
    with pytest.raises(ValueError, match="the clocks in Europe/Berlin skip 02:30 on 2026-03-29"):
        dates.understand("29 Mar 02:30", now=now, zone=BERLIN, prefer="future")
    twice = dates.understand("25 Oct 02:30", now=now, zone=BERLIN, prefer="future")
    assert isinstance(twice, datetime)
    assert twice.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert twice.utcoffset() == timedelta(hours=2)


@given(ANYTHING | RUN_TOGETHER, PREFERENCES)
@example("9999-12-31T23:59:00-23:59", "future")
@example("0001-01-01T00:00:00+23:59", "past")
def test_any_words_are_either_understood_or_refused_with_a_sentence(
    words: str, prefer: Prefer
) -> None:
    try:
        found = understand(words, prefer)
    except ValueError as refused:
        assert len(str(refused)) > 20  # noqa: PT017 - a refusal is one of the two right answers
    else:
        assert 1969 <= found.year <= 2200
        assert not isinstance(found, datetime) or found.tzinfo is SHANGHAI


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2026, 11, 27), "Fri 27 Nov"),
        (date(2025, 11, 27), "Thu 27 Nov 2025"),
        (datetime(2026, 11, 27, 15, 5, tzinfo=SHANGHAI), "Fri 27 Nov 15:05"),
        (datetime(2027, 1, 1, 9, tzinfo=SHANGHAI), "Fri 1 Jan 2027 09:00"),
    ],
)
def test_days_and_moments_are_said_in_short_words(value: date, said: str) -> None:
    assert dates.say(value, today=TODAY) == said


@given(DAYS, DAYS, st.none() | st.integers(0, 24 * 60 - 1), PREFERENCES)
@example(date(2028, 2, 29), date(2028, 12, 1), None, "future")
def test_what_is_said_is_understood(
    day: date, today: date, minute: int | None, prefer: Prefer
) -> None:
    value = day if minute is None else dates.at_local(day, minute, UTC)
    assert value is not None
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    said = dates.say(value, today=today)
    assert dates.understand(said, now=now, zone=UTC, prefer=prefer) == value


def test_nothing_changes_while_time_is_frozen() -> None:
    with freeze_time("2031-05-05"):
        test_days_are_understood("下周五", "2026-11-27")
        test_moments_are_understood("fri 15:00", "2026-11-20T15:00")
        assert dates.say(datetime(2026, 11, 27, 15, tzinfo=SHANGHAI), today=TODAY) == (
            "Fri 27 Nov 15:00"
        )
        assert dates.say(date(2026, 11, 27), today=TODAY) == "Fri 27 Nov"
        assert dates.add_working_days(date(2026, 11, 27), 1) == date(2026, 11, 30)


def test_a_zone_is_found_by_its_name() -> None:
    assert dates.zone("Asia/Shanghai").key == "Asia/Shanghai"
    assert dates.zone("Asia/Shanghai") is dates.zone("Asia/Shanghai")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Asia/Shangai", "did you mean Asia/Shanghai?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("Asia/Beijing", "did you mean Asia/Shanghai?"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("New York", "did you mean America/New_York?"),
        ("", "write an IANA name such as Europe/Berlin"),
        ("+08:00", "write an IANA name such as Europe/Berlin"),
        ("Asia", "is not a time zone"),
        ("../etc/passwd", "is not a time zone"),
        ("a\0b", "is not a time zone"),
        ("x" * 5000, "is not a time zone"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_one_meant(name: str, meant: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole sentence is checked below
        dates.zone(name)
    assert meant in str(refused.value)


def test_working_days_skip_weekends_and_what_else_is_given() -> None:
    friday = date(2026, 11, 27)
    assert dates.add_working_days(friday, 0) == friday
    assert dates.add_working_days(friday, 1) == date(2026, 11, 30)
    assert dates.add_working_days(date(2026, 11, 28), 1) == date(2026, 11, 30)
    assert dates.add_working_days(date(2026, 11, 28), -1) == friday
    assert dates.working_days_between(friday, date(2026, 12, 4)) == 5
    assert dates.working_days_between(date(2026, 12, 4), friday) == -5

    def working(day: date) -> bool:
        return dates.weekday(day) and day != date(2026, 11, 30)

    assert dates.add_working_days(friday, 1, working) == date(2026, 12, 1)
    assert dates.working_days_between(friday, date(2026, 12, 4), working) == 4


@given(DAYS, st.integers(-300, 300))
def test_working_days_that_are_added_can_be_counted(day: date, n: int) -> None:
    assert dates.working_days_between(day, dates.add_working_days(day, n)) == n


@given(DAYS, st.integers(-600, 600))
def test_months_keep_their_day_or_their_end(day: date, n: int) -> None:
    moved = dates.add_months(day, n)
    assert (moved.year - day.year) * 12 + moved.month - day.month == n
    assert moved.day == day.day or (moved == dates.month_end(moved) and moved.day < day.day)
    assert (dates.month_end(day) + timedelta(days=1)).day == 1


@pytest.mark.parametrize("n", [-99999, 99999])
def test_months_past_the_calendar_overflow(n: int) -> None:
    with pytest.raises(OverflowError):
        dates.add_months(TODAY, n)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("tue 09:00-11:00", [(1, 540, 660)]),
        ("mon,wed 09:00-12:00", [(0, 540, 720), (2, 540, 720)]),
        ("wed", [(2, 0, 1440)]),
        ("sat 18:00-24:00", [(5, 1080, 1440)]),
        ("11:30-14:00", [(day, 690, 840) for day in range(7)]),
        (
            "mon-fri 09:00-18:00; sat 10:00-14:00",
            [*((day, 540, 1080) for day in range(5)), (5, 600, 840)],
        ),
        ("fri-mon 9:00-10:00", [(0, 540, 600), (4, 540, 600), (5, 540, 600), (6, 540, 600)]),
        ("mon 09:00-12:00, 13:00-17:00", [(0, 540, 720), (0, 780, 1020)]),
        ("mon 09:00-12:00; mon 11:00-13:00;", [(0, 540, 780)]),
        ("Monday - Tuesday 09:00 – 10:00", [(0, 540, 600), (1, 540, 600)]),
        ("周一至周二 ０９：００-10:00", [(0, 540, 600), (1, 540, 600)]),
        ("星期天", [(6, 0, 1440)]),
    ],
)
def test_hours_are_read(text: str, hours: list[tuple[int, int, int]]) -> None:
    assert dates.parse_hours(text) == tuple(hours)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "nothing is given"),
        (" ; ", "nothing is given"),
        ("9-18", '"9-18" is no span of hours'),
        ("mon 09:00", '"09:00" is no span of hours'),
        ("mo 09:00-10:00", '"mo" is no weekday'),
        ("mon-tues-wed", '"mon-tues-wed" is no weekday'),
        ("mon 18:00-09:00", 'in "18:00-09:00" the end must be after the start'),
        ("mon 09:00-09:00", "the end must be after the start"),
        ("mon 09:00-24:01", '"09:00-24:01" is not on the clock'),
        ("mon 09:60-10:00", '"09:60-10:00" is not on the clock'),
        ("mon 09:00-10:00 tue 10:00-11:00", 'a ";" is missing before "tue"'),
    ],
)
def test_hours_that_are_none_are_refused(text: str, what: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole sentence is checked below
        dates.parse_hours(text)
    assert what in str(refused.value)
    assert 'write for example "mon-fri 09:00-18:00; sat 10:00-14:00"' in str(refused.value)


@given(st.text(max_size=20) | st.text("monwedfri 0123456789:-;,²五周", max_size=25))
def test_any_text_is_hours_or_is_refused(text: str) -> None:
    try:
        hours = dates.parse_hours(text)
    except ValueError:
        return
    assert list(hours) == sorted(hours)
    assert all(0 <= day <= 6 and 0 <= start < end <= 1440 for day, start, end in hours)


INTERVALS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda i: i[0] <= i[1])
)


def points(intervals: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in intervals for point in range(start, end)}


@given(INTERVALS, INTERVALS)
def test_intervals_are_sets_of_moments(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    answers = {
        "merge": (dates.merge(a), points(a)),
        "intersect": (dates.intersect(a, b), points(a) & points(b)),
        "subtract": (dates.subtract(a, b), points(a) - points(b)),
    }
    for found, wanted in answers.values():
        assert points(found) == wanted
        assert all(end < start for (_, end), (start, _) in pairwise(found))


def test_a_local_time_is_one_moment_or_none() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert dates.at_local(spring, 150, BERLIN) is None
    assert dates.at_local(spring, 180, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    first = dates.at_local(autumn, 150, BERLIN)
    assert first is not None
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert dates.at_local(spring, 1440, BERLIN) == datetime(2026, 3, 30, tzinfo=BERLIN)


def test_every_country_has_its_time() -> None:
    text = files("dunctl").joinpath("policies", "countries.toml").read_text("utf-8")
    countries = tomli.loads(text)
    tzdb = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    codes = {line[:2] for line in tzdb.splitlines() if not line.startswith("#")}
    assert set(countries) == codes
    assert list(countries) == sorted(countries)
    for code, facts in countries.items():
        assert set(facts) <= {"timezone", "timezones", "currency", "language", "hours", "lunch"}
        assert ("timezone" in facts) + ("timezones" in facts) == (code not in {"BV", "HM"})
        zones = facts.get("timezones") or [facts[key] for key in ("timezone",) if key in facts]
        assert all(dates.zone(name) for name in zones)
        assert len(zones) == len(set(zones))
        assert money.is_currency(facts.get("currency", "EUR"))
        assert all(dates.parse_hours(facts[key]) for key in ("hours", "lunch") if key in facts)
        assert parameters.country(code) == facts
    assert parameters.country("XX") == {}
    assert countries["CN"]["timezone"] == "Asia/Shanghai"
    assert countries["DE"]["timezone"] == "Europe/Berlin"
    assert countries["US"]["timezones"][0] == "America/New_York"
