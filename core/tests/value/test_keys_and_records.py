"""The order of values and keys, and the bytes of records, beside real SQLite."""

from __future__ import annotations

import functools
import os
import random
import time

import apsw
import pytest
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS, KeyComparator, compare_binary, compare_values
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.record import (
    decode_columns,
    decode_record,
    encode_record,
    read_varint,
    record_columns,
    varint_size,
    write_varint,
)
from keelback_core.value.result_codes import CORRUPT
from keelback_core.value.text_bytes import canonical, has_escapes, split_characters, text_of_bytes
from value_oracle import BLOBS, NUMBERS, TEXTS, VALUES, oracle_value

ODD_CHARACTERS = ["a", "A", "b", "B", " ", "\0", "é", "\udc80", "\udcff", "\ue000", "\uffff", "\U00010000"]


def odd_texts(source, count):
    """Short texts of characters that collations treat in special ways."""
    return [
        canonical("".join(source.choice(ODD_CHARACTERS) for _ in range(source.randint(0, 5)))) for _ in range(count)
    ]


@pytest.mark.parametrize("name", ["BINARY", "NOCASE", "RTRIM"])
def test_a_collation_orders_as_sqlite_does(name):
    seed = int(time.time())
    print("seed", seed)
    source = random.Random(seed)
    texts = TEXTS + odd_texts(source, 400)
    for _ in range(4000):
        left, right = source.choice(texts), source.choice(texts)
        template = f"(SELECT (x > y) - (x < y) FROM (SELECT {{}} COLLATE {name} AS x, {{}} AS y))"
        expected = oracle_value(template, left, right)
        assert compare_values(left, right, BUILTIN_COLLATIONS[name]) == expected, (left, right)


def test_values_of_all_classes_sort_as_sqlite_sorts_them():
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE t(a, n)")
    source = random.Random(3)
    values = [value for value in VALUES if not (isinstance(value, str) and has_escapes(value))]
    source.shuffle(values)
    connection.executemany("INSERT INTO t VALUES(?, ?)", [(value, number) for number, value in enumerate(values)])
    expected = [number for (number,) in connection.execute("SELECT n FROM t ORDER BY a, n")]

    def compare(left, right):
        return compare_values(values[left], values[right], compare_binary) or left - right

    assert sorted(range(len(values)), key=functools.cmp_to_key(compare)) == expected


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("nulls", ["", "NULLS FIRST", "NULLS LAST"])
def test_key_comparators_follow_direction_and_place_of_nulls(direction, nulls):
    connection = apsw.Connection(":memory:")
    rows = [
        (left, right, number)
        for number, (left, right) in enumerate((a, b) for a in (None, 1, "a", "B") for b in (None, 2, "b"))
    ]
    connection.execute("CREATE TABLE t(a, b, n)")
    connection.executemany("INSERT INTO t VALUES(?, ?, ?)", rows)
    expected = [
        number
        for (number,) in connection.execute(f"SELECT n FROM t ORDER BY a COLLATE NOCASE {direction} {nulls}, b DESC, n")
    ]
    flags = 1 if direction == "DESC" else 0
    if nulls == ("NULLS LAST" if direction == "ASC" else "NULLS FIRST"):
        flags |= 2
    info = KeyInfo(("NOCASE", "BINARY"), (flags, 1), 3)
    comparator = KeyComparator(info, [BUILTIN_COLLATIONS[name] for name in info.collation_names])
    ordered = sorted(rows, key=functools.cmp_to_key(comparator.compare))
    assert [row[2] for row in ordered] == expected
    assert info.key_column_count == 2
    assert info == KeyInfo(("NOCASE", "BINARY"), (flags, 1), 3)
    assert hash(info) == hash(KeyInfo(("NOCASE", "BINARY"), (flags, 1), 3))


def test_a_prefix_of_a_key_ties_with_what_begins_with_it():
    comparator = KeyComparator(KeyInfo(("BINARY", "BINARY"), (0, 0), 3), [compare_binary, compare_binary])
    assert comparator.compare(["a", 1, 5], ["a"]) == 0
    assert comparator.compare(["a", 1, 5], ["a", 1, 6]) == -1
    assert comparator.compare(["b", 1], ["a", 9]) == 1


@pytest.mark.parametrize(
    "value", [0, 1, 127, 128, 16383, 16384, 2**21, 2**28, 2**35, 2**49, 2**56 - 1, 2**56, 2**63, 2**64 - 1]
)
def test_varints_are_read_as_they_were_written(value):
    data = write_varint(value)
    assert read_varint(b"x" + data + b"y", 1) == (value, 1 + len(data))
    assert len(data) == varint_size(value)
    with pytest.raises(SqlError):
        read_varint(data[:-1], 0)


def record_values(source):
    """Random rows of every width of integer and length of text."""
    pool = [
        None,
        *NUMBERS,
        *BLOBS,
        *TEXTS,
        b"x" * 200,
        "y" * 20000,
        "é" * 70,
        *[sign * 2**bits - 1 for bits in range(63) for sign in (1, -1)],
    ]
    return [source.choice(pool) for _ in range(source.randint(1, 12))]


def test_records_come_back_in_all_encodings():
    source = random.Random(5)
    for _ in range(300):
        values = record_values(source)
        assert decode_record(encode_record(values)) == values
        plain = [value for value in values if not (isinstance(value, str) and has_escapes(value))]
        for encoding in (2, 3):
            assert decode_record(encode_record(plain, encoding), encoding) == plain


def test_the_rows_of_a_file_of_sqlite_hold_our_records(tmp_path):
    source = random.Random(6)
    for encoding, name in ((1, "UTF-8"), (2, "UTF-16le"), (3, "UTF-16be")):
        path = str(tmp_path / f"{encoding}.db")
        connection = apsw.Connection(path)
        connection.execute(f"PRAGMA encoding='{name}'; PRAGMA page_size=65536; CREATE TABLE t(a, b, c)")
        rows = []
        for _ in range(60):
            row = [
                value
                for value in record_values(source)
                if not (isinstance(value, str) and (has_escapes(value) or len(value) > 99))
            ]
            rows.append((row + [7, 0, 1])[:3])
        connection.executemany("INSERT INTO t VALUES(?, ?, ?)", rows)
        connection.close()
        with open(path, "rb") as file:
            content = file.read()
        assert [row for row in rows if encode_record(row, encoding) not in content] == []


def test_wide_records_count_the_bytes_of_their_header():
    for count in (1, 125, 126, 127, 128, 16380, 16381, 16382, 16383):
        data = encode_record([None] * count)
        size, start = read_varint(data, 0)
        assert size == len(data) == start + count
        assert len(decode_record(data)) == count


def test_few_columns_can_be_read_without_the_others():
    data = encode_record([1, "abc", None, 2.5])
    assert decode_columns(data, 2) == [1, "abc"]
    assert decode_columns(data, 9) == [1, "abc", None, 2.5]
    assert [serial for serial, _ in record_columns(data)] == [9, 19, 0, 7]


def test_a_nan_in_a_file_reads_as_null():
    assert decode_record(bytes((2, 7)) + b"\x7f\xf8" + bytes(6)) == [None]
    assert decode_record(bytes((3, 10, 11))) == [None, None]


def test_broken_records_are_corruption_and_never_anything_else():
    for data in (
        b"",
        b"\x09",
        b"\x02\x06",
        b"\x03\x01\x01\x05",
        b"\x81",
        b"\x02\x81",
        b"\x02\x01\x05\x05",
        b"\x00\x01",
    ):
        with pytest.raises(SqlError) as caught:
            decode_record(data)
        assert caught.value.code == CORRUPT
        assert caught.value.message == "database disk image is malformed"
    for _ in range(3000):
        noise = os.urandom(12)
        try:
            decode_record(noise)
            record_columns(noise)
        except SqlError as error:
            assert error.code == CORRUPT, noise


def test_characters_of_broken_texts():
    assert canonical("\udcc3\udca9x") == "éx"
    assert text_of_bytes(b"\xc3\xa9") == "é"
    assert not has_escapes("é\U0010ffff")
    assert split_characters(b"a\xc3\xa9\x80b\x80\x80") == [b"a", b"\xc3\xa9\x80", b"b", b"\x80", b"\x80"]
    assert split_characters(b"\x80\x80b\x80", 0x80) == [b"\x80\x80", b"b", b"\x80"]
