#!/usr/bin/env bash
# Run every test of the repository with pytest, on all cores; the last line is pytest's own summary.
# KEELBACK_LONG=1 includes the slow tests.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "engine: $(.venv/bin/python tools/engine_name.py)   compiler: $(.venv/bin/python tools/engine_name.py --compiler)   python: $(.venv/bin/python --version)   oracle: SQLite $(.venv/bin/python -c 'import apsw; print(apsw.sqlite_lib_version())')"
exec .venv/bin/python -m pytest -n "${KEELBACK_JOBS:-2}" --dist=loadfile "$@"
