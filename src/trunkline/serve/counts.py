"""Token counts that no provider gives: when an estimate stands in, and how it is told in each client's words."""

from __future__ import annotations

from trunkline.errors import ProviderCut, ProviderGarbage, ProviderRefused, ProviderTimeout, ProviderUnreachable
from trunkline.route.plan import resolve
from trunkline.upstream.answer_head import own_headers
from trunkline.upstream.call import Call, Client
from trunkline.upstream.drive import Unanswered
from trunkline.upstream.engine import Engine
from trunkline.wire.counting import answer

_NO_COUNTER = frozenset({404, 405, 501})


def lacks_counter(problem: Unanswered) -> bool:
    """Whether the provider said that it has no such thing: it need not be asked again."""
    return isinstance(problem.failure, ProviderRefused) and problem.failure.status in _NO_COUNTER


def uncounted(problem: Unanswered) -> bool:
    """Whether nobody counted, so that an estimate serves better than an error.

    What the provider refuses as such (the key, the request, too many of them) is told as it is.
    """
    none = (ProviderUnreachable, ProviderTimeout, ProviderCut, ProviderGarbage)
    return lacks_counter(problem) or isinstance(problem.failure, none)


async def tell_estimate(engine: Engine, call: Call, client: Client) -> None:
    """Answers with what the size of the request says, mended by what answers of the model taught.

    Raises `UnknownModel`."""
    _, found = resolve(call.snapshot, call.asked or call.snapshot.default_model)
    body = answer(call.wire, engine.ratios.mended(found[0].model, call.estimate))
    head = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *own_headers(call, None),
        (b"x-trunkline-hint", b"An estimate: this model's provider did not count."),
    ]
    await client.start(200, head)
    await client.finish(body)
