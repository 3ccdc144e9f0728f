"""Two people's changes to one case file, put together: nothing that either wrote is lost.

The facts are merged key by key, the journal as the union of both journals. An entry that only one
side has taken out stays: entries are voided, not deleted. Where both sides gave one key different
values, just that key is marked as git marks a conflict, and named. Comments go with what they stand
above.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from dunctl.case import lines
from dunctl.case.changes import follow
from dunctl.case.handles import digest
from dunctl.case.parse import instant
from dunctl.case.toml import loads
from dunctl.errors import Refused
from dunctl.tuples import NamedTuple
from dunctl.words import t

OURS, BETWEEN, THEIRS = "<<<<<<< ours", "=======", ">>>>>>> theirs"
"""The lines around the two values of a key that both sides changed."""

_IN_TIME = ("at", "on", "issued", "due")


class Merged(NamedTuple):
    """The text of both, and the keys in which they contradict each other."""

    text: str
    conflicts: tuple[str, ...]


class _Piece(NamedTuple):
    """A table as it is written, with the comment above it: ``name`` is ``""`` before the first."""

    name: str
    repeated: bool
    text: str
    data: Mapping[str, Any]


class _Item(NamedTuple):
    """A key as it is written, with the comments above it."""

    text: str
    value: Any


def merge(base: str, ours: str, theirs: str) -> Merged:
    """Return what both sides made of ``base``; the order of the sides matters for order alone.

    Raises ``Refused`` when one of the texts is no TOML, or is written in a way that cannot be taken
    apart: git's own merge is the way then.
    """
    if ours in (base, theirs):
        return Merged(theirs, ())
    if theirs == base:
        return Merged(ours, ())
    mark = "\ufeff" if ours.startswith("\ufeff") else ""
    newline = "\r\n" if "\r\n" in ours else "\n"
    three = [_pieces(text.replace("\r\n", "\n")) for text in (base, ours, theirs)]
    conflicts: list[str] = []
    facts = [*_tables(three, conflicts), *_people(three, conflicts)]
    journal = [*_known(three, conflicts), *_added(three)]
    text = ""
    for piece in (*facts, *journal):
        text = _joined(text, piece.text)
    if not conflicts:
        _prove(text, (*facts, *journal))
    return Merged(mark + text.replace("\n", newline), tuple(conflicts))


def _pieces(text: str) -> list[_Piece]:
    """Take a text apart at its top tables. Raises ``Refused`` if the parts are not the whole."""
    try:
        whole = loads(text)
    except ValueError as error:
        raise Refused(t("the file cannot be read: {error}", error=error)) from error
    body = text.removeprefix("\ufeff")
    tops = [m for m in lines.scan(body) if m.header and _is_top(m.path)]
    starts = [_with_comment(body, mark.start) for mark in tops]
    pieces = [_Piece("", False, body[: starts[0] if starts else len(body)], {})]
    for mark, start, end in zip(tops, starts, [*starts, len(body)][1:], strict=True):
        pieces.append(_Piece(str(mark.path[0]), len(mark.path) == 2, body[start:end], {}))
    found = [piece._replace(data=_data_of(piece)) for piece in pieces]
    once = [piece.name for piece in found if not piece.repeated]
    if len(set(once)) < len(once) or _whole(found) != whole:
        raise Refused(t("the file has a table in parts: put them together by hand"))
    return found


def _is_top(path: lines.Path) -> bool:
    return len(path) == 1 or (len(path) == 2 and isinstance(path[1], int))


def _with_comment(text: str, start: int) -> int:
    """Return where the comment lines begin that stand right above ``start``."""
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def _data_of(piece: _Piece) -> Mapping[str, Any]:
    try:
        data = loads(piece.text)
    except ValueError as error:
        raise Refused(t("the file has a table in parts: put them together by hand")) from error
    if not piece.name:
        return data
    own = data.pop(piece.name)
    if data:
        raise Refused(t("the file has a table in parts: put them together by hand"))
    found: Mapping[str, Any] = own[0] if piece.repeated else own
    return found


def _whole(pieces: Iterable[_Piece]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for piece in pieces:
        if not piece.name:
            data.update(piece.data)
        elif piece.repeated:
            data.setdefault(piece.name, []).append(piece.data)
        else:
            data[piece.name] = piece.data
    return data


def _tables(three: Sequence[list[_Piece]], conflicts: list[str]) -> Iterator[_Piece]:
    """Yield the tables that are there once, in our order, then theirs."""
    base, ours, theirs = ({p.name: p for p in side if not p.repeated} for side in three)
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        old, mine, other = base.get(name), ours.get(name), theirs.get(name)
        if mine and other:
            yield _by_key(old, mine, other, name, conflicts)
        elif mine or other:
            kept = mine or other
            if kept and (old is None or kept.data != old.data):
                yield kept


def _people(three: Sequence[list[_Piece]], conflicts: list[str]) -> Iterator[_Piece]:
    """Yield the people, matched by name, and the incomes."""
    base, ours, theirs = (_named(p for p in side if p.name == "person") for side in three)
    for who, mine in ours.items():
        if who in theirs:
            label = f"person.{mine.data.get('name')}"
            yield _by_key(base.get(who), mine, theirs[who], label, conflicts)
        elif who not in base or base[who].data != mine.data:
            yield mine
    for who, person in theirs.items():
        if who not in ours and (who not in base or base[who].data != person.data):
            yield person
    incomes = [[p for p in side if p.name == "income"] for side in three]
    yield from _union(incomes[1], incomes[2])


def _named(people: Iterable[_Piece]) -> dict[tuple[str, int], _Piece]:
    """Return people by their name, whatever stands there, and by which of that name they are."""
    seen: Counter[str] = Counter()
    found = {}
    for person in people:
        name = str(person.data.get("name"))
        found[name, seen[name]] = person
        seen[name] += 1
    return found


def _journal(pieces: Iterable[_Piece]) -> list[_Piece]:
    return [p for p in pieces if p.repeated and p.name not in ("person", "income")]


def _known(three: Sequence[list[_Piece]], conflicts: list[str]) -> Iterator[_Piece]:
    """Yield the entries that were there before, with what either side changed in them."""
    base, ours, theirs = map(_journal, three)
    mine, other = _followed(base, ours), _followed(base, theirs)
    for nth, old in enumerate(base):
        left, right = mine.get(nth), other.get(nth)
        if left and right:
            yield _by_key(old, left, right, f"{old.name} {_number(old)}".strip(), conflicts)
        else:
            yield left or right or old


def _number(piece: _Piece) -> str:
    return str(next((piece.data[k] for k in ("number", "at", "on") if k in piece.data), ""))


def _followed(base: Sequence[_Piece], side: Sequence[_Piece]) -> dict[int, _Piece]:
    """Return what became of the entries of ``base`` on one side, without those taken out."""
    found = follow([(p.name, p.data) for p in base], [(p.name, p.data) for p in side])
    return {nth: side[place] for nth, place in found.items()}


def _mark(piece: _Piece) -> str:
    return digest(piece.name, piece.data)


def _added(three: Sequence[list[_Piece]]) -> list[_Piece]:
    """Return the entries that are new on either side, in the order of their time."""
    base, ours, theirs = map(_journal, three)
    new = []
    for side in (ours, theirs):
        followed = {id(piece) for piece in _followed(base, side).values()}
        new.append([piece for piece in side if id(piece) not in followed])
    return sorted(_union(*new), key=_in_time)


def _union(ours: Iterable[_Piece], theirs: Iterable[_Piece]) -> Iterator[_Piece]:
    """Yield ours, and of theirs what we have fewer of."""
    have: Counter[str] = Counter()
    for piece in ours:
        have[_mark(piece)] += 1
        yield piece
    for piece in theirs:
        mark = _mark(piece)
        if have[mark]:
            have[mark] -= 1
        else:
            yield piece


def _in_time(piece: _Piece) -> tuple[float, str, str]:
    when = next((piece.data[k] for k in _IN_TIME if isinstance(piece.data.get(k), date)), None)
    try:
        moment = instant(when).timestamp() if when is not None else float("inf")
    except (ValueError, OverflowError):
        moment = float("inf")
    return moment, piece.name, _mark(piece)


def _by_key(
    old: _Piece | None, mine: _Piece, other: _Piece, name: str, conflicts: list[str]
) -> _Piece:
    """Merge one table key by key; a key that both changed differently is marked and named."""
    if mine.text == other.text or (old and other.text == old.text):
        return mine
    if old and mine.text == old.text:
        return other
    before = _items(old)[1] if old else {}
    head, ours, tail = _items(mine)
    _, theirs, their_tail = _items(other)
    texts: dict[str, str] = {}
    data: dict[str, Any] = {}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        was, left, right = before.get(key), ours.get(key), theirs.get(key)
        item = _item(was, left, right)
        if item is None and left and right:
            label = f"{name}.{key}" if name and " " not in name else f"{name} {key}".strip()
            conflicts.append(label)
            texts[key] = f"{OURS}\n{_line(left)}{BETWEEN}\n{_line(right)}{THEIRS}\n"
        elif item is not None:
            texts[key], data[key] = _line(item), item.value
    text = head + "".join(texts.values())
    return _Piece(mine.name, mine.repeated, _joined_tail(text, tail, their_tail), data)


def _item(was: _Item | None, left: _Item | None, right: _Item | None) -> _Item | None:
    """Return the key as both have it; ``None`` if it is gone, or if they contradict each other."""
    if left is None or right is None:
        kept = left or right
        return None if kept and was and kept.value == was.value else kept
    if left.value == right.value:
        if was is not None and left.text == was.text:
            return right
        return left._replace(text=_comments(was, left, right) + left.text)
    if was is not None and left.value == was.value:
        return right
    if was is not None and right.value == was.value:
        return left
    return None


def _comments(was: _Item | None, left: _Item, right: _Item) -> str:
    """Return the comment lines of theirs that neither we nor the old text have."""
    known = {*left.text.split("\n"), *(was.text.split("\n") if was else ())}
    new = [line for line in right.text.split("\n")[:-2] if line.strip() and line not in known]
    return "".join(f"{line}\n" for line in new if line.lstrip().startswith("#"))


def _items(piece: _Piece) -> tuple[str, dict[str, _Item], str]:
    """Take a table apart: its header, its keys, and what stands after the last key."""
    text = piece.text
    depth = 0 if not piece.name else 2 if piece.repeated else 1
    marks = list(lines.scan(text))
    start = marks[0].end if piece.name else 0
    head = text[:start]
    items: dict[str, _Item] = {}
    for mark in marks:
        if len(mark.path) <= depth:
            continue
        key = str(mark.path[depth])
        value = piece.data[key]
        known = items.get(key)
        items[key] = _Item((known.text if known else "") + text[start : mark.end], value)
        start = mark.end
    return head, items, text[start:]


def _line(item: _Item) -> str:
    return item.text if item.text.endswith("\n") else item.text + "\n"


def _joined_tail(text: str, ours: str, theirs: str) -> str:
    """Put what stands below the last key there, and of theirs the comments that are new."""
    known = set(ours.split("\n"))
    new = [line for line in theirs.split("\n") if line.strip() and line not in known]
    return text + ours + "".join(f"{line}\n" for line in new)


def _joined(text: str, piece: str) -> str:
    if not text:
        return piece
    if not text.endswith("\n"):
        text += "\n"
    gap = "" if text.endswith("\n\n") else "\n"
    return text + gap + piece


def _prove(text: str, pieces: Iterable[_Piece]) -> None:
    """Refuse a result that does not say exactly what its parts say."""
    try:
        found = loads(text)
    except ValueError as error:
        raise Refused(t("the two files cannot be put together: {error}", error=error)) from error
    if found != _whole(pieces):
        raise Refused(t("the two files cannot be put together: do it by hand"))
