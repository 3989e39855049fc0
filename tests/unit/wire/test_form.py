"""A form that names a model: found and changed by bytes."""

import pytest

from trunkline.errors import InvalidRequest
from trunkline.wire.form import Form

KIND = b'multipart/form-data; boundary="edge"'


def part(head: str, body: bytes) -> bytes:
    return b"--edge\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body + b"\r\n"


FILE = part('name="file"; filename="model"', b'RIFF\x00\r\n--edgeX\r\nname="model"\r\n\r\nno\r\n--edge is not the end')
FORM = FILE + part('name="model"', b"whisper-1") + part('name="stream"', b"true") + b"--edge--\r\n"


def test_the_model_is_found_and_only_it_is_changed() -> None:
    form = Form(FORM, KIND)
    assert form.text("model") == "whisper-1"
    assert form.flag("stream") is True
    assert form.text("file") is None
    assert form.with_text("model", "other") == FORM.replace(b"whisper-1", b"other")


def test_a_part_that_is_not_there_changes_nothing() -> None:
    form = Form(part('name="x"', b"1") + b"--edge--", KIND)
    assert form.text("model") is None
    assert form.with_text("model", "other") == form.raw


def test_a_value_may_be_empty() -> None:
    assert Form(part('name="model"', b"") + b"--edge--", KIND).text("model") == ""


def test_a_form_without_a_boundary_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="boundary"):
        Form(FORM, b"multipart/form-data")


@pytest.mark.parametrize("raw", [b"", b"--edge", b"--edge\r\n", b"--edge\r\n\r\n--edge--", b"junk\r\n--edge--"])
def test_junk_holds_nothing(raw: bytes) -> None:
    assert Form(raw, KIND).text("model") is None
