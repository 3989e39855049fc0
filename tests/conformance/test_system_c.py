"""GLM through a Python SDK or a proxy: what people have for it runs as it is, and reads what LiteLLM's own would read.

The programs beside this file were written for LiteLLM. Each runs under LiteLLM itself and under `trunkline run`, against
the same provider, and prints what it read.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import trunkline
from tests.conformance.conftest import DIRECT
from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, clean_environment, litellm_python
from tests.wall.asking import until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(DIRECT, reason="this is about Trunkline's own SDK"),
]

PROGRAMS = Path(__file__).parent / "programs"
SOURCE = str(Path(trunkline.__file__).parents[1])
LITELLM = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"}

PROXY = """\
model_list:
  - model_name: glm-4.6
    litellm_params: {{model: anthropic/glm-4.6, api_base: "{url}/api/anthropic", api_key: os.environ/ZAI_API_KEY}}
    model_info: {{input_cost_per_token: 0.0000006, output_cost_per_token: 0.0000022}}
  - model_name: glm-4.5-air
    litellm_params: {{model: anthropic/glm-4.5-air, api_base: "{url}/api/anthropic", api_key: os.environ/ZAI_API_KEY}}
general_settings: {{master_key: sk-1234}}
litellm_settings: {{drop_params: true, success_callback: []}}
"""
PROVIDERS = """\
chat:
  zai:
    name: Z.AI
    litellm_provider: anthropic
    kwargs:
      api_base: "{url}/api/anthropic"
"""


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder without files, and an environment without providers."""
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL")) or name.startswith(("LITELLM_", "GLM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.chdir(tmp_path)
    yield
    trunkline.close()


def run(
    python: Path | str, *arguments: str, home: Path, fake: FakeProvider, **environ: str
) -> subprocess.CompletedProcess[str]:
    more = {"FAKE_URL": fake.url, **LITELLM, **environ}
    return subprocess.run(
        [str(python), *arguments],
        cwd=home,
        env=clean_environment(home, more),
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[Any]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_program_reads_field_by_field_what_litellm_would_tell_it(fake_provider: FakeProvider, tmp_path: Path) -> None:
    program = str(PROGRAMS / "talk.py")
    theirs = lines(run(litellm_python(), program, home=tmp_path, fake=fake_provider))
    fake_provider.reset()
    ours = lines(run(sys.executable, "-m", "trunkline", "run", program, home=tmp_path, fake=fake_provider))
    assert len(ours) == 26
    for mine, their in zip(ours, theirs, strict=True):
        assert mine == their


BETTER = {
    "nobody there": "APIConnectionError",  # LiteLLM says InternalServerError
    "forbidden": "PermissionDeniedError",  # LiteLLM says APIError, at OpenAI
}


def test_a_program_catches_what_it_would_catch(fake_provider: FakeProvider, tmp_path: Path) -> None:
    program = str(PROGRAMS / "trouble.py")
    theirs = lines(run(litellm_python(), program, home=tmp_path, fake=fake_provider))
    fake_provider.reset()
    ours = lines(run(sys.executable, "-m", "trunkline", "run", program, home=tmp_path, fake=fake_provider))
    assert len(ours) == 29
    for mine, their in zip(ours, theirs, strict=True):
        if mine[0] in BETTER:
            assert mine[3][0] == BETTER[mine[0]] and mine[3][1] == their[3][1]
        elif mine[0] == "late" and mine[2]:
            # In a stream LiteLLM does not know whose time ran out.
            assert mine[3][:2] == their[3][:2] and mine[3][2] in mine[1]
        else:
            assert mine == their


def test_glm_first_then_gpt(fake_provider: FakeProvider, tmp_path: Path) -> None:
    for python, way in ((litellm_python(), []), (Path(sys.executable), ["-m", "trunkline", "run"])):
        fake_provider.reset()
        fake_provider.program({"status": 500, "model": "glm-4.6"})
        done = run(python, *way, str(PROGRAMS / "router.py"), "--x", "y z", home=tmp_path, fake=fake_provider)
        models, rest = lines(done)
        assert models == [["gpt-4o", "ok"], ["gpt-4o", "ok"], ["glm-4.6", "ok"]]
        assert rest == ["ok", True, "__main__", ["--x", "y z"]]


def test_a_module_lines_and_a_command_run_too(fake_provider: FakeProvider, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import litellm, sys; print(litellm.__name__, sys.argv[1:])")
    start = [sys.executable, "-m", "trunkline", "run"]
    for words in (["-m", "mine", "a"], ["mine.py", "a"], ["python", "mine.py", "a"]):
        done = run(*start, *words, home=tmp_path, fake=fake_provider)
        assert done.stdout.strip() == "trunkline.litellm ['a']", done.stderr
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import litellm; print(litellm.__name__)'])"
    assert run(*start, "-c", child, home=tmp_path, fake=fake_provider).stdout.strip() == "trunkline.litellm"
    (tmp_path / "bad.py").write_text("import sys; sys.exit(3)")
    assert run(*start, "bad.py", home=tmp_path, fake=fake_provider).returncode == 3
    assert run(*start, "nothing.py", home=tmp_path, fake=fake_provider).returncode == 2
    assert run(*start, "no-such-command", home=tmp_path, fake=fake_provider).returncode == 127


def test_one_changed_word_will_do(fake_provider: FakeProvider, tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from trunkline.litellm import completion, set_verbose\n"
        "from trunkline.litellm.exceptions import AuthenticationError\n"
        "try: completion(model='zai/glm-4.6', messages=[{'role': 'user', 'content': 'Hi'}], api_key='sk-fake-wrong',\n"
        "                api_base=os.environ['FAKE_URL'])\n"
        "except AuthenticationError as error: print(error.status_code)\n"
    )
    done = run(sys.executable, "-c", code, home=tmp_path, fake=fake_provider, PYTHONPATH=SOURCE)
    assert done.stdout.strip() == "401", done.stderr


def test_the_call_as_it_is_described(fake_provider: FakeProvider) -> None:
    where: dict[str, Any] = {"api_base": f"{fake_provider.url}/api/anthropic", "api_key": GOOD_KEY}
    more: dict[str, Any] = {"temperature": 0.7, "max_tokens": 100, "top_p": 0.9, "timeout": 30}
    about = {"user_id": "user-1", "tags": ["demo"]}
    answer = trunkline.completion("anthropic/glm-4.6", said("SAY=hello"), metadata=about, **where, **more)
    assert answer.choices[0].message.content == "hello"
    sent = fake_provider.talks[0].json
    assert (sent["model"], sent["temperature"], sent["max_tokens"], sent["top_p"]) == ("glm-4.6", 0.7, 100, 0.9)
    stream = trunkline.completion("anthropic/glm-4.6", said("SAY=hello"), stream=True, **where)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "hello"

    async def main() -> str:
        answer = await trunkline.acompletion("anthropic/glm-4.6", said("SAY=hello"), **where)
        stream = await trunkline.acompletion("anthropic/glm-4.6", said("SAY=you"), stream=True, **where)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
        return str(answer.choices[0].message.content + "".join(pieces))

    assert asyncio.run(main()) == "helloyou"
    assert {one.path for one in fake_provider.talks} == {"/api/anthropic/v1/messages"}


def test_the_same_call_against_the_proxy(fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    with Gateway(PROXY.format(url=fake_provider.url), env={"ZAI_API_KEY": GOOD_KEY}) as gateway:
        where = {"api_base": gateway.url, "api_key": "sk-1234"}
        about = {"user_id": "user-1", "tags": ["demo"]}
        answer = trunkline.completion(
            "glm-4.6", said("SAY=hello IN=1000 OUT=1000"), metadata=about, session_id="s-1", **where
        )
        assert answer.choices[0].message.content == "hello"
        assert answer._hidden_params["response_cost"] == pytest.approx(0.0028)
        assert answer._hidden_params["custom_llm_provider"] == "litellm_proxy"
        stream = trunkline.completion("glm-4.5-air", said("SAY=hello"), stream=True, **where)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "hello"
        monkeypatch.setenv("LITELLM_PROXY_URL", gateway.url)
        monkeypatch.setenv("LITELLM_PROXY_API_KEY", "sk-1234")
        assert trunkline.completion("glm-4.6", said("SAY=by name")).model == "glm-4.6"
        assert trunkline.completion("litellm_proxy/glm-4.6", said("Hi")).model == "glm-4.6"
        with pytest.raises(trunkline.AuthenticationError) as refused:
            trunkline.completion("glm-4.6", said("Hi"), api_base=gateway.url, api_key="sk-wrong")
        assert refused.value.llm_provider == "litellm_proxy"
        with pytest.raises(trunkline.NotFoundError, match=r"glm-4\.6"):
            trunkline.completion("glm-4.66", said("Hi"), **where)
        _spent_by(gateway, "user-1", "demo")
    assert {one.key for one in fake_provider.talks} == {GOOD_KEY}


def _spent_by(gateway: Gateway, user: str, tag: str) -> None:
    """The gateway's ledger knows whose call it was."""
    import sqlite3

    def told() -> list[Any]:
        with sqlite3.connect(gateway.home / "trunkline" / "ledger.sqlite") as ledger:
            query = 'SELECT "user", tags, session FROM attempts WHERE "user" = ?'
            found = ledger.execute(query, (user,)).fetchall()
        ledger.close()
        return found

    until(lambda: bool(told()))
    assert (tag in told()[0][1], told()[0][2]) == (True, "s-1")


def test_a_list_of_providers_serves(fake_provider: FakeProvider) -> None:
    text, environ = PROVIDERS.format(url=fake_provider.url), {"ZAI_API_KEY": GOOD_KEY, "GLM_MODEL": "glm-4.6"}
    environ["LITELLM_MASTER_KEY"] = MASTER_KEY
    with Gateway(text, name="model_providers.yaml", env=environ) as gateway:
        where = {"api_base": gateway.url, "api_key": MASTER_KEY}
        for model in ("zai/glm-4.6", "zai/glm-of-tomorrow"):
            answer = trunkline.completion(model, said("SAY=hello"), custom_llm_provider="openai_like", **where)
            assert answer.choices[0].message.content == "hello"
    assert [one.model for one in fake_provider.talks] == ["glm-4.6", "glm-of-tomorrow"]
    assert {one.path for one in fake_provider.talks} == {"/api/anthropic/v1/messages"}


def test_and_works_without_a_server(fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("model_providers.yaml").write_text(PROVIDERS.format(url="https://api.z.ai"))
    with pytest.raises(trunkline.AuthenticationError, match="ZAI_API_KEY"):
        trunkline.completion("zai/glm-4.6", said("Hi"))
    Path("model_providers.yaml").write_text(PROVIDERS.format(url=fake_provider.url))
    monkeypatch.setenv("ZAI_API_KEY", GOOD_KEY)
    monkeypatch.setenv("GLM_MODEL", "zai/glm-4.5-air")
    trunkline.completion("zai/glm-4.6", said("Hi"))
    trunkline.completion(messages=said("Hi"))
    assert [one.model for one in fake_provider.talks] == ["glm-4.6", "glm-4.5-air"]


@pytest.mark.parametrize("model", ["glm-4.6", "glm-4.5-air", "glm-4-flash", "glm-4-plus", "glm-5.3", "glm-5.3-flash"])
def test_all_of_its_models(fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setenv("ZAI_API_KEY", GOOD_KEY)
    monkeypatch.setenv("ZAI_BASE_URL", fake_provider.url)
    answer = trunkline.completion(f"zai/{model}", said("SAY=hello"))
    assert answer.model == model and answer._hidden_params["response_cost"] is not None


def test_calls_a_minute_are_kept_to(fake_provider: FakeProvider) -> None:
    here = {"api_base": f"{fake_provider.url}/v1", "api_key": GOOD_KEY}
    router = trunkline.Router(
        model_list=[
            {"model_name": "glm", "litellm_params": {"model": "openai/glm-4.6", **here, "rpm": 2}},
            {"model_name": "gpt", "litellm_params": {"model": "openai/gpt-4o", **here}},
        ],
        fallbacks=[{"glm": ["gpt"]}],
    )
    answers = [router.completion("glm", said("Hi")).model for _ in range(3)]
    assert answers == ["glm-4.6", "glm-4.6", "gpt-4o"]


def test_what_it_cost_and_would_have_cost_elsewhere(fake_provider: FakeProvider, tmp_path: Path) -> None:
    code = (
        "from litellm import completion\n"
        "completion(model='zai/glm-4.6', messages=[{'role': 'user', 'content': 'IN=1000000 OUT=1000'}])\n"
    )
    environ = {"ZAI_API_KEY": GOOD_KEY, "ZAI_BASE_URL": fake_provider.url}
    done = run(
        sys.executable, "-m", "trunkline", "run", "--ledger", "-c", code, home=tmp_path, fake=fake_provider, **environ
    )
    assert done.returncode == 0, done.stderr
    others = ["--model", "openai/gpt-4o", "--model", "zai/glm-4.5-air"]
    told = run(sys.executable, "-m", "trunkline", "costs", "--json", *others, home=tmp_path, fake=fake_provider)
    assert told.returncode == 0, told.stderr
    costs = json.loads(told.stdout, parse_float=Decimal)
    here = costs["here"]
    assert (here["calls"], here["input"], here["output"]) == (1, 1_000_000, 1000)
    assert here["billed"] == Decimal("0.6022"), "$0.6 and $2.2 a million"
    assert {each["model"]: each["cost"] for each in costs["models"]} == {
        "openai/gpt-4o": Decimal("2.51"),
        "zai/glm-4.5-air": Decimal("0.2011"),
    }
    shown = run(sys.executable, "-m", "trunkline", "costs", *others, home=tmp_path, fake=fake_provider).stdout
    assert "openai/gpt-4o" in shown and "2.51" in shown and "0.6022" in shown
