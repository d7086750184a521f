"""A Python process with a JVM in it, which has Keelback in it, which runs the compiler in this very interpreter.

Run by test_java.py in a process of its own, so that a dead-lock between the JVM and the interpreter's lock ends in a
time limit and not in a hanging test run. Prints one line of JSON: what each step answered.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import jpype
import jpype.imports  # makes Java packages importable


def query(connection: Any, sql: str) -> list[list[Any]]:
    statement = connection.createStatement()
    rows = []
    if statement.execute(sql):
        result = statement.getResultSet()
        count = result.getMetaData().getColumnCount()
        while result.next():
            rows.append([str(result.getString(column)) for column in range(1, count + 1)])
    statement.close()
    return rows


def in_threads(url: str, thread_count: int, statement_count: int) -> list[int]:
    """Each thread has a connection of its own; meanwhile this thread keeps the interpreter's lock busy."""
    from java.sql import DriverManager  # type: ignore[import-not-found]

    results: list[int] = []

    def work(number: int) -> None:
        connection = DriverManager.getConnection(url)
        query(connection, "CREATE TABLE t(a)")
        for i in range(statement_count):
            query(connection, f"INSERT INTO t VALUES ({number} * 1000 + {i})")
        results.append(int(query(connection, "SELECT count(*) FROM t")[0][0]))
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(thread_count)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sum(range(1000))
    return results


def main(jar: str, path: str) -> None:
    jpype.startJVM(jpype.getDefaultJVMPath(), "-Xss1m", classpath=[jar], convertStrings=False)
    from java.sql import Driver, DriverManager  # type: ignore[import-not-found]
    from java.util import ServiceLoader  # type: ignore[import-not-found]

    answers: dict[str, Any] = {}
    answers["drivers"] = [str(driver.getClass().getName()) for driver in ServiceLoader.load(Driver)]
    connection = DriverManager.getConnection("jdbc:keelback:" + path)
    query(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)")
    insert = connection.prepareStatement("INSERT INTO t(name) VALUES (?)")
    for name in ("Ada", "Grace \U0001f600"):
        insert.setString(1, name)
        insert.executeUpdate()
    answers["rows"] = query(connection, "SELECT id, name FROM t ORDER BY id")
    try:
        query(connection, "SELEC 1")
    except jpype.JException as error:
        answers["error"] = [str(error.getMessage()), str(error.getSQLState()), int(error.getErrorCode())]
    connection.close()
    answers["threads"] = in_threads("jdbc:keelback::memory:", 4, 25)
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
