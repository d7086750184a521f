"""Puts this folder on the path, and that of the engine for `engine_pair`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "engine"))
