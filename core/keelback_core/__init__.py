"""Keelback's core: the SQL compiler and the reference engine, standard library only.

Rooms, from the bottom up: `value`, `program`, `compiler`, `reference`, `engine`. See ARCHITECTURE.md.

The rooms up to the compiler exist in two forms: these sources, and what tools/mypyc_build.py has made of them, in
build/mypyc. KEELBACK_COMPILER=python|mypyc chooses one, and what cannot be had is an error. Without it the compiled one
is taken where it is fresh: made by this version of Python of just these sources, which their sizes and times tell.
"""

import os
import sys

COMPILER = os.environ.get("KEELBACK_COMPILER", "")
"""The form that was chosen; then the one that is used."""


def _compiled_folder() -> str | None:
    """The folder of the compiled form, None if there is none or it is not that of these sources."""
    package = os.path.dirname(os.path.abspath(__file__))
    builds = os.path.join(package, "..", "..", "build", "mypyc")
    try:
        # The key of the build, the version of Python; then size, time and path of every source.
        with open(os.path.join(builds, "current"), encoding="utf-8") as file:
            lines = file.read().split("\n")
        if lines[1] != sys.version:
            return None
        for line in lines[2:]:
            size, time, path = line.split(" ", 2)
            found = os.stat(os.path.join(package, path))
            if found.st_size != int(size) or found.st_mtime_ns != int(time):
                return None
    except (OSError, ValueError, IndexError):
        return None
    return os.path.join(builds, lines[0])


if COMPILER in ("", "mypyc"):
    _build = _compiled_folder()
    if _build is not None:
        COMPILER = "mypyc"
        # The libraries of the groups are modules beside the package.
        sys.path.append(_build)
        __path__.insert(0, os.path.join(_build, "keelback_core"))
    elif COMPILER == "mypyc":
        raise ImportError("KEELBACK_COMPILER=mypyc: there is no build of these sources, run tools/mypyc_build.py")
    else:
        COMPILER = "python"
elif COMPILER != "python":
    raise ImportError(f"KEELBACK_COMPILER is {COMPILER}, not python or mypyc")
