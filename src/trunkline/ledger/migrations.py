"""The ledger's schema, step by step. A step that has been released is never edited: the next one changes it.

SQLite keeps the number of the last step in `PRAGMA user_version`; a migration tool would bring an ORM into a process
that has 60 MB to live in.
"""

from __future__ import annotations

import sqlite3

from trunkline.errors import StoreDown


def _sums(table: str, *names: str) -> str:
    """A table of what attempts add up to, by day (since 1970, UTC) and those names."""
    columns = ", ".join(f"{name} TEXT NOT NULL" for name in names)
    return f"""
    CREATE TABLE {table} (
        day INTEGER NOT NULL, {columns},
        attempts INTEGER NOT NULL, failed INTEGER NOT NULL, unpriced INTEGER NOT NULL,
        input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
        output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
        billed_nano INTEGER NOT NULL, value_nano INTEGER NOT NULL,
        estimated INTEGER NOT NULL,        -- attempts whose usage was estimated
        estimated_nano INTEGER NOT NULL,   -- what of `billed_nano` they are
        PRIMARY KEY (day, {", ".join(names)})
    ) WITHOUT ROWID
    """


def _fill(table: str, *names: str) -> str:
    """Adds up the rows that are there already."""
    by = ", ".join(names)
    return f"""
    INSERT INTO {table}
        SELECT started_ms / 86400000 AS day, {by}, COUNT(*), SUM(outcome <> 'ok'), SUM(NOT priced), SUM(input),
            SUM(cache_read), SUM(cache_write), SUM(output), SUM(reasoning), SUM(billed_nano), SUM(value_nano),
            SUM(estimated), SUM(billed_nano * estimated)
        FROM attempts GROUP BY day, {by}
    """  # noqa: S608 - the names are ours


STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
    CREATE TABLE attempts (
        attempt TEXT PRIMARY KEY,          -- request id and number
        request TEXT NOT NULL,             -- x-litellm-call-id
        started_ms INTEGER NOT NULL,       -- since 1970, UTC
        ended_ms INTEGER NOT NULL,
        first_token_ms INTEGER NOT NULL,   -- from the start; 0: none came
        asked TEXT NOT NULL,
        "group" TEXT NOT NULL,
        deployment TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        wire TEXT NOT NULL,
        operation TEXT NOT NULL,
        status INTEGER NOT NULL,           -- the provider's; 0: none came
        outcome TEXT NOT NULL,             -- ok, or the failure's code
        stop TEXT NOT NULL,
        key TEXT NOT NULL,
        session TEXT NOT NULL,
        user TEXT NOT NULL,
        tags TEXT NOT NULL,                -- a JSON list
        streamed INTEGER NOT NULL,
        input INTEGER NOT NULL,            -- tokens, each counted once
        cache_read INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        output INTEGER NOT NULL,
        reasoning INTEGER NOT NULL,        -- a part of output
        billed_nano INTEGER NOT NULL,      -- nano-dollars
        value_nano INTEGER NOT NULL,
        priced INTEGER NOT NULL,
        estimated INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
        "CREATE INDEX attempts_started ON attempts (started_ms)",
        """
    CREATE TABLE days (
        day TEXT NOT NULL,                 -- 2026-11-21, UTC
        key TEXT NOT NULL,
        model TEXT NOT NULL,
        provider TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        input INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        output INTEGER NOT NULL,
        billed_nano INTEGER NOT NULL,
        value_nano INTEGER NOT NULL,
        PRIMARY KEY (day, key, model, provider)
    ) WITHOUT ROWID
    """,
    ),
    (
        "ALTER TABLE attempts ADD COLUMN why TEXT NOT NULL DEFAULT ''",  # why this deployment was asked
        "ALTER TABLE attempts ADD COLUMN said TEXT NOT NULL DEFAULT ''",  # the failure's sentence
    ),
    (
        # Rows stand in the order of their time: `id` is the start in milliseconds and 21 bits that keep it unique.
        # So a period is one run of pages, pruning cuts at one end, and no index on time is needed.
        """
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY,
        attempt TEXT NOT NULL,             -- request id and number
        request TEXT NOT NULL,             -- x-litellm-call-id
        started_ms INTEGER NOT NULL,       -- since 1970, UTC
        ended_ms INTEGER NOT NULL,
        first_token_ms INTEGER NOT NULL,   -- from the start; 0: none came
        asked TEXT NOT NULL,
        "group" TEXT NOT NULL,
        deployment TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        wire TEXT NOT NULL,
        operation TEXT NOT NULL,
        status INTEGER NOT NULL,           -- the provider's; 0: none came
        outcome TEXT NOT NULL,             -- ok, or the failure's code
        stop TEXT NOT NULL,
        key TEXT NOT NULL,
        session TEXT NOT NULL,
        user TEXT NOT NULL,
        tags TEXT NOT NULL,                -- a JSON list
        streamed INTEGER NOT NULL,
        input INTEGER NOT NULL,            -- tokens, each counted once
        cache_read INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        output INTEGER NOT NULL,
        reasoning INTEGER NOT NULL,        -- a part of output
        billed_nano INTEGER NOT NULL,      -- nano-dollars
        value_nano INTEGER NOT NULL,
        priced INTEGER NOT NULL,
        estimated INTEGER NOT NULL,
        why TEXT NOT NULL DEFAULT '',      -- why this deployment was asked
        said TEXT NOT NULL DEFAULT ''      -- the failure's sentence
    )
    """,
        "UPDATE attempts SET tags = '[]' WHERE NOT json_valid(tags)",
        """
    INSERT INTO rows
        SELECT (started_ms << 21) + ROW_NUMBER() OVER (PARTITION BY started_ms ORDER BY attempt), attempts.*
        FROM attempts
    """,
        "DROP TABLE attempts",
        "ALTER TABLE rows RENAME TO attempts",
        "CREATE UNIQUE INDEX attempts_attempt ON attempts (attempt)",
        "CREATE INDEX attempts_key ON attempts (key) WHERE key NOT IN ('', 'master')",
        "DROP TABLE days",
        _sums("days", "key", '"group"', "model", "provider"),
        _sums("day_users", "user"),
        _sums("day_sessions", "session"),
        _sums("day_tags", "tag"),
        _fill("days", "key", '"group"', "model", "provider"),
        _fill("day_users", "user"),
        _fill("day_sessions", "session"),
        """
    INSERT INTO day_tags
        SELECT day, tag, COUNT(*), SUM(outcome <> 'ok'), SUM(NOT priced), SUM(input), SUM(cache_read), SUM(cache_write),
            SUM(output), SUM(reasoning), SUM(billed_nano), SUM(value_nano), SUM(estimated),
            SUM(billed_nano * estimated)
        FROM (SELECT a.started_ms / 86400000 AS day, COALESCE(t.value, '') AS tag, a.*
              FROM attempts a LEFT JOIN json_each(a.tags) t
              WHERE NOT EXISTS (SELECT 1 FROM json_each(a.tags) b WHERE b.value = t.value AND b.key < t.key))
        GROUP BY day, tag
    """,
        # `kept_from`: the first day (since 1970) whose rows are all here; those of earlier days were pruned.
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        """
    CREATE TABLE balances (
        balance BLOB PRIMARY KEY,          -- what is capped|period|start of it: key:0123456789abcdef|24h|1795737600
        settled_nano INTEGER NOT NULL,     -- Σ of the rows that were charged to it
        changed_ms INTEGER NOT NULL        -- when the latest of them ended
    ) WITHOUT ROWID
    """,
    ),
    (
        """
    CREATE TABLE roster (                  -- who may ask
        kind TEXT NOT NULL,                -- key, user, team, end
        name TEXT NOT NULL,                -- of a key: HMAC(secret, sha256(key)), never the key
        alias TEXT NOT NULL,
        user TEXT NOT NULL,                -- whose a key is
        team TEXT NOT NULL,
        revision INTEGER NOT NULL,         -- grows with every change of the roster
        deleted INTEGER NOT NULL,
        record TEXT NOT NULL,              -- JSON
        PRIMARY KEY (kind, name)
    ) WITHOUT ROWID
    """,
        "CREATE INDEX roster_revision ON roster (revision)",
        "CREATE INDEX roster_alias ON roster (kind, alias)",
        "CREATE INDEX roster_user ON roster (user, kind)",
        "CREATE INDEX roster_team ON roster (team, kind)",
        "CREATE TABLE roster_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """
    CREATE TABLE audit (                   -- who changed what of the roster, and when
        at_ms INTEGER NOT NULL,            -- since 1970, UTC
        who TEXT NOT NULL,                 -- master, or the command line's user
        action TEXT NOT NULL,              -- key/generate, team/update, ...
        kind TEXT NOT NULL,
        name TEXT NOT NULL,                -- of a key: its id
        changes TEXT NOT NULL              -- JSON: what was set
    )
    """,
        "CREATE INDEX audit_of ON audit (kind, name, at_ms)",
    ),
    (
        # The balances that the row was charged to (`charges.py`); empty: it counted on no budget.
        "ALTER TABLE attempts ADD COLUMN charged BLOB NOT NULL DEFAULT x''",
        # What of `settled_nano` no row here tells: of before the budget was there, or of rows that were pruned.
        "ALTER TABLE balances ADD COLUMN carried_nano INTEGER NOT NULL DEFAULT 0",
        "UPDATE balances SET carried_nano = settled_nano",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a ledger up to this version. Safe when several processes do it at once. Raises `StoreDown`."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(STEPS):
            raise StoreDown(
                f"The ledger was written by a newer Trunkline (its version is {version}, this one knows {len(STEPS)}).",
                remedy="Run the newer one, or set TRUNKLINE_HOME to another folder.",
            )
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
