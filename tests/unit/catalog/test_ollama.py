"""Where Ollama is, in the words that people write for it."""

from __future__ import annotations

import pytest

from trunkline.catalog.ollama import elsewhere, ollama_base


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:9999", "http://127.0.0.1:9999"),
        ("box", "http://box:11434"),
        ("box:8080", "http://box:8080"),
        ("http://box:11434/", "http://box:11434"),
        ("https://box/v1", "https://box"),
    ],
)
def test_an_address_may_lack_the_scheme_and_may_be_one_to_listen_on(written: str, base: str) -> None:
    assert ollama_base(written) == base


def test_in_the_image_it_may_be_a_service_beside_or_the_machine_outside() -> None:
    assert elsewhere("", in_image=True) == ("http://ollama:11434", "http://host.docker.internal:11434")


def test_an_address_to_listen_on_says_only_the_port() -> None:
    assert elsewhere("0.0.0.0:9999", in_image=True) == ("http://ollama:9999", "http://host.docker.internal:9999")


@pytest.mark.parametrize("said", ["box", "http://127.0.0.1:11434", "no address at all:x"])
def test_who_says_where_it_is_is_believed(said: str) -> None:
    assert elsewhere(said, in_image=True) == ()


def test_outside_the_image_only_this_machine_is_asked() -> None:
    assert elsewhere("", in_image=False) == ()
