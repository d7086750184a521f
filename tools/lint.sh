#!/usr/bin/env bash
# Layout, lint, types, import direction, and generated files that differ from their tables.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
status=0
check() { # check NAME COMMAND...
  local name=$1
  shift
  if output=$("$@" 2>&1); then
    printf '  ok    %s\n' "$name"
  else
    printf '  FAIL  %s\n%s\n' "$name" "$output"
    status=1
  fi
}
check "generated files" python tools/generate.py --check
check "generated C API" python tools/capi_stubs.py --check
check "COMPAT.md" python tools/compat_page.py --check
check "import direction" python tools/layers.py
check "ruff lint" ruff check core tools compat-tests demo bench bindings/python
check "ruff layout" ruff format --check core tools compat-tests demo bench bindings/python
check "mypy" mypy -p keelback_core
mapfile -t native < <(git ls-files 'core/kernel/*.cpp' 'core/kernel/*.hpp' 'bindings/*.cpp' 'bindings/*.hpp' 'bindings/c/*.c')
[ ${#native[@]} -eq 0 ] || check "clang-format" clang-format --dry-run -Werror "${native[@]}"
if command -v gofmt >/dev/null; then
  check "gofmt" bash -c 'test -z "$(gofmt -l bindings/go | tee /dev/stderr)"'
fi
exit $status
