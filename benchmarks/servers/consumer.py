"""An echo over the product's own wire: outbox, limits, tasks, and each frame decoded and encoded. Stores nothing and watches nothing."""

from __future__ import annotations

from chat.live import frames
from chat.live.wire import Wire


class Repeating(Wire):
    async def reading(self) -> None:
        self.put("welcome")
        while True:
            frame = await self.next_frame()
            if isinstance(frame, frames.Do):
                self.put("do", key=frame.key, conversation=frame.conversation, action=frame.action, form=frame.form)

    async def leaving(self) -> None:
        return
