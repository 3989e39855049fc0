"""The fault wall: each fault × client × provider × streamed or whole has one right outcome, and gets it.

Each case has models of its own, named for it, so that no rest of one is felt by another. After each the provider was
asked exactly as often as was right, the same client gets a healthy answer, and the gateway holds what it held before the
first: no request, hold or place, no task, no socket and no memory more. `test_gaps` says how far apart attempts are:
here nobody is asked twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import Reply, ask
from tests.wall.faults import FAULTS, Fault, Moment
from tests.wall.hearing import Heard, hear
from tests.wall.leaks import PLAIN_MEMORY, Quiet, held
from tests.wall.scenes import CHAT, KEY, MESSAGES, OLLAMA, RESPONSES, Scene

PROVIDERS = {
    "anthropic": ("anthropic", "{0}"),
    "openai": ("openai", "{0}/v1"),
    "ollama": ("ollama_chat", "{0}"),
    "zai": ("zai", "{0}/api/paas/v4"),
    "gemini": ("gemini", "{0}/v1beta"),
    "responses": ("openai/responses", "{0}/v1"),
}
"""Wire of the provider → prefix of its models, where it is."""

SPARES = {
    "anthropic": "openai",
    "openai": "ollama",
    "ollama": "anthropic",
    "zai": "openai",
    "gemini": "anthropic",
    "responses": "ollama",
}
"""Who is asked next in a crossed case: another wire than the one that failed."""

PAIRS = (
    (MESSAGES, "anthropic"),
    (MESSAGES, "openai"),
    (MESSAGES, "ollama"),
    (CHAT, "openai"),
    (CHAT, "anthropic"),
    (CHAT, "ollama"),
    (CHAT, "zai"),
    (RESPONSES, "openai"),
    (RESPONSES, "anthropic"),
    (OLLAMA, "ollama"),
    (OLLAMA, "openai"),
    (MESSAGES, "gemini"),
    (CHAT, "responses"),
)
SLOW = frozenset({"gemini", "responses"})
"""Providers' wires that CI puts to the test, and the ordinary run does not."""

SPARE_KEY = "sk-fake-spare"
"""Another key than that of who fails: a dead key is dead wherever it is written."""

TEXT = "".join(f"w{at} " if at % 10 else f"wörd{at} ✓🙂 " for at in range(16))
SLACK = 24_000_000
"""Bytes that may be taken beyond what a gateway has once it is warm: what is counted and remembered by name grows with
the names, up to its bounds."""
BIG = "wörd ✓ " * 800_000


@dataclass(frozen=True, slots=True)
class Case:
    fault: Fault
    scene: Scene
    wire: str
    stream: bool

    @property
    def moment(self) -> Moment:
        """A whole answer is kept until it is whole: whatever breaks it, nothing was said yet."""
        if self.stream or self.fault.wholes is None:
            return self.fault.moment
        return self.fault.wholes

    @property
    def arrives_whole(self) -> bool:
        """Whether a call that is cut had not reached this client: it is given whole ones, by who gives them in parts."""
        return self.scene is OLLAMA and self.wire != "ollama"

    @property
    def asked(self) -> list[str]:
        """Who is asked where nobody else can answer; Z.AI's other purse is looked into once."""
        return [f"bad-{self.fault.name}"] * (2 if self.fault.name == "zai-1113" else 1)


def _cases() -> Iterator[Any]:
    for fault in FAULTS:
        for scene, wire in PAIRS:
            if (wire == "zai") != (fault.wires == frozenset({"zai"})) or (fault.wires and wire not in fault.wires):
                continue
            for stream in (True, False):
                if not stream and fault.wholes is None:
                    continue
                name = f"{fault.name}-{scene.name}-{wire}-{'streamed' if stream else 'whole'}"
                marks = pytest.mark.slow if wire in SLOW else ()
                yield pytest.param(Case(fault, scene, wire, stream), id=name, marks=marks)


CASES = tuple(_cases())


@pytest.fixture(scope="module")
def walled(fake_server: FakeProvider) -> Iterator[Gateway]:
    """`alone-<wire>/<model>`, `pair-<wire>/…` with a spare of the same wire, `other-<wire>/…` with one of another."""
    rows, chains = [], []

    def row(name: str, wire: str, model: str, more: str = "") -> None:
        prefix, base = PROVIDERS[wire]
        key = "SPARE_KEY" if model == "spare" else "FAKE_KEY"
        rows.append(
            f'  - {{model_name: "{name}", litellm_params: {{model: "{prefix}/{model}", '
            f'api_base: "{base.format(fake_server.url)}", api_key: os.environ/{key}{more}}}}}'
        )

    for wire in PROVIDERS:
        row(f"alone-{wire}/*", wire, "*")
        row(f"spare-{wire}", wire, "spare")
        for kind, spare in (("pair", wire), ("other", SPARES[wire])):
            # Few at once: each attempt has to have a place. At Z.AI it has one as it is.
            row(f"{kind}-{wire}/*", wire, "*", ", max_parallel_requests: 4" if wire != "zai" else "")
            chains.append(f'{{"{kind}-{wire}/*": [spare-{spare}]}}')
    text = "\n".join(
        [
            "model_list:",
            *rows,
            f"router_settings: {{num_retries: 0, fallbacks: [{', '.join(chains)}], timeout: 2, stream_timeout: 1,"
            " disable_cooldowns: true}",
            f"general_settings: {{master_key: {MASTER_KEY}}}",
            "trunkline: {limits: {idle: 1}}",
        ]
    )
    assert fake_server.provider.keys is not None
    fake_server.provider.keys.add(SPARE_KEY)
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY, "SPARE_KEY": SPARE_KEY, **PLAIN_MEMORY}) as gateway:
        yield gateway
    fake_server.provider.keys.discard(SPARE_KEY)


@pytest.fixture(scope="module")
def quiet(walled: Gateway, fake_server: FakeProvider) -> Quiet:
    """What the gateway holds once every way through it was taken, a failover and an error on each among them."""
    cold = held(walled)
    broken = Fault("warm", {"cut_after": 5}, "text")
    for scene, wire in PAIRS:
        for stream in (True, False):
            for group in ("alone", "pair", "other"):
                fake_server.reset()
                _ask(walled, fake_server, Case(broken, scene, wire, stream), group)
    fake_server.reset()
    made = Quiet(walled, slack=SLACK)
    assert made.before.tasks <= cold.tasks, "a task for each call that was made to warm it up"
    return made


def _ask(gateway: Gateway, fake: FakeProvider, case: Case, group: str) -> tuple[Reply, Heard]:
    """The case's request to a group; the failing model is named for the fault, and there are no two of one name."""
    model = f"bad-{case.fault.name}"
    fake.provider.models = (*fake.provider.models, model, "spare")
    spare = {"tool": ""} if case.fault.tool else {"long": 16}
    fake.program({**case.fault.how, "model": model, "times": -1}, {**spare, "model": "spare", "times": -1})
    words = "TOOL" if case.fault.tool else "BIG=8000000" if "big" in case.fault.how else "LONG=16"
    more: dict[str, Any] = {}
    if case.fault.tool:
        more["tools"] = [_tool(case.scene)]
    body = case.scene.body(words, stream=case.stream, model=f"{group}-{case.wire}/{model}", **more)
    if case.scene is MESSAGES:
        body["max_tokens"] = 8000
    reply = ask(gateway.url, case.scene.path, body, headers=KEY, timeout=30)
    return reply, hear(case.scene, reply, stream=case.stream)


def _tool(scene: Scene) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    if scene is MESSAGES:
        return {"name": "look", "description": "Looks.", "input_schema": schema}
    inner = {"name": "look", "description": "Looks.", "parameters": schema}
    return {"type": "function", **inner} if scene is RESPONSES else {"type": "function", "function": inner}


def _expect_whole(case: Case, heard: Heard) -> None:
    assert heard.clean, heard
    assert not heard.error
    if case.fault.tool:
        assert [name for name, _ in heard.calls] == ["look"]
    elif "big" in case.fault.how:
        assert heard.text == BIG[: len(heard.text)]
        assert len(heard.text) > 5_000_000
    else:
        assert heard.text == TEXT


def _expect_honest(case: Case, reply: Reply, heard: Heard) -> None:
    """No answer could be had: an error in the client's own words, and nothing that looks whole."""
    assert heard.error, reply.body[-400:]
    assert not heard.clean
    assert "Traceback" not in heard.error
    assert GOOD_KEY not in reply.body.decode(errors="replace") + reply.head


def _asked(fake: FakeProvider) -> list[str]:
    return [seen.model for seen in fake.talks]


@pytest.mark.parametrize("group", ["pair", "other"])
@pytest.mark.parametrize("case", CASES)
def test_where_another_can_answer_the_client_gets_a_whole_answer(
    walled: Gateway, quiet: Quiet, fake_provider: FakeProvider, case: Case, group: str
) -> None:
    reply, heard = _ask(walled, fake_provider, case, group)
    match case.moment:
        case "before" | "text":
            assert reply.status == 200, reply.body[:400]
            _expect_whole(case, heard)
            assert _asked(fake_provider) == [*case.asked, "spare"]
        case "call" if case.arrives_whole:
            _expect_whole(case, heard)
            assert _asked(fake_provider) == [*case.asked, "spare"]
        case "call":
            _expect_honest(case, reply, heard)
            assert _asked(fake_provider) == case.asked
        case "caller":
            assert 400 <= reply.status < 500
            _expect_honest(case, reply, heard)
            assert _asked(fake_provider) == case.asked
        case "harmless":
            _expect_whole(case, heard)
            assert _asked(fake_provider) == case.asked
    _is_healthy(walled, fake_provider, case)
    quiet.check()


@pytest.mark.parametrize("case", CASES)
def test_where_nobody_else_can_the_client_is_told_the_truth(
    walled: Gateway, quiet: Quiet, fake_provider: FakeProvider, case: Case
) -> None:
    reply, heard = _ask(walled, fake_provider, case, "alone")
    assert _asked(fake_provider) == case.asked
    if case.moment == "harmless":
        _expect_whole(case, heard)
    elif case.moment == "before":
        assert reply.status in case.fault.alone, reply.body[:400]
        _expect_honest(case, reply, heard)
    elif case.moment == "caller":
        assert reply.status == 400, reply.body[:400]
        _expect_honest(case, reply, heard)
    else:
        _expect_honest(case, reply, heard)
        assert case.fault.tool or TEXT.startswith(heard.text)
    _is_healthy(walled, fake_provider, case)
    quiet.check()


def _is_healthy(gateway: Gateway, fake: FakeProvider, case: Case) -> None:
    fake.reset()
    fake.provider.models = (*fake.provider.models, "well")
    body = case.scene.body("SAY=well", stream=case.stream, model=f"alone-{case.wire}/well")
    heard = hear(case.scene, ask(gateway.url, case.scene.path, body, headers=KEY), stream=case.stream)
    assert (heard.text, heard.clean) == ("well", True)


def test_the_same_failures_again_take_no_more_memory(walled: Gateway, fake_server: FakeProvider) -> None:
    """Once their names are counted, hundreds of failures more leave nothing: not even a few kilobytes each."""
    streams = [case for case in (param.values[0] for param in CASES) if case.stream and case.wire not in SLOW]
    cases = [case for case in streams if case.fault.name in _QUICK]

    def fail_all() -> None:
        for case in cases:
            fake_server.reset()
            _ask(walled, fake_server, case, "pair")

    fail_all()
    fail_all()
    kept: list[str] = []
    for _ in range(4):
        # What fills up to a bound comes to an end; what leaks does not.
        quiet = Quiet(walled, slack=1_500_000)
        for _ in range(8):
            fail_all()
        if not (kept := quiet.kept(within=5)):
            break
    assert not kept, f"it takes more each time; {'; '.join(kept)}"


_QUICK = (
    "500",
    "html-200",
    "reset-before-headers",
    "error-first",
    "error-later",
    "cut-in-text",
    "cut-in-arguments",
    "bad-request",
)
"""Faults that are over at once, some of each moment."""
