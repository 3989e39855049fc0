"""A rehearsal in plain sentences. Pure."""

from __future__ import annotations

from trunkline.observe.told import FORMATS
from trunkline.serve.rehearse import Rehearsal, Step


def sentences(told: Rehearsal) -> list[str]:
    """What would be done, one thing a line."""
    how = FORMATS.get(told.operation, told.operation) + (", streamed" if told.streamed else "")
    lines = [f"POST {told.path} with {told.bytes:,} bytes asks for {told.asked!r} ({how}). Nothing was sent."]
    if told.refused and not told.steps:
        return [*lines, f"The gateway would refuse it: {told.refused}"]
    named = "" if told.group == told.asked else f"{told.asked!r} means the group {told.group!r} here. "
    many = len(told.steps)
    lines.append(f"{named}{many} deployment{'s' if many != 1 else ''} may answer, in this order:")
    for place, step in enumerate(told.steps, 1):
        lines += [f"{place}. {line}" if not at else f"   {line}" for at, line in enumerate(_step(step))]
    lines += [f"Not asked: {why}." for why in told.skipped]
    if told.shuffled:
        lines.append("Deployments of one `order` are shuffled by weight for each request: this is one possible order.")
    if told.refused:
        lines.append(f"The gateway would refuse it now: {told.refused}")
    elif all(step.refused for step in told.steps):
        lines.append("Nobody could be asked: the client would get the first of these reasons.")
    return lines


def _step(step: Step) -> list[str]:
    wire = FORMATS.get(step.wire, step.wire)
    way = f"translated to {wire}" if step.crossed else f"in {wire}, its own format"
    where = f", {step.where}" if step.where else ""
    lines = [f"{step.called} at {step.base}, {way}: {step.why} (deployment {step.deployment}{where})."]
    if step.refused:
        return [*lines, f"It would not be asked: {step.refused}"]
    if step.rests:
        lines.append(f"It is passed over while another can answer: {step.rests}")
    limit = f"at most {step.output_most:,} out" if step.output_most else "an output that nobody limits"
    if step.worst is not None:
        cost = f"at worst ${step.worst}"
    else:
        cost = "the model has no known price" if step.output_most else "so the cost has no bound that is known"
    lines.append(f"About {step.input:,} tokens in, {limit}: {cost}.")
    if step.budget:
        lines.append(f"Budgets: {step.budget}")
    if step.lost:
        lines.append(f"Left out, and named in x-trunkline-lost: {', '.join(step.lost)}.")
    return lines
