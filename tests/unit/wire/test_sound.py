"""What of an answer's tokens was sound, as OpenAI and Gemini tell it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from trunkline.model.usage import Usage
from trunkline.wire.gemini import usage as gemini
from trunkline.wire.openai_chat import usage as chat


def of_chat(**told: Any) -> Usage:
    used = Usage()
    chat.take(msgspec.convert(told, chat.Counts), used)
    return used


def of_gemini(**told: Any) -> Usage:
    used = Usage()
    gemini.take(msgspec.json.decode(msgspec.json.encode(told), type=gemini.Counts), used)
    return used


def test_openai_tells_it_in_the_details() -> None:
    used = of_chat(
        prompt_tokens=120,
        completion_tokens=60,
        prompt_tokens_details={"cached_tokens": 0, "audio_tokens": 100},
        completion_tokens_details={"reasoning_tokens": 0, "audio_tokens": 50},
    )
    assert used == Usage(input=120, output=60, sound_read=100, sound_said=50)


def test_gemini_tells_it_by_modality() -> None:
    used = of_gemini(
        promptTokenCount=120,
        cachedContentTokenCount=40,
        candidatesTokenCount=60,
        promptTokensDetails=[{"modality": "TEXT", "tokenCount": 20}, {"modality": "AUDIO", "tokenCount": 100}],
        cacheTokensDetails=[{"modality": "AUDIO", "tokenCount": 40}],
        candidatesTokensDetails=[{"modality": "AUDIO", "tokenCount": 60}],
    )
    assert used == Usage(input=80, cache_read=40, output=60, sound_read=60, sound_said=60)


@pytest.mark.parametrize("sound", [None, 0, -5, 10**9])
def test_what_cannot_be_is_kept_within_the_tokens(sound: int | None) -> None:
    used = of_chat(prompt_tokens=7, completion_tokens=3, prompt_tokens_details={"audio_tokens": sound})
    assert used.sound_read == (7 if sound == 10**9 else 0)
    told = of_gemini(promptTokenCount=7, promptTokensDetails=[{"modality": "AUDIO", "tokenCount": sound}, {}])
    assert told.sound_read == used.sound_read


@pytest.mark.parametrize("details", [None, {}, "AUDIO", [{"modality": "AUDIO", "tokenCount": "many"}], ["AUDIO"]])
def test_details_that_cannot_be_read_cost_nothing_of_the_rest(details: Any) -> None:
    assert of_gemini(promptTokenCount=7, promptTokensDetails=details) == Usage(input=7)
