"""A small client of a gateway, for programs that want no SDK: a call, the models, whether it is there.

    from trunkline.client import LiteLLMClient, call_llm

    client = LiteLLMClient()                                  # http://localhost:8001, 30 s
    answer = client.call_llm("claude-opus-4.5", [{"role": "user", "content": "Hello"}])
    print(answer["choices"][0]["message"]["content"])

It asks by `requests.post` and `requests.get` where `requests` is installed, and by the standard library where it is
not; what it raises is caught by `except requests.RequestException` (`trunkline.client.requests` is either). Nothing is
imported before the first call. `LITELLM_MASTER_KEY`, where it is set, is sent as the key.

A project that has such a client under a module path of its own keeps that path with one line in its place:

    import sys, trunkline.client; sys.modules[__name__] = trunkline.client
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests as requests

__all__ = ["LiteLLMClient", "call_llm"]

BASE_URL = "http://localhost:8001"
TIMEOUT = 30.0
_HEALTH_WITHIN = 5.0

Messages = list[dict[str, Any]]


def __getattr__(name: str) -> Any:
    """`requests`: the library, else what stands in for it."""
    if name != "requests":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        import requests as found
    except ModuleNotFoundError:
        from trunkline.client import plain as found  # type: ignore[no-redef]
    return found


def _library() -> Any:
    """`requests` as this module has it now: a test may have put another in its place."""
    return globals().get("requests") or __getattr__("requests")


class LiteLLMClient:
    """Asks one gateway. `timeout` is in seconds: to connect, and for each silence."""

    def __init__(self, base_url: str = BASE_URL, timeout: float = TIMEOUT) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout

    def call_llm(self, model: str | None, messages: Messages, temperature: float = 0.7) -> dict[str, Any]:
        """One chat completion, as OpenAI's format has it. Without a model the gateway's default answers.

        Raises what `except requests.RequestException` catches: `Timeout`, `ConnectionError`, `HTTPError` with the
        gateway's own sentence.
        """
        body: dict[str, Any] = {"messages": messages, "temperature": temperature}
        if model:
            body = {"model": model, **body}
        url = f"{self.base_url}/chat/completions"
        said: dict[str, Any] = _checked(_library().post(url, json=body, timeout=self.timeout, **_key())).json()
        return said

    def get_available_models(self) -> list[str]:
        """The names that may be asked for. Raises as `call_llm` does."""
        url = f"{self.base_url}/models"
        said = _checked(_library().get(url, timeout=self.timeout, **_key())).json()
        return [row["id"] for row in said.get("data", [])]

    def get_health(self) -> bool:
        """Whether the gateway is there and well; asks no provider."""
        try:
            answer = _library().get(f"{self.base_url}/health", timeout=min(self.timeout, _HEALTH_WITHIN))
        except OSError:  # what `requests` raises are all OSErrors
            return False
        return bool(answer.status_code == 200)


def call_llm(
    model: str | None, messages: Messages, temperature: float = 0.7, base_url: str = BASE_URL
) -> dict[str, Any]:
    """One chat completion at `base_url`; see `LiteLLMClient.call_llm`."""
    return LiteLLMClient(base_url).call_llm(model, messages, temperature)


def _key() -> dict[str, Any]:
    key = os.environ.get("LITELLM_MASTER_KEY", "").strip()
    return {"headers": {"Authorization": f"Bearer {key}"}} if key else {}


def _checked(answer: requests.Response) -> requests.Response:
    """The answer, if it is a success; else its `HTTPError`, to which the gateway's sentence is added."""
    try:
        answer.raise_for_status()
    except OSError as refused:
        if sentence := _sentence(answer):
            raise _library().HTTPError(f"{refused}: {sentence}", response=answer) from None
        raise
    return answer


def _sentence(answer: requests.Response) -> str:
    try:
        error = answer.json()["error"]
        message = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        return ""
    return message if isinstance(message, str) else ""
