"""What the SDK raises, by the names that people catch: LiteLLM's, which are OpenAI's and some more.

    Error
    ├── BadRequestError                    400
    │   ├── ContextWindowExceededError         the conversation is longer than the model holds
    │   ├── ContentPolicyViolationError        a content filter refused it
    │   └── UnsupportedParamsError             an argument that is not carried here
    ├── AuthenticationError                401
    ├── PermissionDeniedError              403
    ├── NotFoundError                      404
    ├── UnprocessableEntityError           422
    ├── RateLimitError                     429
    ├── InternalServerError                500
    ├── BadGatewayError                    502
    ├── ServiceUnavailableError            503
    ├── APIError                           what fits nowhere else; has the provider's status
    │   └── APIResponseValidationError     what came is no answer
    ├── APIConnectionError                 500  no connection, or it broke
    ├── Timeout                            408
    └── BudgetExceededError                422

Each has `status_code` as LiteLLM's has it, `message`, `llm_provider`, `model`, `code` (the provider's own, where it has
one), `retryable`, `retry_after`, `body` and `response`. Where the `openai` package is in use, each is a subclass of
OpenAI's class of that name, too: `join_openai` sees to it, and imports nothing.

Source of names, bases and statuses: litellm/exceptions.py (1.110.2) and openai/_exceptions.py, read 2026-11.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

_MORE = ("response", "litellm_debug_info", "max_retries", "num_retries")
_PROVIDER_FIRST = ("llm_provider", "model", *_MORE)
_MODEL_FIRST = ("model", "llm_provider", *_MORE)
"""LiteLLM's arguments after the message; it has two orders."""


class Answered:
    """The answer behind an error, read as an `httpx.Response` is: `status_code`, `headers`, `text`, `json()`."""

    def __init__(self, status_code: int, headers: Mapping[str, str] | None = None, content: bytes = b"") -> None:
        self.status_code = status_code
        self.headers = dict(headers or {})
        self.content = content
        self.request: Any = None

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as data. Raises `ValueError` where it is no JSON."""
        return json.loads(self.content)


class Error(Exception):
    """Any failure of a call. `message` ends with the remedy where one is known."""

    STATUS: ClassVar[int] = 500
    OPENAI: ClassVar[str] = ""
    """The class of the `openai` package that this one is a subclass of, once that is in use."""
    RETRYABLE: ClassVar[bool] = False
    ORDER: ClassVar[tuple[str, ...]] = _PROVIDER_FIRST

    def __init__(self, message: str = "", *placed: Any, **named: Any) -> None:
        """`placed` are LiteLLM's further arguments in its order, `named` any of them and of this class's fields."""
        join_openai()
        Exception.__init__(self, message)
        given = {**dict(zip(self.ORDER, placed, strict=False)), **named}
        self.message = message
        self.llm_provider: str = given.get("llm_provider") or ""
        self.model: str = given.get("model") or ""
        self.status_code: int = given.get("status_code") or self.STATUS
        self.response: Any = given.get("response") or Answered(self.status_code)
        self.request = getattr(self.response, "request", None)
        self.request_id = getattr(self.response, "headers", {}).get("x-request-id")
        self.body: Any = given.get("body")
        self.code: str | None = given.get("code")
        self.param: str | None = given.get("param")
        self.type = self.body.get("type") if isinstance(self.body, Mapping) else None
        self.litellm_debug_info: str | None = given.get("litellm_debug_info")
        self.max_retries: int | None = given.get("max_retries")
        self.num_retries: int | None = given.get("num_retries")
        self.retryable: bool = given.get("retryable", self.RETRYABLE)
        self.retry_after: float | None = given.get("retry_after")
        self.remedy: str = given.get("remedy", "")

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Across processes go the words and the facts; whatever held a connection does not.
        kept = {name: value for name, value in self.__dict__.items() if name not in ("response", "request")}
        return _remade, (type(self), self.message, kept)


def _remade(kind: type[Error], message: str, kept: dict[str, Any]) -> Error:
    made = kind(message)
    made.__dict__.update(kept)
    return made


class BadRequestError(Error):
    """The request is wrong."""

    STATUS = 400
    OPENAI = "BadRequestError"
    ORDER = _MODEL_FIRST


class ContextWindowExceededError(BadRequestError):
    """The conversation is longer than the model holds."""


class ContentPolicyViolationError(BadRequestError):
    """A content filter refused it."""


class UnsupportedParamsError(BadRequestError):
    """An argument that the provider does not take, or that is LiteLLM's and not carried here."""


class AuthenticationError(Error):
    """The key is missing, or the provider does not accept it."""

    STATUS = 401
    OPENAI = "AuthenticationError"


class PermissionDeniedError(Error):
    """The key may not do this."""

    STATUS = 403
    OPENAI = "PermissionDeniedError"


class NotFoundError(Error):
    """The provider knows no such model or path."""

    STATUS = 404
    OPENAI = "NotFoundError"
    ORDER = _MODEL_FIRST


class UnprocessableEntityError(Error):
    """The request is of the right form and still wrong."""

    STATUS = 422
    OPENAI = "UnprocessableEntityError"
    ORDER = _MODEL_FIRST


class RateLimitError(Error):
    """Too much at once or in a minute, or a plan or balance is used up: `retryable` and `code` tell which."""

    STATUS = 429
    OPENAI = "RateLimitError"
    RETRYABLE = True


class InternalServerError(Error):
    """The provider failed."""

    STATUS = 500
    OPENAI = "InternalServerError"
    RETRYABLE = True


class BadGatewayError(Error):
    """Something between here and the provider failed."""

    STATUS = 502
    OPENAI = "APIStatusError"
    RETRYABLE = True


class ServiceUnavailableError(Error):
    """The provider is overloaded or down."""

    STATUS = 503
    OPENAI = "APIStatusError"
    RETRYABLE = True


class APIError(Error):
    """What fits nowhere else."""

    OPENAI = "APIError"


class APIResponseValidationError(APIError):
    """What came back is no answer of its format."""

    OPENAI = "APIResponseValidationError"
    RETRYABLE = True


class APIConnectionError(Error):
    """No connection was made, or it broke before the answer was whole."""

    OPENAI = "APIConnectionError"
    RETRYABLE = True


class Timeout(Error):
    """A time-out ended the wait; the message says which one."""

    STATUS = 408
    OPENAI = "APITimeoutError"
    RETRYABLE = True
    ORDER = _MODEL_FIRST


class BudgetExceededError(Error):
    """A budget has no room for what the call may cost."""

    STATUS = 422

    def __init__(self, message: str = "", *placed: Any, **named: Any) -> None:
        super().__init__(message, *placed, **named)
        self.current_cost: float = named.get("current_cost", 0.0)
        self.max_budget: float = named.get("max_budget", 0.0)


InvalidRequestError = BadRequestError
OpenAIError = Error

CLASSES: tuple[type[Error], ...] = (
    BadRequestError,
    ContextWindowExceededError,
    ContentPolicyViolationError,
    UnsupportedParamsError,
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    UnprocessableEntityError,
    RateLimitError,
    InternalServerError,
    BadGatewayError,
    ServiceUnavailableError,
    APIError,
    APIResponseValidationError,
    APIConnectionError,
    Timeout,
    BudgetExceededError,
)
LITELLM_EXCEPTION_TYPES = list(CLASSES)


def join_openai() -> None:
    """Makes each class a subclass of OpenAI's too, if that package has been imported.

    Called whenever one of them is made. So `except openai.RateLimitError` works in whatever order things were
    imported, since nobody can name OpenAI's class without having imported it; and nobody waits for that import who
    does not use it. OpenAI's own classes are plain Python classes, so that bases may be added.
    """
    openai = sys.modules.get("openai")
    if openai is None or getattr(openai, "APIStatusError", None) is None:
        return
    for kind in CLASSES:
        name = kind.__dict__.get("OPENAI", "")
        theirs = getattr(openai, name, None) if name else None
        if isinstance(theirs, type) and not issubclass(kind, theirs):
            kind.__bases__ = (*kind.__bases__, theirs)


join_openai()
