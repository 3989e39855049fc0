"""What a call asks, read from its arguments: the request itself, where it goes, and what it says of its own way. Pure.

Every argument that LiteLLM knows is sent, acted on, or refused by name; what LiteLLM does not know is taken for the
provider's and sent as it is, as LiteLLM does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trunkline.config.keys_params import MOOT, OURS, PROTECTS, SDK, UNSUPPORTED
from trunkline.exceptions import UnsupportedParamsError
from trunkline.route.wishes import MEMBERS
from trunkline.sdk.forms import response_format, seconds
from trunkline.sdk.settings import Settings

_WAY = frozenset({"num_retries", "max_retries", "timeout", "request_timeout", "stream_timeout"})
_FALLBACKS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "context_window_fallback_dict")
_MOCKS = frozenset({"mock_response", "mock_tool_calls", "mock_delay", "mock_timeout"})
_ABOUT = frozenset({"metadata", "litellm_metadata", "tags", "session_id", "litellm_session_id", "litellm_call_id"})
_HERE = frozenset({"caching", "cache", "model_list", "disable_fallbacks", "default_fallbacks", "use_litellm_proxy"})
_WHERE = frozenset({"api_base", "base_url", "api_key", "api_version", "custom_llm_provider"})
_HEADERS = frozenset({"headers", "extra_headers"})
PLACE = (OURS | SDK) - _WAY - {"model", "headers", "tags", "weight", "order"}
"""What describes the deployment that is asked: handed on in the words of a configuration's `litellm_params`."""
_NOTHING = MOOT - _ABOUT - _HERE - {"ttl", "mode", "logger_fn"} | {
    *("litellm_trace_id", "acompletion", "aembedding", "no-log", "verbose"),
}
"""LiteLLM's, with nothing here that they could change."""
_REFUSED = (UNSUPPORTED | PROTECTS) - _MOCKS - _HERE - SDK - {"stream", *_FALLBACKS} | {
    *("client", "shared_session", "logger_fn", "deployment_id", "api_type"),
    *("retry_policy", "retry_strategy", "prompt_id", "prompt_variables", "prompt_version", "guardrails"),
    *("enable_json_schema_validation", "roles", "proxy_server_request", "azure_ad_token_provider"),
}
"""LiteLLM's, and not had here: whoever writes one means something by it."""

_NOT_SENT = PLACE | _WAY | _WHERE | _HEADERS | _MOCKS | _ABOUT | _HERE | _NOTHING | {*_FALLBACKS}
"""All else is the request's, and sent."""


@dataclass(slots=True)
class Asked:
    """`body` is the request in OpenAI's words, `model` included."""

    model: str
    body: dict[str, Any]
    place: dict[str, Any]
    """`litellm_params` of the deployment that the arguments describe, `model` left out."""
    stream: bool = False
    fallbacks: list[Any] = field(default_factory=list)
    window: Any = None
    policy: Any = None
    retries: int | None = None
    drop_params: bool = False
    caching: bool | None = None
    """What the call says of the cache: to use it, or not; None: nothing."""
    proxied: bool | None = None
    """What the call says of a gateway: that everything is asked of it, or not; None: nothing."""
    user: str = ""
    tags: tuple[str, ...] = ()
    session: str = ""
    call_id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    mock: Mapping[str, Any] = field(default_factory=dict)
    model_list: list[Any] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    """The arguments as they came, for callbacks."""

    @property
    def placed(self) -> bool:
        """Whether the arguments say where it goes, beyond the model's name."""
        return not self.place.keys().isdisjoint(_WHERE)


def asked(model: str, arguments: Mapping[str, Any], settings: Settings) -> Asked:
    """Reads a call's arguments. Raises `UnsupportedParamsError` for one that can be neither sent nor acted on."""
    said = {name: value for name, value in arguments.items() if value is not None}
    refused = sorted(said.keys() & _REFUSED)
    if refused:
        raise UnsupportedParamsError(
            f"`{refused[0]}` is LiteLLM's, and Trunkline's SDK does not have it. Leave it out.",
            model=model,
            param=refused[0],
        )
    metadata = {**_mapping(said, "litellm_metadata", model), **_mapping(said, "metadata", model)}
    place = {name: said[name] for name in said.keys() & PLACE}
    if "base_url" in place:
        place.setdefault("api_base", place.pop("base_url"))
    headers = {**(settings.headers or {}), **(said.get("headers") or {}), **(said.get("extra_headers") or {})}
    if headers:
        place["extra_headers"] = headers
    made = Asked(
        model=model,
        body=_body(model, said),
        place=place,
        stream=bool(said.get("stream")),
        fallbacks=_listed(
            _first(said, "fallbacks", "default_fallbacks") or settings.fallbacks or settings.default_fallbacks
        ),
        window=said.get("context_window_fallbacks", settings.context_window_fallbacks),
        policy=said.get("content_policy_fallbacks", settings.content_policy_fallbacks),
        retries=_retries(said, settings),
        drop_params=bool(said.get("drop_params", settings.drop_params)),
        caching=said.get("caching"),
        proxied=said.get("use_litellm_proxy"),
        user=str(said.get("user") or metadata.get("user_id") or metadata.get("trace_user_id") or ""),
        tags=_tags(said.get("tags"), metadata.get("tags")),
        session=str(said.get("session_id") or said.get("litellm_session_id") or metadata.get("session_id") or ""),
        call_id=str(said.get("litellm_call_id") or ""),
        metadata=metadata,
        mock={name: said[name] for name in said.keys() & _MOCKS},
        model_list=said.get("model_list"),
        given=arguments,
    )
    if (longer := said.get("context_window_fallback_dict")) is not None:
        made.window = [{name: [other]} for name, other in dict(longer).items()]
    _wishes(made, said, settings)
    return made


def _body(model: str, said: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in said.items() if name not in _NOT_SENT}
    body["model"] = model
    if "response_format" in body:
        body["response_format"] = response_format(body["response_format"])
    return body


def _wishes(made: Asked, said: Mapping[str, Any], settings: Settings) -> None:
    """Puts what the call says of its own way where the engine reads it."""
    limit = said.get("timeout", said.get("request_timeout", settings.request_timeout))
    for name, value in (
        ("timeout", seconds(limit)),
        ("stream_timeout", seconds(said.get("stream_timeout"))),
        ("num_retries", made.retries),
        ("context_window_fallbacks", made.window),
        ("content_policy_fallbacks", made.policy),
        ("disable_fallbacks", said.get("disable_fallbacks")),
        ("cache", said.get("cache")),
    ):
        assert name in MEMBERS
        if value is not None:
            made.body[name] = value


def _retries(said: Mapping[str, Any], settings: Settings) -> int | None:
    for value in (said.get("num_retries"), said.get("max_retries"), settings.num_retries):
        if value is not None:
            return int(value)
    return None


def _first(said: Mapping[str, Any], *names: str) -> Any:
    return next((said[name] for name in names if said.get(name)), None)


def _mapping(said: Mapping[str, Any], name: str, model: str) -> Mapping[str, Any]:
    value = said.get(name) or {}
    if not isinstance(value, Mapping):
        raise UnsupportedParamsError(f"`{name}` must be a dictionary.", model=model, param=name)
    return value


def _tags(*found: Any) -> tuple[str, ...]:
    listed = [tag for each in found if each for tag in _listed(each)]
    return tuple(dict.fromkeys(str(tag)[:64] for tag in listed))[:32]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]
