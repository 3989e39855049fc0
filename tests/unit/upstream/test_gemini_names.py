"""The model's name in Gemini's bodies is the provider's, and every other byte the client's."""

import pytest

from trunkline.errors import InvalidRequest
from trunkline.upstream.gemini_names import named
from trunkline.wire.body import Body


def renamed(raw: bytes) -> bytes:
    body = Body(raw)
    put: dict[str, bytes] = {}
    named(body, "real", put)
    return body.spliced(put)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b'{"contents": []}', b'{"contents": []}'),
        (b'{"model":"models/x", "content": {}}', b'{"model":"models/real", "content": {}}'),
        (b'{"requests":[{"model":"models/x","a" : 1},{"b":2}]}', b'{"requests":[{"model":"models/real","a" : 1},{"b":2,"model":"models/real"}]}'),
        (b'{"generateContentRequest":{"contents" :[]}}', b'{"generateContentRequest":{"contents" :[],"model":"models/real"}}'),
        (b'{"generate_content_request":{"model":"x"}}', b'{"generate_content_request":{"model":"models/real"}}'),
        (b'{"requests":[1,null]}', b'{"requests":[1,null]}'),
    ],
)  # fmt: skip
def test_the_name_is_put_wherever_it_stands(sent: bytes, told: bytes) -> None:
    assert renamed(sent) == told


def test_requests_that_are_no_list_are_refused() -> None:
    with pytest.raises(InvalidRequest):
        renamed(b'{"requests":{}}')
