"""The index costs nothing but time: with it, without it and with a broken one the list is the same.

In random sequences of what can happen to a store, with each answer given twice: as remembered, and
from the files alone.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import click
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.calling.docket import NOBODY, Docket, packed
from dunctl.calling.filing import card_of, docket
from dunctl.calling.glance import book_of, called_since, glance, glances, lesson
from dunctl.calling.learning import learn
from dunctl.calling.odds import Profile
from dunctl.cli.limitation import alarms
from dunctl.cli.remembered import noted, steadily
from dunctl.cli.verb import Seat, packs_of, standing_of
from dunctl.owed.law import Law
from dunctl.steps.watch import watched_from
from dunctl.store import config, files
from dunctl.store import store as stores
from dunctl.store.index import Moved, Note, Recalled, recall
from dunctl.store.index_file import NAME
from dunctl.store.law import law_of
from dunctl.store.law import problems as law_problems
from dunctl.store.parameters import answer_model
from dunctl.store.store import Read, Store
from tests import casefile
from tests.indexdesk import NOW, SETTINGS, TICK, Printed, desk, play, run, started, warm
from tests.indexworld import IDS, World, happens, removed

resource = pytest.importorskip("resource", reason="files have other times, processes other ways")
SEQUENCES = int(os.environ.get("SEQUENCES", "50"))
"""How many random sequences are played; `make faults` plays a thousand."""
TOGETHER, STEPS = 50, 2
"""Sequences that are played side by side wait for the clock of the file system together."""
NEVER = sys.maxsize


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder in memory, where there is one: nothing here asks for a lasting disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        warm(Path(made))
        yield Path(made)


# What is asked


class Said(NamedTuple):
    """An answer: everything that can be had of the notes."""

    heads: dict[str, tuple[Any, ...]]
    problems: list[str]
    rests: dict[str, list[Any]]


def asked(world: World, least: int = 0) -> tuple[Said, list[str]]:
    """Return what is known of a world, and the cases that were looked at for it.

    A note depends on the case, on the settings and on the time: two of its seconds change it.
    """
    made: list[str] = []
    store = stores.open_store(world.root)
    around = settings_of(store)

    def make(read: Read) -> Note:
        made.append(read.id)
        amount = int(read.text.partition("amount = ")[2][:4])
        moments = (amount, amount + 1500)
        passed = sum(one <= world.moment for one in moments)
        ends = min((one for one in moments if one > world.moment), default=1 << 40)
        return Note(world.moment, ends, [passed, around], [read.text * 9, passed])

    def answer() -> Said:
        known: Recalled = recall(store, "test", world.moment, make, least=least)
        heads = known.heads
        rests = known.rests(i for i, (passed, _) in heads.items() if passed)
        return Said(heads, list(map(str, known.problems)), rests)

    return steadily(answer), made


def settings_of(store: Store) -> int:
    """Return what stands for the settings and the files of the store's own law."""
    own = store.root / "policies"
    folders = [own, *(own / name for name in ("packs", "limitation", "interest", "rates"))]
    found = [path for one in folders for path in sorted(one.glob("*.toml")) if path.is_file()]
    told = [(str(path.relative_to(own)), path.read_bytes()) for path in found]
    return crc32(repr((store.config.days, told)).encode())


def compare(world: World, seed: int) -> tuple[int, int]:
    """Ask with and without the index; return how many cases were looked at for it, and are."""
    told = f"seed {seed}: {'; '.join(world.done)}"
    try:
        said, made = asked(world)
    except Exception as error:
        raise AssertionError(told) from error
    assert said == asked(world, NEVER)[0], told
    return len(made), len(said.heads)


@pytest.mark.parametrize("first", range(0, SEQUENCES, TOGETHER))
def test_with_the_index_the_answer_is_the_same_whatever_happens(first: int, folder: Path) -> None:
    """The seed of a sequence that fails is in the message."""
    made = known = 0
    seeds = range(first, first + TOGETHER)
    worlds = [World(folder / f"{seed}", seed) for seed in seeds]
    time.sleep(TICK)
    for world in worlds:
        asked(world)
    for _ in range(STEPS):
        for nth, world in enumerate(worlds):
            happens(world, worlds[nth - 1])
        time.sleep(TICK)
        for world, seed in zip(worlds, seeds, strict=True):
            looked, there = compare(world, seed)
            made += looked
            known += there
    for world in worlds:
        shutil.rmtree(world.root)
    assert made < 0.75 * known  # the rest came from the index, or this would show nothing


@pytest.mark.parametrize("seed", range(2))
def test_the_list_is_the_same_byte_for_byte_whatever_happens(seed: int, folder: Path) -> None:
    """What is printed, and the exit code; more sequences: ``python -m tests.indexdesk 30``."""
    play(folder, seed, 4)


# Several at once, and a disk that does not let it


def alone(root: Path, words: str = "today", now: str = NOW) -> Printed:
    """Return what a command prints without an index, which is then gone."""
    removed(root / ".dunctl" / NAME)
    said = run(root, words, now)
    removed(root / ".dunctl" / NAME)
    return said


def test_many_lists_at_once_are_one_list(folder: Path) -> None:
    """On a cold index, on a warm one, on a broken one, and while somebody deletes it."""
    root = desk(folder / "many" / "store")
    index = root / ".dunctl" / NAME
    expected = alone(root)
    assert "to call" in expected.out
    for spoil in (lambda: None, lambda: None, lambda: index.write_text("noise")):
        spoil()
        some = [started(root, "today") for _ in range(4)]
        assert {one.ended() for one in some} == {expected}
    some = []
    for _ in range(6):
        some.append(started(root, "today"))
        index.unlink(missing_ok=True)
        time.sleep(TICK)
    assert {one.ended() for one in some} == {expected}


def test_lists_and_entries_at_once_lose_nothing(folder: Path) -> None:
    root = desk(folder / "busy" / "store")
    ids = [path.stem for path in sorted((root / "cases").glob("*.toml"))]
    before = {i: (root / "cases" / f"{i}.toml").read_text("utf-8") for i in ids}
    logs, lists = [], []
    for n in range(4):
        logs += [started(root, f"log {i} no_answer") for i in (ids[n], ids[0])]
        lists += [started(root, "today")]
    said = [one.ended() for one in (*logs, *lists)]
    assert [one.code for one in said] == [0] * len(said), said
    assert not [one.err for one in said if "Traceback" in one.err]
    added = {
        i: text.count("[[contact]]") - before[i].count("[[contact]]")
        for i in ids
        for text in [(root / "cases" / f"{i}.toml").read_text("utf-8")]
    }
    assert {i: n for i, n in added.items() if n} == {ids[0]: 5, ids[1]: 1, ids[2]: 1, ids[3]: 1}
    time.sleep(TICK)
    assert run(root, "today") == run(root, "today") == alone(root)


def test_killed_while_it_remembers_it_is_as_if_it_never_had(folder: Path) -> None:
    root = desk(folder / "killed" / "store")
    began = time.monotonic()
    expected = alone(root)
    took = time.monotonic() - began
    dice = random.Random(6)  # noqa: S311 - when to kill, not a secret
    for _ in range(6):
        one = started(root, "today")
        time.sleep(dice.uniform(0.1, 1) * took)
        os.kill(one.child, signal.SIGKILL)
        one.ended()
        assert run(root, "today") == expected
        removed(root / ".dunctl" / NAME)


TROUBLE = "dunctl: nothing can be remembered in .dunctl: "


def complains_once(said: Printed, expected: Printed) -> None:
    assert (said.code, said.out) == (expected.code, expected.out)
    assert said.err.startswith(TROUBLE)
    assert said.err.count("\n") == 1


def test_on_a_full_disk_it_does_without_and_says_so_once(folder: Path) -> None:
    root = desk(folder / "full" / "store")
    expected = alone(root)

    def most() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    for _ in range(2):
        complains_once(run(root, "today", before=most), expected)
    assert run(root, "today") == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_on_a_disk_without_room_it_does_without_and_says_so_once(folder: Path) -> None:
    expected = alone(desk(folder / "roomy" / "store"))
    small = folder / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this root may not mount")
    try:
        root = desk(small / "store")
        (root / ".dunctl").mkdir()
        shutil.copy2(folder / "roomy" / "store" / ".dunctl" / "calendars", root / ".dunctl")
        with suppress(OSError), open(small / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)
        os.truncate(small / "filler", (small / "filler").stat().st_size - 5 * 4096)
        complains_once(run(root, "today"), expected)
        (small / "filler").unlink()
        assert run(root, "today") == run(root, "today") == expected
    finally:
        subprocess.run(["umount", str(small)], check=True)


def without_rights(root: Path, words: str) -> Printed:
    """Run a command that has no more rights than the mode of a file gives it."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        rights = "-dac_override,-dac_read_search"
        prefix = ["setpriv", "--inh-caps", rights, "--bounding-set", rights]
        if not shutil.which("setpriv"):
            pytest.skip("root may write everywhere here")
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "dunctl", *shlex.split(words)],
        cwd=root,
        env={**os.environ, "DUNCTL_NOW": NOW, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Printed(done.returncode, done.stdout, done.stderr)


def test_trouble_is_said_once_however_often_the_cases_change_meanwhile(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = desk(folder / "moving" / "store")
    (root / ".dunctl" / NAME).mkdir(parents=True)
    seat = seat_at(stores.open_store(root), datetime.fromisoformat(NOW))
    tries: list[Recalled] = []

    def answer() -> None:
        tries.append(noted(seat, "test", 0, lambda _: Note(0, 1, [], [])))
        if len(tries) < 3:
            raise Moved

    with click.Context(click.Command("today")):
        steadily(answer)
    said = capsys.readouterr().err
    assert said.startswith(TROUBLE)
    assert said.count("\n") == 1


def test_in_a_read_only_folder_it_does_without_and_says_so_once(folder: Path) -> None:
    root = desk(folder / "mine" / "store")
    expected, aside = run(root, "today"), root / ".dunctl"
    touched = next((root / "cases").iterdir())
    touched.write_text(touched.read_text("utf-8"), "utf-8")
    time.sleep(TICK)
    (aside / NAME).chmod(0o444)
    aside.chmod(0o555)
    complains_once(without_rights(root, "today"), expected)
    aside.chmod(0o755)
    (aside / NAME).unlink()
    aside.chmod(0o555)
    complains_once(without_rights(root, "today"), expected)
    aside.chmod(0o755)
    shutil.rmtree(aside)
    root.chmod(0o555)
    complains_once(without_rights(root, "today"), expected)
    root.chmod(0o755)
    assert without_rights(root, "today") == expected


def test_what_one_may_not_read_is_not_kept_for_others(folder: Path) -> None:
    """The rights of a folder change nothing about the files in it, and yet they bar them."""
    root = desk(folder / "theirs" / "store")
    expected = alone(root)
    policy = root / "policies" / "own.toml"
    policy.parent.mkdir()
    policy.write_text("[frequency]\nafter_conversation_working_days = 9\n")
    (root / "cases").chmod(0o644)
    said = without_rights(root, "today")
    (root / "cases").chmod(0o755)
    assert said.code == 1
    assert run(root, "today") == expected


@pytest.mark.parametrize("lock", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE", "SELECT * FROM note"])
def test_a_locked_index_is_gone_without_silently(lock: str, folder: Path) -> None:
    root = desk(folder / f"locked-{lock[6:]}" / "store")
    expected = run(root, "today")
    path = next((root / "cases").iterdir())
    path.write_text(path.read_text("utf-8"), "utf-8")
    time.sleep(TICK)
    with closing(sqlite3.connect(root / ".dunctl" / NAME, isolation_level=None)) as other:
        held = other.execute(lock)
        held.fetchone()
        before = time.monotonic()
        assert run(root, "today") == expected
        assert time.monotonic() - before < 6
    assert run(root, "today") == expected


def test_an_index_that_is_a_link_is_not_followed(folder: Path) -> None:
    root = desk(folder / "linked" / "store")
    expected, index = run(root, "today"), root / ".dunctl" / NAME
    precious = folder / "linked" / "precious"
    for what in (b"", b"a letter"):
        precious.write_bytes(what)
        index.unlink()
        index.symlink_to(precious)
        assert run(root, "today") == expected
        assert precious.read_bytes() == what


def test_file_numbers_of_any_size_can_be_kept() -> None:
    """Some file systems use all 64 bits."""
    found = os.stat_result((0o100644, 2**64 - 2, 1, 1, 0, 0, 3000, 0, 0, 0))
    with closing(sqlite3.connect(":memory:")) as index:
        row = index.execute("SELECT ?, ?, ?, ?", files.stamp(found)).fetchone()
    assert row == files.stamp(found)
    assert row != files.stamp(os.stat_result((0o100644, 2**64 - 3, 1, 1, 0, 0, 3000, 0, 0, 0)))


# What a note says is true until it wakes


OWN_LIMITATION = """\
format = 1
title = "two years where they are over soon, else three"
as_of = 2026-11-22
scope.laws = ["FR"]
period = { years = 3, start = "due_next_day", source = "x", confidence = "verified" }
earlier = { years = 2, over_before = 2027-02-01, source = "x", confidence = "verified" }

[[event]]
on = ["signed", "written", "oral", "agreement", "part_payment", "demand"]
effect = "restarts"
source = "x"
confidence = "verified"

[[event]]
on = ["suit"]
effect = "suspends"
why = "while it lasts"
source = "x"
confidence = "verified"
"""
OF_A_YEAR = (
    OWN_LIMITATION.replace("years = 3", "years = 1")
    .replace("earlier = ", "# ")
    .replace('["FR"]', '["NL"]')
)
PLACES = (
    *(
        'country = "NL"',
        'country = "CN"',
        'country = "DE"',
        'country = "GB"',
        'country = "IN"',
        'country = "FR"',
    ),
    *('country = "GB"\nsubdivision = "GB-SCT"', 'country = "US"\nsubdivision = "NY"', ""),
)
FIRST = date(2026, 11, 24)


@pytest.fixture(scope="module")
def law_store(folder: Path) -> Store:
    root = folder / "law"
    (root / "policies" / "limitation").mkdir(parents=True)
    (root / config.NAME).write_text(SETTINGS)
    (root / "policies" / "limitation" / "own.toml").write_text(OWN_LIMITATION)
    (root / "policies" / "limitation" / "year.toml").write_text(OF_A_YEAR)
    store = stores.open_store(root)
    assert law_problems(store) == []
    return store


def seat_at(store: Store, now: datetime) -> Seat:
    return Seat(store, now, whole_day=False, law=lambda: law_of(store))


@st.composite
def old_cases(draw: st.DrawFn) -> str:
    """Draw a case whose invoices run out of time about now, or soon."""
    days = st.integers(-260, 400).map(lambda n: FIRST + timedelta(days=n))
    entries = []
    for nth in range(draw(st.integers(1, 3))):
        due = draw(days)
        due = due.replace(
            year=due.year - draw(st.sampled_from((0, 1, 2, 3, 3, 4, 5, 6))), day=min(due.day, 28)
        )
        issued = str(due - timedelta(days=draw(st.integers(0, 90))))
        dated = {"issued": issued} if draw(st.booleans()) else {}
        entries.append(casefile.invoice(f"N{nth}", str(due), "1000.00", **dated))
    for _ in range(draw(st.integers(0, 4))):
        about = FIRST + timedelta(days=draw(st.integers(-1500, 60)))
        soon = about + timedelta(days=draw(st.integers(0, 40)))
        named = {"invoice": "N0"} if draw(st.booleans()) else {}
        amount = draw(st.sampled_from(("200.00", "1000.00", "3000.00")))
        moment = f"{about}T10:00:00Z"
        event = draw(st.integers(0, 8))
        form = draw(st.sampled_from(("signed", "written", "oral")))
        paper = draw(st.sampled_from(("court_claim", "court_paper", "judgment", "reconciliation")))
        to = draw(st.sampled_from(("closed", "legal", "final")))
        entries += [
            (casefile.paid(str(about), amount, **named),),
            (casefile.entry("acknowledgement", on=str(about), form=form),),
            (casefile.entry("document", on=str(about), kind=paper),),
            (casefile.promise(moment, amount, str(soon)),),
            (casefile.step(moment, to),),
            (casefile.disputed(moment, amount, **named),),
            (casefile.entry("letter", at=moment, template="x", amount=amount, tracking="ZZ 1"),),
            (casefile.invoice(f"M{len(entries)}", str(soon), amount),),
            (
                casefile.called(moment, "refused"),
                casefile.entry("credit", on=str(about), amount="9.00"),
            ),
        ][event]
    place = draw(st.sampled_from(PLACES))
    zone = draw(st.sampled_from(("Europe/London", "Pacific/Apia", "America/Los_Angeles")))
    return casefile.text(*entries, zone=zone, debtor=place)


@given(old_cases(), st.integers(0, 120 * 1440), st.integers(0, 420 * 1440))
def test_no_alarm_comes_before_its_note_says_so(
    law_store: Store, text: str, first: int, more: int
) -> None:
    """Whatever the law of the debtor, on any day until the note wakes; and no card goes stale."""
    start = datetime(2026, 11, 24, 9, 10, tzinfo=dates.zone("Europe/London"))
    now = start + timedelta(minutes=first)
    case, seat = casefile.read(text), seat_at(law_store, now)
    here = standing_of(seat, case)
    known = docket(here, packs_of(seat, case), 14)
    watch, until = watched_from(here, seat.law)
    wakes = min(known.wakes, until)
    assume(wakes > now.timestamp())
    last = min(wakes - 1, (now + timedelta(minutes=more)).timestamp())
    then = max(now, datetime.fromtimestamp(last, now.tzinfo))
    later = seat_at(law_store, then)
    there = standing_of(later, case)
    again = docket(there, packs_of(later, case), 14)
    seen, fresh = glance(known, watch), glance(again, watch)
    assert seen == fresh
    if alarms(later, [there]):
        assert watch is not None
        assert watch <= there.today
    if here.today == there.today:
        assert card_of(here, packs_of(seat, case)) == card_of(there, packs_of(later, case))


def test_of_a_young_debt_no_law_is_asked(law_store: Store) -> None:
    def law() -> Law:
        raise AssertionError("no law gives less than a year")

    now = datetime(2026, 11, 24, 9, 10, tzinfo=dates.zone("Europe/London"))
    case = casefile.read(casefile.text(casefile.invoice("N1", "2026-09-30", "1000.00")))
    watch, until = watched_from(standing_of(seat_at(law_store, now), case), law)
    assert watch is None
    assert now.timestamp() < until < datetime(2027, 9, 30, tzinfo=now.tzinfo).timestamp()


# What was learned


CALLS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 1439), st.booleans()), max_size=6
).map(sorted)
TODAY = FIRST.toordinal()


def called(case_id: str, calls: Sequence[tuple[int, int, bool]], who: Profile = NOBODY) -> Docket:
    """Return the docket of a case with calls so many days before today, and on it."""
    numbers = [2 * (1440 * (TODAY - day) + minute) + hit for day, minute, hit in calls]
    return _BLANK._replace(id=case_id, calls=packed(numbers), profile=who)


_BLANK = Docket(
    *("", None, 0, 0, "free", "", 0, None, "", (), 0, False, ()),
    *(0, 0, 0, 0, 0, "", NOBODY, ()),
)


def lesson_of(book: Mapping[str, Docket], today: int = TODAY) -> str:
    ids = sorted(book)
    rows = [glance(book[case_id], None) for case_id in ids]
    seen = glances(ids, list(zip(*rows, strict=True)))
    return lesson(seen, today, {i: book[i] for i in called_since(seen, today)})


@given(st.dictionaries(st.sampled_from(IDS), CALLS, min_size=1), st.randoms(use_true_random=False))
def test_equal_lessons_are_equal_books(
    calls: dict[str, list[tuple[int, int, bool]]], dice: random.Random
) -> None:
    """Calls of today change neither, every other call and whom it was made to change the lesson."""
    book = {case_id: called(case_id, some) for case_id, some in calls.items()}
    first = lesson_of(book)
    who = dice.choice(sorted(book))
    old = [call for call in calls[who] if call[0] > 0]

    def changed(some: Sequence[tuple[int, int, bool]], profile: Profile = NOBODY) -> str:
        other = {**book, who: called(who, some, profile)}
        if lesson_of(other) == first:
            parameters = answer_model()
            assert learn(other.values(), parameters, TODAY) == learn(
                book.values(), parameters, TODAY
            )
        return lesson_of(other)

    assert changed([*calls[who], (0, 600, True)]) == first
    assert changed([call for call in calls[who] if call[0] == 0]) == first or old
    assert changed([*calls[who], (1, 600, True)]) != first
    assert lesson_of(book, TODAY + 1) != first
    if old:
        day, minute, answered = one = dice.choice(old)
        rest = [call for call in calls[who] if call is not one]
        assert changed(rest) != first
        assert changed([*rest, (day, minute, not answered)]) != first
        assert changed([*rest, (day + 1, minute, answered)]) != first
        assert changed([*rest, (day, (minute + 1) % 1440, answered)]) != first
        assert changed(calls[who], Profile("consumer", None, "owner")) != first


def empty(_: Read) -> Note:
    return Note(0, 1, [], [])


def test_what_was_learned_is_kept_whole(folder: Path) -> None:
    """It comes back as it went in, and only for the lesson that it was learned from."""
    root = desk(folder / "learned" / "store")
    store = stores.open_store(root)
    found = learn([called("ash", [(3, 600, True), (2, 700, False)])], answer_model(), TODAY)
    known = recall(store, "test", 0, empty)
    known.remember("book", "monday", found)
    again = recall(store, "test", 0, empty)
    assert book_of(again.fact("book", "monday")) == found
    assert again.fact("book", "tuesday") is None
    assert again.fact("evening", "monday") is None
    other = store._replace(config=store.config._replace(days=31))
    assert recall(other, "test", 0, empty).fact("book", "monday") is None
    removed(root / ".dunctl" / NAME)
    assert again.fact("book", "monday") is None
