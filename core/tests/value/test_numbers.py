"""Numbers, texts, casts, affinities and operators beside real SQLite."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from keelback_core.value import arithmetic
from keelback_core.value.affinity import (
    affinity_of_type,
    apply_affinities,
    apply_affinity,
    apply_comparison_affinity,
    comparison_affinity,
)
from keelback_core.value.cast import cast_value, is_true, to_blob, to_number, to_text
from keelback_core.value.key import compare_binary, compare_values
from keelback_core.value.numeric_text import prefix_to_real, real_to_text
from keelback_core.value.quote import quote_value
from value_oracle import CONNECTION, VALUES, any_real, literal, oracle_value, same

TYPES = {"INTEGER": "D", "TEXT": "B", "REAL": "E", "NUMERIC": "C", "BLOB": "A"}


def seeded():
    """A random source whose seed is printed."""
    seed = int(time.time())
    print("seed", seed)
    return random.Random(seed)


def test_reals_are_written_as_sqlite_writes_them():
    source = seeded()
    reals = [any_real(source, number % 4) for number in range(20000)]
    reals += [
        1.0,
        0.1,
        1e15,
        1e16,
        1e17,
        1e20,
        1e-4,
        1e-5,
        -0.0,
        5e-324,
        1.7976931348623157e308,
        49.47,
        999999999999999.9,
    ]
    assert [x for x in reals if real_to_text(x) != oracle_value("CAST({} AS TEXT)", x)] == []


def test_decimal_texts_are_read_as_sqlite_reads_them():
    source = seeded()
    texts = []
    for _ in range(6000):
        texts.append(f"{source.getrandbits(source.randint(1, 70))}e{source.randint(-345, 320)}")
        texts.append(f"{source.getrandbits(source.randint(1, 100))}.{source.getrandbits(source.randint(1, 70))}")
        texts.append(f"{source.getrandbits(53) | 1 << 52}.5")
        texts.append(repr(any_real(source, 0)))
    assert [text for text in texts if prefix_to_real(text) != oracle_value("CAST({} AS REAL)", text)] == []


@pytest.mark.parametrize("name", TYPES)
def test_casts_agree_with_sqlite(name):
    for value in VALUES:
        assert same(cast_value(value, TYPES[name]), oracle_value(f"CAST({{}} AS {name})", value)), repr(value)


@pytest.mark.parametrize("name", TYPES)
def test_affinities_agree_with_sqlite(name):
    CONNECTION.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, a {name})")
    for number, value in enumerate(VALUES):
        bound = () if isinstance(value, (str, bytes)) else (value,)
        CONNECTION.execute(f"INSERT INTO t VALUES({number}, {literal(value)})", bound)
        stored = oracle_value(f"(SELECT a FROM t WHERE id = {number})")
        assert same(apply_affinity(value, TYPES[name]), stored), repr(value)


def test_truth_quoting_and_numeric_prefixes_agree_with_sqlite():
    for value in VALUES:
        truth = oracle_value("CASE WHEN {} THEN 1 WHEN NOT {} THEN 0 END", value, value)
        assert is_true(value) == (None if truth is None else bool(truth)), repr(value)
        assert quote_value(value) == oracle_value("quote({})", value), repr(value)
        number = to_number(value)
        assert same(number + 0 if isinstance(number, float) else number, oracle_value("{} + 0", value)), repr(value)


def test_text_and_blob_of_a_value_agree_with_cast():
    for value in VALUES:
        assert to_text(value) == oracle_value("CAST({} AS TEXT)", value)
        assert to_blob(value) == oracle_value("CAST({} AS BLOB)", value)


OPERATORS = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "%": arithmetic.remainder,
    "&": arithmetic.bit_and,
    "|": arithmetic.bit_or,
    "<<": arithmetic.shift_left,
    ">>": arithmetic.shift_right,
    "||": arithmetic.concat,
    "AND": arithmetic.logical_and,
    "OR": arithmetic.logical_or,
}


@pytest.mark.parametrize("sign", OPERATORS)
def test_an_operator_agrees_with_sqlite(sign):
    source = seeded()
    small = [0, 1, -1, 2, -7, 63, 64, 65, -63, -64, -65, None, 2.5, -2.5, "3", "4.5", "x", "1e2", 2**63 - 1, -(2**63)]
    pairs = list(itertools.product(small, small))
    pairs += [(source.choice(VALUES), source.choice(VALUES)) for _ in range(800)]
    for left, right in pairs:
        assert same(OPERATORS[sign](left, right), oracle_value(f"{{}} {sign} {{}}", left, right)), (left, right)


def test_operators_of_one_value_agree_with_sqlite():
    for value in VALUES:
        assert same(arithmetic.bit_not(value), oracle_value("~{}", value)), repr(value)
        assert same(arithmetic.logical_not(value), oracle_value("NOT {}", value)), repr(value)
        assert same(arithmetic.negate(value), oracle_value("0 - {}", value)), repr(value)


def test_concatenation_joins_broken_characters_and_keeps_the_limit():
    assert arithmetic.concat("\udcc3", "\udca9") == "é"
    with pytest.raises(Exception, match="string or blob too big"):
        arithmetic.concat("éé", "é", 5)


@pytest.mark.parametrize(
    ("name", "affinity"),
    [("", "A"), ("INT", "D"), ("BIGINT", "D"), ("charint", "D"), ("VARCHAR(3)", "B"), ("CLOB", "B"), ("text blob", "B"),
     ("BLOB", "A"), ("REAL BLOB", "A"), ("FLOATING POINT", "D"), ("FLOAT", "E"), ("DOUBLE", "E"), ("DECIMAL(10,5)",
    "C"),
     ("BOOLEAN", "C"), ("DATE", "C"), ("STRING", "C"), ("ANY", "C"), ("ıNT", "C"), ("né INT", "D")],
)  # fmt: skip
def test_declared_types_have_their_affinity(name, affinity):
    assert affinity_of_type(name) == affinity
    if name:
        CONNECTION.execute(
            f"DROP TABLE IF EXISTS u; CREATE TABLE u(a \"{name}\"); INSERT INTO u VALUES(1.0), ('01'), (1)"
        )
        stored = [kind for (kind,) in CONNECTION.execute("SELECT typeof(a) FROM u")]
        expected = [apply_affinity(value, affinity) for value in (1.0, "01", 1)]
        assert stored == [{int: "integer", float: "real", str: "text"}[type(value)] for value in expected]


def test_affinities_apply_column_by_column():
    assert apply_affinities(["1", "1", 1, "x"], "CB") == [1, "1", 1, "x"]


def test_comparisons_use_the_affinity_of_their_operands():
    columns = {"i": "D", "r": "E", "n": "C", "t": "B", "b": "A"}
    CONNECTION.execute("DROP TABLE IF EXISTS v; CREATE TABLE v(i INTEGER, r REAL, n NUMERIC, t TEXT, b BLOB)")
    values = [1, "1", 1.5, "1.5", "x", b"1", "01", 10, "10", " 1 ", 2**53 + 1, float(2**53)]
    operands = list(columns.items()) + [("?", "@")]
    for left_value, right_value in itertools.product(values, values):
        for (left, left_affinity), (right, right_affinity) in itertools.product(operands, operands):
            columns_sql = ", ".join(columns)
            first = apply_affinity(left_value, left_affinity)
            second = apply_affinity(right_value, right_affinity)
            affinity = comparison_affinity(left_affinity, right_affinity)
            ours = compare_values(*apply_comparison_affinity(first, second, affinity), compare_binary)
            key = (left, right, left_value, right_value)
            assert ours == _oracle_order(columns_sql, left, right, left_value, right_value), key


def _oracle_order(columns, left, right, left_value, right_value):
    rows = f"(SELECT {columns} FROM v WHERE rowid = %d)"
    CONNECTION.execute("DELETE FROM v")
    CONNECTION.execute("INSERT INTO v VALUES(?1, ?1, ?1, ?1, ?1), (?2, ?2, ?2, ?2, ?2)", (left_value, right_value))
    first = "?1" if left == "?" else f"x.{left}"
    second = "?2" if right == "?" else f"y.{right}"
    sql = f"SELECT ({first} > {second}) - ({first} < {second}) FROM {rows % 1} x, {rows % 2} y"
    used = sql.replace("?1", literal_of(left_value)).replace("?2", literal_of(right_value))
    return next(iter(CONNECTION.execute(used)))[0]


def literal_of(value):
    """A literal without affinity; apsw binds no parameter that the text does not name."""
    return quote_value(value)
