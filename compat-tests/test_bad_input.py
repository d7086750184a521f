"""Input of unreasonable size: every driver answers what real SQLite answers, message included, and lives on.

The statements are generated, too long for a suite file; the expectation comes from the driver `sqlite` in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from runner.driver_client import DriverClient
from runner.driver_registry import DriverEntry, drivers_are_required, read_drivers, selected_drivers
from runner.execution import answers_agree
from runner.suite_file import Answer, write_answer

MANY_COLUMNS = ", ".join(f"c{number}" for number in range(3000))

STATEMENTS = {
    "a text of a megabyte": "SELECT length('" + "a" * 1_000_000 + "')",
    "a comment of a megabyte": "SELECT 1 /*" + "*" * 1_000_000 + "*/",
    "a megabyte of blanks": "SELECT" + " " * 1_000_000 + "1",
    "a name of a hundred thousand letters": "SELECT " + "n" * 100_000,
    "ten thousand parentheses": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "ten thousand open parentheses": "SELECT " + "(" * 10_000,
    "nine hundred parentheses": "SELECT " + "(" * 900 + "1" + ")" * 900 + " AS n",
    "ten thousand additions": "SELECT 1" + " + 1" * 10_000,
    "nine hundred additions": "SELECT 1" + " + 1" * 900 + " AS n",
    "ten thousand NOTs": "SELECT " + "NOT " * 10_000 + "1",
    "ten thousand minus signs": "SELECT " + "- " * 10_000 + "1",
    "ten thousand ANDs": "SELECT 1" + " AND 1" * 10_000,
    "ten thousand concatenations": "SELECT 'a'" + " || 'a'" * 10_000,
    "five thousand WHENs": "SELECT CASE 4999 " + " ".join(f"WHEN {n} THEN {n}" for n in range(5000)) + " END AS n",
    "a thousand nested CASEs": "SELECT " + "CASE WHEN 1 THEN " * 1500 + "1" + " END" * 1500,
    "a list of twenty thousand": "SELECT 19999 IN (" + ", ".join(map(str, range(20_000))) + ") AS n",
    "five thousand nested calls": "SELECT " + "abs(" * 5000 + "1" + ")" * 5000,
    "two thousand nested subqueries": "SELECT " + "(SELECT " * 2000 + "1" + ")" * 2000,
    "five hundred nested FROM subqueries": "SELECT * FROM " + "(SELECT * FROM " * 500 + "(SELECT 1)" + ")" * 500,
    "three thousand columns in a table": f"CREATE TABLE t({MANY_COLUMNS})",
    "three thousand columns in a result": "SELECT " + ", ".join(["1"] * 3000),
    "three thousand terms in ORDER BY": "SELECT 1 AS a ORDER BY " + ", ".join(["a + 1"] * 3000),
    "three thousand terms in GROUP BY": "SELECT 1 AS a GROUP BY " + ", ".join(["a + 1"] * 3000),
    "three thousand values": "INSERT INTO one VALUES (" + ", ".join(["1"] * 3000) + ")",
    "three thousand columns in an index": "CREATE INDEX i ON one(" + ", ".join(["a"] * 3000) + ")",
    "three thousand SET terms": "UPDATE one SET " + ", ".join(["a = 1"] * 3000),
    "ten thousand rows": "INSERT INTO one VALUES " + ", ".join(["(1)"] * 10_000),
    "a compound of a thousand": "SELECT 1" + " UNION SELECT 1" * 1000,
    "a compound of four hundred": "SELECT 1 AS n" + " UNION SELECT 1" * 400,
    "a join of seventy tables": "SELECT 1 FROM " + ", ".join(f"one AS t{number}" for number in range(70)),
    "two thousand arguments": "SELECT max(" + ", ".join(["1"] * 2000) + ")",
    "two hundred thousand bytes of blob": "SELECT length(x'" + "00" * 200_000 + "') AS n",
    "an odd blob of many digits": "SELECT x'" + "0" * 200_001 + "'",
    "a number of ten thousand digits": "SELECT " + "9" * 10_000 + " > 1e300",
    "a fraction of ten thousand digits": "SELECT 0." + "3" * 10_000 + " AS n",
    "a hexadecimal number of a thousand digits": "SELECT 0x" + "f" * 1000,
    "an exponent of a thousand digits": "SELECT 1e" + "9" * 1000 + " AS n",
    "a text that does not end": "SELECT '" + "a" * 100_000,
    "a hundred thousand commas": "SELECT " + "," * 100_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, DriverClient]]:
    """Running drivers by name."""
    running: dict[str, DriverClient] = {}
    yield running
    for client in running.values():
        client.stop()


def answer_of(client: DriverClient, sql: str) -> Answer:
    client.start()
    assert client.open("bad", ":memory:") is None
    client.execute("bad", "CREATE TABLE one(a)", None)
    answer, _ = client.execute("bad", sql, None)
    alive, _ = client.execute("bad", "SELECT 'alive'", None)
    assert alive.rows == [["alive"]]
    assert client.close("bad") is None
    return answer


def short(answer: Answer) -> str:
    return "\n".join(line[:300] for line in write_answer(answer)[:5])


@pytest.mark.parametrize("title", STATEMENTS)
@pytest.mark.parametrize(
    "entry", [entry for entry in selected_drivers() if entry.name != "sqlite"], ids=lambda e: e.name
)
def test_bad_input_is_answered_as_by_real_sqlite(
    entry: DriverEntry, title: str, clients: dict[str, DriverClient]
) -> None:
    if entry.missing():
        text = f"driver {entry.name} is NOT RUN: missing {', '.join(entry.missing())}; {entry.hint}"
        if drivers_are_required():
            pytest.fail(text, pytrace=False)
        pytest.skip(text)
    oracle = clients.setdefault("sqlite", DriverClient(read_drivers()["sqlite"]))
    client = clients.setdefault(entry.name, DriverClient(entry))
    expected, actual = answer_of(oracle, STATEMENTS[title]), answer_of(client, STATEMENTS[title])
    if not answers_agree(expected, actual):
        pytest.fail(f"{title}\nexpected:\n{short(expected)}\nanswered:\n{short(actual)}", pytrace=False)
