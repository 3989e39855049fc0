"""The fake provider's mind: for each request, the route, the key, the behaviour, and then the answer.

Holds what tests read: the requests seen and the bill. The sockets are in `http`, the thread in `server`.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import zstandard

from tests.fake import catalogs, ollama_models, others
from tests.fake.answer import Answer
from tests.fake.behaviour import Behaviour, from_words, merge
from tests.fake.gate import admit, check_model, key_of
from tests.fake.gemini import Gemini
from tests.fake.http import ClientGone, Exchange, Request
from tests.fake.kept import Kept
from tests.fake.openai_responses import Responses
from tests.fake.openai_rules import check_count
from tests.fake.record import Bill, Seen
from tests.fake.routes import Pot, Route, find
from tests.fake.turn import make_turn
from tests.fake.wire import Json, Refused, compact

GOOD_KEY = "sk-fake-good"
_CALM = Behaviour()


class Provider:
    """`keys` are the good ones (None: any); `pots` says which Z.AI purse a key has; `ollama` poses as Ollama. Paths
    that begin with one of `closed` are not there.

    `keep_bodies=False` forgets each request's body when it is answered, for long runs.
    """

    def __init__(
        self,
        *,
        keys: Sequence[str] | None = (GOOD_KEY,),
        pots: Mapping[str, Pot] | None = None,
        models: Sequence[str] = catalogs.MODELS,
        ollama: bool = False,
        keep_bodies: bool = True,
        closed: Sequence[str] = (),
    ) -> None:
        self.keys = None if keys is None else set(keys)
        self.pots = dict(pots or {})
        self.models = tuple(models)
        self.ollama = ollama
        self.keep_bodies = keep_bodies
        self.closed = tuple(closed)
        self.reset()

    def reset(self) -> None:
        """Forget requests, bill and programme; keys and models stay."""
        self.requests: list[Seen] = []
        self.bill = Bill()
        self.kept = Kept()
        self.programme: list[Behaviour] = []
        self._spent: Counter[str] = Counter()
        self._serial = 0

    async def handle(self, request: Request, exchange: Exchange) -> None:
        self._serial += 1
        seen = Seen(
            self._serial, request.method, request.path, request.query, request.headers, request.body, time.monotonic()
        )
        self.requests.append(seen)
        try:
            await self._answer(request, exchange, seen)
        except ClientGone:
            seen.gone = True
        finally:
            if not self.keep_bodies:
                seen.body = b""
            seen.gone = seen.gone or (exchange.connection.gone.is_set() and not exchange.finished)
            seen.ended = time.monotonic()

    async def _answer(self, request: Request, exchange: Exchange, seen: Seen) -> None:
        route = find(request.path, ollama=self.ollama)
        seen.wire = route.name
        seen.talk = request.method == "POST" and (
            route.kind in ("talk", "other") or (route.kind == "ollama" and route.rest.startswith("embed"))
        )
        plain = Answer(exchange, route.wire, _CALM, seen)
        if request.path == "/" and request.method in ("GET", "HEAD"):
            await plain.body(200, "text/plain; charset=utf-8", b"Ollama is running", [])
            return
        try:
            await self._route(request, exchange, seen, route)
        except Refused as no:
            await plain.error(no.status, route.wire.error(no.status, no.message, no.code, no.type))

    async def _route(self, request: Request, exchange: Exchange, seen: Seen, route: Route) -> None:
        if route.kind == "unknown" or request.path.startswith(self.closed):
            raise Refused(404, f"Invalid URL ({request.method} {request.path})")
        seen.key = key_of(request, route)
        admit(request, route, seen.key, keys=self.keys, pots=self.pots)
        if route.kind == "models":
            await self._plain(exchange, seen, route, self._list(request, route))
        elif route.kind == "ollama" and route.rest in ("tags", "ps", "version"):
            await self._plain(exchange, seen, route, self._small_talk(route.rest))
        elif route.kind == "kept":
            name, _, rest = route.rest.partition("/")
            await self._plain(exchange, seen, route, self.kept.ask(seen.key, request.method, name, rest))
        elif request.method != "POST" and (request.method, route.rest) != ("DELETE", "delete"):
            raise Refused(405, "Method not allowed")
        elif route.kind == "other" and route.rest == "audio/transcriptions":
            seen.model, heard = others.transcriptions(request.header("content-type") or "", request.body)
            await self._other(exchange, seen, route, heard)
        else:
            await self._converse(request, exchange, seen, route, self._decode(request))

    async def _converse(self, request: Request, exchange: Exchange, seen: Seen, route: Route, body: Json) -> None:
        seen.model = str(route.model or body.get("model") or "")
        if route.model:
            body = {**body, "model": route.model}
        if route.kind == "ollama":
            await self._native(exchange, seen, route, body)
            return
        if route.kind == "other":
            if route.rest not in others.BY_PATH:
                raise Refused(404, f"Invalid URL ({request.method} {request.path})")
            await self._other(exchange, seen, route, others.BY_PATH[route.rest](body))
            return
        headers = {name.lower(): value for name, value in request.headers} | {":query": request.query}
        check_model(seen.model, route, self.models)
        if isinstance(route.wire, Responses):
            body = self.kept.continued(seen.key, body)
        if route.kind == "count":
            await self._count(exchange, seen, route, body, {**headers, ":path": request.path})
            return
        ask = route.wire.ask(body, headers)
        seen.prompt = ask.prompt
        how = self._behaviour(ask.prompt, seen)
        answer = Answer(exchange, route.wire, how, seen)
        charge = self.bill.charge(how.id or str(seen.serial), seen.model)
        await exchange.rest(how.delay)
        if await answer.fault(stream=ask.stream):
            return
        turn = make_turn(ask, how, seen.serial, call_prefix=route.wire.call_prefix)
        charge.input += turn.input
        charge.cached += turn.cached
        charge.written += turn.written
        if isinstance(route.wire, Responses):
            self.kept.add(seen.key, body, route.wire.whole(ask, turn, how))
        await (answer.stream if ask.stream else answer.whole)(ask, turn, charge)
        if how.close:
            exchange.cut()

    async def _count(
        self, exchange: Exchange, seen: Seen, route: Route, body: Json, headers: Mapping[str, str]
    ) -> None:
        if isinstance(route.wire, Responses):
            check_count(body)
        words = route.wire.ask(body, headers).words
        # A programme is for answers, unless it names the counter's path.
        meant = any(one.path and one.wants(model=seen.model, key=seen.key, path=seen.path) for one in self.programme)
        if meant and await Answer(exchange, route.wire, self._behaviour("", seen), seen).fault(stream=False):
            return
        counted = route.wire.counted(words) if isinstance(route.wire, Gemini | Responses) else {"input_tokens": words}
        await self._plain(exchange, seen, route, counted)

    async def _native(self, exchange: Exchange, seen: Seen, route: Route, body: Json) -> None:
        """Ollama's own calls that hold no conversation: embeddings, and what is done with models."""
        model = str(body.get("model") or body.get("name") or "")
        seen.model = model
        if route.rest == "pull":
            await self._pull(exchange, seen, model, stream=body.get("stream") is not False)
            return
        check_model(model, route, self.models)
        if route.rest == "show":
            await self._plain(exchange, seen, route, ollama_models.show(model))
        elif route.rest == "delete":
            self.models = tuple(one for one in self.models if one != model)
            await self._plain(exchange, seen, route, {})
        else:
            make = others.ollama_embed if route.rest == "embed" else others.ollama_embeddings
            await self._other(exchange, seen, route, make(body))

    async def _pull(self, exchange: Exchange, seen: Seen, model: str, *, stream: bool) -> None:
        lines = list(ollama_models.pull(model))
        meant = any(one.path and one.wants(model=seen.model, key=seen.key, path=seen.path) for one in self.programme)
        breaks = self._behaviour("", seen).cut_after if meant else None
        seen.status = 200
        await exchange.start(200, [("content-type", "application/x-ndjson")])
        told = lines if stream else lines[-1:]
        for at, line in enumerate(told):
            if at == breaks:
                exchange.cut()
                return
            if at == len(told) - 1 and not model.startswith("missing") and model not in self.models:
                self.models = (*self.models, model)
            await exchange.send(line)
            await exchange.rest(0.01)
        await exchange.finish()

    def _behaviour(self, prompt: str, seen: Seen) -> Behaviour:
        """The words of the prompt, overruled by the first programmed behaviour that is meant for this request."""
        words = from_words(prompt)
        for at, one in enumerate(self.programme):
            if one.wants(model=seen.model, key=seen.key, path=seen.path):
                left = 1 if one.times is None else one.times
                if left == 1:
                    del self.programme[at]
                elif left > 1:
                    self.programme[at] = replace(one, times=left - 1)
                return merge(words, one)
        if words.times is not None:
            self._spent[prompt] += 1
            if self._spent[prompt] > words.times:
                return words.calm()
        return words

    def _list(self, request: Request, route: Route) -> Json:
        if route.name == "gemini" or request.header("x-goog-api-key"):
            # Google's SDK asks under /v1, where OpenAI's list stands too.
            return catalogs.gemini(self.models, route.rest.removeprefix("models").removeprefix("/"))
        if route.rest.startswith("models/"):
            return catalogs.openai_one(route.rest.removeprefix("models/"))
        if route.name == "zai-anthropic" or request.header("anthropic-version"):
            return catalogs.anthropic(self.models)
        return catalogs.openai(self.models, "library" if route.name == "ollama" else "fake")

    def _small_talk(self, rest: str) -> Json:
        if rest == "version":
            return {"version": "0.33.0"}
        return ollama_models.tags(self.models) if rest == "tags" else ollama_models.running(self.models)

    def _decode(self, request: Request) -> Json:
        data = request.body
        coding = request.header("content-encoding")
        if coding == "zstd":
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        elif coding == "gzip":
            data = gzip.decompress(data)
        try:
            body = json.loads(data)
        except ValueError:
            raise Refused(400, "The request body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise Refused(400, "The request body must be a JSON object.")
        return body

    async def _plain(self, exchange: Exchange, seen: Seen, route: Route, body: Json) -> None:
        await Answer(exchange, route.wire, _CALM, seen).body(200, "application/json", compact(body).encode(), [])

    async def _other(self, exchange: Exchange, seen: Seen, route: Route, made: others.Plain) -> None:
        how = self._behaviour("", seen)
        answer = Answer(exchange, route.wire, how, seen)
        charge = self.bill.charge(how.id or str(seen.serial), seen.model)
        await exchange.rest(how.delay)
        if await answer.fault(stream=False):
            return
        charge.input += made.tokens
        await answer.body(200, made.kind, made.data, [])
