"""`dunctl may`, `dunctl policy check`, and the warnings of `dunctl log`."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main
from tests.casefile import called, entry, invoice, text

NOW = "2026-11-24T10:00:00+00:00"  # a Tuesday
SETTINGS = '[desk]\ntimezone = "Europe/London"\n'
Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that runs a command on a case of the given entries."""
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").mkdir()

    def run(
        command: str,
        *rest: str,
        entries: tuple[str, ...] = (),
        now: str = NOW,
        settings: str = SETTINGS,
        debtor: str = 'country = "GB"',
        zone: str | None = "Europe/London",
    ) -> Result:
        monkeypatch.setenv("DUNCTL_NOW", now)
        if entries or not Path("cases/acme.toml").exists():
            bill = invoice("1", "2026-10-01", "500.00")
            Path("cases/acme.toml").write_text(text(bill, *entries, zone=zone, debtor=debtor))
        Path("dunctl.toml").write_text(settings)
        return CliRunner().invoke(main, [*command.split(), *rest])

    return run


def answer(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_what_nothing_stands_against_is_exit_0(ask: Ask) -> None:
    result = ask("may acme")
    assert (result.exit_code, result.stdout) == (0, "yes: Acme by phone, Tue 24 Nov 10:00 there\n")
    assert answer(ask("may acme --json")) == {
        "case": "acme",
        "person": None,
        "channel": "phone",
        "purpose": "collect",
        "at": "2026-11-24T10:00:00+00:00",
        "verdict": "allow",
        "reason": None,
        "rule": None,
        "pack": None,
        "source": None,
        "because": None,
        "next_allowed": "2026-11-24T10:00:00+00:00",
        "findings": [],
    }


ANN = entry("person", name="Ann", role="owner", avoid='["tue"]', no_work_calls="true")
HELD = entry("hold", at="2026-11-20T10:00:00Z", kind="pause", until="2026-11-30")
TRIED = called("2026-11-24T09:00:00Z")
PROMISE = entry("promise", at="2026-11-10T10:00:00Z", amount="100.00", due="2026-12-10")


@pytest.mark.parametrize(
    ("entries", "options", "code", "reason", "line"),
    [
        ((HELD,), "", 1, "house/set-aside", "[[hold]]"),
        ((TRIED,), "", 1, "house/once-a-day", "[[contact]]"),
        ((PROMISE,), "", 1, "house/promised", "[[promise]]"),
        ((ANN,), "", 1, "house/quiet", 'avoid = ["tue"]'),
        ((ANN,), "--at 'wed 10:00'", 1, "house/at-work", "no_work_calls = true"),
        ((), "--at 22:00", 1, "house/hours", 'timezone = "Europe/London"'),
        ((), "--at '2026-12-25 10:00'", 1, "house/holidays", 'country = "GB"'),
        ((), "--at 12:00", 1, "house/lunch", 'timezone = "Europe/London"'),
        ((), "--at 22:00 --channel email", 0, None, None),
        ((HELD,), "--purpose service", 0, None, None),
    ],
)
def test_the_line_that_a_rule_goes_by_is_shown(
    ask: Ask, entries: tuple[str, ...], options: str, code: int, reason: str | None, line: str
) -> None:
    result = ask("may acme --json", *shlex.split(options), entries=entries)
    found = answer(result)
    assert (result.exit_code, found["reason"]) == (code, reason)
    if reason is None:
        return
    assert found["because"]["path"] == "cases/acme.toml"
    lines = Path("cases/acme.toml").read_text().split("\n")
    assert lines[found["because"]["line"] - 1] == line
    first = found["findings"][0]
    assert {key: found[key] for key in ("reason", "rule", "pack", "source", "because")} == {
        key: first[key] for key in ("reason", "rule", "pack", "source", "because")
    }
    told = ask("may acme", *shlex.split(options)).stdout
    assert f"  {reason} " in told
    assert f"    cases/acme.toml:{found['because']['line']}: " in told
    assert first["source"] in " ".join(told.split())


def test_a_warning_alone_is_exit_1_with_nothing_to_wait_for(ask: Ask) -> None:
    found = answer(ask("may acme --at", "wed 10:00", "--json", entries=(ANN,)))
    assert (found["verdict"], found["next_allowed"]) == ("warn", found["at"])


def test_a_past_time_is_judged_by_what_was_known_then(ask: Ask) -> None:
    """The call of this morning does not stand against one before it."""
    assert ask("may acme --at", "2026-11-24 08:30", entries=(TRIED,)).exit_code == 0
    assert ask("may acme --at", "2026-11-24 09:30").exit_code == 1


def test_of_what_is_not_owed_it_is_said(ask: Ask) -> None:
    paid = entry("payment", on="2026-11-01", amount="500.00")
    result = ask("may acme", entries=(paid,))
    assert "there is nothing to ask for" in result.stderr
    assert result.exit_code == 0


def test_a_case_with_an_error_is_answered_and_named(ask: Ask) -> None:
    broken = entry("contact", at="2026-11-24", channel="phone", outcome="no_answer")
    result = ask("may acme", entries=(broken,))
    assert result.stdout.startswith("yes: ")
    assert "cases/acme.toml:" in result.stderr
    assert result.exit_code == 1


# What was done all the same


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        (
            "--at '2026-11-23 22:10'",
            "against house/hours: no calls, visits or messages before 08:00 or from 21:00 on, "
            "their time (it was Mon 22:10 there)",
        ),
        (
            "--at '2026-05-25 10:00'",
            "against house/holidays: no calls or visits on public holidays where they are: "
            "Spring Bank Holiday",
        ),
        ("--at '2026-11-22 10:00'", "against house/weekend: businesses are not called"),
        ("--with Zoe", 'Zoe is no person of acme: dunctl set acme person "Zoe;ROLE;PHONE"'),
        (f"-m '{'long ' * 60}'", "the note is longer than 280 characters"),
        ("--incoming --at '2026-11-23 22:10'", ""),
        ("", ""),
    ],
)
def test_a_contact_against_a_rule_is_recorded_with_the_warning(
    ask: Ask, options: str, warning: str
) -> None:
    result = ask("log acme no_answer", *shlex.split(options))
    assert result.exit_code == 0
    assert warning in result.stderr
    assert warning or "against" not in result.stderr
    assert 'outcome = "no_answer"' in Path("cases/acme.toml").read_text()


def test_a_second_call_of_the_day_is_warned_of_and_the_first_not(ask: Ask) -> None:
    assert "against" not in ask("log acme no_answer").stderr
    again = ask("log acme no_answer", now="2026-11-24T15:00:00+00:00").stderr
    assert "against house/once-a-day" in again


# The choice of rules


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ('[guard]\nrole = "agency"\n', "dunctl.toml:4: role is none of own_debt, third_party"),
        ("[guard]\npack = []\n", "dunctl.toml:4: unknown key pack (did you mean packs?)"),
        ("[guard]\npacks = 3\n", "dunctl.toml:4: packs "),
        ('[guard]\npacks = ["hause"]\n', "there is no pack or rule hause (did you mean house?)"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_its_remedy(
    ask: Ask, settings: str, sentence: str
) -> None:
    result = ask("may acme", settings=SETTINGS + settings)
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_a_rule_can_be_taken_away_and_a_role_brings_others(ask: Ask) -> None:
    assert ask("may acme --at 12:00").exit_code == 1
    without = SETTINGS + '[guard]\npacks = ["-house/lunch"]\n'
    assert ask("may acme --at 12:00", settings=without).exit_code == 0
    agency = SETTINGS + '[guard]\nrole = "third_party"\n'
    debtor = 'kind = "consumer"\ncountry = "US"'
    held = entry("hold", at="2026-11-20T10:00:00Z", kind="stop_contact")
    found = answer(ask("may acme --json", settings=agency, debtor=debtor, entries=(held,)))
    assert [one["pack"] for one in found["findings"]] == ["house", "us-regf"]


def test_holidays_put_off_the_end_of_a_promise(ask: Ask) -> None:
    """Its day of grace is a working day: after 24 December that is the 29th in Britain."""
    words = entry("promise", at="2026-12-18T10:00:00Z", amount="100.00", due="2026-12-24")
    for day, status in ((29, "open"), (30, "broken")):
        shown = ask("show acme --json", entries=(words,), now=f"2026-12-{day}T10:00:00+00:00")
        assert [one["status"] for one in answer(shown)["promises"]] == [status]


# policy check

OURS = """format = 1
title = "Ours"
default = true
as_of = 2026-11-01
[[rule]]
id = "afternoon"
title = "we call in the afternoon"
kind = "hours"
open = "14:00-18:00"
level = "block"
authority = "practice"
source = "our own"
confidence = "verified"
"""


def own_pack(source: str, name: str = "ours") -> None:
    Path("policies/packs").mkdir(parents=True)
    Path(f"policies/packs/{name}.toml").write_text(source)


def test_a_pack_of_the_store_applies_like_the_shipped_ones(ask: Ask) -> None:
    own_pack(OURS)
    assert answer(ask("may acme --json"))["reason"] == "ours/afternoon"
    result = ask("policy check --json")
    assert result.exit_code == 0
    found = answer(result)
    assert found["problems"] == []
    assert {"id": "ours", "title": "Ours", "rules": 1} in found["packs"]
    assert {"default", "cn-trade"} <= set(found["policies"])


@pytest.mark.parametrize(
    ("source", "name", "sentence"),
    [
        ("format = \n", "ours", "policies/packs/ours.toml:1: is not TOML"),
        (OURS.replace("block", "bloc"), "ours", "policies/packs/ours.toml: ours/afternoon: level"),
        (OURS, "house", "house: there are two packs of this name"),
        (OURS.replace('"14:00-18:00"', '"mon-sun"'), "ours", "it forbids nothing"),
    ],
)
def test_what_is_wrong_with_a_pack_is_named(
    ask: Ask, source: str, name: str, sentence: str
) -> None:
    own_pack(source, name)
    result = ask("policy check")
    assert result.exit_code == 1
    assert sentence in result.stdout


@pytest.mark.parametrize("source", ["format = \n", OURS.replace("block", "bloc")])
def test_nobody_is_called_past_a_pack_that_cannot_be_read(ask: Ask, source: str) -> None:
    own_pack(source)
    result = ask("may acme")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "policies/packs/ours.toml" in result.stderr


def test_a_bad_policy_and_a_choice_of_nothing_are_found(ask: Ask) -> None:
    Path("policies").mkdir()
    Path("policies/odd.toml").write_text("[window]\nearly = 3\n")
    result = ask("policy check", settings=SETTINGS + '[guard]\npacks = ["auto", "us-regg"]\n')
    assert result.exit_code == 1
    assert "policy odd: " in result.stdout
    assert "dunctl.toml: [guard] packs: there is no pack or rule us-regg" in result.stdout


WRONG = 'log acme wrong_number --at "2026-11-23T10:00Z"'.replace('"', "")


def test_only_the_number_that_was_called_is_somebody_elses(ask: Ask) -> None:
    """Practice B45: a new person with another number may be called at once."""
    debtor = 'country = "GB"\nphone = "+44 20 7946 0000"'
    ask(WRONG, debtor=debtor)
    assert "somebody else's" in ask("may acme").stdout
    assert ask("set acme person", "Ann;finance;+44 20 7946 0001").exit_code == 0
    assert ask("may acme").exit_code == 0
    ask("set acme", "person.Ann.phone", "020 7946 0000")
    assert "somebody else's" in ask("may acme").stdout
    ask("set acme", "person.Ann.verified", "2026-11-24")
    assert ask("may acme").exit_code == 0


def test_the_number_that_was_called_is_written_down(ask: Ask) -> None:
    two = entry("person", name="Ann", role="finance", phone='["+44 1", "+44 2"]')
    other = entry("person", name="Bob", phone="+44 3")
    told = ask(WRONG, entries=(two, other)).stdout
    assert told == "acme: phone: wrong number +44 1\n"
    assert "wrong number +44 3" in ask(f"{WRONG} --with Bob").stdout
    assert "wrong number +44 2" in ask(WRONG, "--phone", "+44 2").stdout
    assert ask("log acme no_answer", "--phone", "+44 2").exit_code == 2


def test_a_message_may_not_go_to_any_wrong_number(ask: Ask) -> None:
    """A text message may be sent to the second number of somebody too."""
    two = entry(
        "person", name="Ann", role="finance", phone='["+44 1", "+44 2"]', verified="2026-11-01"
    )
    ask(WRONG, "--phone", "+44 2", entries=(two,))
    assert "somebody else's" in ask("may acme --channel sms").stdout
    assert "somebody else's" not in ask("may acme").stdout


@pytest.mark.parametrize(
    ("phone", "remedy"),
    [
        (None, 'once the number is proved: dunctl set acme "person.Ann.verified" today'),
        ("+44 1", 'another number: dunctl set acme "person.Ann.phone" NUMBER; or if +44 1 is'),
    ],
)
def test_a_wrong_number_has_its_remedy_in_may_and_in_the_list(
    ask: Ask, phone: str | None, remedy: str
) -> None:
    """Where the number was not written down it may have been any."""
    ann = entry("person", name="Ann", role="finance", phone="+44 1")
    keys = {} if phone is None else {"phone": phone}
    wrong = called("2026-11-20T10:00:00+00:00", "wrong_number", **keys)
    for verb in ("may acme", "today"):
        assert remedy in " ".join(ask(verb, entries=(ann, wrong)).stdout.split())


def test_an_open_settlement_is_called_by_its_name(ask: Ask) -> None:
    broken = entry("promise", at="2026-11-10T10:00:00+00:00", amount="100.00", due="2026-11-12")
    settlement = entry(
        "settlement", at="2026-11-09T10:00:00+00:00", amount="400.00", until="2026-12-01"
    )
    for verb in ("may acme", "today"):
        spoken = called("2026-11-13T10:00:00+00:00", "refused")
        told = ask(verb, entries=(broken, settlement, spoken)).stdout
        assert re.search(r"a settlement is open|settlement for £400\.00 is open", told)
        assert "a promise is not due yet" not in told
