"""What an answer reads as: attributes as OpenAI's and LiteLLM's objects have them, items as their dictionaries do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self


class Object:
    """A record of named fields. `x.a`, `x["a"]`, `x.get("a")`, `"a" in x`, `x.model_dump()`.

    `FIELDS` are there in any case, with these values where nothing was said; more may be. Names that begin with `_`
    are notes beside the record: no part of what it dumps or is equal to.
    """

    FIELDS: ClassVar[Mapping[str, Any]] = {}
    PARTS: ClassVar[Mapping[str, type[Object]]] = {}
    """Fields whose value, or whose items, are records in turn."""
    SPARE: ClassVar[frozenset[str]] = frozenset()
    """Fields that are dumped only where something was said."""

    def __init__(self, **fields: Any) -> None:
        for name, value in {**self.FIELDS, **fields}.items():
            part = self.PARTS.get(name)
            self.__dict__[name] = value if part is None else _made(part, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """The record that a mapping tells."""
        return value if isinstance(value, cls) else cls(**dict(value))

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __delitem__(self, name: str) -> None:
        del self.__dict__[name]

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._said().items())

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._said() == other._said()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self._said().items())
        return f"{type(self).__name__}({inside})"

    def _said(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_")}

    def get(self, name: str, default: Any = None) -> Any:
        """A field, or `default` where there is none."""
        return self.__dict__.get(name, default)

    def keys(self) -> list[str]:
        """The names of the fields: `dict(x)` works, and `{**x}`."""
        return list(self._said())

    def model_dump(
        self, *, exclude_none: bool = False, include: Any = None, exclude: Any = None, **_pydantic: Any
    ) -> dict[str, Any]:
        """The record as plain data. Options of pydantic's that change nothing here are taken, since people write
        them."""
        dumped: dict[str, Any] = {}
        for name, value in self._said().items():
            if (include is not None and name not in include) or name in (exclude or ()):
                continue
            if value is None and (exclude_none or name in self.SPARE):
                continue
            dumped[name] = _plain(value, exclude_none)
        return dumped

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """`model_dump`, by OpenAI's name for it."""
        return self.model_dump(**options)

    def json(self, **options: Any) -> Any:
        """The record as plain data: LiteLLM's answers give that here, and no text."""
        return self.model_dump(**options)

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """The record as JSON text."""
        return json.dumps(self.model_dump(**options), indent=indent, ensure_ascii=False)

    def to_json(self, *, indent: int | None = 2, **options: Any) -> str:
        """The record as JSON text, by OpenAI's name for it."""
        return self.model_dump_json(indent=indent, **options)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, **_pydantic: Any) -> Self:
        """A copy, with some fields set."""
        made = type(self)(**self._said())
        made.__dict__.update(self.__dict__)
        made.__dict__.update(update or {})
        return made

    dict = model_dump


def _made(part: type[Object], value: Any) -> Any:
    if isinstance(value, Mapping):
        return part(**value)
    return [_made(part, each) for each in value] if isinstance(value, list) else value


def _plain(value: Any, exclude_none: bool) -> Any:
    if isinstance(value, Object):
        return value.model_dump(exclude_none=exclude_none)
    return [_plain(each, exclude_none) for each in value] if isinstance(value, list) else value
