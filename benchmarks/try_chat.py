"""One server under load, for a profiler: `python -m benchmarks.try_chat chat --seconds 10` prints its pid, then its rate."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Plan
from benchmarks.load.client import Load
from benchmarks.servers.running import Server, Store


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=("chat", "echo", "consumer", "storeless", "tutorial", "socketio"))
    asked.add_argument("--web", default="daphne")
    asked.add_argument("--postgres", default="", help="URL of a server; empty is SQLite")
    asked.add_argument("--redis", default="")
    asked.add_argument("--customers", type=int, default=200)
    asked.add_argument("--conversations", type=int, default=0, help="0: as many as customers")
    asked.add_argument("--flying", type=int, default=2)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=float, default=5)
    asked.add_argument("--rate", type=float, default=0, help="lines a second (open loop); 0 is closed")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="throughline-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    plan = Plan(quick=True, rounds=given.rounds, seconds=given.seconds, folder=folder, postgres=given.postgres, redis=given.redis)
    store = Store(plan, customers=given.customers, conversations=given.conversations or given.customers, postgres=bool(given.postgres))
    try:
        server = Server(plan, given.what, store=store, web=given.web, settings={"BENCH_REDIS": given.redis})
        try:
            sys.stdout.write(f"pid {server.pid} port {server.port} log {server.log}\n")
            sys.stdout.flush()
            names = {"chat": "throughline", "storeless": "throughline", "consumer": "echo"}
            load = Load(names.get(given.what, given.what), store.members, server.port)
            try:
                for _ in range(given.rounds):
                    before = server.cpu()
                    begun = time.monotonic()
                    if given.rate:
                        found = load.paced(seconds=given.seconds, rate=given.rate)
                    else:
                        found = load.closed(seconds=given.seconds, flying=given.flying)
                    found["server_cpu"] = (server.cpu() - before) / (time.monotonic() - begun)
                    sys.stdout.write(json.dumps({name: round(value, 3) for name, value in found.items()}) + "\n")
                    sys.stdout.flush()
            finally:
                load.stop()
        finally:
            sys.stdout.write(server.log.read_text(errors="replace")[-3000:])
            server.stop()
    finally:
        store.drop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
