"""Puts core, the suite's reader and this folder on the path."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "compat-tests"), str(Path(__file__).resolve().parent)]
