"""The kernel and the C API under ASan with UBSan, and under TSan: builds of their own, then the tests that drive them.

1. A report of a sanitizer ends the program that made it, so it fails the test that ran it.
2. The twin tests load the libraries into Python, which needs the sanitizer's runtime before everything else; what
   CPython itself leaks is not ours, so leaks are looked for in programs of C only, without CPython's allocations.

Part of make test-long: two builds and a run of the suite take some minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = {"address,undefined": ROOT / "build" / "asan", "thread": ROOT / "build" / "tsan"}
SUPPRESSIONS = Path(__file__).parent / "leaks.txt"
RACES = Path(__file__).parent / "races.txt"

pytestmark = [
    pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long"),
    pytest.mark.timeout(3600),  # whole builds of their own
]


def build(sanitizers: str) -> Path:
    """Configure and build the library, its twins and the C programs; the folder."""
    folder = FOLDERS[sanitizers]
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "cmake"
    configured = subprocess.run(
        [
            *(cmake, "-S", str(ROOT), "-B", str(folder), "-G", "Ninja", f"-DKEELBACK_SANITIZE={sanitizers}"),
            *("-DCMAKE_BUILD_TYPE=RelWithDebInfo", f"-DPython_EXECUTABLE={sys.executable}"),
        ],
        capture_output=True,
        text=True,
    )
    assert configured.returncode == 0, configured.stderr[-3000:]
    built = subprocess.run([cmake, "--build", str(folder), "-j", "2"], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout[-3000:]
    return folder


def runtime(name: str) -> str:
    """The path of a sanitizer's runtime library of the C++ compiler."""
    return subprocess.check_output(["g++", f"-print-file-name={name}"], text=True).strip()


def run(command: list[str], folder: Path = ROOT, **environment: str) -> None:
    """Run a program; it must end well."""
    child = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=3000
    )
    assert child.returncode == 0, f"{command}\n{child.stdout[-6000:]}\n{child.stderr[-6000:]}"


def run_suite(build_folder: Path, part: str, **environment: str) -> None:
    """The conformance suite, or a part of it, through the C driver of a build."""
    command = [sys.executable, "-m", "runner", "run", "--driver", "c", part]
    run(command, ROOT / "compat-tests", KEELBACK_BUILD=str(build_folder), **environment)


@pytest.fixture(scope="module")
def address() -> Path:
    return build("address,undefined")


@pytest.fixture(scope="module")
def thread() -> Path:
    return build("thread")


def python_tests(build_folder: Path, *paths: str) -> None:
    """Tests in a Python that carries ASan's runtime, on the libraries of that build."""
    run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *paths],
        LD_PRELOAD=f"{runtime('libasan.so')} {runtime('libubsan.so')}",
        ASAN_OPTIONS="detect_leaks=0",
        KEELBACK_BUILD=str(build_folder),
        KEELBACK_TWIN_LIBRARY=str(build_folder / "libkeelback_twin.so"),
        KEELBACK_VM_TWIN=str(build_folder / "libkeelback_vm_twin.so"),
        KEELBACK_LONG="",
    )


def test_the_twins_of_the_kernel_give_no_report(address: Path) -> None:
    python_tests(address, "core/tests/twin")


def test_the_suite_in_c_gives_no_report(address: Path) -> None:
    run_suite(address, "suite", ASAN_OPTIONS="detect_leaks=0")


def test_programs_in_c_leak_nothing(address: Path) -> None:
    for program in ("test/plain", "test/threads", "examples/quickstart", "examples/types", "examples/errors"):
        run([str(address / "c" / program)], LSAN_OPTIONS=f"suppressions={SUPPRESSIONS}")


def race_settings() -> dict[str, str]:
    """What mypyc has compiled is not built with TSan either: the sources of the compiler are run."""
    return {"TSAN_OPTIONS": f"suppressions={RACES}", "KEELBACK_COMPILER": "python"}


def test_eight_threads_race_nowhere(thread: Path) -> None:
    run([str(thread / "c" / "test/threads")], **race_settings())


def test_the_concurrent_part_of_the_suite_races_nowhere(thread: Path) -> None:
    run_suite(thread, "suite/transaction", **race_settings())


def test_the_c_api_gives_no_report(address: Path) -> None:
    python_tests(address, "core/tests/capi", "--deselect", "core/tests/capi/test_symbols.py")
