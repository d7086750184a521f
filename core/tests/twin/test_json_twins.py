"""The JSON functions and tables of the kernel and of the reference answer alike, on random texts, bytes and paths."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from native_calls import run_and_listen
from vm_twin import TwinConnection

CALLS = 3000
PIECES = [
    *("{", "}", "[", "]", ",", ":", " ", "\n", '"a"', '"b\\n"', "'c'", "d", "$e", '""', "null", "true", "false", "nan"),
    *(
        "1",
        "-2",
        "0x1F",
        "1.5",
        ".5",
        "5.",
        "1e3",
        "Infinity",
        "-inf",
        "99999999999999999999",
        '"\\u00e9\\ud83d\\ude00"',
    ),
    *(
        "/* c */",
        "// l\n",
        "\u00a0",
        "\ufeff",
        '"\\x41"',
        "'\\\n'",
        '"\t"',
        "é",
        '"\\q"',
        "+1",
        "\\u0041",
        "-",
        "e",
        "0",
    ),
]
SOUND = [
    '{"a":1,"b":[1,2,{"c":null}],"a.b":"x","":5}',
    "[1,2.5,'three',[],{}, true, null]",
    '{"a":{"b":{"c":[0,[1,[2]]]}}}',
    "[]",
    "{}",
    "12",
    '"text"',
    '{a:1,"\\u0061":2,$x:[.5,5.,0x10],}',
    "[9223372036854775807,9223372036854775808,-9223372036854775808,1e400]",
]
STEPS = [
    ".a",
    ".b",
    '."a.b"',
    '.""',
    "[0]",
    "[1]",
    "[#]",
    "[#-1]",
    "[#-9]",
    ".c",
    "[2]",
    ".new",
    "[",
    ".",
    "[x]",
    "[00]",
]
FUNCTIONS = [
    *("json(D)", "jsonb(D)", "json_type(D,P)", "json_type(D)", "json_array_length(D,P)", "json_extract(D,P)"),
    *("jsonb_extract(D,P)", "json_extract(D,P,P)", "jsonb_extract(D,P,P)", "D -> P", "D ->> P", "D -> V", "D ->> V"),
    *("json_set(D,P,V)", "jsonb_set(D,P,V,P,V)", "json_insert(D,P,V)", "json_replace(D,P,V)", "jsonb_replace(D,P,V)"),
    *("json_array_insert(D,P,V)", "jsonb_array_insert(D,P,V)", "json_remove(D,P)", "jsonb_remove(D,P,P)"),
    *("json_patch(D,D)", "jsonb_patch(D,D)", "json_pretty(D)", "json_pretty(D,V)", "json_valid(D)", "json_valid(D,8)"),
    *(
        "json_valid(D,2)",
        "json_valid(D,4)",
        "json_valid(D,V)",
        "json_error_position(D)",
        "json_quote(V)",
        "json_quote(D)",
    ),
    *(
        "json_array(V,D,V)",
        "jsonb_array(D,json(D))",
        "json_object(V,V)",
        "json_object('k',json(D))",
        "subtype(json(D))",
    ),
    *("json_set(D,P,json(D))", "json_array(json_extract(D,P),D -> P)", "json_object('a',V,'b')", "subtype(V)"),
]


def document(source: random.Random) -> Any:
    """JSON as text or JSONB, sound or not."""
    kind = source.randrange(8)
    if kind < 3:
        return source.choice(SOUND)
    if kind < 5:
        return "".join(source.choice(PIECES) for _ in range(source.randrange(1, 9)))
    if kind == 5:
        return bytes(
            source.choice((0x1B, 0x2C, 0x4B, 0x13, 0x31, 0x17, 0x61, 0xCB, 3, 0)) for _ in range(source.randrange(8))
        )
    if kind == 6:
        text = list(source.choice(SOUND))
        text[source.randrange(len(text))] = source.choice('{}[],:"\\1a ')
        return "".join(text)
    return source.choice([None, 5, 2.5, "", b"", 10**15, float("inf"), b"[1,2]"])


def with_parameters(source: random.Random, call: str) -> tuple[str, list[Any]]:
    """The call with parameters for the words D (a document), P (a path) and V (a value), and what they are."""
    values: list[Any] = []
    text = ""
    for word in re.split(r"\b([DPV])\b", call):
        if word == "D":
            values.append(document(source))
        elif word == "P":
            path = "".join(source.choice(STEPS) for _ in range(source.randrange(4)))
            values.append(source.choice(["$", "$", "$", "$", ""]) + path)
        elif word == "V":
            values.append(source.choice([None, 0, -1, 2, 2.5, "x", "a\"b'\n", "", b"\x01", float("-inf"), "a", " "]))
        text += "?" if word in ("D", "P", "V") else word
    return text, values


def test_random_calls_are_answered_alike(twin: TwinConnection) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    refused = 0
    for _ in range(CALLS):
        call = source.choice(FUNCTIONS)
        text, values = with_parameters(source, call)
        outcomes = twin.run(f"SELECT {text}, typeof({text})", values + values)
        assert outcomes is not None, (seed, text)
        assert outcomes[0] == outcomes[1], (seed, text, values)
        refused += outcomes[0].error is not None
    assert 0 < refused < CALLS * 3 // 4


def test_random_tables_are_answered_alike(twin: TwinConnection) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    rows = 0
    for _ in range(CALLS // 3):
        table = source.choice(["json_each", "json_tree", "jsonb_each", "jsonb_tree"])
        text, values = with_parameters(source, source.choice([f"{table}(D)", f"{table}(D,P)"]))
        outcomes = twin.run(f"SELECT rowid, *, json, root, subtype(value) FROM {text}", values)
        assert outcomes is not None, (seed, text)
        assert outcomes[0] == outcomes[1], (seed, text, values)
        rows += len(outcomes[1].rows)
    assert rows > 100


def test_groups_in_moving_frames_are_answered_alike(twin: TwinConnection) -> None:
    twin.run("CREATE TABLE t(k, v)", [])
    source = random.Random(random.randrange(1 << 32))
    for number in range(40):
        value = source.choice([None, number, 1.5, "text", "[1]"])
        twin.run("INSERT INTO t VALUES (?, ?)", [source.choice(["a", "b", None, 3]), value])
    for group in ("json_group_array(v)", "jsonb_group_array(json_array(v))", "json_group_object(k, json_array(v))"):
        outcomes = twin.run(f"SELECT {group} OVER (ORDER BY rowid ROWS 2 PRECEDING), {group} OVER () FROM t", [])
        assert outcomes is not None
        assert outcomes[0] == outcomes[1]
        assert len(outcomes[1].rows) == 40


@pytest.mark.parametrize("call", ["json('[1]')", "json_set('{}', '$.a', 1)", "json_patch('{}', '{}')", "'[1]' ->> 0"])
def test_the_kernel_asks_nobody(twin: TwinConnection, call: str) -> None:
    outcomes, asked = run_and_listen(twin, f"SELECT {call}")
    assert outcomes[0].rows == outcomes[1].rows
    assert asked == []
