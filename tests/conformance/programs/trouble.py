"""A program written for LiteLLM: what goes wrong is caught by the names that people catch, and printed, a line each."""

import json
import os

import litellm
import openai
from litellm import completion
from litellm.exceptions import (
    APIConnectionError,
    AuthenticationError,
    BadRequestError,
    ContextWindowExceededError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServiceUnavailableError,
    Timeout,
)

litellm.suppress_debug_info = True
FAKE = os.environ["FAKE_URL"]
PLACES = {"anthropic/glm-4.6": f"{FAKE}/api/anthropic", "openai/gpt-4o": f"{FAKE}/v1"}
KINDS = (
    ContextWindowExceededError,
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    RateLimitError,
    Timeout,
    ServiceUnavailableError,
    InternalServerError,
    APIConnectionError,
    BadRequestError,
    litellm.APIError,
)
TROUBLES = {
    "wrong key": ("Hi", {"api_key": "sk-fake-wrong"}),
    "refused": ("ERR=400", {}),
    "forbidden": ("ERR=403", {}),
    "too many": ("ERR=429", {}),
    "failed": ("ERR=500", {}),
    "late": ("DELAY=20", {"timeout": 1}),
    "nobody there": ("Hi", {"api_base": "http://127.0.0.1:9"}),
}

for model, base in PLACES.items():
    for name, (text, more) in TROUBLES.items():
        here = {"model": model, "api_base": base, "api_key": "sk-fake-good", "max_retries": 0, **more}
        for stream in (False, True):
            try:
                answer = completion(messages=[{"role": "user", "content": text}], stream=stream, **here)
                list(answer) if stream else None
                told = "no error"
            except KINDS as error:
                kind = next(kind.__name__ for kind in KINDS if isinstance(error, kind))
                told = [kind, error.status_code, error.llm_provider, error.model, isinstance(error, openai.OpenAIError)]
            print(json.dumps([name, model, stream, told]))

try:
    completion(model="no-such-model-anywhere", messages=[{"role": "user", "content": "Hi"}])
except BadRequestError as error:
    print(json.dumps(["no provider", error.status_code]))
