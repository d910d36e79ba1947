"""The machine and the versions that figures were taken with, and what one fdatasync costs there. Names no host."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

import psycopg
import redis

from benchmarks.figures import Plan

LIBRARIES = ("Django", "daphne", "uvicorn", "channels", "channels-redis", "python-socketio", "psycopg", "aiosmtpd", "redis")


def described(plan: Plan) -> dict[str, str]:
    """What stands at the head of the page."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    found = {
        "CPU": _cpu(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{pages / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "one fdatasync of 4 KB": f"{1000 * fdatasync(plan.folder):.2f} ms",
        "Python": platform.python_version(),
        "PostgreSQL": _postgres(plan.postgres),
        "Redis": _redis(plan.redis),
        "SQLite": sqlite3.sqlite_version,
    }
    return found | {name: version for name in LIBRARIES if (version := _version(name))}


def fdatasync(folder: Path, *, times: int = 100) -> float:
    """Seconds for a write of 4 KB behind the last one and its fdatasync: the median."""
    path, taken = folder / "fdatasync", []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    path.unlink()
    return statistics.median(taken)


def _cpu() -> str:
    for row in Path("/proc/cpuinfo").read_text().splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    return platform.machine()


def _postgres(url: str) -> str:
    try:
        with closing(psycopg.connect(url)) as connection:
            number = connection.info.server_version
    except psycopg.Error:
        return ""
    return f"{number // 10000}.{number % 10000}"


def _redis(url: str) -> str:
    try:
        with closing(redis.Redis.from_url(url)) as client:
            return str(client.info("server")["redis_version"])  # type: ignore[index]  # the synchronous client answers at once
    except redis.RedisError:
        return ""


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
