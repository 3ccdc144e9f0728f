"""``NamedTuple`` and ``Annotated`` as ``typing`` has them, made many times as fast.

``typing`` compiles the annotation of every field when a class is made, and ``collections`` the
function that takes its arguments. A command makes some two hundred such classes before it begins,
which took longer than its work, and fills few of them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["Annotated", "NamedTuple"]

if TYPE_CHECKING:
    from typing import Annotated, NamedTuple
else:
    from collections import _tuplegetter

    _FEW = 5
    """To make the function that makes them takes as long as to make many more than these."""

    class _Tuple(tuple):
        """What all named tuples can do."""

        __slots__ = ()
        _fields = _field_defaults = ()

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, not {len(made)}")
            return made

        def _replace(self, /, **values):
            made = self._make(map(values.pop, self._fields, self))
            if values:
                raise ValueError(f"{type(self).__name__} has no {', '.join(values)}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            values = (f"{field}={value!r}" for field, value in self._asdict().items())
            return f"{type(self).__name__}({', '.join(values)})"

    def _annotated(body):
        """Return the fields of a class; Python 3.14 has a function in place of annotations."""
        if "__annotations__" in body or sys.version_info < (3, 14):
            return tuple(body.get("__annotations__", ()))
        from annotationlib import Format, call_annotate_function, get_annotate_from_class_namespace

        annotate = get_annotate_from_class_namespace(body)
        return tuple(call_annotate_function(annotate, Format.FORWARDREF)) if annotate else ()

    def _new(name, fields, defaults):
        given = "".join(f"{field}, " for field in fields)
        code = f"lambda _cls, {given}: _tuple(_cls, ({given}))"
        new = eval(code, {"_tuple": tuple.__new__})  # noqa: S307 - names that Python took as such
        new.__name__, new.__qualname__ = "__new__", f"{name}.__new__"
        new.__defaults__ = defaults
        return new

    class _Meta(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = _annotated(body)
            defaults = {field: body.pop(field) for field in fields if field in body}
            left = _FEW

            def first(cls, /, *args, **kwargs):
                """Make the first few, and then the function that makes the others."""
                nonlocal left
                left -= 1
                rest, values = fields[len(args) :], {**defaults, **kwargs}
                fits = len(args) <= len(fields) and kwargs.keys() <= {*rest} <= values.keys()
                if fits and left >= 0:
                    return tuple.__new__(cls, (*args, *map(values.get, rest)))
                made.__new__ = new = _new(name, fields, tuple(defaults.values()))
                return new(cls, *args, **kwargs)

            made = type(
                name,
                (_Tuple,),
                {
                    **{field: _tuplegetter(nth, "") for nth, field in enumerate(fields)},
                    "__slots__": (),
                    "__match_args__": fields,
                    "_fields": fields,
                    "_field_defaults": defaults,
                    "__new__": first,
                    **body,
                },
            )
            return made

    class Annotated:
        """What an annotation says besides the type, in ``__metadata__``; the type is not kept."""

        def __class_getitem__(cls, parts):
            made = cls()
            made.__metadata__ = parts[1:]
            return made

    class NamedTuple(metaclass=_Meta):
        """The base of a named tuple: its annotations are the fields, in order."""
