"""Readable cases: what a client asked and a provider answered, and beside it what was sent and what was shown.

A case is a folder of `cases/`, named `client-to-provider-what`. `asked.json` and `answered.sse` (`.ndjson`) are written
by hand; `sent.json` and `shown.sse` are made by `python -m tests.golden --update` and compared by the tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.unit.wire.catalogued import catalogued
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire import grammars
from trunkline.wire.codec import Answering
from trunkline.wire.codecs import codec
from trunkline.wire.restore import Restore

CASES = Path(__file__).parent / "cases"
WIRES: dict[str, Wire] = {
    "anthropic": "anthropic",
    "chat": "openai_chat",
    "responses": "openai_responses",
    "ollama": "ollama",
    "gemini": "gemini",
}
"""The word in a case's name → the wire."""


@dataclass(slots=True)
class Made:
    """What a case comes to: a file's name → its text."""

    files: dict[str, str]


def cases() -> list[Path]:
    """All cases, by name."""
    return sorted(path for path in CASES.iterdir() if path.is_dir())


def wires(case: Path) -> tuple[Wire, Wire]:
    """The client's wire and the provider's."""
    client, _, rest = case.name.partition("-to-")
    return WIRES[client], WIRES[rest.partition("-")[0]]


def made(case: Path) -> Made:
    """Runs a case: the request is read and written, the answer decoded and encoded."""
    client, provider = wires(case)
    asked = json.loads((case / "asked.json").read_text("utf-8"))
    dialect = Dialect(**{"provider": "example", "model": "model-1", **asked.pop("//dialect", {})})
    dialect = catalogued(dialect)
    talk = codec(client).read(asked, model="alias", streamed=True)
    talk.model = dialect.model
    written = codec(provider).write(talk, dialect)
    report = {"lost": written.lost, "repairs": written.repairs, "names": written.names}
    report["customs"] = sorted(written.customs)
    sent = {"//": {name: value for name, value in report.items() if value}, **written.body}
    files = {"sent.json": json.dumps(sent, ensure_ascii=False, indent=2) + "\n"}
    answered = next(case.glob("answered.*"))
    decoder, restore = codec(provider).decoder(dialect, written.offered), Restore(talk, written)
    answering = Answering(id="0123456789abcdef", model="alias", created=1795132800, estimate=17, asked=talk)
    encoder = codec(client).encoder(answering)
    events = restore.events(decoder.feed(answered.read_bytes()) + decoder.end())
    shown = b"".join(encoder.take(event) for event in events)
    grammars.check(client, shown)
    files["shown.ndjson" if client == "ollama" else "shown.sse"] = shown.decode()
    return Made(files)
