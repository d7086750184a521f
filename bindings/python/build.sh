#!/usr/bin/env bash
# Build the Python binding's extension into src/keelback; its objects stay in build/python of the repository.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
out=$root/build/python
export PATH="$root/.venv/bin:$PATH"
mkdir -p "$out"
if [ ! -f "$out/build.ninja" ] || [ CMakeLists.txt -nt "$out/build.ninja" ]; then
  cmake -S . -B "$out" -G Ninja -DPython_EXECUTABLE="$root/.venv/bin/python" > "$out/configure.log" 2>&1 ||
    { cat "$out/configure.log"; exit 1; }
fi
cmake --build "$out" > "$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }
