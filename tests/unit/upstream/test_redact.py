"""What is kept of an error says what happened, and nothing that is somebody else's business."""

import json
import time

import pytest

from trunkline.upstream.redact import MOST, OMITTED, REDACTED, kept


def body(text: str, **more: object) -> bytes:
    return json.dumps({"model": "glm-4.6", "messages": [{"role": "user", "content": text}], **more}).encode()


def test_an_ordinary_sentence_is_kept_whole() -> None:
    said = "Z.AI answered 429 (1302): Rate limit reached for requests. Z.AI is busy; try again shortly."
    assert kept(said, body("What is the capital of France?")) == said


@pytest.mark.parametrize("key", ["0123456789abcdef.ghijkl", "anything at all"])
def test_the_key_that_was_sent_is_cut_out(key: str) -> None:
    assert key not in kept(f"Incorrect key {key}.", b"{}", (key,))


@pytest.mark.parametrize(
    "key", ["sk-ant-api03-AAAABBBBCCCC", "AIzaSyA1234567890abcdefghijklmnopqrstu", "Bearer abcdefgh12345678"]
)
def test_what_looks_like_anybodys_key_is_cut_out(key: str) -> None:
    assert kept(f"The header was {key} there.", b"{}") == f"The header was {REDACTED} there."


def test_words_of_the_prompt_are_cut_out() -> None:
    secret = "my grandmother's recipe for the perfect apple pie, with cinnamon"
    said = kept(f'Invalid content: "{secret}" is not allowed by the policy.', body(f"Tell me about {secret} please"))
    assert said.startswith('Invalid content: "')
    assert OMITTED in said
    assert said.endswith("is not allowed by the policy.")
    for word in ("grandmother", "recipe", "cinnamon"):
        assert word not in said


@pytest.mark.parametrize("ascii_only", [True, False])
def test_in_whatever_way_they_were_spelled(ascii_only: bool) -> None:
    secret = 'Ein geheimes Rezept für „Äpfel“ mit "Zimt" und süßer Sahne'
    raw = json.dumps({"prompt": secret}, ensure_ascii=ascii_only).encode()
    assert "Zimt" not in kept(f"Bad input {secret}", raw)


def test_names_of_models_stay() -> None:
    model = "claude-sonnet-4-5-20250929-with-a-long-name"
    said = f"No model {model} is known for this key."
    assert kept(said, json.dumps({"model": model}).encode(), names=(model,)) == said


def test_it_is_one_line_and_short() -> None:
    said = kept("first\nsecond " + "x y " * 1000, b"{}")
    assert "\n" not in said
    assert len(said) == MOST
    assert said.endswith("…")


def test_a_giant_request_costs_little() -> None:
    raw = body("word " * 2_000_000)
    began = time.thread_time()
    kept("An error that has nothing in common with what was asked at all. " * 20, raw)
    assert time.thread_time() - began < 0.2
