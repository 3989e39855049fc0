"""TLS on both sides: the gateway's own, and a provider whose certificate must be trusted."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme

from tests.fake import FakeProvider
from tests.harness import Gateway, config_for, provider_environment


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def ask(url: str, trust: ssl.SSLContext | None = None) -> tuple[int, Any]:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 50, "messages": [{"role": "user", "content": "SAY=ok"}]}
    headers = {"content-type": "application/json", "x-api-key": "sk-test-master-1234"}
    request = urllib.request.Request(f"{url}/v1/messages", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, context=trust, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_gateway_speaks_tls_with_litellms_flags(authority: trustme.CA, tmp_path: Path) -> None:
    own = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    own.cert_chain_pems[0].write_to_path(str(certificate))
    own.private_key_pem.write_to_path(str(key))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    flags = ["--ssl_certfile_path", str(certificate), "--ssl_keyfile_path", str(key)]
    with FakeProvider() as fake:
        env = provider_environment(fake.url, "sk-fake-good")
        with Gateway(config_for(fake.url), args=flags, env=env) as gateway:
            assert urlsplit(gateway.url).scheme == "https"
            assert ask(gateway.url, trust)[0] == 200


def provided(fake: FakeProvider, extra: dict[str, str]) -> tuple[int, Any]:
    env = {**provider_environment(fake.url, "sk-fake-good"), **extra}
    with Gateway(config_for(fake.url), env=env) as gateway:
        return ask(gateway.url)


def test_a_provider_is_asked_by_tls_when_its_certificate_is_trusted(
    authority: trustme.CA, authority_file: Path
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FakeProvider(tls=context) as fake:
        status, body = provided(fake, {"SSL_CERT_FILE": str(authority_file)})
    assert status == 200, body


def test_a_certificate_that_nobody_vouches_for_is_a_clear_error(authority: trustme.CA) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FakeProvider(tls=context) as fake:
        status, body = provided(fake, {})
        assert not fake.talks
    assert status == 502
    assert "certificate" in body["error"]["message"]
    assert "SSL_CERT_FILE" in body["error"]["message"]
