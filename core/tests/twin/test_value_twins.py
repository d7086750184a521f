"""The two twins of `value` give the same results, bit for bit, on many random inputs."""

from __future__ import annotations

import ctypes
import math
import random
import struct

import pytest
from keelback_core.value import affinity as py_affinity
from keelback_core.value import arithmetic as py_arithmetic
from keelback_core.value import cast as py_cast
from keelback_core.value.decimal_real import decimal_digits, real_of_decimal
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS, KeyComparator, compare_values
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.numeric_text import prefix_to_number, text_to_number
from keelback_core.value.quote import quote_value
from keelback_core.value.record import compare_record, decode_columns, encode_record, record_columns, write_varint
from keelback_core.value.text_bytes import canonical
from twin_library import TwinValue, array_of, check, from_twin, library, to_twin

COLLATIONS = ["BINARY", "NOCASE", "RTRIM"]
PIECES = [
    "",
    " ",
    "\t",
    "0",
    "1",
    "9",
    "42",
    "007",
    ".",
    "e",
    "E",
    "+",
    "-",
    "1e5",
    "e-3",
    "\0",
    "x",
    "a",
    "A",
    "b",
    " ",
    "é",
    "\udc80",
    "\udcff",
    "\uffff",
    "\U00010000",
    "Inf",
    "nan",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "00000000000000000000001",
    "123456789012345678901234567890",
    "1e400",
    "'",
    "5e-324",
]
INTEGERS = [
    0,
    1,
    -1,
    2,
    127,
    128,
    -128,
    -129,
    32767,
    32768,
    8388607,
    8388608,
    2**31 - 1,
    2**31,
    2**47 - 1,
    2**47,
    2**53,
    2**53 + 1,
    2**62,
    2**63 - 1,
    -(2**63),
    -(2**63) + 1,
]
REALS = [
    0.0,
    -0.0,
    0.5,
    1.0,
    -1.0,
    1e15,
    1e16,
    1e17,
    1e18,
    9.2e18,
    9223372036854775808.0,
    -9223372036854775808.0,
    1e300,
    1e-300,
    5e-324,
    1.7976931348623157e308,
    math.inf,
    -math.inf,
    0.1,
    1 / 3,
    2.5,
    123456.789,
    2.0**53,
]


@pytest.fixture
def source():
    seed = random.randrange(1 << 30)
    print("seed", seed)
    return random.Random(seed)


def random_real(source):
    kind = source.randrange(4)
    if kind == 0:
        return source.choice(REALS)
    if kind == 1:
        value = struct.unpack("<d", source.randbytes(8))[0]
        return 0.25 if math.isnan(value) else value
    if kind == 2:
        return source.randint(-(10**18), 10**18) / 10 ** source.randint(0, 20)
    return float(source.randint(-1000, 1000)) / source.choice((1, 2, 4, 10, 100))


def random_text(source):
    if source.random() < 0.3:
        return repr(random_real(source)) if source.random() < 0.5 else str(source.randint(-(2**64), 2**64))
    return canonical("".join(source.choice(PIECES) for _ in range(source.randint(0, 6))))


def random_value(source):
    kind = source.randrange(10)
    if kind == 0:
        return None
    if kind < 4:
        return (
            source.choice(INTEGERS)
            if source.random() < 0.4
            else source.randint(-(2**63), 2**63 - 1) >> source.randint(0, 63)
        )
    if kind < 6:
        return random_real(source)
    if kind < 9:
        return random_text(source)
    return (
        source.randbytes(source.randint(0, 12))
        if source.random() < 0.5
        else random_text(source).encode("utf-8", "surrogateescape")
    )


def bits(value):
    """Something equal only for the same value of the same storage class."""
    if isinstance(value, float):
        return ("real", struct.pack("<d", value))
    return (type(value).__name__, value)


def unary(number, value):
    keep = []
    out = TwinValue()
    check(library.twin_unary(number, ctypes.byref(to_twin(value, keep)), ctypes.byref(out)))
    return from_twin(out)


UNARY = [
    py_arithmetic.negate, py_arithmetic.bit_not, py_arithmetic.logical_not,
    lambda value: None if py_cast.is_true(value) is None else int(py_cast.is_true(value)),
    py_cast.to_integer, py_cast.to_real, py_cast.to_number, py_cast.to_text, py_cast.to_blob, quote_value,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(UNARY)))
def test_conversions_and_unary_operators_are_the_same(number, source):
    for _ in range(4000):
        value = random_value(source)
        assert bits(unary(number, value)) == bits(UNARY[number](value)), value


@pytest.mark.parametrize("number", [10, 11])
def test_texts_are_the_same_numbers(number, source):
    for _ in range(20000):
        text = random_text(source)
        expected = (text_to_number if number == 10 else prefix_to_number)(text)
        assert bits(unary(number, text)) == bits(expected), text


def test_declared_types_have_the_same_affinity(source):
    words = [
        "int",
        "INT",
        "char",
        "Clob",
        "TEXT",
        "blob",
        "REAL",
        "floa",
        "doub",
        "num",
        "é",
        " ",
        "x",
        "unsigned",
        "big",
    ]
    for _ in range(5000):
        text = "".join(source.choice(words) for _ in range(source.randint(0, 4)))
        assert chr(unary(12, text)) == py_affinity.affinity_of_type(text), text


BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "remainder",
    "bit_and",
    "bit_or",
    "shift_left",
    "shift_right",
    "logical_and",
    "logical_or",
]


@pytest.mark.parametrize("number", range(len(BINARY)), ids=BINARY)
def test_binary_operators_are_the_same(number, source):
    for _ in range(4000):
        left, right = random_value(source), random_value(source)
        keep = []
        out = TwinValue()
        library.twin_binary(
            number, ctypes.byref(to_twin(left, keep)), ctypes.byref(to_twin(right, keep)), ctypes.byref(out)
        )
        expected = getattr(py_arithmetic, BINARY[number])(left, right)
        assert bits(from_twin(out)) == bits(expected), (left, right)


def test_concatenation_is_the_same_and_keeps_to_its_limit(source):
    for _ in range(4000):
        left, right = random_value(source), random_value(source)
        limit = source.choice((5, 10, 1000))
        keep = []
        out = TwinValue()
        code = library.twin_concat(
            ctypes.byref(to_twin(left, keep)),
            ctypes.byref(to_twin(right, keep)),
            ctypes.c_uint64(limit),
            ctypes.byref(out),
        )
        try:
            expected = py_arithmetic.concat(left, right, limit)
        except SqlError as error:
            assert code == error.code
            continue
        assert code == 0
        assert bits(from_twin(out)) == bits(expected), (left, right)


@pytest.mark.parametrize("affinity", "@ABCDEF")
def test_affinities_and_casts_are_the_same(affinity, source):
    for _ in range(4000):
        value = random_value(source)
        keep = []
        out = TwinValue()
        library.twin_apply_affinity(ctypes.byref(to_twin(value, keep)), ord(affinity), ctypes.byref(out))
        assert bits(from_twin(out)) == bits(py_affinity.apply_affinity(value, affinity)), value
        library.twin_cast(ctypes.byref(to_twin(value, keep)), ord(affinity), ctypes.byref(out))
        assert bits(from_twin(out)) == bits(py_cast.cast_value(value, affinity)), value


def test_comparisons_convert_their_operands_the_same_way(source):
    for _ in range(10000):
        left, right = random_value(source), random_value(source)
        affinity = source.choice("@ABCDE")
        keep = []
        out = (TwinValue * 2)()
        library.twin_apply_comparison_affinity(
            ctypes.byref(to_twin(left, keep)), ctypes.byref(to_twin(right, keep)), ord(affinity), out
        )
        expected = py_affinity.apply_comparison_affinity(left, right, affinity)
        assert [bits(from_twin(one)) for one in out] == [bits(one) for one in expected], (left, right, affinity)
    for left in "@ABCDEF":
        for right in "@ABCDEF":
            assert chr(library.twin_comparison_affinity(ord(left), ord(right))) == py_affinity.comparison_affinity(
                left, right
            )


@pytest.mark.parametrize("kind", range(3), ids=COLLATIONS)
def test_values_compare_the_same(kind, source):
    collation = BUILTIN_COLLATIONS[COLLATIONS[kind]]
    values = [random_value(source) for _ in range(300)]
    for _ in range(20000):
        left, right = source.choice(values), source.choice(values)
        keep = []
        order = library.twin_compare(ctypes.byref(to_twin(left, keep)), ctypes.byref(to_twin(right, keep)), kind)
        assert order == compare_values(left, right, collation), (left, right)


def test_doubles_have_the_same_decimal_digits(source):
    digits = ctypes.create_string_buffer(32)
    point = ctypes.c_int()
    for _ in range(30000):
        magnitude = abs(random_real(source))
        if math.isinf(magnitude):
            continue
        precision = source.choice((15, 17, 17, 17, source.randint(-20, 20)))
        most = source.choice((16, 17, 20, 26))
        count = library.twin_decimal_digits(ctypes.c_double(magnitude), precision, most, digits, ctypes.byref(point))
        assert (digits.raw[:count].decode(), point.value) == decimal_digits(magnitude, precision, most), (
            magnitude,
            precision,
            most,
        )


def test_decimal_digits_give_the_same_doubles(source):
    library.twin_real_of_decimal.restype = ctypes.c_double
    for _ in range(30000):
        number = source.randint(1, 2**64 - 1) >> source.randint(0, 63) or 1
        exponent = source.randint(-360, 360)
        found = library.twin_real_of_decimal(ctypes.c_uint64(number), exponent)
        assert bits(found) == bits(real_of_decimal(number, exponent)), (number, exponent)


def decode(data, count, encoding):
    out = ctypes.POINTER(TwinValue)()
    found = ctypes.c_int()
    code = library.twin_decode_columns(
        data, ctypes.c_uint64(len(data)), count, encoding, ctypes.byref(out), ctypes.byref(found)
    )
    return code, [from_twin(out[place]) for place in range(found.value)]


def outcome(function, *arguments):
    try:
        return 0, function(*arguments)
    except SqlError as error:
        return error.code, None


def same_list(left, right):
    return [bits(value) for value in left] == [bits(value) for value in right]


@pytest.mark.parametrize("encoding", [1, 2, 3])
def test_records_are_the_same_bytes_and_read_back_the_same(encoding, source):
    for _ in range(4000):
        values = [random_value(source) for _ in range(source.choice((0, 1, 2, 5, 130)) if source.random() < 0.2 else 3)]
        if source.random() < 0.05:
            values.append("x" * source.randint(0, 20000))
        keep = []
        data = ctypes.POINTER(ctypes.c_uint8)()
        size = ctypes.c_uint64()
        library.twin_encode_record(
            array_of(values, keep), len(values), encoding, ctypes.byref(data), ctypes.byref(size)
        )
        record = ctypes.string_at(data, size.value)
        assert record == encode_record(values, encoding), values
        code, found = decode(record, -1, encoding)
        assert code == 0
        assert same_list(found, decode_columns(record, -1, encoding))


@pytest.mark.parametrize("encoding", [1, 2, 3])
def test_damaged_records_give_the_same_values_or_the_same_error(encoding, source):
    out = (ctypes.c_uint64 * 64)()
    found_count = ctypes.c_int()
    for _ in range(20000):
        record = bytearray(encode_record([random_value(source) for _ in range(source.randint(0, 4))], encoding))
        for _ in range(source.randint(0, 3)):
            if record:
                record[source.randrange(min(len(record), 8))] = source.choice(
                    (0, 1, 10, 11, 12, 0x7F, 0x80, 0xFF, source.randrange(256))
                )
        if source.random() < 0.3:
            del record[source.randint(0, len(record)) :]
        data = bytes(record)
        count = source.choice((-1, 0, 1, 2))
        code, found = decode(data, count, encoding)
        expected_code, expected = outcome(decode_columns, data, count, encoding)
        assert code == expected_code, data
        if expected is not None:
            assert same_list(found, expected), data
        code = library.twin_record_columns(data, ctypes.c_uint64(len(data)), out, 32, ctypes.byref(found_count))
        expected_code, columns = outcome(record_columns, data)
        assert code == expected_code, data
        if columns is not None and len(columns) <= 32:
            assert [(out[2 * n], out[2 * n + 1]) for n in range(found_count.value)] == columns


@pytest.mark.parametrize("encoding", [1, 2, 3])
def test_records_compare_with_keys_the_same(encoding, source):
    order = ctypes.c_int()
    for _ in range(6000):
        count = source.randint(1, 3)
        record = [
            source.choice((None, 0, 1, 1.0, "a", "A", "a ", b"a", random_value(source)))
            for _ in range(source.randint(1, 4))
        ]
        key = [source.choice((None, 0, 1, 1.0, "a", "A", "a ", b"a", random_value(source))) for _ in range(count)]
        flags = [source.randrange(4) for _ in range(count)]
        kinds = [source.randrange(3) for _ in range(count)]
        data = bytearray(encode_record(record, encoding))
        if source.random() < 0.1:
            data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        keep = []
        code = library.twin_compare_record(
            bytes(data),
            ctypes.c_uint64(len(data)),
            array_of(key, keep),
            count,
            bytes(flags),
            (ctypes.c_int * count)(*kinds),
            encoding,
            ctypes.byref(order),
        )
        names = tuple(COLLATIONS[kind] for kind in kinds)
        comparator = KeyComparator(KeyInfo(names, tuple(flags), count), [BUILTIN_COLLATIONS[name] for name in names])
        expected_code, expected = outcome(compare_record, bytes(data), key, comparator, encoding)
        assert code == expected_code
        if expected is not None:
            assert order.value == expected, (bytes(data), key, flags, kinds)


def test_varints_are_the_same_bytes(source):
    buffer = ctypes.create_string_buffer(16)
    back = ctypes.c_uint64()
    library.twin_varint.restype = ctypes.c_uint64
    for shift in range(64):
        for value in ((1 << shift) - 1, 1 << shift, source.getrandbits(shift + 1)):
            size = library.twin_varint(ctypes.c_uint64(value), buffer, ctypes.byref(back))
            assert buffer.raw[:size] == write_varint(value)
            assert back.value == value
