"""What LiteLLM's SDK is called with. Pure.

The SDK takes request members and its own settings (`api_base`, `mock_response`, `vertex_credentials`, a path) in one
list of arguments. A client's members are therefore an allow-list here: a client must not be able to say where a key is
sent or which file is read. What an operator wrote in the configuration goes through as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trunkline.catalog.litellm_sdk import PLACE
from trunkline.config.schema import Deployment


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


JUDGED = _words(
    """
    temperature top_p n stop modalities prediction audio presence_penalty frequency_penalty logit_bias user
    response_format seed tools tool_choice functions function_call parallel_tool_calls logprobs top_logprobs
    reasoning_effort verbosity thinking web_search_options service_tier store safety_identifier prompt_cache_key
    """
)
"""Members that the SDK knows to be refused by some providers; with `drop_params` these are left out."""

TAKEN = JUDGED | _words(
    """
    model messages stream stream_options max_tokens max_completion_tokens top_k min_p repetition_penalty input
    encoding_format dimensions input_type enable_thinking thinking_budget chat_template_kwargs
    """
)
"""All that a client may say."""


def arguments(
    deployment: Deployment, body: Mapping[str, Any], key: str, *, drop: bool, supported: Iterable[str] | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments of `acompletion` or `aembedding`, and the members that were left out.

    `supported` is what the SDK says the provider takes; None: it does not say.
    """
    allowed = set(supported or ()) | set(deployment.sdk.get("allowed_openai_params") or ())
    judged = JUDGED if drop and supported is not None else frozenset()
    refused = {name for name in body if name in judged and name not in allowed}
    given = {name: value for name, value in body.items() if name in TAKEN and name not in refused}
    # Members that clients may not say are in the body only where the configuration put them there.
    own = {name: value for name, value in deployment.params.items() if name not in TAKEN}
    lost = tuple(name for name in body if name not in given and name not in own and name not in deployment.extra_body)
    made: dict[str, Any] = {**given, **own, **deployment.sdk}
    made["model"] = f"{deployment.provider.name}/{body['model']}"
    if key:
        made["api_key"] = key
    base = deployment.doors["openai_chat"].base
    if not base.startswith(PLACE):
        made["api_base"] = base
    if deployment.api_version:
        made["api_version"] = deployment.api_version
    if deployment.headers:
        made["extra_headers"] = dict(deployment.headers)
    if deployment.extra_body:
        made["extra_body"] = dict(deployment.extra_body)
    # Whoever tries again is the route, which sees every attempt and settles it.
    made |= {"num_retries": 0, "max_retries": 0, "drop_params": drop}
    return made, lost


def secrets(deployment: Deployment, key: str, environment: Mapping[str, str]) -> list[str]:
    """Every value that may be a secret, longest first: none of them may stand in what a client or a log is told.

    `environment` is where the SDK finds keys by itself: nobody says which it took.
    """
    values = [key, *(value for _, value in deployment.headers)]
    for name, value in (*deployment.sdk.items(), *environment.items()):
        if any(word in name.lower() for word in _SECRET):
            values += _texts(value)
    return sorted({value for value in values if len(value) >= _SHORTEST}, key=len, reverse=True)


_SECRET = ("key", "secret", "token", "password", "credential")
_SHORTEST = 6
"""A value of fewer signs would tear words apart."""


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
