"""Functions beyond SQLite's core on both VMs: regular expressions, statistics, UUIDs, encodings, distances."""

from __future__ import annotations

import random
from typing import Any

import pytest
from native_calls import run_and_listen
from vm_twin import TwinConnection

CALLS = 2500
PATTERN_PIECES = [
    *(
        "a",
        "b",
        "é",
        ".",
        "^",
        "$",
        "(",
        ")",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,3}",
        "{,2}",
        "{2,}",
        "[a-c]",
        "[^b]",
        "\\d",
    ),
    *(
        "\\w",
        "\\s",
        "\\b",
        "\\D",
        "\\W",
        "\\S",
        "\\x41",
        "\\u00e9",
        "\\n",
        "\\.",
        "[",
        "]",
        "\\",
        "{",
        "-",
        "ab",
        "[\\d]",
        "A",
    ),
]
TEXT_PIECES = ["a", "b", "ab", "c", "é", " ", "1", "A", "_", "\n", "", "日", "\udc80", "-", "aaa"]
VALUES: list[Any] = [
    None,
    0,
    1,
    -1,
    2.5,
    -0.5,
    1e300,
    2**63 - 1,
    -(2**63),
    "",
    "12",
    "abc",
    "\\0041",
    "\\u00e9",
    "\\",
    b"",
    b"ab",
    bytes.fromhex("010000000EC658773327BE3920"),
    bytes.fromhex("01FFFFFFFFFE1C298000000001"),
    bytes.fromhex("017FFFFFFFFFFFFFFFFFFFFFFF"),
    "century",
    "Weeks",
    "2011-11-18T15:56:35.5+01:00",
]
DIGITS = "0123456789abcdefABCDEF{}-=+/ \n#$&*zZé"
CALLS_OF_VALUES = [
    *(
        "unhex(?)",
        "unhex(?, ?)",
        "unistr(?)",
        "unistr_quote(?)",
        "base64(?)",
        "base85(?)",
        "is_base85(?)",
        "uuid_str(?)",
    ),
    *(
        "uuid_blob(?)",
        "uuid7_timestamp_ms(?)",
        "ieee754(?)",
        "ieee754(?, ?)",
        "ieee754_mantissa(?)",
        "ieee754_exponent(?)",
    ),
    *(
        "time_date(?, ?, ?)",
        "time_unix(?, ?)",
        "time_nano(?)",
        "time_to_micro(?)",
        "time_get(?, ?)",
        "time_get_isoweek(?)",
        "time_compare(?, ?)",
        "time_add(?, ?)",
        "time_add_date(?, ?, ?)",
        "time_sub(?, ?)",
        "time_trunc(?, ?)",
        "time_round(?, ?)",
        "time_fmt_iso(?, ?)",
        "time_parse(?)",
    ),
    *("ieee754_to_blob(?)", "ieee754_from_blob(?)", "ieee754_to_int(?)", "ieee754_from_int(?)", "ieee754_inc(?, ?)"),
    *(
        "levenshtein(?, ?)",
        "editdist3(?, ?)",
        "char(?)",
        "unicode(?)",
        "md5(?)",
        "sha1(?)",
        "sha1b(?)",
        "sha256(?)",
        "sha3(?)",
        "sha3(?, 512)",
        "sha3(?, 224)",
        "sha3(?, 384)",
        "sha3(?, ?)",
    ),
]
GROUPS = [
    *(
        "median(v)",
        "percentile(v, 30)",
        "percentile_cont(v, 0.3)",
        "percentile_disc(v, 0.7)",
        "stddev(v)",
        "stddev_pop(v)",
    ),
    *("variance(v)", "var_pop(v)", "var_samp(v)", "stddev_samp(v)"),
]


def joined(source: random.Random, pieces: list[str], most: int) -> str:
    """A few of the pieces in a row."""
    return "".join(source.choice(pieces) for _ in range(source.randrange(most)))


def test_random_patterns_match_alike(twin: TwinConnection) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    refused = 0
    calls = (
        "regexp(?1, ?2)",
        "regexpi(?1, ?2)",
        "regexp_like(?2, ?1)",
        "regexp_substr(?2, ?1)",
        "regexp_replace(?2, ?1, '<>')",
    )
    for _ in range(CALLS):
        values = [joined(source, PATTERN_PIECES, 7), joined(source, TEXT_PIECES, 12)]
        call = source.choice(calls)
        outcomes = twin.run(f"SELECT {call}", values)
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, call, values)
        refused += outcomes[0].error is not None
    assert 0 < refused < CALLS * 3 // 4


def random_value(source: random.Random) -> Any:
    """A value that some of the functions take, and others do not."""
    kind = source.randrange(5)
    if kind == 0:
        return source.choice(VALUES)
    if kind == 1:
        return joined(source, list(DIGITS), 40)
    if kind == 2:
        return source.randbytes(source.choice([0, 1, 3, 7, 8, 8, 16, 100]))
    if kind == 3:
        return source.randbytes(16).hex()
    return source.choice([source.uniform(-1e3, 1e3), source.randrange(-(2**63), 2**63), joined(source, TEXT_PIECES, 9)])


def test_random_calls_are_answered_alike(twin: TwinConnection) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    for _ in range(CALLS):
        call = source.choice(CALLS_OF_VALUES)
        values = [random_value(source) for _ in range(call.count("?"))]
        outcomes = twin.run(f"SELECT {call}", values)
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, call, values)


@pytest.mark.parametrize("group", GROUPS)
def test_statistics_are_alike_of_groups_and_in_frames(twin: TwinConnection, group: str) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    twin.run("CREATE TABLE t(k, v)", [])
    for number in range(120):
        value: Any = source.choice([None, number, source.uniform(-5, 5), source.uniform(-1e15, 1e15), 7, 0.1])
        if number % 40 == 39:
            value = source.choice(["text", "12", 9e999, 1e308])
        twin.run("INSERT INTO t VALUES (?, ?)", [number // 30, value])
    for query in (
        f"SELECT k, {group} FROM t GROUP BY k",
        f"SELECT {group} FROM t WHERE typeof(v) IN ('integer', 'real', 'null') AND abs(v) < 1e300",
        f"SELECT {group} OVER (ORDER BY rowid ROWS 5 PRECEDING) FROM t WHERE k = 1 AND typeof(v) <> 'text'",
        f"SELECT {group} FROM t WHERE v > 1e400",
    ):
        outcomes = twin.run(query, [])
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, query)


def test_random_uuids_are_alike_but_for_chance(twin: TwinConnection) -> None:
    for call in ("uuid()", "uuid4()", "gen_random_uuid()", "uuid7()", "hex(uuid4_blob())", "hex(uuid7_blob())"):
        outcomes = twin.run(f"SELECT length({call}), substr(replace({call}, '-', ''), 13, 1)", [])
        assert outcomes is not None
        assert outcomes[0] == outcomes[1]
        assert outcomes[1].rows[0][1] == ("7" if "7" in call else "4")


@pytest.mark.parametrize(
    "call", ["regexp('a', 'b')", "uuid_str('x')", "base64(x'00')", "unhex('00')", "levenshtein(1, 2)"]
)
def test_the_kernel_asks_nobody(twin: TwinConnection, call: str) -> None:
    outcomes, asked = run_and_listen(twin, f"SELECT {call}")
    assert outcomes[0].rows == outcomes[1].rows
    assert asked == []
