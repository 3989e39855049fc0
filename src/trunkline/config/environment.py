"""The environment a configuration is read in: an immutable mapping that knows where each value was set.

Three layers, each over the one before: `.env` beside the configuration, the process's environment, the file's own
`environment_variables` section (LiteLLM writes that one over the process's environment; read in its source, 2026-11).
`os.environ` is never touched.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dotenv.parser import parse_stream

from trunkline.config.refuse import refusal
from trunkline.config.schema import ConfigWarning

MAX_DOTENV = 1024 * 1024
"""Bytes of a `.env` file."""


class Environment(Mapping[str, str]):
    """Names and values. `origin(name)` is `.env:3` or `config.yaml:9`; empty for the process's own environment."""

    __slots__ = ("_origins", "_values")

    def __init__(self, values: Mapping[str, str], origins: Mapping[str, str] | None = None) -> None:
        self._values = dict(values)
        self._origins = dict(origins or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Environment of {len(self)} names>"

    def origin(self, name: str) -> str:
        """Where that name was set, as far as it is a file's line."""
        return self._origins.get(name, "")

    def from_files(self) -> dict[str, str]:
        """What was set in a file rather than in the process's environment."""
        return {name: value for name, value in self._values.items() if name in self._origins}

    def called(self, name: str) -> str:
        """How to name a variable to a person: `ZAI_API_KEY` or `ZAI_API_KEY (.env:3)`."""
        origin = self.origin(name)
        return f"{name} ({origin})" if origin else name

    def under(self, process: Mapping[str, str]) -> Environment:
        """These values with the process's environment laid over them."""
        origins = {name: place for name, place in self._origins.items() if name not in process}
        return Environment({**self._values, **process}, origins)

    def over(self, values: Mapping[str, str], origins: Mapping[str, str]) -> Environment:
        """These values with more laid over them."""
        return Environment({**self._values, **values}, {**self._origins, **origins})


def dotenv_places(path: Path | None, cwd: Path) -> tuple[Path, ...]:
    """Where the `.env` of a configuration may be, the one that counts first: beside it, and in the working folder if
    the file is in a folder below that one (`config/litellm-config.json`). Without a file, in the working folder."""
    if path is None:
        return (cwd / ".env",)
    beside, own = path.parent / ".env", cwd / ".env"
    below = path.resolve().is_relative_to(cwd.resolve()) and beside.resolve() != own.resolve()
    return (beside, own) if below else (beside,)


def dotenv_of(places: Sequence[Path]) -> Path:
    """The first of these that is there; the first of all where none is."""
    return next((place for place in places if place.is_file()), places[0])


def dotenv(path: Path) -> tuple[Environment, tuple[ConfigWarning, ...]]:
    """What a `.env` file sets; empty when there is none. Values are taken as written: `$X` inside them is not expanded.

    A line that sets nothing is a warning; a file that cannot be read raises `ConfigInvalid`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_DOTENV + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return Environment({}), ()
    except OSError as failed:
        why = failed.strerror or "it cannot be read"
        raise refusal(path.name, f"the file cannot be read: {why}.", "Mend its permissions, or remove it.") from None
    if len(raw) > MAX_DOTENV:
        raise refusal(path.name, "the file is larger than 1 MB.", "Is it the right file?")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(path.name, "the file is not UTF-8 text.", "Save it as UTF-8.") from None
    return _parsed(text, path.name)


def _parsed(text: str, name: str) -> tuple[Environment, tuple[ConfigWarning, ...]]:
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    warnings: list[ConfigWarning] = []
    for binding in parse_stream(io.StringIO(text)):
        where = f"{name}:{binding.original.line + _blank_lines(binding.original.string)}"
        if binding.error:
            remedy = "Write NAME=value, and close every quote."
            warnings.append(ConfigWarning(where, "this line sets nothing.", remedy, "value"))
        elif binding.key is not None and binding.value is not None and "\0" not in binding.value:
            values[binding.key] = binding.value
            origins[binding.key] = where
    return Environment(values, origins), tuple(warnings)


def _blank_lines(written: str) -> int:
    """A binding begins after the blank lines that its text is reported with."""
    head = written[: len(written) - len(written.lstrip())]
    return head.count("\n")
