"""Lets the examples run in a checkout, without the package being installed: `import find_keelback` first."""

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("keelback") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
