"""Takes over a stream of chunks that a provider began: its id, its name for the model, and which form it has."""

from __future__ import annotations

from dataclasses import replace

from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering
from trunkline.wire.gemini.chunks import ChunkFramer
from trunkline.wire.gemini.decode import GeminiDecoder, loaded
from trunkline.wire.gemini.encode import GeminiEncoder


def adopt(sent: bytes, answering: Answering) -> Adopted | None:
    """None where several candidates answer. Raises a `Failure` for what is no stream."""
    framer = ChunkFramer()
    framer.push(sent)
    array = framer.is_array
    decoded = GeminiDecoder().feed(sent if array or sent.endswith(b"\n\n") else sent + b"\n\n")
    ident = model = ""
    called = False
    for data in framer.documents(sent):
        chunk = loaded(data)
        ident, model = ident or str(chunk.get("responseId") or ""), model or str(chunk.get("modelVersion") or "")
        for candidate in chunk.get("candidates") or ():
            if candidate.get("index"):
                return None
            parts = (candidate.get("content") or {}).get("parts") or ()
            called = called or any("functionCall" in part for part in parts)
    named = replace(answering, id=ident or answering.id, model=model or answering.model)
    encoder = GeminiEncoder(named)
    for event in decoded:
        encoder.take(event)
    encoder.adopt(array=array)
    return Adopted(encoder, decoded, called=called)
