"""A clock that wakes an epoll at a given moment, to the microsecond: epoll's own timeout counts whole milliseconds. Linux only."""

from __future__ import annotations

import ctypes
import os

_CLOCK_MONOTONIC, _NONBLOCK, _ABSOLUTE = 1, 0o4000, 1
_libc = ctypes.CDLL(None, use_errno=True)


class _Moment(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Moment), ("value", _Moment))


class Alarm:
    """timerfd_create(2). Register `fd` for reading."""

    def __init__(self) -> None:
        self.fd = _libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create failed")

    def at(self, moment: float) -> None:
        """Ring once when `time.perf_counter()` (CLOCK_MONOTONIC on Linux) says so."""
        nanoseconds = max(1, int(moment * 1e9))
        setting = _Setting(_Moment(0, 0), _Moment(*divmod(nanoseconds, 1_000_000_000)))
        if _libc.timerfd_settime(self.fd, _ABSOLUTE, ctypes.byref(setting), None):
            raise OSError(ctypes.get_errno(), "timerfd_settime failed")

    def heard(self) -> None:
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            return

    def close(self) -> None:
        os.close(self.fd)
