"""Who may ask, and for which model: keys, Z.AI's purses and unknown models, refused in the words of each provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from tests.fake.http import Request
from tests.fake.routes import Pot, Route
from tests.fake.wire import Refused

_POT_ERRORS = {
    "payg": ("1113", "Insufficient balance or no resource package. Please recharge."),
    "coding": ("1309", "Your GLM Coding Plan package has expired and is temporarily unavailable."),
}


def key_of(request: Request, route: Route) -> str:
    """The key that the provider of this route would read; empty when there is none."""
    bearer = request.header("authorization") or ""
    bearer = bearer[7:] if bearer.lower().startswith("bearer ") else ""
    if route.name == "gemini" or (route.kind == "models" and request.header("x-goog-api-key")):
        return request.header("x-goog-api-key") or parse_qs(request.query).get("key", [""])[0]
    if route.name in ("anthropic", "zai-anthropic") or request.header("anthropic-version"):
        return request.header("x-api-key") or bearer
    if route.name.startswith("azure"):
        return request.header("api-key") or bearer
    return bearer


def admit(request: Request, route: Route, key: str, *, keys: set[str] | None, pots: Mapping[str, Pot]) -> None:
    """Raise Refused unless the key is good, the version is named, and Z.AI's URL charges the purse that the key has."""
    if not route.keyed:
        return
    if not key or (keys is not None and key not in keys):
        raise _unknown_key(route, key)
    if route.name == "anthropic" and not request.header("anthropic-version"):
        raise Refused(400, "anthropic-version: header is required")
    has = pots.get(key)
    if route.pot and has and has != route.pot:
        code, message = _POT_ERRORS[route.pot]
        raise Refused(429, message, code=code)


def _unknown_key(route: Route, key: str) -> Refused:
    if route.name == "anthropic":
        return Refused(401, "invalid x-api-key" if key else "x-api-key header is required")
    if route.name == "gemini" and key:
        return Refused(400, "API key not valid. Please pass a valid API key.", code="API_KEY_INVALID")
    if route.name == "gemini":
        return Refused(403, "Method doesn't allow unregistered callers. Please use API Key to call this API.")
    if route.name.startswith("zai"):
        message = "Authentication Failed" if key else "Authentication parameter not received in Header"
        return Refused(401, message, code="1000")
    if route.name.startswith("azure"):
        return Refused(401, "Access denied due to invalid subscription key or wrong API endpoint.", code="401")
    shown = f"{key[:3]}***{key[-2:]}" if key else "none"
    return Refused(401, f"Incorrect API key provided: {shown}. You can find your API key in your settings.")


def check_model(model: str, route: Route, models: Sequence[str]) -> None:
    """Raise Refused for a model that the provider has not: any `missing…`, and at Ollama any that is not pulled."""
    if route.name == "ollama":
        if model not in models and f"{model}:latest" not in models:
            raise Refused(404, f"model '{model}' not found")
    elif model.startswith("missing"):
        if route.name.startswith("zai"):
            raise Refused(400, "Unknown Model, please check the model code.", code="1211")
        if route.name == "anthropic":
            raise Refused(404, f"model: {model}")
        if route.name == "gemini":
            raise Refused(
                404, f"models/{model} is not found for API version v1beta, or is not supported for {route.rest}."
            )
        raise Refused(404, f"The model `{model}` does not exist or you do not have access to it.")
