"""Working days of each debtor's country: what is not known is said, and never guessed.

November 2026: the 27th is a Friday. China decrees its make-up working days for a year in the
November before; those for 2027 were not decreed when the library was written.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.steps.calendar import Calendar, Year, caveat, doubt, kind, load, next_working_day
from dunctl.store.calendars import NAME, calendar_for

PACKAGE = Path(__file__).parent.parent / "dunctl"
year_of = cache(load)


def calendar(country: str | None, subdivision: str | None = None) -> Calendar:
    def years(year: int) -> Year | None:
        return year_of(country, subdivision, year) if country else None

    return Calendar(country, subdivision, years)


def of(place: str) -> Calendar:
    """Return the calendar of ``CN`` or of ``GB-SCT``."""
    return calendar(place[:2], place if len(place) > 2 else None)


# What a day is


@pytest.mark.parametrize(
    ("place", "day", "expected"),
    [
        ("CN", "2026-09-30", "working"),
        ("CN", "2026-10-01", "holiday"),
        ("CN", "2026-10-04", "weekend"),
        ("CN", "2026-10-06", "holiday"),  # Tuesday, for the Sunday that is worked
        ("CN", "2026-10-07", "holiday"),
        ("CN", "2026-10-08", "working"),
        ("CN", "2026-09-20", "working"),  # Sunday
        ("CN", "2026-10-10", "working"),  # Saturday
        ("CN", "2026-10-11", "weekend"),
        ("CN-GD", "2026-10-10", "working"),
        ("CN", "2024-03-08", "working"),  # half a day off for women: the office works
        ("CN", "2011-12-31", "working"),  # Saturday, decreed with the year after
        ("GB-ENG", "2026-12-25", "holiday"),
        ("GB-ENG", "2026-12-26", "holiday"),  # Saturday
        ("GB-ENG", "2026-12-28", "holiday"),  # observed
        ("GB-ENG", "2026-12-29", "working"),
        ("GB-ENG", "2027-12-27", "holiday"),
        ("GB-ENG", "2027-12-28", "holiday"),
        ("GB-ENG", "2026-01-02", "working"),
        ("GB-SCT", "2026-01-02", "holiday"),
        ("GB-ENG", "2026-04-06", "holiday"),  # Easter Monday, but not in Scotland
        ("GB-SCT", "2026-04-06", "working"),
        ("AU", "2026-01-26", "holiday"),
        ("AU-WA", "2026-01-26", "holiday"),
        ("AU-VIC", "2026-11-03", "holiday"),  # Melbourne Cup
        ("AU-NSW", "2026-11-03", "working"),
        ("AU-SA", "2026-12-24", "half"),
        ("DE-BY", "2026-01-06", "holiday"),
        ("DE-BE", "2026-01-06", "working"),
        ("DE-BY", "2027-03-08", "working"),
        ("DE-BE", "2027-03-08", "holiday"),
        ("US", "2026-11-26", "holiday"),  # Thanksgiving
        ("US-NY", "2026-11-26", "holiday"),
        ("US", "2026-07-03", "holiday"),  # Independence Day, observed
        ("CA-QC", "2026-06-24", "holiday"),
        ("CA-ON", "2026-06-24", "working"),
        ("CA-ON", "2026-02-16", "holiday"),
        ("IS", "2026-12-24", "half"),
        ("TR", "2026-10-28", "half"),
        ("EG", "2026-11-27", "weekend"),
        ("EG", "2026-11-28", "weekend"),
        ("EG", "2026-11-29", "working"),
        ("AE", "2021-11-26", "weekend"),  # Friday and Saturday until 2021
        ("AE", "2021-11-28", "working"),
        ("AE", "2026-11-27", "working"),
        ("AE", "2026-11-29", "weekend"),
        ("MY-03", "2026-11-27", "weekend"),  # Kelantan rests on Friday
        ("MY-10", "2026-11-27", "working"),
    ],
)
def test_a_day_is_what_it_is_in_the_debtors_country(place: str, day: str, expected: str) -> None:
    what, name = kind(of(place), date.fromisoformat(day))
    assert what == expected, name
    assert bool(name) == (what in ("holiday", "half"))
    assert doubt(of(place), date.fromisoformat(day)) is None


@pytest.mark.parametrize(
    ("place", "day", "why"),
    [
        ("ZZ", "2026-11-27", "holidays of ZZ in 2026 are not known"),
        ("DE", "1985-11-27", "holidays of DE in 1985 are not known"),
        ("LK", "2027-11-26", "holidays of LK in 2027 are not known"),
        ("US", "2101-11-25", "holidays of US in 2101 are not known"),
        ("IN-MH", "2036-11-26", "some holidays of IN in 2036 are not known"),
        ("CN", "2027-02-11", "make-up working days of CN for 2027 are not known yet"),
        ("CN", "2027-10-06", "make-up working days of CN for 2027 are not known yet"),
        ("CN", "2030-09-30", "make-up working days of CN for 2030 are not known yet"),
        (
            "AU",
            "2026-11-03",
            "Melbourne Cup Day is a holiday only in a part of AU: see debtor.subdivision",
        ),
        (
            "GB",
            "2026-04-06",
            "Easter Monday is a holiday only in a part of GB: see debtor.subdivision",
        ),
        (
            "GB-ENGLAND",
            "2026-08-31",
            "Late Summer Bank Holiday is a holiday only in a part of GB: see debtor.subdivision",
        ),
        (
            "MY",
            "2026-11-27",
            "the weekend is not the same everywhere in MY: see debtor.subdivision",
        ),
    ],
)
def test_a_weekday_that_is_not_known_says_why(place: str, day: str, why: str) -> None:
    when = date.fromisoformat(day)
    assert kind(of(place), when)[0] == "unknown"
    assert doubt(of(place), when) == why


@pytest.mark.parametrize("country", [None, "ZZ"])
def test_without_a_known_country_only_saturday_and_sunday_are_known(country: str | None) -> None:
    week = [date(2026, 12, 21) + timedelta(n) for n in range(7)]
    kinds = [kind(calendar(country), day) for day in week]
    assert kinds == [("unknown", None)] * 5 + [("weekend", None)] * 2
    assert all(doubt(calendar(country), day) for day in week[:5])
    assert caveat(calendar(country), 2026)
    if country is None:
        assert doubt(calendar(None), week[0]) == "holidays are not known without a country"


def test_a_chinese_year_before_its_decree_keeps_its_statutory_days_and_its_weekends() -> None:
    china = of("CN")
    kinds = {
        str(day): kind(china, day)[0]
        for day in (date(2027, 9, 24) + timedelta(n) for n in range(18))
    }
    assert kinds == {
        "2027-09-24": "working",
        **dict.fromkeys(["2027-09-25", "2027-09-26"], "weekend"),
        **dict.fromkeys(["2027-09-27", "2027-09-28", "2027-09-29", "2027-09-30"], "unknown"),
        **dict.fromkeys([f"2027-10-0{n}" for n in range(1, 6)], "holiday"),
        **dict.fromkeys(["2027-10-06", "2027-10-07", "2027-10-08"], "unknown"),
        **dict.fromkeys(["2027-10-09", "2027-10-10"], "weekend"),
        "2027-10-11": "working",
    }
    assert caveat(china, 2027) == "make-up working days of CN for 2027 are not known yet"
    assert caveat(china, 2026) is None
    known, coming = load("CN", None, 2026), load("CN", None, 2027)
    assert known is not None
    assert known.complete
    assert coming is not None
    assert not coming.complete


@pytest.mark.parametrize("year", range(2015, 2027))
def test_no_chinese_decree_has_moved_a_day_that_would_have_been_called_known(year: int) -> None:
    # As if the decree of the year were not known: its days off lie where days would be unknown.
    known = load("CN", None, year)
    assert known is not None
    moved = {day for day, name in known.holidays.items() if name.startswith("Day off")}
    fixed = {*known.holidays, date(year + 1, 1, 1)} - moved
    assert all(min(abs((day - other).days) for other in fixed) <= 4 for day in moved), moved


def test_every_day_from_2004_to_2026_agrees_with_the_chinese_calendar() -> None:
    china = of("CN")
    days = [
        date(2004, 1, 1) + timedelta(n) for n in range((date(2027, 1, 1) - date(2004, 1, 1)).days)
    ]
    wrong = [day for day in days if china.working(day) != chinese_calendar.is_workday(day)]
    assert wrong == [date(2005, 12, 31)]  # the one day on which the two libraries differ
    assert not [day for day in days if kind(china, day)[0] in ("unknown", "half")]


def test_every_country_of_the_world_has_a_calendar_for_2026() -> None:
    countries = tomllib.loads((PACKAGE / "policies" / "countries.toml").read_text("utf-8"))
    without = [country for country in countries if load(country, "nowhere", 2026) is None]
    assert without == []


def test_names_are_english_and_their_days_unmistakable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "th")
    known = load("CN", None, 2026)
    assert known is not None
    assert known.holidays[date(2026, 6, 19)] == "Dragon Boat Festival"
    assert known.holidays[date(2026, 1, 2)] == "Day off (substituted from 2026-01-04)"


@pytest.mark.parametrize("subdivision", ["GB-SCT", "SCT", "Scotland"])
def test_a_subdivision_goes_by_its_code_with_the_country_or_without(subdivision: str) -> None:
    assert kind(calendar("GB", subdivision), date(2026, 11, 30)) == (
        "holiday",
        "Saint Andrew's Day",
    )


# Counting


@pytest.mark.parametrize(
    ("place", "start", "n", "end"),
    [
        ("CN", "2026-09-30", 1, "2026-10-08"),
        ("CN", "2026-09-30", 3, "2026-10-10"),  # Saturday
        ("CN", "2026-10-08", -1, "2026-09-30"),
        ("GB-ENG", "2026-12-24", 1, "2026-12-29"),
        ("GB-SCT", "2026-12-31", 1, "2027-01-05"),
        ("IS", "2026-12-23", 1, "2026-12-24"),  # half a day is enough
        ("EG", "2026-11-26", 1, "2026-11-29"),
        ("ZZ", "2026-12-24", 1, "2026-12-25"),  # unknown: counted, and said
    ],
)
def test_working_days_are_counted_by_the_calendar(place: str, start: str, n: int, end: str) -> None:
    working = of(place).working
    first = date.fromisoformat(start)
    assert str(dates.add_working_days(first, n, working)) == end
    assert dates.working_days_between(first, date.fromisoformat(end), working) == n
    if n == 1:
        assert str(next_working_day(of(place), first)) == end


@given(
    st.sampled_from(["CN", "GB", "GB-SCT", "EG", "DE-BY", "US", "MY", "ZZ"]),
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
)
def test_a_day_is_unknown_exactly_when_there_is_a_reason(place: str, day: date) -> None:
    where = of(place)
    what = kind(where, day)[0]
    assert (what == "unknown") == (doubt(where, day) is not None)
    assert where.working(day) == (what in ("working", "half", "unknown"))
    following = next_working_day(where, day)
    between = [day + timedelta(n) for n in range(1, (following - day).days)]
    assert all(kind(where, each)[0] in ("weekend", "holiday") for each in between)


# The cache

XMAS = date(2026, 12, 25)
ASK = """
import sys
from datetime import date
from pathlib import Path
from dunctl.steps.calendar import kind
from dunctl.store.calendars import calendar_for
for place in sys.argv[2:]:
    country, _, part = place.partition("-")
    print(place, *kind(calendar_for(Path(sys.argv[1]), country, part or None), date(2026, 12, 25)))
print(sorted({"holidays", "importlib.metadata", "dateutil"} & set(sys.modules)))
"""


def ask(root: Path, *places: str) -> subprocess.Popen[str]:
    """Ask another process what 25 December 2026 is, and which libraries that took."""
    command = [sys.executable, "-c", ASK, str(root), *places]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def answer(process: subprocess.Popen[str]) -> list[str]:
    lines = process.communicate(timeout=60)[0].splitlines()
    assert process.returncode == 0
    return lines


def sound(root: Path) -> dict[str, object]:
    """Return what the cache file holds, if its checksum is right."""
    head, body = (root / ".dunctl" / NAME).read_bytes().split(b"\n")
    assert head.endswith(b"crc32 %08x" % zlib.crc32(body))
    years: dict[str, object] = json.loads(body)
    return years


def test_what_is_kept_is_what_the_library_says(tmp_path: Path) -> None:
    places = [
        ("CN", None),
        ("CN", "CN-GD"),
        ("GB", None),
        ("GB", "SCT"),
        ("IS", None),
        ("ZZ", None),
    ]
    for country, part in places:
        calendar_for(tmp_path, country, part).years(2026)
        calendar_for(tmp_path, country, part).years(2027)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / ".dunctl", copy / ".dunctl")
    before = (copy / ".dunctl" / NAME).read_bytes()
    for country, part in places:
        for year in (2026, 2027):
            assert calendar_for(copy, country, part).years(year) == load(country, part, year)
    assert (copy / ".dunctl" / NAME).read_bytes() == before


def test_the_library_is_imported_once_only(tmp_path: Path) -> None:
    first = answer(ask(tmp_path, "GB-ENG", "CN", "ZZ"))
    assert first[:-1] == ["GB-ENG holiday Christmas Day", "CN working None", "ZZ unknown None"]
    assert "holidays" in first[-1]
    assert answer(ask(tmp_path, "GB-ENG", "CN", "ZZ")) == [*first[:-1], "[]"]
    (tmp_path / ".dunctl" / NAME).unlink()
    assert answer(ask(tmp_path, "CN")) == [first[1], first[-1]]


def test_the_second_list_of_the_day_does_not_import_the_library(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text('[defaults]\ncurrency = "CNY"\n')
    (tmp_path / "cases" / "yunfan.toml").write_text(
        'format = 1\ncurrency = "CNY"\n'
        '[debtor]\nname = "云帆"\ncountry = "CN"\ntimezone = "Asia/Shanghai"\n'
        '[[invoice]]\nnumber = "1"\ndue = 2026-10-30\namount = 5000.00\n',
        encoding="utf-8",
    )
    code = (
        "import sys\nfrom dunctl.cli import main\nmain(['today'], standalone_mode=False)\n"
        "sys.exit(70 if 'holidays' in sys.modules else 0)"
    )
    environment = {**os.environ, "DUNCTL_NOW": "2026-11-24T02:00:00+00:00", "DUNCTL_USER": "li.na"}
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False)
        for _ in range(2)
    ]
    assert runs[0].returncode in (0, 70)
    assert runs[1].returncode == 0, "imported again"


def lie(body: bytes) -> bytes:
    return body.replace(b"Christmas Day", b"Christmas Lie")


def stamped(head: bytes, body: bytes) -> bytes:
    return head[:-8] + b"%08x\n" % zlib.crc32(body) + body


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda *_: b"", id="empty"),
        pytest.param(lambda *_: b"\0" * 4096, id="zeros"),
        pytest.param(lambda head, body: head + b"\n" + body[:-30], id="cut off"),
        pytest.param(lambda head, _: head, id="no body"),
        pytest.param(lambda _, body: body, id="no head"),
        pytest.param(lambda head, body: head + b"\n" + lie(body), id="edited"),
        pytest.param(
            lambda head, body: stamped(head.replace(b"holidays-", b"holidays-9"), lie(body)),
            id="another version of the library",
        ),
        pytest.param(
            lambda head, body: stamped(head.replace(b"dunctl ", b"dunctl 9"), lie(body)),
            id="another version of dunctl",
        ),
    ],
)
def test_a_cache_that_cannot_be_trusted_is_made_anew(
    tmp_path: Path, damage: Callable[[bytes, bytes], bytes]
) -> None:
    made, hurt = tmp_path / "made", tmp_path / "hurt"
    made.mkdir()
    (hurt / ".dunctl").mkdir(parents=True)
    calendar_for(made, "GB", "ENG").working(XMAS)
    good = (made / ".dunctl" / NAME).read_bytes()
    assert b"Christmas Day" in good
    (hurt / ".dunctl" / NAME).write_bytes(damage(*good.split(b"\n", 1)))
    assert kind(calendar_for(hurt, "GB", "ENG"), XMAS) == ("holiday", "Christmas Day")
    assert (hurt / ".dunctl" / NAME).read_bytes() == good


def test_where_nothing_can_be_kept_the_answer_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / ".dunctl").write_text("in the way")
    (tmp_path / "folder" / ".dunctl" / NAME).mkdir(parents=True)
    (tmp_path / "shut" / ".dunctl").mkdir(parents=True)
    (tmp_path / "shut" / ".dunctl").chmod(0o555)
    try:
        for name in ("file", "folder", "shut", "nowhere"):
            root = tmp_path / name
            assert kind(calendar_for(root, "GB", "ENG"), XMAS) == ("holiday", "Christmas Day")
            if name != "nowhere":
                assert not list(root.rglob("*.tmp"))
        assert not (tmp_path / "nowhere").exists()
        assert (tmp_path / "file" / ".dunctl").read_text() == "in the way"
    finally:
        (tmp_path / "shut" / ".dunctl").chmod(0o755)


def test_processes_that_write_at_once_leave_a_sound_file(tmp_path: Path) -> None:
    places = [["GB-ENG", "FR", "US-NY"], ["GB-SCT", "DE-BY", "US-CA"], ["CN", "AT", "IS", "GB-ENG"]]
    for lines, asked in zip(
        [answer(process) for process in [ask(tmp_path, *some) for some in places]],
        places,
        strict=True,
    ):
        assert [line.split()[0] for line in lines[:-1]] == asked
        assert all(line.split()[1] == "holiday" for line in lines[:-1] if line[:2] != "CN")
    assert [path.name for path in sorted((tmp_path / ".dunctl").iterdir())] == [".gitignore", NAME]
    kept = sound(tmp_path)
    assert any(all(f"{'/'.join((p + '-').split('-')[:2])}/2026" in kept for p in s) for s in places)


def test_what_another_process_has_kept_meanwhile_stays(tmp_path: Path) -> None:
    calendar_for(tmp_path, "GB", None).working(XMAS)
    answer(ask(tmp_path, "FR"))
    calendar_for(tmp_path, "IS", None).working(XMAS)
    assert sorted(sound(tmp_path)) == ["FR//2026", "GB//2026", "IS//2026"]


def test_the_cache_stays_out_of_version_control(tmp_path: Path) -> None:
    calendar_for(tmp_path, "GB", None).working(XMAS)
    assert (tmp_path / ".dunctl" / ".gitignore").read_text() == "*\n"


def test_nothing_is_read_or_written_before_a_day_is_asked_for(tmp_path: Path) -> None:
    calendar_for(tmp_path, "GB", None)
    calendar_for(tmp_path, None, None).working(XMAS)
    assert list(tmp_path.iterdir()) == []
