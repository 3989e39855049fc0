"""What every writer loses of a request, measured: one request for each member that another format may not know.

The requests are in `matrix_probes.json`: client's wire → what is asked → the members for it; `least` is what all have.
The codecs are asked themselves, without a gateway.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from trunkline.errors import InvalidRequest
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire.codecs import codec

_PROBES = Path(__file__).parent / "matrix_probes.json"

_DIALECTS: dict[Wire, list[Dialect]] = {
    "anthropic": [
        Dialect(
            "anthropic",
            "claude-sonnet-5-5",
            sampling=False,
            max_output=128000,
            vision=True,
            documents=True,
            tools=True,
            json_schema=True,
            forced_tool=False,
            prefill=False,
            reasoning=True,
            always_thinks=True,
        ),
        Dialect("zai", "glm-4.6", reasoning=True, tools=True, vision=False),
    ],
    "openai_chat": [
        Dialect(
            "openai",
            "gpt-5.6-sol",
            sampling=None,
            limit_name="max_completion_tokens",
            vision=True,
            documents=True,
            tools=True,
            json_schema=True,
            reasoning=True,
        ),
        Dialect("openai_like", "x"),
        Dialect("together_ai", "x", vision=False, tools=False, documents=False, reasoning=False),
    ],
    "openai_responses": [
        Dialect("openai", "gpt-5.6-sol", vision=True, documents=True, tools=True, json_schema=True, reasoning=True)
    ],
    "ollama": [Dialect("ollama", "qwen3:8b")],
    "gemini": [
        Dialect(
            "gemini",
            "gemini-3.8-flash",
            sampling=False,
            vision=True,
            documents=True,
            tools=True,
            json_schema=True,
            reasoning=True,
        ),
        Dialect(
            "gemini",
            "gemini-3.5",
        ),
    ],
}


def losses() -> Iterator[tuple[str, str]]:
    """(who asked what of whom, what was lost by its name), for every probe and every provider of another format.

    Of what is refused, the name is the refusal's `param`, or nothing when that is a place in the messages.
    """
    for client, probes in json.loads(_PROBES.read_text(encoding="utf-8")).items():
        least = json.dumps(probes.pop("least"))
        for what, members in probes.items():
            for wire, dialects in _DIALECTS.items():
                for dialect in dialects if wire != client else ():
                    where = f"{client} {what} to {dialect.provider}"
                    asked = codec(client).read(json.loads(least) | members, model="m", streamed=False)
                    try:
                        lost = codec(wire).write(asked, dialect).lost
                    except InvalidRequest as refused:
                        lost = [refused.param] if refused.param not in (None, "messages") else []
                    yield from ((where, str(name)) for name in lost)
