#!/usr/bin/env bash
# Build one binding: tools/build_binding.sh python|java|javascript|go
# Each folder has its own build.sh; here only the toolchain is checked, so that a missing one is named and not fatal
# (the tests then report that language as not run, and fail where KEELBACK_REQUIRE_DRIVERS is set).
set -euo pipefail
cd "$(dirname "$0")/.."
language=$1
case $language in
  java) needed="javac mvn" ;;
  javascript) needed="node npm" ;;
  go) needed="go" ;;
  *) needed="" ;;
esac
for command in $needed; do
  if ! command -v "$command" >/dev/null; then
    echo "$language binding: not built, no $command on this machine" >&2
    exit 0
  fi
done
exec "bindings/$language/build.sh"
