"""Seeds of random tests, for the whole repository.

A random test takes its seed from the global generator (`seed = random.randrange(1 << 30)`) and prints it. Here that
generator is set before each test: to the same value in every ordinary run, so that a run says something about the
change and not about luck; to a new one in `make test-long`, which looks for what nobody has met yet; and to
KEELBACK_SEED where that is set, which repeats a whole run.
"""

from __future__ import annotations

import os
import random
import sys
import zlib

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from tools.engine_name import compiler_form, engine_name

FIXED_SEED = 20261122


def _load_sources() -> None:
    """What runs inside of pytest runs on the compiler's sources, whose parts tests replace, unless a form was chosen;
    programs that tests start choose as those of a user do."""
    if os.environ.get("KEELBACK_COMPILER"):
        return
    os.environ["KEELBACK_COMPILER"] = "python"
    try:
        import keelback_core  # noqa: F401
    except ImportError:
        pass
    del os.environ["KEELBACK_COMPILER"]


_load_sources()


def session_seed() -> int:
    if "KEELBACK_SEED" in os.environ:
        return int(os.environ["KEELBACK_SEED"])
    if os.environ.get("KEELBACK_LONG"):
        # xdist's workers inherit it from the session that starts them.
        seed = random.SystemRandom().randrange(1 << 30)
        os.environ["KEELBACK_SEED"] = str(seed)
        return seed
    return FIXED_SEED


SESSION_SEED = session_seed()


def pytest_report_header() -> list[str]:
    return [
        f"seed of random tests: {SESSION_SEED} (KEELBACK_SEED={SESSION_SEED} repeats this run)",
        f"engine of the library: {engine_name()}; compiler: {compiler_form()}",
    ]


@pytest.fixture(autouse=True)
def _seeded_generator(request: pytest.FixtureRequest) -> None:
    random.seed(SESSION_SEED + zlib.crc32(request.node.nodeid.encode()))
