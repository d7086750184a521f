"""The functions that real SQLite must load: beside its own extensions (apsw ships them), hashlib, statistics."""

from __future__ import annotations

import hashlib
import random
import statistics

import apsw
import apsw.sqlite_extra
import pytest
from function_oracle import CONTEXT, FakeHost, call_text, our_aggregate, our_scalar, same
from keelback_core.reference.vm.functions import find_scalar
from keelback_core.reference.vm.functions.digest_sha import md5, sha1, sha3, sha256

LOADED = apsw.Connection(":memory:")
for extension in ("decimal", "ieee754", "regexp", "shathree", "sha1", "base64", "base85", "uuid"):
    apsw.sqlite_extra.load(LOADED, extension)


def oracle(call):
    """The value of the call on real SQLite with its extensions, or ("error", message)."""
    try:
        return next(iter(LOADED.execute("SELECT " + call)))[0]
    except apsw.Error as error:
        return ("error", str(error))


def check(name, *arguments):
    expected = oracle(call_text(name, arguments))
    actual = our_scalar(name, list(arguments))
    assert same(expected, actual), f"{call_text(name, arguments)}: SQLite {expected!r}, ours {actual!r}"


@pytest.mark.parametrize("size", [0, 1, 54, 55, 56, 63, 64, 65, 119, 135, 136, 137, 143, 144, 500])
def test_digests_agree_with_hashlib_around_block_ends(size):
    data = bytes(position * 7 & 0xFF for position in range(size))
    assert md5(data) == hashlib.md5(data).digest()
    assert sha1(data) == hashlib.sha1(data).digest()
    assert sha256(data) == hashlib.sha256(data).digest()
    for bits in (224, 256, 384, 512):
        assert sha3(data, bits) == hashlib.new(f"sha3_{bits}", data).digest()


@pytest.mark.parametrize("value", [None, "abc", b"abc", 12, 1.5, "", b"", "é"])
def test_digest_functions_agree_with_sqlite(value):
    for name in ("sha1", "sha1b", "sha3"):
        check(name, value)
    check("sha3", value, 384)
    check("sha3", value, 100)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 53, 54, 55, 56, 57, 63, 64, 65, 200])
def test_base64_and_base85_agree_with_sqlite_and_read_back(size):
    data = bytes(position * 37 & 0xFF for position in range(size))
    for name in ("base64", "base85"):
        check(name, data)
        text = our_scalar(name, [data])
        check(name, text)
        assert our_scalar(name, [text]) == data


@pytest.mark.parametrize("value", [None, 5, 1.5, "", "YW", "YWI=", "YQ==YQ==", "!!!!", "##", "zz", "~", "## ##"])
def test_base64_and_base85_of_odd_values(value):
    for name in ("base64", "base85", "is_base85"):
        check(name, value)


@pytest.mark.parametrize(
    "value",
    [
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "{A0EEBC99-9C0B4EF8BB6D6BB9BD380A11}",
        "a0-eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11x",
        "a0eebc999c0b4ef8bb6d6bb9bd380a1",
        "-a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0--eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0e-ebc999c0b4ef8bb6d6bb9bd380a11",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11}}",
        "x",
        "",
        None,
        5,
        b"0123456789abcdef",
        b"0123",
    ],
)
def test_uuids_are_read_as_sqlite_reads_them(value):
    check("uuid_str", value)
    check("uuid_blob", value)


def test_new_uuids_have_their_version_and_time():
    for name in ("uuid", "uuid4", "uuid4_str", "gen_random_uuid"):
        assert our_scalar(name, []) == "00000000-0000-4000-8000-000000000000"
    assert our_scalar("uuid4_blob", []) == bytes.fromhex("00000000000040008000000000000000")
    text = our_scalar("uuid7", [])
    assert text[14] == "7" and text[19] == "8"
    assert our_scalar("uuid7_timestamp_ms", [text]) == FakeHost().current_time_milliseconds()
    assert our_scalar("uuid7_timestamp_ms", [our_scalar("uuid7_blob", [])]) == 1700000000123
    assert our_scalar("uuid7_timestamp_ms", [our_scalar("uuid4", [])]) is None


def test_spread_agrees_with_statistics():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = random.Random(seed)
    values = [generator.uniform(-1000, 1000) for _ in range(50)]
    rows = [[value] for value in values]
    for name, function in (
        ("stddev", statistics.stdev),
        ("stddev_samp", statistics.stdev),
        ("stddev_pop", statistics.pstdev),
        ("variance", statistics.variance),
        ("var_samp", statistics.variance),
        ("var_pop", statistics.pvariance),
    ):
        assert our_aggregate(name, rows) == pytest.approx(function(values), rel=1e-12)


def test_spread_of_few_values():
    assert our_aggregate("stddev", [[1]]) is None
    assert our_aggregate("stddev_pop", [[1]]) == 0.0
    assert our_aggregate("var_pop", [[None]]) is None
    assert our_aggregate("var_samp", [[None], [1], [3]]) == 2.0


def test_context_is_all_that_functions_are_given():
    assert find_scalar("uuid", 0)(CONTEXT, []) == our_scalar("uuid", [])


PATTERN_PARTS = (
    r"a b c 1 _ é A . ^ $ * + ? ( ) (a|b) | [ab] [^a] [a-c] []a] \d \w \s \b \W {2} {1,2} {0,1} \. \- (ab)+ \D \S"
).split()
# SQLite's version reads these differently: a repetition of a repetition or of an anchor, a count behind a group, and a
# `$` in the middle.
_REPEATS = ("*", "+", "?", "}")
QUIRKS = tuple(first + second for first in (*_REPEATS, "^", "$") for second in ("*", "+", "?", "{"))
QUIRKS += ("\\b{", "){")


def test_random_patterns_match_as_sqlite_matches_them():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = random.Random(seed)
    differences = []
    compared = 0
    for _ in range(2000):
        parts = [generator.choice(PATTERN_PARTS) for _ in range(generator.randrange(6))]
        pattern = "".join(parts)
        text = "".join(generator.choice("aabbc1 _éA\n") for _ in range(generator.randrange(8)))
        if any(part in pattern for part in QUIRKS) or "$" in pattern[:-1]:
            continue
        expected = oracle(call_text("regexp", [pattern, text]))
        actual = our_scalar("regexp", [pattern, text])
        compared += not isinstance(expected, tuple)
        if not same(expected, actual):
            differences.append(f"{pattern!r} {text!r}: SQLite {expected!r}, ours {actual!r}")
    assert compared > 500
    assert differences == []


@pytest.mark.parametrize(
    "pattern",
    r"( a) [a * +a ?a {2} a{2 a{3,2} a{0} a{x} \q [] [[:alpha:]] [a-] [\d] (?:a)".split(),
)
def test_bad_patterns_are_refused_in_sqlites_words(pattern):
    check("regexp", pattern, "a")


def test_no_pattern_takes_more_than_its_length_times_the_texts():
    assert our_scalar("regexp", ["(a*)*(a*)*(a*)*b", "a" * 3000]) == 0
    assert our_scalar("regexp", ["(a|aa)+$", "a" * 2000 + "b"]) == 0
    assert our_scalar("regexp", ["(" * 5000 + "a" + ")" * 5000, "a"]) == 1
    assert our_scalar("regexp", ["((((a{99}){99}){99}){99})", "a"]) == ("error", "REGEXP pattern too big")


def test_regexp_substr_and_replace_take_the_leftmost_longest_match():
    assert our_scalar("regexp_substr", ["xx123yy45", r"\d+"]) == "123"
    assert our_scalar("regexp_substr", ["foobar", "foo|foobar"]) == "foobar"
    assert our_scalar("regexp_substr", ["abc", "z"]) is None
    assert our_scalar("regexp_replace", ["a1b22c", r"\d+", "#"]) == "a#b#c"
    assert our_scalar("regexp_replace", ["abc", "x*", "-"]) == "-a-b-c-"
    assert our_scalar("regexp_replace", ["abc", "b", None]) is None
    assert our_scalar("regexp_like", ["abc", "b"]) == 1
    assert our_scalar("regexpi", ["B", "abc"]) == 1


def test_decimals_agree_with_sqlite():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = random.Random(seed)
    fixed = ["0", ".5", "5.", "abc", "1x", "+7", "  8 ", "00012.50", "1 2", "1e3", "0.00", "1e-2", "--5", "1.2.3"]

    def number():
        chosen = [
            generator.randrange(-999, 999),
            round(generator.uniform(-99, 99), generator.randrange(4)),
            f"{generator.uniform(-99, 99):.{generator.randrange(5)}f}",
            str(generator.randrange(-(10**25), 10**25)),
            f"{generator.uniform(-9, 9):.3f}e{generator.randrange(-9, 9)}",
        ]
        return generator.choice([*chosen, generator.choice(fixed)])

    for _ in range(300):
        check("decimal", number())
        check("decimal_exp", number())
        check("decimal", number(), generator.randrange(9))
        for name in ("decimal_add", "decimal_sub", "decimal_mul"):
            left, right = number(), number()
            # SQLite may have a negative zero here.
            if our_scalar(name, [left, right]).strip("0."):
                check(name, left, right)
        # SQLite's comparison goes wrong over numbers like '.5' and '1e-2'.
        check("decimal_cmp", generator.randrange(-9, 9), f"{generator.uniform(-9, 9):.2f}")
    for value in (None, b"12345678", b"x", 1e300, 5e-324, 0.1):
        check("decimal", value)
        check("decimal_exp", value)


def test_decimals_of_any_length_stay_within_their_limit():
    assert our_scalar("decimal_add", ["9" * 9000, "1"]) == "1" + "0" * 9000
    assert our_scalar("decimal", ["1e9999999"]) == ("error", "string or blob too big")
    assert our_aggregate("decimal_sum", [["1.1"], [2], [None], ["3.05"]]) == "6.15"
    assert our_aggregate("decimal_sum", [[None]]) == "0"


def test_ieee754_agrees_with_sqlite():
    values = [
        None,
        0,
        1,
        -1,
        5,
        2**62,
        0.0,
        1.5,
        -1.5,
        1e300,
        5e-324,
        1e-310,
        9e999,
        45.25,
        "a",
        "5",
        b"12345678",
        b"x",
    ]
    for name in ("mantissa", "exponent", "to_blob", "from_blob", "to_int", "from_int"):
        for value in values:
            check(f"ieee754_{name}", value)
    for value in values:
        check("ieee754", value)
        check("ieee754_inc", value, 3)
    for mantissa, exponent in ((2, 0), (181, -2), (1, 1024), (1, -1100), (-1, 0), (3, -1075), (9223372036854775807, 0)):
        check("ieee754", mantissa, exponent)


def test_edit_distances():
    assert our_scalar("levenshtein", ["kitten", "sitting"]) == 3
    assert our_scalar("levenshtein", ["", "abc"]) == 3
    assert our_scalar("levenshtein", [None, "abc"]) is None
    assert our_scalar("editdist3", ["kitten", "sitting"]) == 400
    assert our_scalar("levenshtein", ["a" * 6000, "b" * 6000]) == ("error", "texts too long for an edit distance")
