"""Every scalar function beside real SQLite: a table of odd calls, and random ones with a printed seed."""

from __future__ import annotations

import random

import apsw
import pytest
from function_oracle import CONNECTION, FakeHost, call_text, difference, oracle_value, our_scalar, same
from keelback_core.reference.vm.functions import find_scalar
from keelback_core.value.text_bytes import canonical

TEXTS = [
    "", "a", "A", "abc", "ABC", "hello world", "  pad  ", "é", "éa", "日本語", "😀x", "a\0b", "\0", "\udcff", "\udcc3",
    "a\udc80b", "\udce9\udc80z", "xxaxx", "'", "''q'", "\\", "\\u0041", "\\\\", "\\+01F600", "\\0041", "\\U0001F600x",
    "\\ud800", "a\nb", "\t", "\x01\x02", "12", "12.5", "-3", "1e3", "0x10", " 7 ", "ab cd", "ABcd", "AB CD", "%", "_",
    "a%", "%b%", "[a-c]*", "*", "?", "é%", "\ufffe", "\U0010ffff", '"j"\\', "ÀÉ", "\udc80\udc80a",
]  # fmt: skip
NUMBERS = [
    0, 1, -1, 2, 3, 5, -2, -3, 10, 64, 255, 1000, -1000, 2**31, -(2**31), 2**63 - 1, -(2**63), 65, 233, 0xD800,
    0x10FFFF,
    0x110000, 0.0, 1.5, -1.5, 2.5, 0.5, -0.5, 1e10, 123.456, -123.456, 1e300, 1e-300, float("inf"), -float("inf"),
    4503599627370495.5, 9.99, 0.1, 1 / 3, 1234567.891,
]  # fmt: skip
BLOBS = [b"", b"abc", b"\xff\x00", b"\x00\x01\x02", b"ab", b"12", "é".encode(), b"a"]

COUNTS = {
    "abs": [1], "coalesce": [2, 3], "ifnull": [2], "nullif": [2], "iif": [2, 3, 4, 5], "if": [3], "length": [1],
    "octet_length": [1], "lower": [1], "upper": [1], "substr": [2, 3], "substring": [2, 3], "ltrim": [1, 2],
    "rtrim": [1, 2], "trim": [1, 2], "replace": [3], "instr": [2], "hex": [1], "unhex": [1, 2], "quote": [1],
    "round": [1, 2], "typeof": [1], "unicode": [1], "char": [0, 1, 2, 3], "min": [2, 3], "max": [2, 3], "sign": [1],
    "concat": [1, 2, 3], "concat_ws": [2, 3, 4], "unistr": [1], "unistr_quote": [1], "subtype": [1], "likely": [1],
    "unlikely": [1], "like": [2, 3], "glob": [2],
}  # fmt: skip


def any_value(source):
    """A random value that tends to be odd."""
    kind = source.random()
    if kind < 0.06:
        return None
    if kind < 0.55:
        return source.choice(TEXTS)
    return source.choice(NUMBERS) if kind < 0.88 else source.choice(BLOBS)


def text_from(source, alphabet, most=6):
    """A random text of few characters."""
    return canonical("".join(source.choice(alphabet) for _ in range(source.randint(0, most))))


def arguments_for(source, name, count):
    """Random arguments, most of them such as make the function work."""
    arguments = [any_value(source) for _ in range(count)]
    if name in ("like", "glob") and source.random() < 0.8:
        arguments[0] = text_from(source, "aAbB%_*?[]^-é")
        arguments[1] = text_from(source, "aAbBé]^-")
        if count == 3:
            arguments[2] = source.choice("ab%_A\\")
    elif name == "unhex" and source.random() < 0.6:
        arguments[0] = text_from(source, "aF0 -é")
        if count == 2:
            arguments[1] = source.choice([" -", "é", " "])
    elif name == "unistr" and source.random() < 0.6:
        arguments[0] = text_from(source, ["\\", "u", "00", "41", "+", "U", "d8", "z", "é"], 9)
    elif name == "round" and source.random() < 0.7:
        arguments[0] = round(source.uniform(-1000, 1000), source.randint(0, 6))
    elif name == "replace" and source.random() < 0.4:
        arguments = [text_from(source, "aab\udcc3\udca9é") for _ in arguments]
    elif name in ("trim", "ltrim", "rtrim", "instr") and source.random() < 0.4:
        arguments = [text_from(source, "ab\udcc3\udca9é \0") for _ in arguments]
    elif name in ("substr", "substring") and source.random() < 0.6:
        arguments = [text_from(source, "ab\udcc3\udca9é \0"), *[source.randint(-8, 8) for _ in arguments[1:]]]
    return arguments


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_a_function_agrees_with_sqlite_on_random_arguments(name):
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(f"{seed}{name}")
    differences = []
    for count in COUNTS[name]:
        for _ in range(150):
            found = difference(name, arguments_for(source, name, count))
            if found:
                differences.append(found)
    assert differences == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("abs", [-(2**63)]),
        ("like", ["a", "b", "xy"]),
        ("like", ["a", "b", ""]),
        ("like", ["%" * 50001, "a"]),
        ("like", ["%" * 50000, "a"]),
        ("glob", ["*" * 50001, "a"]),
        ("zeroblob", [2000000000]),
        ("zeroblob", [-1]),
        ("zeroblob", [3]),
        ("randomblob", [2000000000]),
        ("unistr", ["\\x"]),
        ("unistr", ["\\+00"]),
        ("printf", []),
        ("printf", [None]),
        ("substr", ["hello", 2**63 - 1, -(2**63)]),
        ("substr", ["hello", -(2**63)]),
        ("substr", [b"hello", -3, 2]),
        ("substr", ["hello", 2, None]),
        ("replace", ["abc", "", None]),
        ("likelihood", [7, 0.5]),
    ],
)
def test_an_odd_call_agrees_with_sqlite(name, arguments):
    assert difference(name, arguments) is None


def test_min_max_and_nullif_use_the_collation_of_the_call():
    for name in ("min", "max", "nullif"):
        expected = oracle_value(f"{name}('b' COLLATE NOCASE, 'B')")
        assert same(our_scalar(name, ["b", "B"], "NOCASE"), expected), name


def test_results_beyond_the_length_limit_are_refused():
    host = FakeHost()
    host.limit_length = 10
    for name, arguments in [
        ("replace", ["aaaa", "a", "bbb"]),
        ("hex", ["abcdef"]),
        ("zeroblob", [11]),
        ("randomblob", [11]),
        ("printf", ["%20d", 1]),
        ("printf", ["%.20d", 1]),
        ("printf", ["%.20f", 1.0]),
        ("printf", ["%.20c", "a"]),
        ("concat", ["abcdef", "abcdef"]),
        ("concat_ws", ["-----", "abc", "def"]),
        ("quote", ["abcdefghi"]),
    ]:
        assert our_scalar(name, arguments, host=host) == ("error", "string or blob too big"), name


def test_the_connection_is_asked_for_its_counters():
    host = FakeHost()
    host.last_insert_rowid, host.changes, host.total_changes = 7, 8, 9
    names = ("last_insert_rowid", "changes", "total_changes")
    assert [our_scalar(name, [], host=host) for name in names] == [7, 8, 9]
    assert our_scalar("sqlite_version", []) == oracle_value("sqlite_version()")
    assert our_scalar("sqlite_source_id", []) == oracle_value("sqlite_source_id()")


def test_random_never_gives_the_smallest_integer():
    host = FakeHost()
    host.random_bytes = lambda count: b"\0" * (count - 1) + b"\x80"
    assert our_scalar("random", [], host=host) == -(2**63) + 1
    assert our_scalar("randomblob", [0], host=host) == b"\x80"


def test_compile_options_are_listed_and_found():
    first = our_scalar("sqlite_compileoption_get", [0])
    assert isinstance(first, str)
    assert our_scalar("sqlite_compileoption_used", ["SQLITE_" + first.partition("=")[0].lower()]) == 1
    assert our_scalar("sqlite_compileoption_used", ["NO_SUCH_OPTION"]) == 0
    assert our_scalar("sqlite_compileoption_get", [-1]) is None
    assert our_scalar("sqlite_compileoption_get", [2**40]) is None


MATHEMATICAL = (
    "acos acosh asin asinh atan atanh ceil ceiling cos cosh degrees exp floor ln log10 log2 log radians sin sinh sqrt "
    "tan tanh trunc"
)


@pytest.mark.parametrize("name", MATHEMATICAL.split())
def test_a_mathematical_function_agrees_with_sqlite(name):
    numbers = [*NUMBERS, None, 709, 710, 711.0, -711.0, "2", "2.5", "x", "3x", b"2", " 3 ", -0.0]
    assert [found for found in (difference(name, [number]) for number in numbers) if found] == []


@pytest.mark.parametrize("name", ["atan2", "mod", "pow", "power", "log"])
def test_a_mathematical_function_of_two_agrees_with_sqlite(name):
    numbers = [
        None,
        0,
        1,
        -1,
        2,
        10,
        0.5,
        -0.5,
        0.0,
        -1.5,
        1000,
        -3,
        1e300,
        -1e300,
        float("inf"),
        -float("inf"),
        "2",
        "8x",
        b"2",
    ]
    calls = [[left, right] for left in numbers for right in numbers]
    assert [found for found in (difference(name, call) for call in calls) if found] == []
    assert our_scalar("pi", []) == oracle_value("pi()")


def test_names_are_found_in_any_case_and_unknown_ones_are_not():
    assert find_scalar("ABS", 1) is find_scalar("abs", 1)
    assert find_scalar("abs", 2) is None
    assert find_scalar("nothing", 0) is None


def test_literals_reach_the_oracle_unchanged():
    for value in [*TEXTS, *NUMBERS, *BLOBS, None]:
        assert same(oracle_value(call_text("coalesce", [value, None])), value), repr(value)


@pytest.mark.parametrize("name", ["like", "glob"])
def test_the_pattern_limit_of_the_connection_holds(name):
    host = FakeHost()
    host.limit_pattern_length = 5
    CONNECTION.limit(apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 5)
    try:
        for pattern in ("abcde", "abcdef", "éé", "ééé"):
            expected = oracle_value(call_text(name, [pattern, "abcde"]))
            assert same(expected, our_scalar(name, [pattern, "abcde"], host=host)), pattern
    finally:
        CONNECTION.limit(apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50000)
