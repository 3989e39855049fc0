"""What a request to a model knows of it comes from the catalog."""

from __future__ import annotations

from trunkline.config.load import load
from trunkline.upstream.profile import profile_of


def efforts(model: str, base: str) -> object:
    snapshot = load(None, {"ZAI_API_KEY": "k", "OPENAI_API_KEY": "k"})
    found = [each for _, group in snapshot.wildcards for each in group if each.provider.name == model.split("/")[0]]
    return profile_of(found[0], model.partition("/")[2], base, {}).dialect.efforts


def test_efforts_are_those_of_the_host_that_answers() -> None:
    assert efforts("zai/glm-5.3", "https://api.z.ai/api/paas/v4") == ("low", "high", "max")
    assert efforts("openai/gpt-5.1", "https://api.openai.com/v1") == ("none", "low", "medium", "high")
    assert efforts("openai/o9-unknown", "https://api.openai.com/v1") == ("low", "medium", "high")
