"""What a deployment says for requests that say nothing."""

from trunkline.model.conversation import Conversation, Sampling, Text, Turn
from trunkline.upstream.params import with_params


def asked(**more: object) -> Conversation:
    return Conversation("anthropic", "m", [Turn("user", [Text("x")])], **more)  # type: ignore[arg-type]


def test_a_parameter_fills_what_the_request_leaves_open() -> None:
    filled, rest = with_params(asked(), {"temperature": 0.2, "max_tokens": 100, "stop": "END", "guided_json": {}})
    assert (filled.sampling.temperature, filled.limit, filled.stop) == (0.2, 100, ["END"])
    assert rest == {"guided_json": {}}


def test_what_the_client_says_stays() -> None:
    said = asked(sampling=Sampling(temperature=0.9), limit=5, stop=["X"])
    filled, rest = with_params(said, {"temperature": 0.2, "max_tokens": 100, "stop": ["END"]})
    assert filled == said
    assert rest == {}


def test_the_conversation_itself_is_not_changed() -> None:
    said = asked()
    with_params(said, {"temperature": 0.2, "reasoning_effort": "high"})
    assert said == asked()


def test_an_effort_is_thinking() -> None:
    assert with_params(asked(), {"reasoning_effort": "none"})[0].thought.mode == "off"
    assert with_params(asked(), {"reasoning_effort": "high"})[0].thought.effort == "high"
