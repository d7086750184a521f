"""Random tables, indexes and changes, with every conflict action, on Keelback and on real SQLite."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from engine_pair import check_script_on_files

ACTIONS = ["", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ABORT", "OR ROLLBACK"]
CLAUSES = ["", "", "", "ON CONFLICT REPLACE", "ON CONFLICT IGNORE", "ON CONFLICT FAIL", "ON CONFLICT ROLLBACK"]
TYPES = ["", "INT", "TEXT", "REAL", "NUMERIC", "BLOB", "VARCHAR(9)"]


class Generator:
    """Statements over a few tables with the columns id, a, b, c."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tables: list[str] = []
        self.index_count = 0
        self.depth = 0

    def value(self) -> str:
        choose = self.random
        return choose.choice(
            [
                "NULL",
                str(choose.randint(-3, 12)),
                str(choose.randint(0, 6)) + ".0",
                str(choose.randint(0, 6)) + ".5",
                "'" + choose.choice(["a", "b", "A", "7", "2.0", "x y", ""]) + "'",
                "x'" + choose.choice(["00", "61", ""]) + "'",
            ]
        )

    def table(self) -> str:
        return self.random.choice(self.tables)

    def create_table(self) -> str:
        choose = self.random
        name = f"t{len(self.tables)}"
        self.tables.append(name)
        key = choose.choice(
            ["INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT", "INT", "TEXT PRIMARY KEY", "INTEGER"]
        )
        if key == "INTEGER PRIMARY KEY":
            key += " " + choose.choice(CLAUSES)
        parts = [f"id {key}"]
        for column in "abc":
            part = f"{column} {choose.choice(TYPES)}"
            if choose.random() < 0.3:
                part += " NOT NULL " + choose.choice(CLAUSES)
            if choose.random() < 0.4:
                part += " DEFAULT " + choose.choice(["5", "'d'", "-1.5", "(1 + 2)", "NULL"])
            if choose.random() < 0.3:
                part += " UNIQUE " + choose.choice(CLAUSES)
            if choose.random() < 0.2:
                part += " COLLATE NOCASE"
            parts.append(part)
        if choose.random() < 0.3:
            parts.append("UNIQUE(b, c) " + choose.choice(CLAUSES))
        if choose.random() < 0.3:
            parts.append(
                "CHECK(" + choose.choice(["a <> 3", "b IS NOT 'b'", "typeof(c) <> 'blob'", "a < 10 OR a IS NULL"]) + ")"
            )
        return f"CREATE TABLE {name}({', '.join(parts)})"

    def create_index(self) -> str:
        choose = self.random
        self.index_count += 1
        unique = "UNIQUE " if choose.random() < 0.3 else ""
        terms = choose.sample(
            ["a", "b DESC", "c COLLATE NOCASE", "a + 1", "lower(b)", "id", "typeof(c) DESC"], choose.randint(1, 3)
        )
        where = " WHERE " + choose.choice(["a > 2", "b IS NOT NULL", "c = 'a'"]) if choose.random() < 0.3 else ""
        return f"CREATE {unique}INDEX i{self.index_count} ON {self.table()}({', '.join(terms)}){where}"

    def condition(self) -> str:
        choose = self.random
        return choose.choice(
            [
                f"id = {choose.randint(1, 9)}",
                f"a = {self.value()}",
                f"b > {self.value()}",
                f"c IN ({self.value()}, {self.value()})",
                f"id BETWEEN {choose.randint(0, 4)} AND {choose.randint(3, 9)}",
                f"a IS {self.value()} OR b = {self.value()}",
                "1",
                f"a IN (SELECT b FROM {self.table()})",
            ]
        )

    def row(self) -> str:
        key = self.random.choice(["NULL", str(self.random.randint(1, 9)), str(self.random.randint(1, 30))])
        return f"({key}, {self.value()}, {self.value()}, {self.value()})"

    def insert(self) -> str:
        choose = self.random
        verb = "INSERT " + choose.choice(ACTIONS)
        rows = ", ".join(self.row() for _ in range(choose.choice([1, 1, 1, 3])))
        kind = choose.random()
        if kind < 0.6:
            return f"{verb} INTO {self.table()}(id, a, b, c) VALUES {rows}"
        if kind < 0.75:
            return f"{verb} INTO {self.table()}(c, a) VALUES ({self.value()}, {self.value()})"
        if kind < 0.9:
            order = " ORDER BY rowid" if choose.random() < 0.5 else ""
            source = f"SELECT c, a, b FROM {self.table()} WHERE {self.condition()}{order} LIMIT 5"
            return f"{verb} INTO {self.table()}(a, b, c) {source}"
        if kind < 0.95:
            return f"INSERT INTO {self.table()}(id, a, b, c) VALUES {rows} ON CONFLICT DO NOTHING"
        return f"{verb} INTO {self.table()} DEFAULT VALUES"

    def update(self) -> str:
        choose = self.random
        column = choose.choice(["a", "b", "c", "id"])
        value = choose.choice([self.value(), f"{column} + 1", "a", "c", "(SELECT max(a) FROM t0)", "-id"])
        more = f", b = {self.value()}" if column != "b" and choose.random() < 0.3 else ""
        returning = " RETURNING id, a" if choose.random() < 0.1 else ""
        target = f"{choose.choice(ACTIONS)} {self.table()}"
        return f"UPDATE {target} SET {column} = {value}{more} WHERE {self.condition()}{returning}"

    def delete(self) -> str:
        if self.random.random() < 0.05:
            return f"DELETE FROM {self.table()}"
        return f"DELETE FROM {self.table()} WHERE {self.condition()}"

    def transaction(self) -> str:
        return self.random.choice(
            ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "ROLLBACK TO s", "BEGIN IMMEDIATE"]
        )

    def look(self) -> str:
        return f"SELECT rowid, * FROM {self.table()} ORDER BY rowid"

    def script(self, length: int) -> list[str]:
        script = [self.create_table(), self.create_table(), self.create_index()]
        makers = [self.insert] * 10 + [self.update] * 5 + [self.delete] * 2 + [self.look] * 4
        makers += [self.transaction] * 2 + [self.create_index]
        for _ in range(length):
            script.append(self.random.choice(makers)())
        # Leave no transaction open, so that both files have everything.
        return [*script, "COMMIT"]


@pytest.mark.parametrize("seed", range(40))
def test_random_changes_are_those_of_sqlite(seed: int, tmp_path: Path) -> None:
    print("seed", seed)
    check_script_on_files(Generator(seed).script(60), tmp_path)
