#!/usr/bin/env bash
# Run one example: examples/run.sh CLASS [ARGUMENT...]
set -euo pipefail
build=$(cd "$(dirname "$0")/../../.." && pwd)/build/java
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
  -cp "$build/keelback-jdbc-0.1.0.jar:$build/examples" "$@"
