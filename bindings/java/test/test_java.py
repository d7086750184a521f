"""The Java binding from pytest: its own JUnit tests, a JVM inside a Python process, and the examples.

All of it needs the build (`make java`). Where it is missing the tests are reported as not run, and fail where
KEELBACK_REQUIRE_DRIVERS or CI says that every language has to be there.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import apsw
import pytest

FOLDER = Path(__file__).resolve().parent.parent
REPOSITORY = FOLDER.parent.parent
BUILD = REPOSITORY / "build" / "java"
JAR = BUILD / "keelback-jdbc-0.1.0.jar"
IS_REQUIRED = os.environ.get("CI") == "true" or os.environ.get("KEELBACK_REQUIRE_DRIVERS") == "1"

EXAMPLES = {
    "Quickstart": ["1 Ada", "2 Grace"],
    "Parameters": ["a-b", "bab", "LR"],
    "Types": [
        "null",
        "Long 9223372036854775807",
        "Double 1.0",
        "String text",
        "byte[] 2 bytes",
        "out of range for int: 9223372036854775807",
    ],
    "Transaction": ["moved 60", "CHECK constraint failed: amount >= 0", "1 40", "2 60"],
    "Errors": [
        "42000 1 1",
        'at 9: near "FORM": syntax error',
        "23505 2067 19",
        "at -1: UNIQUE constraint failed: t.a",
    ],
}


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    if JAR.exists() and (BUILD / "libkeelback_jni.so").exists() and shutil.which("java"):
        return
    if IS_REQUIRED:
        pytest.fail("the Java binding is not built: make java")
    pytest.skip("the Java binding is not built: make java")


def run(command: list[str], seconds: int = 200) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=seconds)


def test_the_unit_tests_of_the_driver_pass() -> None:
    result = run(["mvn", "-o", "-q", "-B", "test"])
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    reports = list((FOLDER / "target" / "surefire-reports").glob("TEST-*.xml"))
    sources = [path.stem for path in (FOLDER / "src" / "test").rglob("*Test.java")]
    assert sorted(path.name.split(".")[-2] for path in reports) == sorted(sources), "a test class was not run"
    counts = [ElementTree.parse(path).getroot().attrib for path in reports]
    assert sum(int(count["tests"]) for count in counts) >= 60
    assert sum(int(count["skipped"]) for count in counts) == 0


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("jpype") / "t.db"
    client = FOLDER / "test" / "jpype_client.py"
    result = run([sys.executable, str(client), str(JAR), str(path)], seconds=60)
    assert result.returncode == 0, result.stderr[-4000:]
    found: dict[str, Any] = json.loads(result.stdout)
    with apsw.Connection(str(path)) as connection:
        found["seen by SQLite"] = [list(row) for row in connection.execute("SELECT * FROM t ORDER BY id")]
        found["integrity"] = connection.execute("PRAGMA integrity_check").fetchall()
    return found


def test_a_jvm_inside_python_finds_the_driver_as_a_service(answers: dict[str, Any]) -> None:
    assert "org.keelback.jdbc.KeelbackDriver" in answers["drivers"]


def test_a_jvm_inside_python_writes_a_file_that_sqlite_reads(answers: dict[str, Any]) -> None:
    assert answers["rows"] == [["1", "Ada"], ["2", "Grace \U0001f600"]]
    assert answers["seen by SQLite"] == [[1, "Ada"], [2, "Grace \U0001f600"]]
    assert answers["integrity"] == [("ok",)]


def test_an_error_reaches_python_with_message_state_and_code(answers: dict[str, Any]) -> None:
    assert answers["error"] == ['near "SELEC": syntax error', "42000", 1]


def test_threads_of_python_and_java_do_not_lock_each_other_out(answers: dict[str, Any]) -> None:
    assert answers["threads"] == [25, 25, 25, 25]


def answers_by_name(file: Path) -> dict[str, str]:
    """The lines `name: answer` of a file by their names."""
    return {line.split(": ", 1)[0]: line for line in file.read_text(encoding="utf-8").splitlines()}


def test_odd_cases_are_answered_as_by_sqlite_jdbc_or_otherwise_on_purpose(tmp_path: Path) -> None:
    """model/xerial_answers.txt is what sqlite-jdbc 3.50.3.0 printed; other_answers.txt what we print instead."""
    model = FOLDER / "test" / "model"
    compiled = run(["javac", "-d", str(tmp_path), str(model / "ModelCases.java")])
    assert compiled.returncode == 0, compiled.stderr
    libraries = f"-Djava.library.path={BUILD}"
    classes = f"{JAR}{os.pathsep}{tmp_path}"
    done = run(["java", libraries, "-cp", classes, "ModelCases", "jdbc:keelback::memory:"])
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = answers_by_name(model / "xerial_answers.txt")
    others = answers_by_name(model / "other_answers.txt")
    assert done.stdout.splitlines() == [others.get(name, line) for name, line in theirs.items()]
    assert not [name for name, line in others.items() if theirs[name] == line], "no longer another answer"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_prints_what_it_should(name: str) -> None:
    result = run([str(FOLDER / "examples" / "run.sh"), name], seconds=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == EXAMPLES[name]


def test_every_example_is_run() -> None:
    assert {path.stem for path in (FOLDER / "examples").glob("*.java")} == {*EXAMPLES, "Demo"}


def test_the_demo_reads_groups_and_writes_a_file_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE country(iso TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE city(id INTEGER PRIMARY KEY, country_iso TEXT, population INTEGER, latitude REAL);
        CREATE TABLE finding(
          language TEXT, country TEXT, cities INTEGER, people INTEGER, mean_latitude REAL, mark BLOB);
        INSERT INTO country VALUES ('AA', 'Alpha'), ('BB', 'Beta');
        INSERT INTO city(country_iso, population, latitude) VALUES ('AA', 10, 1.5), ('BB', 20, 3.0), ('AA', 5, 2.5);
        """
    )
    connection.close()
    result = run([str(FOLDER / "examples" / "run.sh"), "Demo", str(path)], seconds=60)
    assert result.stdout.splitlines() == [
        "progress 1 2",
        "progress 2 2",
        "row Beta | 1 | 20 | 3.00",
        "row Alpha | 2 | 15 | 2.00",
        "done 2",
    ], result.stderr
    with apsw.Connection(str(path)) as reader:
        assert reader.execute("SELECT * FROM finding ORDER BY country").fetchall() == [
            ("java", "AA", 2, 15, 2.0, b"\x00\x01\xff"),
            ("java", "BB", 1, 20, 3.0, b"\x00\x01\xff"),
        ]
