#!/usr/bin/env bash
# Build the JDBC driver (target/, copied to build/java), its native half, the conformance driver and the examples.
# Each step is skipped where nothing it reads is newer than what it wrote.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
out=$root/build/java
mkdir -p "$out"
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

is_stale() { # is_stale RESULT SOURCE...
  local result=$1
  shift
  [ ! -e "$result" ] || [ -n "$(find "$@" -newer "$result" -print -quit)" ]
}

quietly() { # quietly COMMAND...: show what it prints only if it fails
  "$@" > "$out/maven.log" 2>&1 || {
    cat "$out/maven.log" >&2
    return 1
  }
}

native=$out/libkeelback_jni.so
if is_stale "$native" native build.sh ../c/include; then
  g++ -std=c++20 -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror \
    -I"$java_home/include" -I"$java_home/include/linux" -I../c/include native/*.cpp -o "$native" \
    -L"$root/build" -lkeelback -Wl,-rpath,'$ORIGIN/..' -static-libstdc++ -static-libgcc
fi

jar=$out/keelback-jdbc-0.1.0.jar
if is_stale "$jar" src pom.xml; then
  quietly mvn -q -B package -DskipTests
  # surefire fetches its JUnit provider only when a test runs: run one, so that all of them can run offline later
  quietly mvn -q -B surefire:test -Dtest='ConnectionTest#theServiceLoaderFindsTheDriver'
  cp target/keelback-jdbc-0.1.0.jar "$jar"
fi

compile() { # compile SOURCES CLASSES
  if is_stale "$2/.built" "$1" "$jar"; then
    rm -rf "$2"
    mkdir -p "$2"
    javac --release 17 -Xlint:all -Werror -cp "$jar" -d "$2" $(find "$1" -name '*.java')
    touch "$2/.built"
  fi
}
compile driver "$out/driver"
compile examples "$out/examples"
