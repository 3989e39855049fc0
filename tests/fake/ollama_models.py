"""What Ollama tells of its models (tags, show, ps), and how it pulls one. Source: the server's own code (2026-08)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.fake.wire import Json, Refused, compact

_DIGEST = "sha256:" + "ab12" * 16
_SIZE = 5_200_000_000


def abilities(model: str) -> list[str]:
    """Every model can do all, but for those whose name begins with `plain`: they only complete."""
    return ["completion"] if model.startswith("plain") else ["completion", "tools", "thinking"]


def _details(model: str) -> Json:
    family = model.partition(":")[0]
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": "8.2B",
        "quantization_level": "Q4_K_M",
    }


def _entry(model: str) -> Json:
    when = "2026-11-01T00:00:00Z"
    return {
        "name": model,
        "model": model,
        "modified_at": when,
        "size": _SIZE,
        "digest": "a" * 64,
        "details": _details(model),
    }


def tags(models: Sequence[str]) -> Json:
    return {"models": [{**_entry(one), "capabilities": abilities(one)} for one in models]}


def running(models: Sequence[str]) -> Json:
    more = {"expires_at": "2026-11-20T10:05:00Z", "size_vram": _SIZE, "context_length": 32768}
    return {"models": [{**_entry(one), **more} for one in models[:1]]}


def show(model: str) -> Json:
    family = model.partition(":")[0]
    return {
        "license": "Apache-2.0",
        "modelfile": f"FROM {model}\n",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": _details(model),
        "model_info": {"general.architecture": family, f"{family}.context_length": 40960},
        "capabilities": abilities(model),
        "modified_at": "2026-11-01T00:00:00Z",
    }


def check_abilities(body: Json) -> None:
    """Raise Refused where the model is asked for what it cannot do."""
    model = str(body.get("model"))
    known = abilities(model)
    if body.get("tools") and "tools" not in known:
        raise Refused(400, f'"{model}" does not support tools')
    if body.get("think") and "thinking" not in known:
        raise Refused(400, f'"{model}" does not support thinking')


def pull(model: str) -> Iterator[bytes]:
    """The lines of a pull: manifest, a layer in four steps, checks, success. A `missing…` model fails in mid-stream."""
    lines: list[Json] = [{"status": "pulling manifest"}]
    if model.startswith("missing"):
        lines.append({"error": "pull model manifest: file does not exist"})
    else:
        layer = {"status": f"pulling {_DIGEST[7:19]}", "digest": _DIGEST, "total": _SIZE}
        lines += [layer, *({**layer, "completed": _SIZE * step // 4} for step in range(1, 5))]
        lines += [{"status": one} for one in ("verifying sha256 digest", "writing manifest", "success")]
    yield from ((compact(line) + "\n").encode() for line in lines)
