"""The story of a request in plain sentences: what was asked, who was tried and why, what each said and cost, what the
client got, and what to do. Pure."""

from __future__ import annotations

from trunkline.model.here import HERE
from trunkline.observe.story import Attempt, Story, Tokens

FORMATS = {
    "messages": "Anthropic Messages",
    "count_tokens": "Anthropic's token count",
    "chat": "OpenAI Chat Completions",
    "completions": "OpenAI Completions",
    "embeddings": "OpenAI Embeddings",
    "responses": "OpenAI Responses",
    "ollama_chat": "Ollama's chat",
    "ollama_generate": "Ollama's generate",
    "ollama_embed": "Ollama's embeddings",
    "generate": "Gemini",
    "anthropic": "Anthropic Messages",
    "openai_chat": "OpenAI Chat Completions",
    "openai_responses": "OpenAI Responses",
    "ollama": "Ollama's format",
    "gemini": "Gemini",
    "other": "another call of OpenAI's API",
}
"""How a person calls an operation or a wire."""

_ENDS = {
    "client_gone": "The client closed its connection before the end.",
    "draining": "The gateway was shutting down: the client was told to send the request again.",
    "worker_died": "The worker that carried it died, and the client's connection with it.",
    "loop_stopped": "The client was told that its agent repeats itself, or spends too fast.",
    "internal_error": "The client got an error: this is a defect of Trunkline, and its log tells more under this id.",
}
_LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


def told(story: Story) -> list[str]:
    """The sentences, one thing each."""
    lines = [_asked(story)]
    for place, attempt in enumerate(story.attempts, 1):
        lines += [f"{place}. {line}" if not at else f"   {line}" for at, line in enumerate(_attempt(attempt))]
    if len(story.attempts) > 1:
        lines.append(_sum(story))
    lines.append(_end(story))
    if advice := _advice(story):
        lines.append(f"What to do: {advice}")
    return lines


def _asked(story: Story) -> str:
    who = f" with the key {story.key!r}" if story.key else ""
    where = f" in session {story.session}" if story.session else ""
    how = FORMATS.get(story.operation, story.operation) + (", streamed" if story.streamed else "")
    model = repr(story.asked) if story.asked else "The default model"
    return f"{model} was asked for at {story.started}{who}{where} ({how}); request {story.id}."


def _attempt(attempt: Attempt) -> list[str]:
    if attempt.provider == HERE:
        return [f"No provider was asked: {attempt.why}. It was answered here, {attempt.status}, and cost nothing."]
    wire = FORMATS.get(attempt.wire, attempt.wire)
    because = f": {attempt.why}" if attempt.why else ""
    lines = [f"{attempt.called} was asked in {wire}{because} (deployment {attempt.deployment})."]
    after = f"after {attempt.duration:.3g} s"
    if attempt.state == "under_way":
        lines.append(f"It is under way, {attempt.duration:.3g} s until now; {_used(attempt.tokens)} as far as noted.")
        return lines
    if attempt.state == "abandoned":
        lines.append("Its worker is dead; the next look of a running gateway settles it, upward.")
        return lines
    if attempt.outcome == "ok":
        first = f"its first word came after {attempt.first_token:.3g} s, " if attempt.first_token is not None else ""
        stop = f" ({attempt.stop})" if attempt.stop else ""
        lines.append(f"It answered {attempt.status}: {first}the end {after}{stop}.")
    else:
        answer = f"It answered {attempt.status}" if attempt.status else "No answer came"
        begun = "; it had begun to answer" if attempt.first_token is not None else ""
        lines.append(f"{answer} and ended with {attempt.outcome} {after}{begun}.")
        if attempt.said:
            lines.append(f"What was said: {attempt.said}")
    lines.append(_cost(attempt))
    return lines


def _used(tokens: Tokens) -> str:
    cached = f" ({tokens.cache_read:,} of them from the cache)" if tokens.cache_read else ""
    read = tokens.input + tokens.cache_read + tokens.cache_write
    return f"{read:,} tokens in{cached}, {tokens.output:,} out"


def _cost(attempt: Attempt) -> str:
    mark = ", estimated upward since the provider did not tell" if attempt.estimated else ""
    if attempt.cost is None:
        return f"It used {_used(attempt.tokens)}{mark}; the model has no known price."
    flat = f" (list price ${attempt.list_price})" if attempt.list_price != attempt.cost else ""
    return f"It used {_used(attempt.tokens)}{mark}; it cost ${attempt.cost}{flat}."


def _sum(story: Story) -> str:
    totals = story.totals
    less = ", without what has no known price" if totals.unpriced else ""
    mark = ", partly estimated" if totals.estimated else ""
    return (
        f"In all {totals.attempts} attempts in {totals.duration:.3g} s: {_used(totals.tokens)}, "
        f"${totals.cost}{less}{mark}."
    )


def _end(story: Story) -> str:
    last = story.attempts[-1]
    if story.state == "under_way":
        return "The request is under way."
    if last.outcome == "ok":
        begun = [each for each in story.attempts[:-1] if each.first_token is not None and each.outcome != "ok"]
        if begun and story.streamed:
            return f"The client got one stream: {begun[0].called} began it and {last.called} brought it to its end."
        return f"The client got the whole answer{f', from {last.called}' if last.provider != HERE else ''}."
    if last.outcome in _ENDS:
        return _ENDS[last.outcome]
    if story.streamed and last.first_token is not None:
        return "The client got the beginning of an answer, and then an error in its own format."
    return "The client got an error that says the same as the last attempt."


def _advice(story: Story) -> str:
    last = story.attempts[-1]
    if story.state != "ended" or last.outcome in ("ok", "client_gone"):
        return ""
    if last.outcome == "loop_stopped":
        return "let the agent take another way; `trunkline.loop_guard` says when one is stopped."
    tried = {each.deployment for each in story.attempts}
    if last.status in _LATER or last.status == 0 or 200 <= last.status < 300:
        more = (
            f" Only one deployment was tried: `fallbacks` for {last.group!r}, or another deployment of that name, "
            "would let somebody else answer."
            if len(tried) == 1
            else ""
        )
        return f"send the request again.{more}"
    return "mend what the last attempt said; sending the same again will not help."
