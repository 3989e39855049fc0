"""Carries a request for embeddings to a provider of another wire, and the vectors back."""

from __future__ import annotations

from collections.abc import Callable

from trunkline.errors import InvalidRequest
from trunkline.model.dialect import Dialect, Written
from trunkline.model.wires import Operation
from trunkline.route.plan import Candidate
from trunkline.upstream.answer_head import answer_head
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.engine import Engine
from trunkline.upstream.relay import Relay
from trunkline.wire.body import Body
from trunkline.wire.embeddings import (
    Asked,
    Vectors,
    decode_ollama,
    decode_openai,
    encode,
    read_ollama,
    read_ollama_old,
    read_openai,
    write_ollama,
    write_openai,
)
from trunkline.wire.embeddings_gemini import decode_gemini, read_gemini, read_gemini_batch, write_gemini

_READ = {
    "/embeddings": read_openai,
    "/api/embed": read_ollama,
    "/api/embeddings": read_ollama_old,
    ":embedContent": read_gemini,
    ":batchEmbedContents": read_gemini_batch,
}
"""What is asked, by the end of the path → its reader."""

_WRITE: dict[Operation, Callable[[Asked, Dialect], Written]] = {
    "embeddings": write_openai,
    "ollama_embed": write_ollama,
    "gemini_embed": write_gemini,
}
_DECODE: dict[Operation, Callable[[bytes, Asked], Vectors]] = {
    "embeddings": decode_openai,
    "ollama_embed": decode_ollama,
    "gemini_embed": decode_gemini,
}


def asked_of(call: Call) -> Asked:
    """What is to be embedded. Raises `InvalidRequest`."""
    if not isinstance(call.body, Body):
        raise InvalidRequest("Embeddings are asked for in JSON.", remedy="Send a JSON object.")
    return _READ[call.tail](call.body.document(), model=call.asked)


def written_for(asked: Asked, candidate: Candidate, dialect: Dialect) -> Written:
    """The request as this candidate is sent it. Raises `InvalidRequest`."""
    written = _WRITE[candidate.operation](asked, dialect)
    requests = written.body.get("requests")
    # Gemini's batch has no options of its own: they stand in each of its requests.
    for holder in requests if isinstance(requests, list) else [written.body]:
        holder.update(candidate.deployment.extra_body)
    return written


class Embedding(Relay):
    """The way back of one attempt at embeddings."""

    def __init__(
        self, engine: Engine, call: Call, candidate: Candidate, client: Client, record: Record, key: str, asked: Asked
    ) -> None:
        super().__init__(engine, call, candidate, client, record, hide_usage=False, key=key)
        self._asked = asked

    async def _whole(self, piece: bytes, kind: str) -> None:
        body = await self._all(piece)
        call, client, record = self._call, self._client, self._record
        vectors = _DECODE[self._candidate.operation](body, self._asked)
        record.model, record.stop = vectors.model, "embedded"
        record.usage.input, record.usage.output = vectors.input, 0
        record.first_token = self._engine.loop.time() - call.began
        record.price(0)
        answer = encode(vectors, self._asked, model=self._candidate.model, estimate=record.estimate)
        head = answer_head(call, self._candidate, self._answer.headers, b"application/json", record)
        client.committed = True
        await client.start(200, [*head, (b"content-length", b"%d" % len(answer))])
        await client.finish(answer)
