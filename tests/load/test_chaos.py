"""Two hundred streams at once while every provider fails at random: each client gets all of it, or the truth.

Two minutes; `SECONDS` and `STREAMS` in the environment make it shorter or wider.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import replace

import aiohttp
import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.fake.behaviour import Behaviour, from_record
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import Reply
from tests.wall.faults import FAULTS
from tests.wall.hearing import hear
from tests.wall.scenes import CHAT, KEY, MESSAGES, OLLAMA, RESPONSES, Scene

SECONDS = float(os.environ.get("SECONDS", "120"))
STREAMS = int(os.environ.get("STREAMS", "200"))
HANGS = 90.0
"""Seconds after which a client hangs: more than three deployments' time-outs and continuations together."""
PAUSE, LONGEST = 0.5, 8.0
"""Seconds after which a client asks again that was told of an error, doubled each time up to the longest: as the vendors'
SDKs do it."""

WORDS = "LONG=16"
TEXT = "".join(f"w{at} " if at % 10 else f"wörd{at} ✓🙂 " for at in range(16))
MODELS = ("chaos-one", "chaos-two", "chaos-three")
HEALTHY = 0.4
"""How often a provider is well."""
DUE = (1 - HEALTHY) ** len(MODELS)
"""How often all are ill at once, so that an error is all that can be had: a fifth of the time, whatever chance has in
store for one run."""

pytestmark = pytest.mark.load


def config(url: str) -> str:
    rows = [
        ("anthropic", "chaos-one", url),
        ("openai", "chaos-two", f"{url}/v1"),
        ("ollama_chat", "chaos-three", url),
    ]
    lines = [
        f'  - {{model_name: "{group}", litellm_params: {{model: "{prefix}/{model}", api_base: "{base}", '
        f"api_key: os.environ/FAKE_KEY, order: {(at - first) % 3}}}}}"
        for first, group in enumerate(("a", "b", "c"))
        for at, (prefix, model, base) in enumerate(rows)
    ]
    return "\n".join(
        [
            "model_list:",
            *lines,
            "router_settings: {num_retries: 2, stream_timeout: 3, cooldown_time: 1}",
            f"general_settings: {{master_key: {MASTER_KEY}}}",
            "trunkline: {limits: {idle: 3}}",
        ]
    )


class Chaos:
    """Gives each provider another fault, or none, every half second or so. Ends with its block."""

    def __init__(self, fake: FakeProvider, seed: int) -> None:
        self._fake, self._chance = fake, random.Random(seed)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.faults: Counter[str] = Counter()

    def _run(self) -> None:
        faults = [one for one in FAULTS if one.moment in ("before", "text", "harmless") and "big" not in one.how]
        while not self._ended.wait(self._chance.uniform(0.2, 0.8)):
            programme: list[Behaviour] = []
            for model in MODELS:
                how = Behaviour(slow_ms=100, long=16)
                if self._chance.random() > HEALTHY:
                    fault = self._chance.choice(faults)
                    self.faults[fault.name] += 1
                    how = replace(from_record(dict(fault.how)), slow_ms=100, long=16)
                programme.append(replace(how, model=model, times=-1))
            self._fake.provider.programme = programme

    def __enter__(self) -> Chaos:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)
        self._fake.provider.programme = []


async def _client(session: aiohttp.ClientSession, url: str, until: float, seen: Counter[str], number: int) -> None:
    chance, pause = random.Random(number), PAUSE
    while time.monotonic() < until:
        scene = chance.choice((MESSAGES, CHAT, RESPONSES, OLLAMA))
        stream = chance.random() < 0.8
        body = scene.body(WORDS, stream=stream, model=chance.choice("abc"))
        try:
            async with asyncio.timeout(HANGS):
                reply = await _asked(session, url, scene, body)
        except TimeoutError:
            seen["hung"] += 1
            continue
        seen[said := _judged(scene, reply, stream=stream)] += 1
        if said == "honest error":
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST)
        else:
            pause = PAUSE


async def _asked(session: aiohttp.ClientSession, url: str, scene: Scene, body: object) -> Reply:
    async with session.post(url + scene.path, json=body, headers=KEY) as answer:
        pieces: list[bytes] = []
        cut = False
        try:
            async for piece in answer.content.iter_any():
                pieces.append(piece)
        except aiohttp.ClientPayloadError:
            cut = True
        headers = [(name.lower(), value) for name, value in answer.headers.items()]
        return Reply(answer.status, headers, b"".join(pieces), cut)


def _judged(scene: Scene, reply: Reply, *, stream: bool) -> str:
    try:
        heard = hear(scene, reply, stream=stream)
    except (AssertionError, ValueError, KeyError) as why:
        return f"unreadable: {scene.name} {reply.status} {why!r} {reply.body[-200:]!r}"
    if heard.clean and heard.text == TEXT:
        return "whole"
    if heard.clean:
        return f"false success: {scene.name} {heard.text!r}"
    if heard.error:
        return "honest error"
    return f"ended without a word: {scene.name} cut={reply.cut} {reply.body[-200:]!r}"


def test_under_load_each_client_gets_all_of_it_or_the_truth() -> None:
    with FakeProvider() as fake:
        fake.provider.keep_bodies = False
        fake.provider.models = (*fake.provider.models, *MODELS)
        with Gateway(config(fake.url), env={"FAKE_KEY": GOOD_KEY}) as gateway:
            seen: Counter[str] = Counter()

            async def crowd() -> None:
                until = time.monotonic() + SECONDS
                connector = aiohttp.TCPConnector(limit=0)
                async with aiohttp.ClientSession(connector=connector) as session:
                    clients = (_client(session, gateway.url, until, seen, number) for number in range(STREAMS))
                    await asyncio.gather(*clients)

            with Chaos(fake, seed=1) as chaos:
                asyncio.run(crowd())
            assert gateway.process.poll() is None, "the gateway ended"
            sys.stdout.write(f"{STREAMS} streams, {SECONDS:.0f} s: {dict(seen)}; faults: {chaos.faults.total()}\n")
            fine = {"whole", "honest error"}
            assert not set(seen) - fine, {kind: count for kind, count in seen.items() if kind not in fine}
            assert seen["whole"] > (1 - 2 * DUE) * seen.total(), seen
