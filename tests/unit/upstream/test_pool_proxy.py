"""Proxies from the environment: which one is asked, for what, and how its refusals are told."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from tests.unit.upstream.pool_peer import OK, Line, Peer, Run, always, post, whole
from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool import Pool
from trunkline.upstream.pool_proxy import ProxyVariables


@pytest.mark.parametrize(
    ("scheme", "host", "port", "expected"),
    [
        ("http", "provider.test", 80, "http://plain:1"),
        ("https", "provider.test", 443, "http://secure:2"),
        ("http", "localhost", 11434, None),
        ("http", "127.0.0.9", 11434, None),
        ("http", "::1", 11434, None),
        ("https", "inner.test", 443, None),
        ("https", "api.inner.test.", 443, None),
        ("https", "notinner.test", 443, "http://secure:2"),
        ("http", "10.1.2.3", 80, None),
        ("http", "11.1.2.3", 80, "http://plain:1"),
        ("http", "gpu.test", 8000, None),
        ("http", "gpu.test", 8001, "http://plain:1"),
        ("http", "fd00::5", 80, None),
    ],
)
def test_the_variables_choose_a_proxy(scheme: str, host: str, port: int, expected: str | None) -> None:
    variables = ProxyVariables(
        {
            "HTTP_PROXY": "http://plain:1",
            "HTTPS_PROXY": "wrong:9",
            "https_proxy": "secure:2/",
            "NO_PROXY": "inner.test, 10.0.0.0/8,gpu.test:8000,fd00::5",
        }
    )
    proxy = variables.find(scheme, host, port)
    assert (proxy and proxy.url) == expected


def test_all_proxy_stands_in_and_a_star_exempts_all() -> None:
    proxy = ProxyVariables({"ALL_PROXY": "http://me:a%40b@any:3"}).find("https", "provider.test", 443)
    assert proxy is not None
    assert (proxy.url, proxy.authorization) == ("http://any:3", "Basic bWU6YUBi")
    assert "bWU6" not in repr(proxy)
    assert ProxyVariables({"ALL_PROXY": "http://any:3", "NO_PROXY": "*"}).find("https", "provider.test", 443) is None


def test_a_proxy_of_another_kind_is_refused_with_its_variable_named() -> None:
    with pytest.raises(ProviderUnreachable, match="ALL_PROXY"):
        ProxyVariables({"ALL_PROXY": "socks5://me:sk-test-1@h:1"}).find("https", "provider.test", 443)


def test_plain_http_goes_to_the_proxy_with_the_whole_address(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(OK)) as proxy:
            pool = Pool(variables={"http_proxy": f"http://me:pw@127.0.0.1:{proxy.port}"})
            for _ in range(2):
                assert await whole(await pool.send(post("http://provider.test/v1?a=1"))) == b"ok"
            head = proxy.requests[1][0]
            assert head.startswith("POST http://provider.test/v1?a=1 HTTP/1.1\r\nHost: provider.test\r\n")
            assert "Proxy-Authorization: Basic bWU6cHc=\r\n" in head
            assert len(proxy.lines) == 1
            await pool.close()

    run(work())


async def tunnel(line: Line, port: int) -> None:
    """What a proxy does for CONNECT: open the other side and copy both ways."""
    await line.request()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await line.say(b"HTTP/1.1 200 Connected\r\n\r\n")

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()

    try:
        await asyncio.gather(copy(line.reader, writer), copy(reader, line.writer))
    finally:
        writer.close()


def test_tls_goes_through_the_proxy_and_stays_end_to_end(
    run: Run,
    served: ssl.SSLContext,
    trusted: ssl.SSLContext,
) -> None:
    async def work() -> None:
        async with Peer(always(OK), served) as peer, Peer(lambda line: tunnel(line, peer.port)) as proxy:
            pool = Pool(variables={"HTTPS_PROXY": f"http://me:pw@127.0.0.1:{proxy.port}"}, trust=trusted)
            for _ in range(3):
                answer = await pool.send(post("https://provider.test/v1", b"hi", ("x-api-key", "sk-test-1")))
                assert await whole(answer) == b"ok"
            assert proxy.requests[0][0].startswith("CONNECT provider.test:443 HTTP/1.1\r\n")
            assert "Proxy-Authorization: Basic bWU6cHc=\r\n" in proxy.requests[0][0]
            assert "sk-test-1" not in proxy.requests[0][0]
            assert "roxy" not in peer.requests[0][0]
            assert (len(proxy.lines), len(peer.lines)) == (1, 1)
            await pool.close()

    run(work())


def test_a_proxy_that_refuses_is_named_without_its_password(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")) as proxy:
            pool = Pool(variables={"HTTPS_PROXY": f"http://me:sk-test-1@127.0.0.1:{proxy.port}"})
            with pytest.raises(ProviderUnreachable, match=r"\(HTTPS_PROXY\) answered 407") as caught:
                await pool.send(post("https://provider.test/v1"))
            assert "sk-test-1" not in caught.value.sentence
            await pool.close()

    run(work())


def test_a_proxy_that_is_not_there_is_told_from_a_provider_that_is_not(run: Run) -> None:
    async def work() -> None:
        pool = Pool(variables={"HTTPS_PROXY": "http://127.0.0.1:1"})
        with pytest.raises(ProviderUnreachable, match=r"proxy 127\.0\.0\.1:1 \(HTTPS_PROXY\) .* refused") as caught:
            await pool.send(post("https://provider.test/v1"))
        assert "NO_PROXY" in caught.value.remedy
        await pool.close()

    run(work())
