"""The demo on OpenAI's embeddings: `/embeddings`, as floats or base64."""

from __future__ import annotations

import base64
from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.upstream.demo.fields import Body, need, pick, wrong
from trunkline.upstream.demo.said import Said, whole
from trunkline.upstream.demo.scene import Scene
from trunkline.upstream.demo.text import weigh
from trunkline.upstream.demo.vectors import little_endian, size_of, vectors

_MOST_INPUTS = 2048


def embeddings(scene: Scene) -> Said:
    """`POST /embeddings`."""
    body = scene.body
    model, size = need(body, "model", str), size_of(pick(body, "dimensions", int))
    form = pick(body, "encoding_format", str) or "float"
    if form not in ("float", "base64"):
        raise InvalidRequest("encoding_format must be float or base64.", param="encoding_format")
    rows: list[dict[str, Any]] = []
    for index, values in enumerate(vectors(_inputs(body), size)):
        shown = base64.b64encode(little_endian(values)).decode() if form == "base64" else values.tolist()
        rows.append({"object": "embedding", "index": index, "embedding": shown})
    read = weigh(body, ("input",))
    used = {"prompt_tokens": read, "total_tokens": read}
    headers = [("x-request-id", scene.ids.make("req_"))]
    return whole({"object": "list", "data": rows, "model": model, "usage": used}, headers=headers)


def _inputs(body: Body) -> list[str]:
    """A string, a list of strings, a list of token numbers, or a list of such lists."""
    value = body.get("input")
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not value:
        raise wrong("input", "a string or a list that is not empty")
    if _numbers(value):
        value = [value]
    if len(value) > _MOST_INPUTS:
        raise InvalidRequest(f"input must hold no more than {_MOST_INPUTS} texts.", param="input")
    texts: list[str] = []
    for nth, one in enumerate(value):
        if isinstance(one, list) and _numbers(one):
            texts.append(" ".join(map(str, one)))
        elif isinstance(one, str) and one:
            texts.append(one)
        else:
            raise wrong(f"input[{nth}]", "a string that is not empty")
    return texts


def _numbers(value: list[Any]) -> bool:
    """Whether these are token numbers, of which no vocabulary has 2**32."""
    return bool(value) and all(type(one) is int and 0 <= one < 2**32 for one in value)
