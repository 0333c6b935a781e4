"""Frozen, slotted, keyword-only value objects that cost almost nothing to define.

The standard dataclass decorator compiles source for every class; with the hundred value objects of this
project that alone would exceed the start-up budget of a git hook (docs/decisions/0002). A `Record` is
declared exactly like a keyword-only frozen dataclass and is one to the type checker (PEP 681).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    R = TypeVar("R", bound="Record")
else:

    def dataclass_transform(**_options):
        return lambda decorated: decorated


_ABSENT = object()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class RecordType(type):
    """Turn the annotations of a class body into slots, defaults and a field list."""

    if TYPE_CHECKING:
        #: Each field with what sets its slot: a record is filled once, past its own refusal to change.
        __setters__: tuple[tuple[str, Any], ...]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> RecordType:
        """Create the class; annotations that start with `ClassVar` stay class attributes."""
        own = [f for f, kind in namespace.get("__annotations__", {}).items() if str(kind)[:8] != "ClassVar"]
        defaults: dict[str, Any] = {}
        inherited: list[str] = []
        for base in bases:
            if known := getattr(base, "__fields__", ()):
                inherited.extend(f for f in known if f not in inherited)
                defaults.update(base.__defaults__)  # type: ignore[attr-defined]  # a record has them
        for field in own:
            if field in namespace:
                defaults[field] = namespace.pop(field)
        added = [f for f in own if f not in inherited] if inherited else own
        namespace["__slots__"] = tuple(added)
        namespace["__fields__"] = namespace["__match_args__"] = (*inherited, *added)
        namespace["__defaults__"] = defaults
        namespace["__setters__"] = ()  # until the first is made: most classes of a run are never used
        return type.__new__(mcs, name, bases, namespace, **options)


class Record(metaclass=RecordType):
    """An immutable value: keyword-only construction, equality by type and fields, `match` support."""

    if TYPE_CHECKING:
        __fields__: ClassVar[tuple[str, ...]]
        __defaults__: ClassVar[dict[str, Any]]
        __setters__: ClassVar[tuple[tuple[str, Any], ...]]

    if not TYPE_CHECKING:

        def __init__(self, **given):
            cls = type(self)
            setters = cls.__setters__ or _setters(cls)
            if len(given) != len(setters):
                given = {**cls.__defaults__, **given}
                if len(given) != len(setters):
                    _explain(cls, given)
            try:
                for field, put in setters:
                    put(self, given[field])
            except KeyError:
                _explain(cls, given)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a record never changes."""
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        """Refuse: a record never changes."""
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        """Equal when of the same type with equal fields."""
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, f) == getattr(other, f) for f in self.__fields__)

    def __hash__(self) -> int:
        """Hash of the type and the fields."""
        return hash((type(self), *(getattr(self, f) for f in self.__fields__)))

    def __repr__(self) -> str:
        """Name every field, as a constructor call would."""
        return f"{type(self).__name__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self.__fields__)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Support copying and pickling."""
        return _rebuild, (type(self), {f: getattr(self, f) for f in self.__fields__})


def replace(record: R, **changes: Any) -> R:
    """Return a copy of `record` with some fields changed; raises TypeError for a field it has not."""
    cls = type(record)
    copy = cls.__new__(cls)
    for field, put in cls.__setters__ or _setters(cls):
        value = changes.pop(field, _ABSENT) if changes else _ABSENT
        put(copy, getattr(record, field) if value is _ABSENT else value)
    if changes:
        raise TypeError(f"{cls.__name__} has no field {', '.join(sorted(changes))}")
    return copy


def _rebuild(cls: type[R], given: dict[str, Any]) -> R:
    return cls(**given)


def _setters(cls: type[Record]) -> tuple[tuple[str, Any], ...]:
    """Return, and keep, each field of a class with what sets its slot."""
    found = cls.__setters__ = tuple((field, getattr(cls, field).__set__) for field in cls.__fields__)
    return found


def _explain(cls: type[Record], given: dict[str, Any]) -> None:
    unknown = [name for name in given if name not in cls.__fields__]
    missing = [name for name in cls.__fields__ if name not in given and name not in cls.__defaults__]
    problems = [f"no field {n!r}" for n in unknown] + [f"field {n!r} is missing" for n in missing]
    raise TypeError(f"{cls.__name__}: {', '.join(problems)}")
