"""Has a conversation counted by a provider of another wire, as it would be sent there, and tells the number."""

from __future__ import annotations

from trunkline.model.dialect import Dialect, Written
from trunkline.route.plan import Candidate
from trunkline.upstream.answer_head import answer_head
from trunkline.upstream.call import Call
from trunkline.upstream.cross import conversation_of
from trunkline.upstream.cross import written_for as written_to_answer
from trunkline.upstream.relay import Relay
from trunkline.wire import counting


def written_for(call: Call, candidate: Candidate, dialect: Dialect) -> Written:
    """The request as this candidate's counter is sent it. Raises `InvalidRequest`, as an answer would."""
    written = written_to_answer(conversation_of(call), candidate, dialect)
    written.body = counting.ask(candidate.wire, written.body, candidate.model)
    return written


class Counting(Relay):
    """The way back of one count."""

    async def _whole(self, piece: bytes, kind: str) -> None:
        body = await self._all(piece)
        call, client, record = self._call, self._client, self._record
        tokens = counting.counted(self._candidate.wire, body)
        record.stop = "counted"
        record.first_token = self._engine.loop.time() - call.began
        record.price(0)
        answer = counting.answer(call.wire, tokens)
        head = answer_head(call, self._candidate, self._answer.headers, b"application/json", record)
        client.committed = True
        await client.start(200, [*head, (b"content-length", b"%d" % len(answer))])
        await client.finish(answer)
