"""Valid statements, broken: tokens lost, doubled, moved and replaced, clauses in wrong places, calls with wrong counts.

1. Everything random comes from the `random.Random` that is handed in.
2. A change may leave the statement valid; then it is compared as one.

Must not know: what either side answers.
"""

from __future__ import annotations

import random
import re

TOKEN = re.compile(
    r"\s+|--[^\n]*|/\*.*?\*/|[xX]'[^']*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]"
    r"|0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|[^\W\d]\w*|[?:@$]\w*"
    r"|\|\||->>|->|<<|>>|<=|>=|==|<>|!=|.",
    re.DOTALL,
)
NAME = re.compile(r"[^\W\d]\w*$")
KEYWORDS = (
    "ABORT ADD AFTER ALL ALTER ALWAYS AND AS ASC AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE CAST CHECK "
    "COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH "
    "DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN "
    "FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IN INDEX INDEXED INNER INSERT INSTEAD INTERSECT INTO IS "
    "ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON "
    "OR ORDER OTHERS OUTER OVER PARTITION PLAN PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP "
    "RENAME REPLACE RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP THEN TIES TO TRANSACTION "
    "TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT"
).split()
NAMES = (
    "nope rowid _rowid_ oid excluded new old main temp nosuch sqlite_schema sqlite_master sqlite_sequence "
    'sqlite_stat1 x y "nope" \'nope\' "" [] main.nope temp.t nope.t t.nope new.a old.a excluded.a a.b.c.d '
    "count sum abs true false row_number pragma_table_info json_each STRICT ROWID STORED VIRTUAL"
).split()
EXPRESSIONS = (
    "sum(1)",
    "count(*)",
    "max(a)",
    "min(1)",
    "count(a) FILTER (WHERE 1)",
    "abs(1) FILTER (WHERE 1)",
    "count(DISTINCT a, b)",
    "group_concat(DISTINCT a, b)",
    "sum(sum(1))",
    "sum(count(*) OVER ())",
    "row_number() OVER ()",
    "rank() OVER (ORDER BY 1)",
    "row_number()",
    "lag(a)",
    "ntile(1) OVER w",
    "sum(a) OVER nosuch",
    "sum(a) OVER (nosuch ORDER BY 1)",
    "sum(a) OVER (ROWS 1 FOLLOWING)",
    "sum(a) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW)",
    "sum(a) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING)",
    "sum(a) OVER (RANGE 1 PRECEDING)",
    "sum(a) OVER (ROWS -1 PRECEDING)",
    "sum(a) OVER (ORDER BY sum(1) OVER ())",
    "abs(1) OVER ()",
    "count(DISTINCT a) OVER ()",
    "row_number(DISTINCT 1) OVER ()",
    "row_number() FILTER (WHERE 1) OVER ()",
    "sum(a ORDER BY b) OVER ()",
    "abs(a ORDER BY 1)",
    "abs()",
    "abs(1,2)",
    "abs(*)",
    "count(1,2)",
    "sum()",
    "substr('a')",
    "nosuch(1)",
    "nosuch(*)",
    "coalesce(1)",
    "coalesce()",
    "iif(1)",
    "likelihood(1, 2)",
    "likelihood(1)",
    "likelihood(1, a)",
    "like(1)",
    "like('a','b','cc')",
    "json_extract()",
    "(1,2)",
    "(1,2,3) = (1,2)",
    "(1,2) IN (1,2)",
    "(1,2) IN (SELECT 1)",
    "1 IN (SELECT 1,2)",
    "1 IN nosuch",
    "1 IN (SELECT * FROM nosuch)",
    "(1,2) BETWEEN 1 AND 2",
    "(SELECT 1,2)",
    "(SELECT * FROM t)",
    "(SELECT nope)",
    "(VALUES(1,2))",
    "EXISTS (SELECT nope)",
    "(SELECT sum(a))",
    "(SELECT max(a) FROM t)",
    "CASE (1,2) WHEN 1 THEN 2 END",
    "CASE WHEN (1,2) THEN 2 END",
    "-(1,2)",
    "(1,2) IS NULL",
    "(1,2) || 3",
    "CAST((1,2) AS INT)",
    "abs((1,2))",
    "1 COLLATE nope",
    "a COLLATE nope = 1",
    "RAISE(ABORT, 'x')",
    "RAISE(IGNORE)",
    "RAISE(FAIL, a)",
    "new.a",
    "old.b",
    "excluded.a",
    "*",
    "t.*",
    "nope.*",
    "t.a",
    "main.t.a",
    "main.nope.a",
    "?1",
    "?0",
    "?99999",
    ":x",
    "?",
    "9223372036854775808",
    "-9223372036854775808",
    "0x10000000000000000",
    "1_000",
    "1__0",
    "1_",
    "0x_1",
    "1e",
    "1.5e+",
    "1a",
    "x'1'",
    "x'zz'",
    "'abc",
    '"abc',
    "[abc",
    "`abc",
    "/* abc",
    "-- abc",
    "#1",
    "@",
    "$",
    "!",
    "\\",
    "{",
    "^",
    "\x01",
    "é",
    "1 2",
    "a b",
    "NULL NULL",
    "a LIKE b ESCAPE",
    "a MATCH b",
    "a REGEXP b",
    "a -> ",
    "a NOT",
    "a NOT NULL",
    "a NOT b",
    "a IS DISTINCT 1",
    "a BETWEEN 1",
    "CASE END",
    "CASE a END",
    "CASE WHEN 1 END",
    "CAST(a)",
    "CAST(a AS )",
    "EXISTS 1",
    "()",
    "(1,)",
    "(,1)",
    "WITH w AS (SELECT 1)",
    "SELECT 1",
)
CLAUSES = (
    " ORDER BY 3",
    " ORDER BY 1, nope",
    " ORDER BY 0",
    " ORDER BY 'x' DESC NULLS FIRST",
    " ORDER BY count(*)",
    " ORDER BY 1 ORDER BY 2",
    " LIMIT 1",
    " LIMIT a",
    " LIMIT nope",
    " LIMIT 1,2",
    " LIMIT 1 OFFSET (SELECT 1,2)",
    " LIMIT sum(1)",
    " OFFSET 1",
    " GROUP BY 99",
    " GROUP BY nope",
    " GROUP BY count(*)",
    " GROUP BY 1 HAVING nope",
    " HAVING 1",
    " HAVING count(*)",
    " WHERE nope",
    " WHERE count(*)",
    " WHERE row_number() OVER ()",
    " WHERE 1 WHERE 2",
    " WINDOW w AS ()",
    " WINDOW w AS (w2)",
    " WINDOW w AS (), w AS ()",
    " RETURNING *",
    " RETURNING nope",
    " RETURNING count(*)",
    " RETURNING t.*",
    " UNION SELECT 1",
    " UNION ALL SELECT 1, 2",
    " EXCEPT VALUES(1,2),(3)",
    " INTERSECT SELECT nope",
    " UNION",
    " UNION SELECT 1 ORDER BY nope",
    " ON CONFLICT DO NOTHING",
    " ON CONFLICT(nope) DO NOTHING",
    " ON CONFLICT(a) DO UPDATE SET nope = 1",
    " ON CONFLICT DO UPDATE SET a = 1",
    " FROM t",
    " FROM nope",
    " FROM t, t",
    " FROM t AS a JOIN t AS b USING (nope)",
    " JOIN t USING (a)",
    " NATURAL JOIN t ON 1",
    " LEFT t",
    " OUTER JOIN t",
    " INNER LEFT JOIN t",
    " CROSS RIGHT JOIN t",
    " INDEXED BY nope",
    " NOT INDEXED",
    " AS x",
    " x y",
    " COLLATE nope",
    " STRICT",
    " WITHOUT ROWID",
    " WITHOUT nope",
    ")",
    "(",
    ";",
    "; nope",
    "; SELECT 1",
    ";;",
    " --",
    " /*",
    " '",
    ",",
    " .",
    " =",
    " AND",
)
STARTS = (
    "EXPLAIN ",
    "EXPLAIN QUERY PLAN ",
    "EXPLAIN EXPLAIN ",
    "WITH x AS (SELECT 1) ",
    "WITH x(a,b) AS (SELECT 1) ",
    "WITH x AS (SELECT nope) ",
    "WITH x AS (SELECT 1), x AS (SELECT 2) ",
    "WITH RECURSIVE t AS (SELECT 1 UNION SELECT a FROM t) ",
    "WITH ",
    "CREATE VIEW vv AS ",
    "CREATE VIEW vv(a,a) AS ",
    "CREATE TABLE tt AS ",
    "CREATE TEMP VIEW vv AS ",
    "CREATE TRIGGER tr AFTER INSERT ON t BEGIN ",
    "CREATE TRIGGER tr INSTEAD OF INSERT ON t BEGIN ",
    "SELECT * FROM (",
    "SELECT (",
    "SELECT ",
    "INSERT INTO t ",
    "INSERT INTO nope ",
    ";",
    "; ;",
    "(",
    "nope ",
    "-- x\n",
    "/* x */",
    "\ufeff",
)


def tokens_of(sql: str) -> list[str]:
    """The tokens, blanks among them."""
    return TOKEN.findall(sql)


class Breaker:
    """Breaks statements; `statements` are the ones whose parts it puts into others."""

    def __init__(self, rng: random.Random, statements: list[str]) -> None:
        self.rng = rng
        self.statements = statements
        self.words = sorted({token for sql in statements for token in tokens_of(sql) if not token.isspace()})

    def broken(self, sql: str) -> str:
        """The statement with one to three changes."""
        rng = self.rng
        for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3))):
            sql = rng.choice(CHANGES)(self, sql)
        return sql.replace("\0", "")

    def _place(self, tokens: list[str], wanted: str = "") -> int:
        """A token that is no blank; a name if wanted and there is one."""
        places = [i for i, token in enumerate(tokens) if not token.isspace()]
        names = [i for i in places if NAME.match(tokens[i])] if wanted == "name" else []
        return self.rng.choice(names or places or [0])

    def drop(self, sql: str) -> str:
        tokens = tokens_of(sql)
        if tokens:
            del tokens[self._place(tokens)]
        return "".join(tokens)

    def double(self, sql: str) -> str:
        tokens = tokens_of(sql)
        if tokens:
            at = self._place(tokens)
            tokens.insert(at, tokens[at] + " ")
        return "".join(tokens)

    def swap(self, sql: str) -> str:
        tokens = tokens_of(sql)
        if tokens:
            one, other = self._place(tokens), self._place(tokens)
            tokens[one], tokens[other] = tokens[other], tokens[one]
        return "".join(tokens)

    def swap_neighbours(self, sql: str) -> str:
        tokens = tokens_of(sql)
        places = [i for i, token in enumerate(tokens) if not token.isspace()]
        if len(places) > 1:
            at = self.rng.randrange(len(places) - 1)
            one, other = places[at], places[at + 1]
            tokens[one], tokens[other] = tokens[other], tokens[one]
        return "".join(tokens)

    def _replaced(self, sql: str, by: str, wanted: str = "") -> str:
        tokens = tokens_of(sql)
        if tokens:
            tokens[self._place(tokens, wanted)] = by
        return "".join(tokens)

    def wrong_name(self, sql: str) -> str:
        return self._replaced(sql, self.rng.choice(NAMES), "name")

    def other_word(self, sql: str) -> str:
        return self._replaced(sql, self.rng.choice(self.words or ["x"]))

    def other_name(self, sql: str) -> str:
        return self._replaced(sql, self.rng.choice(self.words or ["x"]), "name")

    def keyword(self, sql: str) -> str:
        return self._replaced(sql, self.rng.choice(KEYWORDS))

    def expression(self, sql: str) -> str:
        return self._replaced(sql, self.rng.choice(EXPRESSIONS), self.rng.choice(("name", "")))

    def added_word(self, sql: str) -> str:
        tokens = tokens_of(sql)
        at = self._place(tokens) if tokens else 0
        tokens.insert(at, f" {self.rng.choice((*KEYWORDS, *NAMES, *self.words))} ")
        return "".join(tokens)

    def added_expression(self, sql: str) -> str:
        """One more value behind a comma or an operator."""
        tokens = tokens_of(sql)
        at = self._place(tokens) if tokens else 0
        link = self.rng.choice((", ", " + ", " AND ", " = ", " "))
        tokens.insert(at + 1, link + self.rng.choice(EXPRESSIONS) + " ")
        return "".join(tokens)

    def cut(self, sql: str) -> str:
        tokens = tokens_of(sql)
        return "".join(tokens[: self._place(tokens)]) if tokens else sql

    def cut_inside(self, sql: str) -> str:
        return sql[: self.rng.randrange(len(sql) + 1)]

    def clause(self, sql: str) -> str:
        return sql + self.rng.choice(CLAUSES)

    def clause_inside(self, sql: str) -> str:
        tokens = tokens_of(sql)
        at = self._place(tokens) if tokens else 0
        tokens.insert(at + 1, self.rng.choice(CLAUSES) + " ")
        return "".join(tokens)

    def start(self, sql: str) -> str:
        opening = self.rng.choice(STARTS)
        ending = self.rng.choice(("; END", "; END;", "")) if opening.endswith("BEGIN ") else ""
        return opening + sql + (")" if opening.endswith("(") else ending)

    def moved(self, sql: str) -> str:
        """A run of tokens somewhere else."""
        tokens = tokens_of(sql)
        if len(tokens) < 4:
            return sql
        begin = self.rng.randrange(len(tokens))
        end = begin + self.rng.randrange(1, 12)
        run, rest = tokens[begin:end], tokens[:begin] + tokens[end:]
        at = self.rng.randrange(len(rest) + 1)
        return "".join([*rest[:at], " ", *run, " ", *rest[at:]])

    def part_of_other(self, sql: str) -> str:
        """A run of another statement's tokens put in."""
        tokens, other = tokens_of(sql), tokens_of(self.rng.choice(self.statements))
        if not other or not tokens:
            return sql
        begin = self.rng.randrange(len(other))
        at = self._place(tokens)
        return "".join([*tokens[:at], " ", *other[begin : begin + self.rng.randrange(1, 10)], " ", *tokens[at:]])

    def argument(self, sql: str) -> str:
        """A call, or another list in parentheses, with one entry more or less."""
        tokens = tokens_of(sql)
        opened = [i for i, token in enumerate(tokens) if token == "("]
        if not opened:
            return self.added_expression(sql)
        at = self.rng.choice(opened)
        if self.rng.random() < 0.5:
            tokens.insert(at + 1, self.rng.choice(("1, ", "a, ", "*", "DISTINCT ", ", ", "nope, ")))
            return "".join(tokens)
        depth = 0
        for end in range(at + 1, len(tokens)):
            if depth == 0 and tokens[end] in (",", ")"):
                return "".join(tokens[: at + 1] + tokens[end + (tokens[end] == ",") :])
            depth += {"(": 1, ")": -1}.get(tokens[end], 0)
        return "".join(tokens[: at + 1])

    def qualified(self, sql: str) -> str:
        """A name with a wrong or a double qualifier."""
        tokens = tokens_of(sql)
        if tokens:
            at = self._place(tokens, "name")
            tokens[at] = self.rng.choice(("nope.", "main.", "temp.", "t.", "t1.", "main.t.", "x.y.z.")) + tokens[at]
        return "".join(tokens)


CHANGES = (
    Breaker.drop,
    Breaker.drop,
    Breaker.double,
    Breaker.swap,
    Breaker.swap_neighbours,
    Breaker.wrong_name,
    Breaker.wrong_name,
    Breaker.other_word,
    Breaker.other_name,
    Breaker.other_name,
    Breaker.keyword,
    Breaker.expression,
    Breaker.expression,
    Breaker.expression,
    Breaker.added_word,
    Breaker.added_expression,
    Breaker.added_expression,
    Breaker.cut,
    Breaker.cut_inside,
    Breaker.clause,
    Breaker.clause,
    Breaker.clause_inside,
    Breaker.start,
    Breaker.moved,
    Breaker.part_of_other,
    Breaker.argument,
    Breaker.argument,
    Breaker.qualified,
)
