"""Random tables and indexes, and what the statement generator must know of them."""

from __future__ import annotations

import random

TYPES = ("INTEGER", "INT", "TEXT", "REAL", "BLOB", "NUMERIC", "", "VARCHAR(10)", "DOUBLE", "BIGINT")
# No SET NULL: SQLite 3.54.1 leaves the check of such a key out in a statement that may also run its action.
ACTIONS = (
    "",
    " ON DELETE CASCADE",
    " ON DELETE SET DEFAULT",
    " ON UPDATE CASCADE",
    " ON UPDATE SET DEFAULT ON DELETE CASCADE",
)
DEFERRALS = ("", "", " DEFERRABLE INITIALLY DEFERRED")
COLLATIONS = ("", "", "", " COLLATE NOCASE", " COLLATE RTRIM", " COLLATE BINARY")


class RandomTable:
    """A table: its name, columns, and the CREATE statements of it and its indexes. key: the columns of the primary key
    of a table WITHOUT ROWID, else empty."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.name = f"t{number}"
        self.columns = [f"c{i}" for i in range(rng.randint(2, 5))]
        self.types = [rng.choice(TYPES) for _ in self.columns]
        self.rowid_column = rng.choice([None, None, 0]) if number else 0
        self.key: list[str] = []
        if rng.random() < 0.35:
            self.rowid_column = None
            self.key = rng.sample(self.columns, rng.randint(1, 2)) if number else ["c0"]
        if self.rowid_column is not None:
            self.types[self.rowid_column] = "INTEGER"
        # Columns that are computed; they are read, not written.
        self.generated: list[str] = []
        self.sql = self._create(rng)
        self.index_sql = [self._index(rng, i) for i in range(rng.randint(0, 3))]

    def _create(self, rng: random.Random) -> str:
        parts = []
        for number, (name, declared) in enumerate(zip(self.columns, self.types, strict=True)):
            text = f"{name} {declared}".rstrip()
            if number == self.rowid_column:
                text += " PRIMARY KEY" + rng.choice(["", "", " AUTOINCREMENT"])
            else:
                text += rng.choice(COLLATIONS)
                text += rng.choice(["", "", "", "", " NOT NULL", " NOT NULL ON CONFLICT IGNORE", " NOT NULL DEFAULT 7"])
                if "DEFAULT" not in text:
                    text += rng.choice(["", "", "", " DEFAULT 5", " DEFAULT 'd'", " DEFAULT (1+2)", " DEFAULT -1.5"])
                text += rng.choice(["", "", "", "", "", " UNIQUE", " UNIQUE ON CONFLICT REPLACE"])
                text += rng.choice([""] * 8 + [f" CHECK({name} IS NULL OR length({name})<12)"])
                if rng.random() < 0.1:
                    text += f" REFERENCES t0{rng.choice(ACTIONS)}{rng.choice(DEFERRALS)}"
            parts.append(text)
        if self.key:
            suffixes = [rng.choice(["", "", " COLLATE NOCASE"]) + rng.choice(["", "", " DESC"]) for _ in self.key]
            terms = [name + suffix for name, suffix in zip(self.key, suffixes, strict=True)]
            conflict = rng.choice(["", "", "", "", " ON CONFLICT REPLACE", " ON CONFLICT IGNORE"])
            parts.append(f"PRIMARY KEY({', '.join(terms)}){conflict}")
        for number in range(rng.choice([0, 0, 0, 0, 1, 2])):
            name, source = f"g{number}", rng.choice(self.columns)
            form = rng.choice(["{0} || 'g'", "length({0})", "{0} IS NULL", "typeof({0})", "coalesce({0}, {1})"])
            declared = rng.choice(["", "", " TEXT", " INT"])
            computed = form.format(source, rng.choice(self.columns))
            stored = rng.choice(["", " STORED", " VIRTUAL"])
            parts.insert(len(self.columns) + number, f"{name}{declared} AS ({computed}){stored}")
            self.generated.append(name)
        if not self.key and self.rowid_column is None and rng.random() < 0.3:
            parts.append(f"PRIMARY KEY({rng.choice(self.columns)})")
        if rng.random() < 0.15 and len(self.columns) > 2:
            parts.append(f"UNIQUE({self.columns[1]}, {self.columns[2]})")
        return f"CREATE TABLE {self.name}({', '.join(parts)}){' WITHOUT ROWID' if self.key else ''}"

    def plain(self) -> str:
        """A CREATE TABLE that SQLite takes, for where the other was refused."""
        parts = [
            f"{name} INTEGER PRIMARY KEY" if self.rowid_column == 0 == n else name
            for n, name in enumerate(self.columns)
        ]
        parts += [f"{name} AS ({self.columns[0]})" for name in self.generated]
        key = f", PRIMARY KEY({', '.join(self.key)})" if self.key else ""
        return f"CREATE TABLE {self.name}({', '.join(parts)}{key}){' WITHOUT ROWID' if self.key else ''}"

    def order(self, prefix: str = "") -> str:
        """An order of the rows in which no two are equal."""
        if not self.key:
            return prefix + "rowid"
        return ", ".join(f"{prefix}{name} COLLATE BINARY" for name in self.key)

    def is_row(self, row: str) -> str:
        """A condition for the row that a trigger sees as NEW or OLD."""
        return " AND ".join(f"{name} = {row}.{name}" for name in self.key or ["rowid"])

    def _index(self, rng: random.Random, number: int) -> str:
        terms = []
        for name in rng.sample(self.columns, rng.randint(1, min(3, len(self.columns)))):
            term = rng.choice([name, name, name, name, f"lower({name})", f"{name}||'x'", f"abs({name})"])
            terms.append(term + rng.choice(["", "", "", " COLLATE NOCASE"]) + rng.choice(["", "", " DESC"]))
        where = rng.choice(["", "", "", f" WHERE {self.columns[-1]} IS NOT NULL", f" WHERE {self.columns[0]} > 2"])
        unique = "UNIQUE " if rng.random() < 0.1 else ""
        return f"CREATE {unique}INDEX i{self.name}_{number} ON {self.name}({', '.join(terms)}){where}"
