"""Calls: what is asked of whom, and what comes back, whole and in pieces, from threads and event loops."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import trunkline
from tests.fake import GOOD_KEY, FakeProvider
from tests.unit.sdk.conftest import said
from trunkline.sdk.settings import SETTINGS

SRC = str(Path(trunkline.__file__).parents[1])


def test_a_call_tells_what_became_of_it(zai: FakeProvider) -> None:
    made = trunkline.completion("zai/glm-4.6", said("SAY=hello IN=1000 OUT=1000"))
    assert made.choices[0].message.content == "hello"
    assert made._hidden_params["response_cost"] == trunkline.completion_cost(made) == pytest.approx(0.0028)
    assert made._hidden_params["custom_llm_provider"] == "zai"
    assert made._hidden_params["api_base"] == f"{zai.url}/api/paas/v4"
    assert made._hidden_params["litellm_call_id"] == made._response_headers["x-litellm-call-id"]
    assert made._response_ms > 0


def test_all_that_is_said_is_sent(zai: FakeProvider) -> None:
    trunkline.completion(
        "zai/glm-4.6",
        said("Hi"),
        temperature=0.3,
        max_tokens=7,
        top_p=0.9,
        stop=["x"],
        seed=1,
        user="u-1",
        a_members_of_theirs={"a": 1},
        extra_body={"do_sample": False},
        extra_headers={"X-Mine": "yes"},
        tool_choice=None,
    )
    [seen] = zai.talks
    sent = json.loads(seen.body)
    assert {**sent, "messages": 0} == {
        "model": "glm-4.6",
        "messages": 0,
        "temperature": 0.3,
        "max_tokens": 7,
        "top_p": 0.9,
        "stop": ["x"],
        "seed": 1,
        "user": "u-1",
        "a_members_of_theirs": {"a": 1},
        "do_sample": False,
    }
    assert seen.header("X-Mine") == "yes"


def test_a_bare_name_is_its_vendors_and_the_environment_may_name_it(
    zai: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLM_MODEL", "glm-4.5-air")
    trunkline.completion(messages=said("Hi"))
    assert zai.talks[0].model == "glm-4.5-air"
    monkeypatch.delenv("GLM_MODEL")
    with pytest.raises(trunkline.BadRequestError, match="GLM_MODEL"):
        trunkline.completion(messages=said("Hi"))


def test_the_environment_counts_as_it_is_at_the_call(zai: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAI_API_KEY", "sk-fake-wrong")
    with pytest.raises(trunkline.AuthenticationError):
        trunkline.completion("zai/glm-4.6", said("Hi"))
    monkeypatch.setenv("ZAI_API_KEY", GOOD_KEY)
    trunkline.completion("zai/glm-4.6", said("Hi"))


def test_a_pydantic_model_is_a_form_for_the_answer(zai: FakeProvider) -> None:
    from pydantic import BaseModel

    class Point(BaseModel):
        x: int
        name: str = "p"

    trunkline.completion("openai/gpt-4o", said("Hi"), response_format=Point, api_base=f"{zai.url}/v1", api_key=GOOD_KEY)
    form = json.loads(zai.talks[0].body)["response_format"]
    assert (form["type"], form["json_schema"]["name"], form["json_schema"]["strict"]) == ("json_schema", "Point", True)
    assert form["json_schema"]["schema"]["required"] == ["x", "name"]


def test_a_stream_is_read_piece_by_piece_and_knows_its_cost_in_the_end(zai: FakeProvider) -> None:
    stream = trunkline.completion("zai/glm-4.6", said("SAY=one✓two IN=1000 OUT=1000"), stream=True)
    texts = [chunk.choices[0].delta.content for chunk in stream]
    assert "".join(text or "" for text in texts) == "one✓two" == stream.response_uptil_now
    assert stream._hidden_params["response_cost"] == pytest.approx(0.0028)
    whole = trunkline.stream_chunk_builder(stream.chunks)
    assert whole is not None and whole.choices[0].message.content == "one✓two"


def test_a_stream_that_nobody_reads_on_is_ended(zai: FakeProvider) -> None:
    with trunkline.completion("zai/glm-4.6", said("LONG=500 SLOW=20"), stream=True) as stream:
        next(stream)
    zai.wait_for(lambda fake: fake.talks[0].gone)
    assert list(stream) == []
    dropped = trunkline.completion("zai/glm-4.6", said("LONG=500 SLOW=20"), stream=True)
    next(dropped)
    del dropped
    zai.wait_for(lambda fake: fake.talks[1].gone)


def test_a_slow_reader_is_waited_for(zai: FakeProvider) -> None:
    stream = trunkline.completion("zai/glm-4.6", said("BIG=3000000"), stream=True)
    first = next(stream)
    threading.Event().wait(0.3)
    text = "".join(each.choices[0].delta.content or "" for each in (first, *stream))
    assert len(text.encode()) >= 3_000_000


def test_many_threads_and_several_event_loops_at_once(zai: FakeProvider) -> None:
    async def several(number: int) -> list[str]:
        calls = [trunkline.acompletion("zai/glm-4.6", said(f"SAY=a{number}.{each}")) for each in range(5)]
        return [made.choices[0].message.content for made in await asyncio.gather(*calls)]

    async def streamed(number: int) -> str:
        stream = await trunkline.acompletion("zai/glm-4.6", said(f"SAY=s{number}"), stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    def one(number: int) -> Any:
        if number % 3 == 0:
            return asyncio.run(several(number))
        if number % 3 == 1:
            return asyncio.run(streamed(number))
        return trunkline.completion("zai/glm-4.6", said(f"SAY=t{number}")).choices[0].message.content

    with ThreadPoolExecutor(12) as threads:
        told = list(threads.map(one, range(24)))
    for number, each in enumerate(told):
        expected: Any = [f"a{number}.{n}" for n in range(5)] if number % 3 == 0 else f"{'ts'[number % 3 == 1]}{number}"
        assert each == expected


def test_a_cancelled_task_ends_its_call(zai: FakeProvider) -> None:
    async def main() -> None:
        task = asyncio.create_task(trunkline.acompletion("zai/glm-4.6", said("DELAY=30")))
        while not zai.talks and not task.done():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    zai.wait_for(lambda fake: fake.talks[0].gone)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_an_engine_of_its_own(zai: FakeProvider) -> None:
    trunkline.completion("zai/glm-4.6", said("Hi"))
    # A child of this test's own process would inherit pytest's threads: another parent forks.
    code = (
        "import os, sys, trunkline\n"
        "def ask(): return trunkline.completion('zai/glm-4.6', [{'role': 'user', 'content': 'SAY=ok'}])\n"
        "ask()\n"
        "child = os.fork()\n"
        "assert ask().choices[0].message.content == 'ok'\n"
        "if not child: sys.exit(7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = program(code)
    assert done.stdout.split() == ["7"], done.stderr


def test_a_program_ends_at_once_and_cleanly(zai: FakeProvider) -> None:
    code = (
        "import trunkline\n"
        "s = trunkline.completion('zai/glm-4.6', [{'role': 'user', 'content': 'LONG=500 SLOW=50'}], stream=True)\n"
        "print(type(next(s)).__name__)\n"
    )
    done = program(code)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["ModelResponseStream"], "", 0)
    zai.wait_for(lambda fake: fake.talks[0].gone)


def test_importing_is_quick_and_brings_nothing_along() -> None:
    code = (
        "import sys, time; t = time.process_time(); import trunkline; took = time.process_time() - t\n"
        "print(took, sorted(n for n in ('msgspec', 'aiohttp', 'asyncio', 'lmdb', 'ssl') if n in sys.modules))"
    )
    took, rest = min(program(code).stdout.split(" ", 1) for _ in range(3))
    assert float(took) < 0.05
    assert rest.strip() == "[]"


def test_nothing_is_written_unless_a_ledger_is_asked_for(zai: FakeProvider, tmp_path: Path) -> None:
    code = "import trunkline\ntrunkline.completion('zai/glm-4.6', [{'role': 'user', 'content': 'Hi'}])\n"
    done = program(code, HOME=str(tmp_path), TRUNKLINE_HOME=str(tmp_path / "home"))
    assert (done.returncode, list(tmp_path.iterdir())) == (0, []), done.stderr


def test_the_ledger_is_told_whose_call_it_was(zai: FakeProvider, tmp_path: Path) -> None:
    import sqlite3

    SETTINGS.ledger = tmp_path / "home"
    about = {"user_id": "u-9", "tags": ["night", "batch"], "session_id": "s-1"}
    trunkline.completion("zai/glm-4.6", said("IN=1000 OUT=1000"), metadata=about)
    trunkline.close()
    with sqlite3.connect(tmp_path / "home" / "ledger.sqlite") as ledger:
        found = ledger.execute('SELECT "user", tags, session, billed_nano, model FROM attempts').fetchall()
    ledger.close()
    [(user, tags, session, billed, model)] = found
    assert (user, session, billed, model) == ("u-9", "s-1", 2_800_000, "glm-4.6")
    assert {"night", "batch"} <= set(json.loads(tags) if tags.startswith("[") else tags.split(","))
    assert "metadata" not in json.loads(zai.talks[0].body), "no provider is told"


def test_embeddings(fake_provider: FakeProvider) -> None:
    where = {"api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY}
    made = trunkline.embedding("openai/text-embedding-3-small", input=["a", "b"], **where)
    assert len(made.data) == 2 and len(made.data[0]["embedding"]) > 1
    assert made._hidden_params["response_cost"] is not None
    other = asyncio.run(trunkline.aembedding("openai/text-embedding-3-small", input=["a", "b"], **where))
    assert other.data[0].embedding == made.data[0].embedding


def test_tokens_are_guessed_here_or_counted_there(zai: FakeProvider, fake_provider: FakeProvider) -> None:
    assert trunkline.token_counter("zai/glm-4.6", text="word " * 100) == 125
    assert trunkline.token_counter(messages=said("word " * 100)) > 125
    assert trunkline.token_counter(text="") == 0
    where = {"api_base": fake_provider.url, "api_key": GOOD_KEY}
    counted = trunkline.count_tokens("anthropic/claude-haiku-4-5", said("one two three"), **where)
    assert counted == asyncio.run(trunkline.acount_tokens("anthropic/claude-haiku-4-5", said("one two three"), **where))
    assert [one.path for one in fake_provider.requests] == ["/v1/messages/count_tokens"] * 2
    assert trunkline.count_tokens("zai/glm-4.6", text="word " * 100) > 100


def program(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own that runs these lines."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": SRC, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
