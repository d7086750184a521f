#!/usr/bin/env bash
# Build the Node addon into build/javascript of the repository; headers come from the npm package node-api-headers.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
if [ ! -d node_modules/node-api-headers ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --silent --no-audit --no-fund
fi
out=$root/build/javascript
mkdir -p "$out"
if [ ! -f "$out/keelback.node" ] || [ -n "$(find native build.sh -newer "$out/keelback.node")" ]; then
  g++ -std=c++20 -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror -DNAPI_VERSION=8 \
    -Inode_modules/node-api-headers/include -I../c/include native/*.cpp -o "$out/keelback.node" \
    -L"$root/build" -lkeelback -Wl,-rpath,'$ORIGIN/..' -static-libstdc++
fi
