"""The demo's vectors on Ollama's wire: `/api/embed` and the older `/api/embeddings`."""

from __future__ import annotations

from trunkline.upstream.demo.fields import need, pick, strings, wrong
from trunkline.upstream.demo.said import Said, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import weigh
from trunkline.upstream.demo.vectors import size_of, vector, vectors


def ollama_embed(scene: Scene) -> Said:
    """`POST /api/embed`."""
    body = scene.body
    model, size = need(body, "model", str), size_of(pick(body, "dimensions", int))
    if body.get("input") is None:
        raise wrong("input", "a string or a list of strings")
    found = [one.tolist() for one in vectors(strings(body, "input"), size)]
    read = weigh(body, ("input",))
    times = {"total_duration": read * 1000, "load_duration": 1}
    return whole({"model": model, "embeddings": found, **times, "prompt_eval_count": read})


def ollama_embeddings(scene: Scene) -> Said:
    """`POST /api/embeddings`, the older form: one prompt, one vector."""
    need(scene.body, "model", str)
    return whole({"embedding": vector(need(scene.body, "prompt", str), size_of(None)).tolist()})
