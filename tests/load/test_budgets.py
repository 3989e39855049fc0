"""Five hundred calls at once against one dollar, four workers, and kills without warning: the number holds.

Twenty rounds; `TRUNKLINE_BUDGET_ROUNDS` runs fewer. In each, workers and now and then the whole gateway are killed while
clients ask until they have an answer or are told that the budget is spent. Then: what is settled is not above the cap;
rows that the provider told the usage of are what it says it served, to the nano-dollar, and estimated ones are not below
that; Σ rows = balances; no hold outlives its process by ten seconds; and nobody was refused while a quarter was free.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import aiohttp
import lmdb
import psutil
import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, provider_environment
from tests.load.test_kill import SESSION, family
from tests.wall.scenes import config
from trunkline.ledger.verify import verify
from trunkline.state.lives import SIZE, Lives

pytestmark = [pytest.mark.load, pytest.mark.skipif(os.name == "nt", reason="there is one worker on Windows")]

ROUNDS = int(os.environ.get("TRUNKLINE_BUDGET_ROUNDS", "20"))
CALLS = 500
WORKERS = 4
CAP = 1_000_000_000
INPUT, OUTPUT, LIMIT = 300, 1000, 1250
"""Tokens. The fake provider says what it is told to, so the output is below what a fitted limit allows at least."""
PRICE_IN, PRICE_OUT = 1000, 2000
"""Nano-dollars a token of `gpt-wall`."""
WORST = PRICE_OUT * LIMIT + PRICE_IN * 1000
"""More than any of the calls may cost."""
_SAID = re.compile(r"\$([\d.]+) of \$1 is spent|of \$1 \$([\d.]+) is spent and \$([\d.]+) held")


@dataclass(slots=True)
class Told:
    """What the clients of one round were answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    refused_free: list[str] = field(default_factory=list)
    """Refusals that came though a quarter of the budget was free."""
    waits: list[float] = field(default_factory=list)


def left(message: str) -> int:
    """Nano-dollars that were free when a refusal was decided on, by its own words."""
    found = _SAID.search(message)
    assert found is not None, message
    spent = Decimal(found[1] or found[2]) + Decimal(found[3] or 0)
    return CAP - int(spent * 1_000_000_000)


async def one(session: aiohttp.ClientSession, url: str, name: str, told: Told, until: float) -> None:
    """Asks, each time as a new call, until there is an answer or the budget is spent."""
    for attempt in range(1000):
        if time.monotonic() > until:
            told.statuses[0] += 1
            return
        call = f"{name}-{attempt}"
        streamed = attempt % 2 == int(name) % 2
        words = (
            f"ID={call} LONG=8 SLOW=25 IN={INPUT} OUT={OUTPUT}"
            if streamed
            else f"ID={call} DELAY=0.2 IN={INPUT} OUT={OUTPUT}"
        )
        body = {
            "model": "gpt-wall",
            "max_tokens": LIMIT,
            "stream": streamed,
            "messages": [{"role": "user", "content": words}],
        }
        try:
            began = time.monotonic()
            async with session.post(f"{url}/v1/chat/completions", json=body, headers={SESSION: call}) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError):
            await asyncio.sleep(0.05 + random.random() / 10)
            continue
        told.statuses[answer.status] += 1
        if answer.status in (402, 429):
            told.waits.append(time.monotonic() - began)
            free = left(text)
            if free >= CAP // 4:
                told.refused_free.append(f"{answer.status} with {free / 1e9} free: {text[:400]}")
        if answer.status == 402:
            return
        if answer.status == 200 and (not streamed or "[DONE]" in text):
            return
        await asyncio.sleep(0.05)


async def crowd(url: str, told: Told, within: float) -> None:
    """All of the clients at once."""
    head = {"authorization": f"Bearer {MASTER_KEY}"}
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    until = time.monotonic() + within
    async with aiohttp.ClientSession(
        connector=connector, headers=head, timeout=aiohttp.ClientTimeout(total=30)
    ) as session:
        await asyncio.gather(*(one(session, url, str(number), told, until) for number in range(CALLS)))


class Watch(threading.Thread):
    """Looks for holds of processes that are dead, and how long they have been."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._home, self._over = home, threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        dead: dict[bytes, float] = {}
        while not (self._home / "hot.lmdb").exists():
            time.sleep(0.05)
        while not self._over.wait(0.25):
            now = time.monotonic()
            holding = self._holding()
            lives = Lives(self._home)
            for life in holding:
                lock = lives.lock(life)
                if lock.obtain():
                    lock.release()
                    dead.setdefault(life, now)
                    self.longest = max(self.longest, now - dead[life])
            dead = {life: since for life, since in dead.items() if life in holding}

    def _holding(self) -> set[bytes]:
        path = self._home / "hot.lmdb"
        env = lmdb.open(str(path), subdir=False, readonly=True, create=False, max_dbs=32, max_readers=512)
        try:
            holds = env.open_db(b"holds", create=False)
            with env.begin(db=holds) as transaction, transaction.cursor() as cursor:
                return {key[:SIZE] for key in cursor.iternext(values=False)}
        finally:
            env.close()

    def end(self) -> None:
        assert self.is_alive(), "the watch broke off"
        self._over.set()
        self.join(5)


def kill(running: Gateway, again: object, chance: random.Random, whole: bool) -> Gateway:
    """Kills one worker, or everything and starts it again on the same port."""
    if not whole:
        workers = family(running.pid)[1:]
        if workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(workers).send_signal(signal.SIGKILL)
        return running
    for process in family(running.pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    running.kill()
    assert callable(again)
    fresh: Gateway = again()
    return fresh


def test_a_dollar_is_a_dollar(tmp_path: Path) -> None:
    chance = random.Random(11)
    refused = answered = estimated = 0
    for nth in range(ROUNDS):
        home = tmp_path / str(nth)
        home.mkdir()
        told, rows = _round(home, chance, whole=nth % 3 == 2)
        answered += told.statuses[200]
        refused += told.statuses[402]
        estimated += rows
    sys.stdout.write(f"{ROUNDS} rounds: {answered} answered, {refused} refused as spent, {estimated} rows estimated\n")
    assert answered > 50 * ROUNDS
    assert refused
    assert estimated


def _round(home: Path, chance: random.Random, *, whole: bool) -> tuple[Told, int]:
    told = Told()
    with FakeProvider(keep_bodies=False) as fake:
        text = config(fake.url, more="litellm_settings: {max_budget: 1, budget_duration: 1mo}")

        def gateway(port: int = 0) -> Gateway:
            env = provider_environment(fake.url, GOOD_KEY)
            args = ["--workers", str(WORKERS)]
            return Gateway(text, args=args, port=port, env=env, home=home, start_within=40).start()

        running = gateway()
        url = running.url
        port = int(url.rpartition(":")[2])
        clients = threading.Thread(target=lambda: asyncio.run(crowd(url, told, 120)))
        clients.start()
        watch = Watch(home / "trunkline")
        watch.start()
        try:
            for number in range(4):
                clients.join(0.3 + chance.random() * 0.7)
                running = kill(running, lambda: gateway(port), chance, whole and number == 2)
            clients.join(140)
            assert not clients.is_alive()
            time.sleep(1.5)  # what was killed last is buried
        finally:
            watch.end()
            stopped = running.stop()
        assert stopped == 0, running.logs[-3000:]
        bill = {id_: (charge.input, charge.output) for id_, charge in fake.provider.bill.by_id.items()}
    assert not told.refused_free, told.refused_free[:3]
    assert told.statuses[0] == 0, told.statuses
    assert watch.longest < 10, f"a hold outlived its process by {watch.longest:.1f} s"
    return told, _check(home, bill, told)


def _check(home: Path, bill: dict[str, tuple[int, int]], told: Told) -> int:
    ledger = sqlite3.connect(home / "trunkline" / "ledger.sqlite")
    try:
        rows = ledger.execute("SELECT session, billed_nano, estimated, status FROM attempts").fetchall()
        balances = ledger.execute("SELECT balance, settled_nano FROM balances").fetchall()
    finally:
        ledger.close()
    spent = sum(billed for _, billed, _, _ in rows)
    assert spent <= CAP, f"{spent} was spent of {CAP}"
    assert sum(settled for _, settled in balances) == spent
    assert len(balances) == 1
    assert not verify(home / "trunkline").differences
    by_call = {session: (billed, est) for session, billed, est, _ in rows}
    assert len(by_call) == len(rows), "a call has two rows"
    missing = bill.keys() - by_call.keys()
    assert not missing, f"{len(missing)} calls that reached the provider have no row"
    for call, (input_, output) in bill.items():
        billed, guessed = by_call[call]
        served = input_ * PRICE_IN + output * PRICE_OUT
        if guessed:
            assert served <= billed <= WORST, (call, served, billed)
        else:
            assert billed == served, (call, served, billed)
    assert spent > CAP - CAP // 4 or told.statuses[402] == 0
    return sum(est for _, _, est, _ in rows)
