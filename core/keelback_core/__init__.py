"""Keelback's core: the SQL compiler and the reference engine, standard library only.

Rooms, from the bottom up: `value`, `program`, `compiler`, `reference`, `engine`. See ARCHITECTURE.md.

KEELBACK_COMPILER=mypyc takes the rooms up to the compiler from what tools/mypyc_build.py has made of them last; what
cannot be had is an error. The default is `python`, the sources themselves.
"""

import os
import sys

COMPILER = os.environ.get("KEELBACK_COMPILER") or "python"
if COMPILER == "mypyc":
    _builds = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "mypyc")
    try:
        with open(os.path.join(_builds, "current"), encoding="utf-8") as _file:
            _build = os.path.join(_builds, _file.read())
    except OSError as _error:
        raise ImportError("KEELBACK_COMPILER=mypyc: run tools/mypyc_build.py first") from _error
    # The libraries of the groups are modules beside the package.
    sys.path.append(_build)
    __path__.insert(0, os.path.join(_build, "keelback_core"))
elif COMPILER != "python":
    raise ImportError(f"KEELBACK_COMPILER is {COMPILER}, not python or mypyc")
