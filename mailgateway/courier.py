"""Placeholder until the real one stands in a few minutes."""
import asyncio


async def run(stopping: asyncio.Event) -> None:
    await stopping.wait()
