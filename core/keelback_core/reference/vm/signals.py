"""What a handler returns to leave the machine's inner loop; None goes on with the next instruction."""

from __future__ import annotations

# The frame has changed: fetch the code again.
SIGNAL_FRAME = 1
# A row is ready: pause.
SIGNAL_ROW = 2
# The program has ended.
SIGNAL_DONE = 3
