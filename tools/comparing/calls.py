"""Random calls of every scalar, aggregate and window function: odd types, odd counts, and texts of each function's own
little language (dates, formats, JSON paths, patterns, numbers).

A call is a SELECT of its value and type. What depends on time, chance or the build is left out (SKIPPED).
"""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

from tools.comparing.table_functions import quoted, random_json, random_path

# Functions of extensions that are not built here, and of time, chance and the connection's state.
SKIPPED_PREFIXES = tuple("fts geopoly rtree sqlite_ load_ext random current_ bm25 snippet offsets".split())
SKIPPED = ("matchinfo", "optimize", "highlight", "last_insert_rowid", "changes", "total_changes", "match")
DATES = ("date", "time", "datetime", "julianday", "unixepoch")
OPERATORS = tuple("|| + - * / % << >> & | < = IS -> ->> LIKE GLOB".split()) + ("COLLATE nocase =",)
ESCAPES = ("'\\'", "'x'", "'%'", "'_'", "'é'", "''", "'ab'", "NULL", "1")
# Text may be no UTF-8.
BYTES = "CASE typeof(v) WHEN 'text' THEN CAST(v AS BLOB) ELSE v END"


def _read_values() -> dict[str, tuple[str, ...]]:
    """The sections of odd_values.txt."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in Path(__file__).with_name("odd_values.txt").read_text(encoding="utf-8").splitlines():
        if re.fullmatch(r"\[[A-Z_]+\]", line):
            current = sections.setdefault(line[1:-1], [])
        elif line:
            current.append(ast.literal_eval(line[1:]) if line.startswith("=") else line)
    return {name: tuple(values) for name, values in sections.items()}


_VALUES = _read_values()
ODD, MODIFIERS, TIMES = _VALUES["ODD"], _VALUES["MODIFIERS"], _VALUES["TIMES"]
STRFTIME, JSON_ODD, PATHS = _VALUES["STRFTIME"], _VALUES["JSON_ODD"], _VALUES["PATHS"]


class CallGenerator:
    """Makes SELECTs that call functions. functions: (name, type, number of arguments) of the oracle."""

    def __init__(self, seed: int, functions: list[tuple[str, str, int]]) -> None:
        self.rng = random.Random(seed)
        self.functions = [
            function
            for function in functions
            if not function[0].startswith(SKIPPED_PREFIXES) and function[0] not in SKIPPED and function[0][0].isalpha()
        ]

    def statement(self) -> str:
        """One SELECT."""
        kinds = (
            self._any,
            self._any,
            self._any,
            self._date,
            self._format,
            self._json,
            self._json,
            self._pattern,
            self._cast,
            self._strftime,
            self._aggregate,
        )
        expression = self.rng.choice(kinds)()
        if expression.startswith("SELECT"):
            return expression
        return f"SELECT typeof(v), {BYTES} FROM (SELECT {expression} AS v)"

    def value(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.75:
            return rng.choice(ODD)
        if kind < 0.8:
            return repr(rng.uniform(-1, 1) * 10 ** rng.randrange(-25, 25))
        if kind < 0.85:
            return str(rng.randrange(-(2**63), 2**63))
        if kind < 0.9:
            return quoted(random_json(rng, is_lax=True))
        if kind < 0.95:
            return quoted(rng.choice(PATHS + TIMES + MODIFIERS))
        return self._any(1)

    def _any(self, depth: int = 0) -> str:
        rng = self.rng
        name, kind, count = rng.choice(self.functions)
        if kind in "aw" and name not in ("min", "max"):
            return self._operator()
        if name in ("format", "printf"):
            return self._format()
        if name in ("zeroblob", "randomblob"):
            return f"length({name}({rng.randrange(-3, 9)}))"
        if count < 0:
            count = rng.choice([0, 1, 2, 3, 4]) if count == -1 else rng.choice([-count - 1, -count - 2, 2, 3])
        if rng.random() < 0.03:
            count += rng.choice([-1, 1])
        if (name in ("min", "max") and count < 2) or (name in DATES + ("strftime",) and count < 1):
            count = 2
        return f"{name}({', '.join(self.value() for _ in range(max(count, 0)))})"

    def _operator(self) -> str:
        return f"(({self.value()}) {self.rng.choice(OPERATORS)} ({self.value()}))"

    def _date(self) -> str:
        rng = self.rng
        if rng.random() < 0.15:
            return f"timediff({self._time()}, {self._time()})"
        modifiers = "".join(", " + self._modifier() for _ in range(rng.choice([0, 1, 1, 2, 3])))
        return f"{rng.choice(DATES)}({self._time()}{modifiers})"

    def _time(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.6:
            return quoted(rng.choice(TIMES))
        if kind < 0.8:
            return rng.choice(
                [
                    "0",
                    "1",
                    "2460000.5",
                    "1700000000",
                    "-1",
                    "1e10",
                    "5373484.5",
                    "NULL",
                    "x'323032342d30312d3031'",
                    "253402300799",
                    "-62167219200",
                    "253402300800",
                    "0.5",
                    "-0.5",
                    "1721059.5",
                ]
            )
        return quoted(
            f"{rng.randrange(0, 10000):04}-{rng.randrange(1, 13):02}-{rng.randrange(1, 32):02} "
            f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.uniform(0, 59.9995):06.3f}"
        )

    def _modifier(self) -> str:
        rng = self.rng
        if rng.random() < 0.7:
            return quoted(rng.choice(MODIFIERS))
        if rng.random() < 0.1:
            return self.value()
        number = rng.choice(
            [str(rng.randrange(-1000, 1000)), f"{rng.uniform(-500, 500):+.3f}", f"+{rng.randrange(0, 100000)}"]
        )
        return quoted(
            f"{number} {rng.choice(['day', 'days', 'month', 'months', 'year', 'years', 'hour', 'minutes', 'seconds'])}"
        )

    def _strftime(self) -> str:
        rng = self.rng
        text = "".join(rng.choice(STRFTIME) for _ in range(rng.randrange(0, 5)))
        modifiers = "".join(", " + self._modifier() for _ in range(rng.choice([0, 0, 1, 2])))
        return f"strftime({quoted(text)}, {self._time()}{modifiers})"

    def _format(self) -> str:
        rng = self.rng
        text = ""
        values = []
        for _ in range(rng.choice([1, 1, 2, 3])):
            flags = "".join(rng.choice("-+ 0#,!") for _ in range(rng.choice([0, 0, 1, 1, 2])))
            width = rng.choice(["", "", "1", "5", "12", "20", "*", "0", "05"])
            precision = rng.choice(["", "", ".0", ".1", ".3", ".5", ".10", ".20", ".30", ".*", ".", ".-1"])
            length = rng.choice(["", "", "", "l", "ll", "h"])
            behind = rng.choice(["", "", "x", " ", "é", "%%"])
            text += f"%{flags}{width}{precision}{length}{rng.choice('ddiuxXocsfeEgGqQwzpn%rj')}{behind}"
            values += [str(rng.randrange(-12, 12)) for _ in range((width == "*") + (precision == ".*"))]
            values.append(self.value())
        if rng.random() < 0.1:
            values = values[:-1]
        return f"{rng.choice(['printf', 'format'])}({quoted(text)}{''.join(', ' + value for value in values)})"

    def _json_text(self) -> str:
        rng = self.rng
        text = rng.choice(
            [
                rng.choice(JSON_ODD),
                random_json(rng, is_lax=True),
                random_json(rng),
                '{"a":' + rng.choice(JSON_ODD) + "}",
                "[" + rng.choice(JSON_ODD) + "]",
            ]
        )
        return rng.choice(["", "", "", "jsonb", "json"]).join(["", f"({quoted(text)})"])

    def _path(self) -> str:
        rng = self.rng
        return rng.choice(
            [
                quoted(rng.choice(PATHS)),
                quoted(random_path(rng)),
                rng.choice(["0", "-1", "1", "'a'", "NULL", "1.5", "x'24'"]),
            ]
        )

    def _json(self) -> str:
        rng = self.rng
        text = self._json_text()
        kind = rng.randrange(11)
        b = rng.choice(["json", "json", "jsonb"])
        if kind == 0:
            return f"{b}_extract({text}, {', '.join(self._path() for _ in range(rng.randrange(1, 4)))})"
        if kind == 1:
            pairs = ", ".join(
                f"{self._path()}, {rng.choice([self.value(), self._json_text()])}" for _ in range(rng.randrange(1, 3))
            )
            return f"{b}_{rng.choice(['set', 'insert', 'replace', 'array_insert'])}({text}, {pairs})"
        if kind == 2:
            return f"{b}_remove({text}, {', '.join(self._path() for _ in range(rng.randrange(0, 3)))})"
        if kind == 3:
            return f"{text} {rng.choice(['->', '->>'])} {self._path()}"
        if kind == 4:
            return f"json_valid({text}, {rng.randrange(-1, 18)})"
        if kind == 5:
            return f"{b}_patch({text}, {self._json_text()})"
        if kind == 6:
            return f"{rng.choice(['json_type', 'json_array_length', 'json_pretty'])}({text}, {self._path()})"
        if kind == 7:
            names = "json jsonb json_error_position json_valid json_type json_array_length json_pretty json_quote"
            return f"{rng.choice(names.split())}({text})"
        if kind == 8:
            labels = ", ".join(
                f"{self.value()}, {rng.choice([self.value(), self._json_text()])}" for _ in range(rng.randrange(0, 3))
            )
            return f"{b}_object({labels})"
        if kind == 9:
            values = [rng.choice([self.value(), self._json_text()]) for _ in range(rng.randrange(0, 3))]
            return f"{b}_array({', '.join(values)})"
        garbage = "".join(
            rng.choice(
                [
                    "00",
                    "0c",
                    "1b",
                    "23",
                    "37",
                    "47",
                    "78",
                    "9a",
                    "b3",
                    "c3",
                    "d4",
                    "e1",
                    "f0",
                    "31",
                    "61",
                    "22",
                    "5c",
                    "13",
                    "05",
                    "ff",
                    "02",
                ]
            )
            for _ in range(rng.randrange(0, 8))
        )
        name = rng.choice(
            [
                "json_valid",
                "json",
                "json_type",
                "json_extract",
                "jsonb",
                "json_error_position",
                "json_array_length",
                "json_pretty",
            ]
        )
        more = (
            ", 8"
            if name == "json_valid" and rng.random() < 0.5
            else ", '$.a'"
            if name == "json_extract"
            else ", 4"
            if name == "json_valid"
            else ""
        )
        return f"{name}(x'{garbage}'{more})"

    def _pattern(self) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            pattern = "".join(
                rng.choice(["a", "b", "A", "%", "%", "_", "é", "É", "\\", "x", "日", "\0"])
                for _ in range(rng.randrange(0, 6))
            )
            text = "".join(
                rng.choice(["a", "b", "A", "B", "é", "É", "%", "_", "\\", "x", "日"])
                for _ in range(rng.randrange(0, 6))
            )
            escape = rng.choice(
                [
                    "",
                    "",
                    f" ESCAPE {rng.choice(ESCAPES)}",
                ]
            )
            return f"({quoted(text)} LIKE {quoted(pattern).replace(chr(0), 'a')}{escape})"
        pattern = "".join(
            rng.choice(["a", "b", "A", "*", "?", "[", "]", "^", "-", "[a-c]", "[^a]", "[]]", "é", "[é-ü]"])
            for _ in range(rng.randrange(0, 6))
        )
        text = "".join(
            rng.choice(["a", "b", "c", "A", "]", "[", "^", "-", "é", "ö", "*"]) for _ in range(rng.randrange(0, 6))
        )
        return f"({quoted(text)} GLOB {quoted(pattern)})"

    def _cast(self) -> str:
        rng = self.rng
        kind = rng.choice(
            ["INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "INT", "VARCHAR(3)", "FLOAT", "DATE", "", "ANY"]
        )
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randrange(0, 22)))
        number = (
            rng.choice(["", "", "+", "-", " ", "--"])
            + digits
            + rng.choice(
                [
                    "",
                    "",
                    "." + digits[:9],
                    ".",
                    "e5",
                    "e-5",
                    "e400",
                    "e",
                    "e+",
                    " ",
                    "x",
                    ".e1",
                    "e1.5",
                    "\t",
                    "\v",
                    "é",
                ]
            )
        )
        value = quoted(number) if rng.random() < 0.6 else self.value()
        if rng.random() < 0.2 and value.startswith("'"):
            value = f"({value} {rng.choice(['+ 0', '* 1', '|| 1', '< 5', '= 5', '- 1e0', '% 7', '| 0', '/ 2'])})"
        return f"CAST({value} AS {kind})" if kind else f"({value} + 0)"

    def _aggregate(self) -> str:
        rng = self.rng
        aggregates = [function for function in self.functions if function[1] in "aw"]
        name, _kind, count = rng.choice(aggregates)
        count = max(count, 1) if count < 0 else count
        if rng.random() < 0.03:
            count += rng.choice([-1, 1])
        values = ", ".join(f"({', '.join(self.value() for _ in range(3))})" for _ in range(rng.randrange(1, 6)))
        arguments = ", ".join(
            ["column1", rng.choice(["column2", "2", "0.5", "50", "','", "1", "NULL"]), "column3"][: max(count, 0)]
        )
        distinct = "DISTINCT " if rng.random() < 0.1 and count == 1 else ""
        order = rng.choice(["", "", "", " ORDER BY column2"]) if count else ""
        over = rng.choice(
            [
                "",
                " OVER ()",
                " OVER (ORDER BY column2)",
                " OVER (ORDER BY column2 ROWS 1 PRECEDING)",
                " OVER (ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
            ]
        )
        where = rng.choice(["", "", "", " FILTER (WHERE column3)"])
        if over:
            order = distinct = ""
        call = f"{name}({distinct}{arguments}{order}){where}{over}"
        return f"SELECT typeof(v), {BYTES} FROM (SELECT {call} AS v FROM (VALUES {values}))"
