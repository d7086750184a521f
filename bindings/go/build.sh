#!/usr/bin/env bash
# Build the Go binding's driver and examples into build/go.
set -euo pipefail
cd "$(dirname "$0")"
out=../../build/go
mkdir -p "$out/examples"
go vet ./...
go build -o "$out/driver" ./driver
for example in examples/*/; do
  go build -o "$out/${example%/}" "./$example"
done
