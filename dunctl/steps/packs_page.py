"""The page that shows every pack and rule, and explains the words they are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dunctl.case.fields import Key
from dunctl.case.records import keys
from dunctl.case.vocabulary import CHANNELS, CREDITOR_ROLES
from dunctl.owed.sourced import DEBTOR_KINDS
from dunctl.steps.guard_families import FAMILIES
from dunctl.steps.packs import PACK_KEYS, RULE_KEYS, SCOPE_KEYS, Pack, Rule
from dunctl.steps.packs_kinds import (
    AUTHORITIES,
    COUNTS,
    EXCEPTIONS,
    KINDS,
)


def as_markdown(packs: Sequence[Pack]) -> str:
    """Return the page that shows every pack and rule, and explains the words they are made of."""
    parts = [
        "# The contact rules\n\n"
        "Before somebody is asked for money, the packs of rules that apply to the case are gone\n"
        "through: some rules only **warn**, others **block**. `house` is for everybody; the\n"
        "others apply by their scope: what we are to the debt, what the debtor is, where it is.\n"
        "This is not legal advice.\n\n"
        "A rule is *verified* when its source was seen to say so on the day given. An\n"
        "*unverified* one only warns, and only if you choose it. The choice is a list of words:\n"
        "`auto` is what applies by scope, `us-regf` a whole pack, `us-regf/seven-calls` one rule\n"
        "of it, `-house/lunch` takes one away. A pack chosen for a case that it does not bind\n"
        "only warns.\n\n"
        "This page is made from `dunctl/policies/packs/` by `make docs`.\n",
        "## How they are applied\n\n"
        "- Times and days are the debtor's. Where several time zones are recorded the hours must\n"
        "  be open in all of them; where none is, nobody is called.\n"
        "- A contact is judged minute by minute. Hours that the clocks skip are no time to call,\n"
        "  hours that come twice are open twice.\n"
        "- Caps and rests count the days of the debtor's calendar. A contact that names nobody\n"
        "  may have been with anybody.\n"
        "- What the case does not say never blocks: what a number is for, what somebody without a\n"
        "  recorded role is to the debtor, what is owed in another case.\n"
        "- What has happened is recorded whatever the rules say, with a warning.\n",
    ]
    parts += [_pack_section(pack) for pack in packs]
    parts += ["## What a rule is made of\n", _keys_section("A pack", PACK_KEYS)]
    parts += [_keys_section("`[scope]`", SCOPE_KEYS), _keys_section("`[[rule]]`", RULE_KEYS)]
    for kind, cls in KINDS.items():
        known = {name: pair[1] for name, pair in keys(cls).items()}
        parts.append(_keys_section(f'`kind = "{kind}"`', known, cls.__doc__ or ""))
    for title, words in (
        ("`roles` of a scope", CREDITOR_ROLES),
        ("`authority`", AUTHORITIES),
        ("`counts` and `after`", COUNTS),
        ("`unless`", EXCEPTIONS),
        ("`about`", FAMILIES),
    ):
        rows = "\n".join(f"- `{word}`: {meaning}" for word, meaning in words.items())
        parts.append(f"### {title}\n\n{rows}\n")
    return "\n".join(parts)


def _pack_section(pack: Pack) -> str:
    what_we_are = _all_or(pack.scope.roles, CREDITOR_ROLES, "of any role")
    who_owes = _all_or(pack.scope.kinds, DEBTOR_KINDS, "of any kind")
    where = ", ".join(pack.scope.places) or "anywhere"
    scope = f"Creditor: {what_we_are}. Debtor: {who_owes}, {where}."
    if not pack.default:
        scope += " Only if chosen."
    rows = "\n".join(_rule_row(pack, rule) for rule in pack.rules)
    return (
        f"## {pack.id}\n\n{pack.title}\n\n{scope}\n\n"
        "| rule | level | what | channels | source | confidence | as of |\n"
        "|---|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _all_or(words: Sequence[str], known: Collection[str], otherwise: str) -> str:
    return otherwise if len(words) == len(known) else ", ".join(words)


def _rule_row(pack: Pack, rule: Rule) -> str:
    what = f"{rule.title}; `{rule.kind}`"
    for name, value in rule.what._asdict().items():
        if value is True:
            what += f", {name}"
        elif value:
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            what += f", {name}: {shown}"
        elif value == 0 and value is not False:
            what += f", {name}: 0"
    if rule.unless:
        what += f"; unless {', '.join(rule.unless)}"
    if rule.debtors != pack.scope.kinds:
        what += f"; only {', '.join(rule.debtors)}"
    if rule.note:
        what += f" ({rule.note})"
    cells = (
        f"`{rule.id}`",
        rule.level,
        what,
        _all_or(rule.channels, CHANNELS, "all"),
        rule.source if rule.authority == "practice" else f"{rule.authority}: {rule.source}",
        rule.confidence,
        rule.as_of.isoformat(),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _keys_section(title: str, known: Mapping[str, Key], meaning: str = "") -> str:
    text = f"### {title}\n"
    if meaning:
        text += f"\n{' '.join(meaning.split())}\n"
    if known:
        text += "\n| key | value | meaning |\n|---|---|---|\n"
    for name, key in known.items():
        needed = " (required)" if key.required else ""
        text += f"| `{name}` | {key.kind.title} | {key.meaning}{needed} |\n"
    return text
