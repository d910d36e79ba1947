"""PostgreSQL's own pgbench: single-row commits into a copy of the ledger's events. Knows neither seals nor conversations."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

CLIENTS = (12, 24, 40)
"""Tried for a moment each; measured with the number that gives it its best."""
_PLACE = "conversation_id, site, position, kind, kind_version, actor, channel, audience, disclose, at, key"
_SEALED = "key_salt, header, digests, body, seal"
_INSERT = (
    f"INSERT INTO bench_event ({_PLACE}, {_SEALED}) VALUES (:conversation, 1, :position, 'message.said', 1, 'customer:41', 'widget', "
    "'everyone', 'yes', :at, :key::text, :salt::text::bytea, :header::text::bytea, :digests::text, :body::text, :seal::text::bytea);"
)
_SCRIPT = rf"""\set conversation random(1, 4000000000000000000)
\set position random(1, 1000000)
\set at random(1, 1000000000000000)
\set key random(1, 4000000000000000000)
{_INSERT}
"""


class Pgbench:
    """`octets`: of key_salt, header, digests, body and seal."""

    def __init__(self, database: str, folder: Path, octets: Sequence[int]) -> None:
        import psycopg

        with psycopg.connect(database, autocommit=True) as connection:
            # The same columns and indexes; what the ledger has besides (foreign key, triggers) only makes it slower.
            connection.execute("CREATE TABLE bench_event (LIKE chat_event INCLUDING ALL)")
        self._database = database
        self._script = folder / "insert.sql"
        self._script.write_text(_SCRIPT)
        names = ("salt", "header", "digests", "body", "seal")
        self._values = [f"--define={name}={'x' * size}" for name, size in zip(names, octets, strict=True)]
        rates = {clients: self._run(clients, 1) for clients in CLIENTS}
        self.clients = max(rates, key=lambda clients: rates[clients])

    def rate(self, seconds: float) -> float:
        """Transactions a second."""
        return self._run(self.clients, max(1, round(seconds)))

    def _run(self, clients: int, seconds: int) -> float:
        program = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[4]))[-1]
        asked = [str(program), "-n", "-M", "prepared", "-f", str(self._script), "-c", str(clients), "-j", "2", "-T", str(seconds)]
        done = subprocess.run([*asked, *self._values, self._database], capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr[-500:]}")
        line = next(line for line in done.stdout.splitlines() if line.startswith("tps ="))
        return float(line.split()[2])
