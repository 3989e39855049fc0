"""Where `trunkline keys`, `users` and `teams` ask: the roster in this machine's files, or a gateway's pages. One
protocol, two ways."""

from __future__ import annotations

import getpass
import hmac
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlencode

from trunkline.cli.ask import NoAnswer, ask, bearer
from trunkline.cli.gateway import named
from trunkline.config.home import home_of
from trunkline.errors import CallerFailure, ConfigInvalid, StoreDown
from trunkline.roster import hashes
from trunkline.roster.counter import ACTS
from trunkline.roster.office import Office, Rules, rules
from trunkline.roster.records import ID, Kind
from trunkline.roster.store import Store


class KeyDesk(Protocol):
    """`ask` is given the path and the body of a page, and gives its answer; raises the `Failure` that it answers."""

    def ask(self, path: str, body: Mapping[str, Any]) -> Any: ...
    def named(self, key: str) -> str: ...
    def history(self, name: str, kind: Kind = "key") -> list[dict[str, Any]] | None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def desk_at(url: str | None, master: str | None, environ: Mapping[str, str], config: Path | None) -> KeyDesk:
    """The gateway that was named, else this machine's files. Raises `ConfigInvalid`."""
    gateway = named(url, master, environ) if url else None
    return Remote(gateway.url, gateway.key) if gateway is not None else Local(environ, config)


class Local:
    """The files in `TRUNKLINE_HOME`. `config`: whose rules for new keys hold."""

    def __init__(self, environ: Mapping[str, str], config: Path | None = None) -> None:
        import time

        self._home = home_of(environ)
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = hashes.secret(self._home, environ)
        master, bounds = environ.get("LITELLM_MASTER_KEY", "").strip(), Rules()
        if config is not None:
            from trunkline.config.load import load

            snapshot = load(config, dict(environ))
            bounds = rules(snapshot.key_defaults, snapshot.key_bounds, snapshot.allowances.zone)
            master = snapshot.master_key.value if snapshot.master_key is not None else master

        def taken(key: str) -> bool:
            return bool(master) and hmac.compare_digest(key.encode(), master.encode())

        self.who = f"cli {_user()}"
        self.office = Office(Store(self._home, secret), secret, time.time, self._advance, bounds, taken)

    def _advance(self) -> None:
        """Tells a gateway that runs on these files."""
        from trunkline.state.store import State

        state = State.open(self._home)
        try:
            state.advance()
        finally:
            state.close()

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """Does what the page would do."""
        return ACTS[path][1](self.office, body, self.who)

    def named(self, key: str) -> str:
        """The key's hash, of whatever it was named by."""
        if self.office.found(key) is not None:
            return key
        rows = self.office.store.where("key", {"alias": key})
        return rows[0].name if len(rows) == 1 else key

    def history(self, name: str, kind: Kind = "key") -> list[dict[str, Any]] | None:
        """Who changed it."""
        return self.office.store.history(kind, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.office.store.close()


class Remote:
    """A gateway's pages, asked with its master key."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """Asks the page. Raises `CallerFailure` with what it answers."""
        method, _ = ACTS[path]
        query = f"?{urlencode(body)}" if method == "GET" and body else ""
        try:
            answer = ask(
                f"{self._url}{path}{query}",
                headers=bearer(self._key),
                body=body if method == "POST" else None,
                timeout=30.0,
            )
        except NoAnswer as silent:
            raise StoreDown(f"{self._url} does not answer: {silent}.", remedy="Try `trunkline doctor`.") from None
        if answer.status == 200 and answer.json is not None:
            return answer.json
        error = answer.json.get("error") if isinstance(answer.json, dict) else None
        message = str(error.get("message")) if isinstance(error, dict) else f"It answered {answer.status}."
        remedy = answer.headers.get("x-trunkline-hint", "")
        if remedy and remedy in message:
            remedy = ""
        if answer.status == 401:
            raise ConfigInvalid(message, remedy=remedy or "Give its master key with --master-key.")
        raise CallerFailure(message, remedy=remedy, status=answer.status)

    def named(self, key: str) -> str:
        """The key's hash where it was named by its alias; else as it is."""
        if key.startswith("sk-") or hashes.HASH.fullmatch(key) or len(key) == ID:
            return key
        found = self.ask("/key/list", {"key_alias": key})["keys"]
        return str(found[0]) if len(found) == 1 else key

    def history(self, name: str, kind: Kind = "key") -> list[dict[str, Any]] | None:
        """A gateway does not tell it."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
