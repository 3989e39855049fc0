"""In which of its formats a deployment is asked for what stands beside answers: a count of tokens, vectors. Pure."""

from __future__ import annotations

from trunkline.config.schema import Deployment
from trunkline.model.wires import COUNTER, WIRE_OF, Operation, Wire

_VECTORS: dict[Wire, Operation] = {"ollama": "ollama_embed", "gemini": "gemini_embed", "openai_chat": "embeddings"}
"""How each wire is asked for vectors, the vendors' own before the one that they copy."""


def counted_in(deployment: Deployment, operation: Operation, answering: Operation | None) -> Operation | None:
    """How to have tokens counted that are asked for by `operation`; None where nobody there counts.

    `answering` is what the same conversation would be asked for as an answer: what is counted should be what is sent.
    """
    doors, prefers = deployment.doors, deployment.provider.prefers
    if prefers and prefers in doors:
        return COUNTER.get(prefers)
    if WIRE_OF[operation] in doors:
        return operation
    if answering is not None and WIRE_OF[answering] in COUNTER:
        return COUNTER[WIRE_OF[answering]]
    return next((COUNTER[wire] for wire in doors if wire in COUNTER), None)


def embedded_in(deployment: Deployment, operation: Operation) -> Operation | None:
    """How to ask for vectors; None where nobody there makes them."""
    doors, prefers = deployment.doors, deployment.provider.prefers
    if prefers and prefers in doors and prefers in _VECTORS:
        return _VECTORS[prefers]
    if WIRE_OF[operation] in doors:
        return operation
    return next((_VECTORS[wire] for wire in _VECTORS if wire in doors), None)
