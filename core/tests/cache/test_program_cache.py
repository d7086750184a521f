"""What the program cache finds, what it does not, its bounds, and its threads."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator

import pytest
from cache_library import BUILD, Cache, library
from keelback_core.program.program import Instruction, Program

SCHEMA = "CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT); CREATE INDEX tg ON t(g)"


@pytest.fixture
def cache() -> Iterator[Cache]:
    made = Cache(schema=SCHEMA)
    yield made
    made.close()


def test_a_text_is_found_as_it_was_stored(cache: Cache) -> None:
    sql = "SELECT s FROM t WHERE id = 5 AND g > -2 AND s <> 'it''s'"
    assert cache.find(sql) is None
    stored = cache.store(sql, number=77)
    assert stored is not None and stored.values == [5, -2, "it's"] and stored.tail == len(sql)
    for _ in range(3):
        found = cache.find(sql)
        assert found is not None
        assert (found.register_count, found.values, found.tail) == (77, [5, -2, "it's"], len(sql))
    assert cache.counts()["exact_hits"] > 0


def test_a_text_is_kept_by_itself_when_it_is_met_twice_in_a_row(cache: Cache) -> None:
    texts = [f"SELECT s FROM t WHERE id = {number}" for number in range(3)]
    cache.store(texts[0], number=77)
    for text in (texts[2], texts[1], texts[0]):
        assert cache.find(text) is not None
    for expected in ((1, 0), (2, 0), (2, 1)):
        found = cache.find(texts[2])
        assert found is not None and found.values == [2]
        counts = cache.counts()
        assert (counts["entries"], counts["exact_hits"]) == expected


def test_texts_that_differ_in_free_literals_share_a_program(cache: Cache) -> None:
    cache.store("INSERT INTO t VALUES (1, -2, 3.5, 'x')", number=77)
    found = cache.find("INSERT INTO t VALUES (400, -0, -9e999, 'it''s ''new''')")
    assert found is None, "a minus is part of the shape"
    found = cache.find("INSERT INTO t VALUES (400, -5, .25, 'it''s ''new''')")
    assert found is not None
    assert (found.register_count, found.values) == (77, [400, -5, 0.25, "it's 'new'"])
    assert cache.find("INSERT INTO t VALUES (400, -5, 2, 'x')") is None, "an integer is no real"
    assert cache.find("insert INTO t VALUES (400, -5, .25, 'x')") is None, "another text"
    assert cache.counts()["lifted_hits"] == 1


def test_literals_that_are_not_free_must_be_spelled_alike(cache: Cache) -> None:
    cache.store("SELECT g FROM t WHERE g > 5 LIMIT 10", number=77)
    assert cache.find("SELECT g FROM t WHERE g > 6 LIMIT 11") is None
    cache.store("SELECT g FROM t WHERE g > 6 LIMIT 11", number=78)
    for limit, number in ((10, 77), (11, 78)):
        found = cache.find(f"SELECT g FROM t WHERE g > 1234 LIMIT {limit}")
        assert found is not None and (found.register_count, found.values) == (number, [1234])


def test_many_variants_of_a_shape_push_out_the_oldest(cache: Cache) -> None:
    for limit in range(40):
        cache.store(f"SELECT g FROM t WHERE g > 5 LIMIT {limit} -- {'x' * 3000}", number=100 + limit)
    found = [cache.find(f"SELECT g FROM t WHERE g > 5 LIMIT {limit} -- {'x' * 3000}") for limit in range(40)]
    assert [entry is not None for entry in found] == [False] * 24 + [True] * 16
    assert cache.counts()["entries"] == 1


def test_a_program_made_for_a_small_number_is_not_taken_for_others(cache: Cache) -> None:
    cache.store("SELECT id FROM t WHERE v = 0", number=77)
    cache.store("SELECT id FROM t WHERE v = 500", number=78)
    for value, number in ((0, 77), (1, 77), (2, 78), (10, 78)):
        found = cache.find(f"SELECT id FROM t WHERE v = {value} ")
        assert found is None
        found = cache.find(f"SELECT id FROM t WHERE v = {value}")
        assert found is not None and (found.register_count, found.values) == (number, [value])


def test_schema_and_settings_are_part_of_the_key(cache: Cache) -> None:
    sql = "SELECT s FROM t WHERE id = 5"
    cache.store(sql, b"one", b"x", 77)
    cache.store(sql, b"two", b"x", 78)
    cache.store(sql, b"one", b"y", 79)
    for schema, settings, number in ((b"one", b"x", 77), (b"two", b"x", 78), (b"one", b"y", 79)):
        found = cache.find(sql, schema, settings)
        assert found is not None and found.register_count == number
        found = cache.find(sql.replace("5", "6"), schema, settings)
        assert found is not None and found.register_count == number
    assert cache.find(sql, b"two", b"y") is None


def test_a_statement_is_found_in_front_of_others(cache: Cache) -> None:
    cache.store("INSERT INTO t(g) VALUES (5); INSERT INTO t(g) VALUES (6);", number=77)
    found = cache.find("INSERT INTO t(g) VALUES (8);\nSELECT nothing FROM nowhere")
    assert found is not None and (found.register_count, found.values, found.tail) == (77, [8], 28)
    assert cache.counts()["entries"] == 1, "a text with more behind it is kept by its shape only"


def test_other_statements_are_found_by_their_text(cache: Cache) -> None:
    cache.store("BEGIN", number=77)
    found = cache.find("BEGIN")
    assert found is not None and found.register_count == 77
    assert cache.find("BEGIN IMMEDIATE") is None


def test_a_statement_with_another_end_is_not_kept(cache: Cache) -> None:
    program = Program((Instruction(0),), 1, 0)
    stored = cache.keep("SELECT 1; SELECT 2", 3, b"", program)
    assert stored is not None and stored.tail == 3
    assert cache.counts()["entries"] == 0


@pytest.mark.parametrize("lifting", [b"\x01\x08\x00", b"\x01", b"\x02\x07\x00\x07\x00", b"\x01\x63\x00"])
def test_bytes_that_name_no_literal_are_refused(cache: Cache, lifting: bytes) -> None:
    program = Program((Instruction(0),), 1, 0)
    program.hidden_parameter_count = 1
    assert cache.keep("SELECT 1 AS a", 13, lifting, program) is None
    assert cache.counts()["entries"] == 0


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = Cache(16 * 4, 1 << 30, SCHEMA)
    for number in range(400):
        cache.store(f"SELECT s AS c{number} FROM t", number=1000 + number)
        assert cache.find("SELECT s AS c0 FROM t") is not None
    counts = cache.counts()
    assert counts["entries"] <= 64
    assert cache.find("SELECT s AS c0 FROM t") is not None
    assert cache.find("SELECT s AS c399 FROM t") is not None
    assert cache.find("SELECT s AS c1 FROM t") is None
    cache.close()


def test_the_bytes_are_bounded_too() -> None:
    cache = Cache(100_000, 16 * 20_000, SCHEMA)
    for number in range(600):
        cache.store(f"SELECT '{'x' * 500}' AS a{number}", number=1000 + number)
    counts = cache.counts()
    assert 0 < counts["bytes"] <= 16 * 20_000 and counts["entries"] < 600
    cache.clear()
    assert cache.counts()["entries"] == cache.counts()["bytes"] == 0
    assert cache.find("SELECT 'x' AS a1") is None
    cache.close()


def test_equal_images_have_one_identity_while_someone_holds_it() -> None:
    before = library.cache_identities()
    first = library.cache_identity(b"an image\0of bytes", 17)
    assert library.cache_identity(b"an image\0of bytes", 17) == first
    assert library.cache_identities() == before + 1
    assert library.cache_identity(b"an image\0of bytez", 17) != first
    assert library.cache_identities() == before + 1, "the one before has gone"


def test_an_entry_keeps_its_schema_alive(cache: Cache) -> None:
    before = library.cache_identities()
    cache.store("SELECT s FROM t", b"some schema")
    assert library.cache_identities() == before + 1
    assert cache.find("SELECT s FROM t", b"some schema") is not None
    cache.clear()
    assert library.cache_identities() == before


def test_random_texts_are_answered_with_their_own_program_and_values(cache: Cache) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    numbers: dict[str, int] = {}
    hits = 0
    for _ in range(1500):
        column = rng.choice(("id", "g", "v", "s"))
        value = rng.randrange(2, 50)
        word = rng.choice(("a", "it's", "", "longer than any small buffer of a string"))
        key = f"{column} {rng.choice(('<', '>', '='))}"
        sql = f"UPDATE t SET s = '{word.replace(chr(39), chr(39) * 2)}' WHERE {key} {value}"
        found = cache.find(sql)
        if found is None:
            assert key not in numbers
            numbers[key] = 1000 + len(numbers)
            found = cache.store(sql, number=numbers[key])
        else:
            hits += 1
        assert found is not None
        assert (found.register_count, found.values, found.tail) == (numbers[key], [word, value], len(sql))
    assert hits > 1400


def test_threads_find_their_own_programs() -> None:
    done = subprocess.run([BUILD / "bench" / "cache", "threads", "4"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
