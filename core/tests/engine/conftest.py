"""Puts this folder on the path, for `engine_pair`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
