"""Policies are data (practice R5, D18): each store may lay its own over the house's."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.case.vocabulary import STAGES
from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.steps import ladder
from dunctl.steps import policy as policies
from dunctl.store import store as stores
from tests.casefile import house, invoice, policy, text

STORE = """format = 1
[creditor]
name = "We"
[desk]
timezone = "Europe/London"
[defaults]
currency = "GBP"
"""


def a_store(root: Path, **own: str) -> Path:
    """Make a store with one case, 8 days past due on 24 November 2026, and policies of its own."""
    (root / "dunctl.toml").write_text(STORE, encoding="utf-8")
    (root / "cases").mkdir()
    source = text(invoice("A", "2026-11-16", "1000.00"))
    (root / "cases/acme.toml").write_text(source, encoding="utf-8")
    for name, content in own.items():
        (root / "policies").mkdir(exist_ok=True)
        file = root / "policies" / f"{name.replace('_', '-')}.toml"
        file.write_text(content, encoding="utf-8")
    return root


def opened(root: Path, **own: str) -> stores.Store:
    return stores.open_store(a_store(root, **own))


def run(root: Path, *words: str) -> Result:
    clock = {"DUNCTL_NOW": "2026-11-24T09:00:00+00:00"}
    return CliRunner().invoke(main, ["--store", str(root), *words], env=clock)


def test_the_house_policy_has_the_numbers_of_the_field() -> None:
    """Practice R2, R5: the bands of D01-D06 and D28, the hours of A14, the caps of A44."""
    found = policy()
    assert tuple(found.stages) == STAGES
    bands = {stage.name: (stage.from_day, stage.to_day) for stage in found.stages.values()}
    assert bands == {
        "upcoming": (None, 0),
        "courtesy": (1, 5),
        "remind": (6, 10),
        "firm": (11, 18),
        "final": (19, 30),
        "formal": (31, 60),
        "prelegal": (61, 180),
        "legal": (181, None),
        "closed": (None, None),
    }
    assert (found.window.earliest, found.window.latest) == ("08:00", "21:00")
    assert found.window.remind_before_minutes == 30
    weekdays = found.window.weekdays
    assert sorted(weekdays, key=lambda day: -weekdays[day])[:3] == ["fri", "thu", "tue"]
    assert found.hours["lunch"] == "11:30-14:00"
    assert tuple(found.frequency) == (2, 3)
    assert found.ladder.start_at_most == "remind"
    assert found.ladder.decision_alarm_day == 150


def test_every_need_of_a_policy_is_one_the_ladder_knows() -> None:
    assert set(ladder.NEEDS) == set(policies.NEEDS)


def test_the_policies_that_are_shipped_load(tmp_path: Path) -> None:
    store = stores.open_store(a_store(tmp_path))
    assert stores.policy(store, "default") == policy()._replace(name="default")
    china = stores.policy(store, "cn-trade")
    assert china.hours["company"] == "mon-fri 09:00-18:00"
    assert china.stages == stores.policy(store, "default").stages


def test_a_store_changes_one_key_of_one_stage_and_nothing_else(tmp_path: Path) -> None:
    own = '[[stage]]\nname = "firm"\ncadence_working_days = 4\n'
    found, base = stores.policy(opened(tmp_path, default=own), "default"), policy()
    assert found.stages["firm"] == base.stages["firm"]._replace(cadence_working_days=4)
    assert {**found.stages, "firm": None} == {**base.stages, "firm": None}
    assert found._replace(name="", stages={}) == base._replace(name="", stages={})


def test_a_policy_of_the_stores_own_lies_over_the_house_policy(tmp_path: Path) -> None:
    own = "[promise]\ngrace_working_days = 0\n[window]\nweekdays = { mon = 9 }\n"
    found = stores.policy(opened(tmp_path, slow_trade=own), "slow-trade")
    assert (found.name, found.promise.grace_working_days) == ("slow-trade", 0)
    assert found.window.weekdays == {**policy().window.weekdays, "mon": 9}
    assert found.promise.remind_days_before == 1


def test_a_band_can_be_moved_with_its_neighbours(tmp_path: Path) -> None:
    own = '[[stage]]\nname = "courtesy"\nto_day = 7\n[[stage]]\nname = "remind"\nfrom_day = 8\n'
    found = stores.policy(opened(tmp_path, default=own), "default")
    assert (found.stages["courtesy"].to_day, found.stages["remind"].from_day) == (7, 8)


STAGE = '[[stage]]\nname = "firm"\n'


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("windows = 3", "unknown key windows (did you mean window?)"),
        ("[promises]\ngrace_working_days = 2", "unknown key promises"),
        ("[promise]\ngrace_days = 2", "[promise] lacks or does not know grace_days"),
        ("promise = 2", "[promise] must be a table"),
        ('[promise]\ngrace_working_days = "two"', "promise.grace_working_days must be a whole"),
        ("[promise]\ngrace_working_days = -1", "promise.grace_working_days must be a whole"),
        ("[promise]\ngrace_working_days = 1.5", "promise.grace_working_days must be a whole"),
        (
            "[frequency]\nafter_conversation_working_days = true",
            "frequency.after_conversation_working_days must be a whole",
        ),
        ("[frequency]\nper_day = 1", "lacks or does not know per_day"),
        ('[window]\nearliest = "25:00"', "window: "),
        ('[window]\nlatest = "07:00"', "window: "),
        ("[window]\nlatest = 21", "window.latest must be text"),
        ("[window]\nweekdays = { funday = 1 }", "window.weekdays must be such as"),
        ('[window]\nweekdays = { fri = "best" }', "window.weekdays must be such as"),
        ('[hours]\ncompany = "9 to 5"', "hours.company: "),
        ('[hours]\nlunch = "14:00-11:30"', "hours.lunch: "),
        ('[hours]\ncompanies = "mon-fri 09:00-17:00"', "[hours] lacks or does not know companies"),
        ('[ladder]\nstart_at_most = "reminder"', "ladder.start_at_most must be a stage"),
        (f'{STAGE}channels = ["phone", "telex"]', "stage firm: unknown channels telex"),
        (f'{STAGE}channels = ["emial"]', "(did you mean email?)"),
        (f'{STAGE}channels = "phone"', "stage firm: channels must be a list"),
        (f'{STAGE}needs = ["reasons"]', "stage firm: unknown needs reasons"),
        (f"{STAGE}cadence_days = 2", "has the unknown key cadence_days"),
        (f'{STAGE}cadence_working_days = "2"', "stage firm: cadence_working_days must be"),
        (f"{STAGE}from_day = 12", "stage firm must begin on the day after the last one of remind"),
        (f"{STAGE}to_day = 40", "stage final must begin on the day after the last one of firm: 41"),
        ('[[stage]]\nname = "stern"\nfrom_day = 12', "stage stern is not known"),
        ("[[stage]]\nfrom_day = 12", "stage None is not known"),
        ('[stage]\nname = "firm"', "write [[stage]] in double brackets"),
        ('stage = ["firm"]', "write [[stage]] in double brackets"),
    ],
)
def test_a_bad_policy_is_refused_by_its_name_and_key(own: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        policy(own)
    assert str(refused.value).startswith("policy test: ")
    assert words in str(refused.value)


@pytest.mark.parametrize("missing", ["remind", "closed", "upcoming"])
def test_a_policy_without_a_stage_is_refused(missing: str) -> None:
    data = house()
    data["stage"] = [stage for stage in data["stage"] if stage["name"] != missing]
    with pytest.raises(Refused, match="policy bare: the stages must be upcoming, courtesy, remind"):
        policies.read("bare", data)


def test_a_policy_with_its_stages_in_another_order_is_refused() -> None:
    data = house()
    data["stage"] = data["stage"][::-1]
    with pytest.raises(Refused, match="policy turned: the stages must be upcoming, courtesy"):
        policies.read("turned", data)


@pytest.mark.parametrize("section", ["window", "hours", "promise", "frequency", "ladder", "stage"])
def test_a_policy_without_a_section_is_refused(section: str) -> None:
    data = house()
    del data[section]
    with pytest.raises(Refused, match=f"policy bare: .*{section}"):
        policies.read("bare", data)


def test_a_bad_policy_of_a_store_is_an_error_of_the_user_and_not_of_ours(tmp_path: Path) -> None:
    a_store(tmp_path, default='[[stage]]\nname = "firm"\nchannels = ["telex"]\n')
    for words in (["today"], ["escalate", "acme"], ["check"]):
        result = run(tmp_path, *words)
        assert result.exit_code == 1, (words, result.output)
        assert "policy default: stage firm: unknown channels telex" in result.output


def test_a_policy_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    a_store(tmp_path, default="[promise\n")
    result = run(tmp_path, "today")
    assert result.exit_code == 1
    assert "default.toml" in result.output


def test_the_override_reaches_the_commands(tmp_path: Path) -> None:
    """Eight days past due is ``remind``, and ``courtesy`` in a store where that is longer."""
    own = '[[stage]]\nname = "courtesy"\nto_day = 9\n[[stage]]\nname = "remind"\nfrom_day = 10\n'
    (tmp_path / "house").mkdir()
    (tmp_path / "own").mkdir()
    a_store(tmp_path / "house")
    a_store(tmp_path / "own", default=own)
    assert '"to": "remind"' in run(tmp_path / "house", "escalate", "--due", "--json").stdout
    assert '"to": "courtesy"' in run(tmp_path / "own", "escalate", "--due", "--json").stdout
