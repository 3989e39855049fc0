"""The fake provider as a proxy sees the internet: asked for `http://api.openai.com/v1/…`, it answers itself.

OpenAI is asked in the Responses format at its own host only. With HTTP_PROXY pointing here the gateway may be
configured for that host, and every byte still goes over a socket of this machine.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.fake import FakeProvider
from tests.fake.http import Exchange, Request


class Vendor(FakeProvider):
    """A fake provider that takes requests for any host."""

    async def _handle(self, request: Request, exchange: Exchange) -> None:
        if request.path.startswith("http://"):
            request.path = urlsplit(request.path).path
        await super()._handle(request, exchange)
