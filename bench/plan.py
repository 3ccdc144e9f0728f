"""How long the day's plan takes: from what is known of each case to the list.

python -m bench.plan [CASES …]      prints seconds and peak memory for each number of cases
"""

from __future__ import annotations

import random
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from dunctl.calling.plan import Shift, plan
from dunctl.calling.today import day_list
from dunctl.calling.weigh import learn
from dunctl.calling.windows import desk_spans
from dunctl.case.records import Case, Contact, Debtor, Entry, Head, Invoice, Person, Terms
from dunctl.steps import policy as policies
from dunctl.steps.standing import Standing, standing
from dunctl.store.parameters import DATA, answer_model, value_model

NOW = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Europe/London"))
ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "Asia/Shanghai")


def book(cases: int) -> list[Standing]:
    """Return made-up cases with a dozen calls each, where they stand this morning."""
    import tomli

    dice = random.Random(1)  # noqa: S311 - a made-up book, not a secret
    house = policies.read("default", tomli.loads((DATA / "default.toml").read_text("utf-8")))
    found = []
    for n in range(cases):
        due = date(2026, 11, 20) - timedelta(days=dice.randrange(120))
        calls = sorted(
            datetime(2026, 1, 2, 9, tzinfo=UTC)
            + timedelta(days=dice.randrange(310), minutes=30 * dice.randrange(16))
            for _ in range(12)
        )
        entries = [Entry("invoice", 0, Invoice("1", due, Decimal(dice.randrange(50, 20000))))]
        entries += [
            Entry("contact", k, Contact(at, "phone", dice.choice(("no_answer", "refused"))))
            for k, at in enumerate(calls)
        ]
        debtor = Debtor(f"Debtor {n}", country="GB", timezone=(dice.choice(ZONES),))
        case = Case(
            f"case-{n:06}",
            "",
            Head(1, "GBP"),
            debtor,
            Terms(),
            (Person("Jane Roe", "finance", ("020 7946 0000",)),),
            (),
            tuple(entries),
            (),
            {},
        )
        found.append(standing(case, house, NOW))
    return found


def main() -> None:
    """Measure each number of cases once, in one process; the smaller first."""
    for cases in [int(word) for word in sys.argv[1:]] or [1000, 10_000, 100_000]:
        standings = book(cases)
        shift = Shift(desk_spans("mon-fri 09:00-17:30", NOW), 2, 8)
        began = time.perf_counter()
        calls, held = day_list(standings, shift.spans, {})
        gated = time.perf_counter()
        model = learn(standings, answer_model(), value_model(), NOW.toordinal(), "GBP", {})
        learned = time.perf_counter()
        found = plan(calls, shift, model, "bounded")
        done = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(
            f"{cases:>7} cases: {len(found.rows)} calls, {len(found.unfitted)} without room, "
            f"{len(held)} held; gate {gated - began:.2f} s, learn {learned - gated:.2f} s, "
            f"plan {done - learned:.2f} s, peak {peak} MB, "
            f"certificate {'holds' if found.primal == found.dual else 'FAILS'}\n"
        )


if __name__ == "__main__":
    main()
