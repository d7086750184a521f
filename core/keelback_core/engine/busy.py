"""BusyTimeout: waiting for a lock as sqlite3_busy_timeout does, in growing steps up to a total.

Must not know: what is waited for.
"""

from __future__ import annotations

import time

STEPS = (1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100)
TOTALS = (0, 1, 3, 8, 18, 33, 53, 78, 103, 128, 178, 228)


class BusyTimeout:
    """Gives up when the waits of one lock have come to `milliseconds`."""

    __slots__ = ("milliseconds",)

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def wait(self, count: int) -> bool:
        """Sleep for the wait number `count`; False when the time is used up."""
        last = len(STEPS) - 1
        if count <= last:
            delay, before = STEPS[count], TOTALS[count]
        else:
            delay, before = STEPS[last], TOTALS[last] + STEPS[last] * (count - last)
        if before + delay > self.milliseconds:
            delay = self.milliseconds - before
            if delay <= 0:
                return False
        time.sleep(delay / 1000)
        return True
