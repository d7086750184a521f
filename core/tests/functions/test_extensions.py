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
