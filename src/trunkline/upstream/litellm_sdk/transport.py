"""`Sdk`: LiteLLM's SDK where a connection pool stands. Knows the two calls that it is asked for, and their end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.config.schema import Deployment
from trunkline.errors import Failure
from trunkline.upstream.litellm_sdk.answer import Stream, Whole, headers_of, tidy
from trunkline.upstream.litellm_sdk.arguments import arguments, secrets
from trunkline.upstream.litellm_sdk.failure import Refusal, read
from trunkline.upstream.litellm_sdk.load import Loader

if TYPE_CHECKING:
    from trunkline.upstream.pool import Answer, Outgoing

_PATIENCE = 24 * 3600.0
"""Seconds that the SDK waits: the attempt's own timer is always shorter, and cancels."""


class Sdk:
    """The SDK of one process. Nothing is imported before `ready` or the first request."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._load = Loader(variables)

    async def ready(self) -> None:
        """Imports it, so that no request waits for that. Raises `ConfigInvalid`."""
        await self._load()

    def lay(self, variables: Mapping[str, str]) -> None:
        """What `.env` and `environment_variables` set now."""
        self._load.lay(variables)

    def at(self, deployment: Deployment, *, drop: bool) -> Line:
        """Where that deployment is reached. `drop`: members that its provider does not take are left out."""
        return Line(self._load, deployment, drop)

    async def close(self) -> None:
        """Drops its connections."""
        if self._load.module is not None:
            await self._load.module.close_litellm_async_clients()


@dataclass(frozen=True, slots=True)
class Line:
    """One deployment, as a `Transport`."""

    load: Loader
    deployment: Deployment
    drop: bool

    async def send(self, outgoing: Outgoing) -> Answer:
        """As `Pool.send`. An error of the provider is an answer with its status, in OpenAI's shape."""
        sdk = await self.load()
        from httpx import Timeout  # it comes with the SDK

        body: dict[str, Any] = json.loads(outgoing.body)
        embeds = outgoing.url.endswith("/embeddings")
        if not embeds and not outgoing.url.endswith("/chat/completions"):
            return _beyond(self.deployment.provider.title)
        key = dict(outgoing.headers).get("authorization", "").removeprefix("Bearer ")
        model = str(body["model"])
        try:
            supported = None if embeds else self._supported(sdk, model)
            given, lost = arguments(self.deployment, body, key, drop=self.drop, supported=supported)
            given["timeout"] = Timeout(_PATIENCE, connect=outgoing.connect_timeout)
            made = await (sdk.aembedding(**given) if embeds else sdk.acompletion(**given))
        except Exception as error:
            found = self._told(error, key)
            if isinstance(found, Failure):
                raise found from error
            return Whole(found.status, found.body, found.headers)
        if given.get("stream"):
            return Stream(made, model, headers_of(made), lost, lambda error: self._told(error, key, streaming=True))
        return Whole(200, tidy(made, model), headers_of(made), lost)

    def _told(self, error: Exception, key: str, *, streaming: bool = False) -> Refusal | Failure:
        hidden = secrets(self.deployment, key, self.load.found)
        return read(error, self.deployment.provider.title, hidden, streaming=streaming)

    def _supported(self, sdk: Any, model: str) -> list[str] | None:
        found: list[str] | None = sdk.get_supported_openai_params(
            model=model, custom_llm_provider=self.deployment.provider.name
        )
        return found


def _beyond(title: str) -> Whole:
    message = f"{title} is asked for chat completions and embeddings only. Ask for one of those, or name another model."
    return Whole(404, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}, [])
