"""Running cases: what counts as a failure, and that bad drivers cannot spoil more than their case."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from runner import command_line, suite_run
from runner.driver_client import DriverClient
from runner.driver_registry import DriverEntry, read_drivers
from runner.execution import run_case
from runner.suite_file import SuiteFile, SuiteFileError, parse_suite_text
from runner.suite_run import run_file


@pytest.fixture
def bad_driver() -> Iterator[DriverClient]:
    entry = DriverEntry("bad", [sys.executable, str(Path(__file__).parent / "bad_driver.py")], [], "", {})
    client = DriverClient(entry, seconds=1.0)
    yield client
    client.stop()


def cases(*steps: str) -> SuiteFile:
    return parse_suite_text("# needs: a\n" + "\n".join(f"test: t{i}\n{step}" for i, step in enumerate(steps)), "x.kbt")


def failure_text(client: DriverClient, step: str) -> str | None:
    failure = run_case(client, cases(step).cases[0], "x.kbt")
    return None if failure is None else failure.text


def test_the_right_answer_passes(bad_driver: DriverClient) -> None:
    assert failure_text(bad_driver, "  > two\n  2") is None
    assert failure_text(bad_driver, "  > two\n  columns: a\n  2") is None
    assert failure_text(bad_driver, "  > error\n  error SQLITE_CONSTRAINT_UNIQUE: no") is None
    assert failure_text(bad_driver, "  > done\n  ok changes=3\n  > done\n  ok") is None


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("  > two\n  3", "- 3\n  + 2"),
        ("  > two\n  2.0", "- 2.0\n  + 2"),
        ("  > two and real\n  2", "- 2\n  + 2.0"),
        ("  > two\n  '2'", "- '2'"),
        ("  > two\n  2\n  2", "- 2"),
        ("  > two\n  no rows", "- no rows"),
        ("  > two\n  ok", "- ok"),
        ("  > two\n  columns: b\n  2", "+ columns: a"),
        ("  > error\n  2", "+ error SQLITE_CONSTRAINT_UNIQUE: no"),
        ("  > error\n  error SQLITE_CONSTRAINT: no", "- error SQLITE_CONSTRAINT: no"),
        ("  > error\n  error SQLITE_CONSTRAINT_UNIQUE: yes", "yes"),
        ("  > done\n  ok changes=2", "+ ok changes=3"),
        ("  > fault\n  2", "the driver is at fault"),
        ("  > short row\n  2, 2", "broke the protocol"),
        ("  > babble\n  2", "answered no JSON"),
        ("  > die\n  2", "ended with status 7\nlast words"),
        ("  > hang\n  2", "hung: no answer within 1 s"),
    ],
)
def test_a_wrong_answer_fails_and_is_shown_with_its_line(bad_driver: DriverClient, step: str, shown: str) -> None:
    text = failure_text(bad_driver, step)
    assert text is not None and text.startswith("x.kbt:3: t0") and shown in text


def test_the_case_after_a_death_passes_on_a_new_child(bad_driver: DriverClient) -> None:
    suite_file = cases("  > die\n  2", "  > two\n  2", "  > babble\n  2", "  > two\n  2")
    result = run_file(bad_driver, suite_file, "x.kbt", {})
    assert [failure.case.title for failure in result.failures] == ["t0", "t2"]
    assert len(result.passed) == 2 and bad_driver.starts == 3


def test_an_excused_case_may_fail_but_must_not_pass(bad_driver: DriverClient) -> None:
    suite_file = cases("  > two\n  3", "  > two\n  2")
    result = run_file(bad_driver, suite_file, "x.kbt", {"x.kbt::t0": "it cannot", "x.kbt::t1": "it cannot either"})
    assert (result.excused, result.unexpected_passes, result.is_good) == (["x.kbt::t0"], ["x.kbt::t1"], False)


def test_an_excuse_needs_a_reason_and_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.toml").write_text('"x.kbt::gone" = "for a good reason"\n')
    monkeypatch.setattr(suite_run, "EXCUSED", tmp_path)
    monkeypatch.setattr(suite_run.excuses_of, "__defaults__", (tmp_path,))
    assert suite_run.excuses_without_case("bad", [cases("  > two\n  2")]) == ["x.kbt::gone"]
    (tmp_path / "bad.toml").write_text('"x.kbt::t0" = ""\n')
    with pytest.raises(SuiteFileError, match="has no reason"):
        suite_run.excuses_of("bad", tmp_path)


def test_a_file_with_another_ending_is_found_as_a_stray(tmp_path: Path) -> None:
    (tmp_path / "a.kbt").write_text("")
    (tmp_path / "b.ktb").write_text("")
    assert [path.name for path in suite_run.strays(tmp_path)] == ["b.ktb"]


def test_answers_are_written_from_real_sqlite_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["rewrite", "--driver", "reference"]) == 2
    assert "real SQLite only" in capsys.readouterr().err


def test_a_missing_driver_fails_the_run_where_drivers_are_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    entry = DriverEntry("gone", ["/nonexistent"], ["no/such/file"], "build it", {})
    monkeypatch.setattr(command_line, "selected_drivers", lambda names: [entry])
    suite = tmp_path / "x.kbt"
    suite.write_text("# needs: a\ntest: t\n  > SELECT 1\n  1\n")
    monkeypatch.delenv("KEELBACK_REQUIRE_DRIVERS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert command_line.main(["run", str(suite)]) == 0
    assert "*** NOT RUN: driver gone" in capsys.readouterr().out
    monkeypatch.setenv("KEELBACK_REQUIRE_DRIVERS", "1")
    assert command_line.main(["run", str(suite)]) == 1


@pytest.mark.parametrize("name", ["sqlite"])
def test_the_oracle_gives_every_kind_of_answer(name: str) -> None:
    client = DriverClient(read_drivers()[name])
    try:
        suite_file = cases(
            "  > CREATE TABLE t(a UNIQUE)\n  ok\n  > INSERT INTO t VALUES (1.0)\n  ok changes=1\n"
            "  > CREATE TABLE u(a)\n  ok changes=0",
            "  > SELECT ?2, ?1, ?2\n  with 1, '\u00e9'\n  '\u00e9', 1, '\u00e9'",
            "  > SELECT :a, :a, $b\n  with :a = x'', $b = unistr('a\\u0000')\n  x'', x'', unistr('a\\u0000')",
            "  > SELECT CAST(x'ff' AS TEXT) AS \"a\", 1\n  columns: a, 1\n  CAST(x'ff' AS TEXT), 1",
            "  a> CREATE TABLE t(a)\n  ok\n  a> BEGIN IMMEDIATE\n  ok\n"
            "  b> BEGIN IMMEDIATE\n  error SQLITE_BUSY: database is locked",
            "  > CREATE TABLE t(a)\n  ok\n  reopen\n  > SELECT * FROM t\n  columns: a\n  no rows",
        )
        assert run_file(client, suite_file, "x.kbt", {}).text() == ""
    finally:
        client.stop()
