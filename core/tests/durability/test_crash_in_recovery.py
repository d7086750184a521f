"""The power fails again while a crash is recovered from, and once more while that is: nothing is lost either.

A transaction runs on the recorded disk, and its log gives an image that a crash may leave in its middle. Recovery runs
on that image, recorded too, which gives images of a crash in recovery; so three times over. The last image is opened by
real SQLite and by Keelback, which find what was before or after the transaction.

KEELBACK_LONG=1: more images. KEELBACK_DURABILITY_SEED repeats one run.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from disk_model import MANNERS, Disk, Image, Record, read_log
from recording import complaints, fingerprint, open_all, put, record, states_of, taken
from scripts import tables

IS_LONG = bool(os.environ.get("KEELBACK_LONG"))
CHAINS = 40 if IS_LONG else 4
DEPTH = 3
CHANGE = (
    "BEGIN; {changes} COMMIT",
    "UPDATE {0}.t SET a = a || substr(hex(zeroblob(300)), 1, id * 7 % 500); DELETE FROM {0}.t WHERE id % 3 = 1;"
    "INSERT INTO {0}.t(id, p, b) VALUES(1000, 1, zeroblob(30000));",
)


def crashed(records: list[Record], before: Image, source: random.Random) -> Image:
    """The disk after the power failed before some record, often after the last."""
    disk = Disk(before, source.randrange(1 << 30), False)
    count = len(records) if source.random() < 0.5 else source.randint(0, len(records))
    for entry in records[:count]:
        if entry[0] != "M":
            disk.take(entry)
    return disk.image(source.choice(MANNERS), source.choice((512, 4096)))


def recorded(folder: Path, kind: str, image: Image, step: str, names: list[str]) -> list[Record]:
    put(folder / "disk", image)
    record(folder / "disk", kind, [step], folder / "log", names)
    return read_log(folder / "log")


@pytest.mark.parametrize("kind", ["kernel", "reference"])
@pytest.mark.parametrize(("mode", "file_count"), [("delete", 1), ("persist", 1), ("wal", 1), ("delete", 2)])
def test_a_crash_while_a_crash_is_recovered_from_loses_nothing(
    tmp_path: Path, kind: str, mode: str, file_count: int
) -> None:
    seed = int(os.environ.get("KEELBACK_DURABILITY_SEED", random.randrange(1 << 30)))
    print("seed", seed)
    source = random.Random(seed)
    names = ["main.db", "other1.db"][:file_count]
    schemas = ["main", "a1"][:file_count]
    folder = tmp_path / "disk"
    folder.mkdir()
    setup = "".join(f"PRAGMA {schema}.page_size = 1024; {tables(schema, 100)}" for schema in schemas)
    settings = f"PRAGMA synchronous = EXTRA; PRAGMA cache_size = 5; PRAGMA journal_mode = {mode};"
    change = CHANGE[0].format(changes="".join(CHANGE[1].format(schema) for schema in schemas))
    connection = open_all("sqlite", folder, names)
    connection.run(setup + (settings if mode == "wal" else ""))
    connection.close()
    before = taken(folder)
    states = states_of([setup, change], names, tmp_path / "states")[1:]
    transaction = recorded(tmp_path, kind, before, settings + change, names)
    look = settings + "".join(f"SELECT count(*) FROM {schema}.t;" for schema in schemas)
    for chain in range(CHAINS):
        image = crashed(transaction[: source.randint(1, len(transaction))], before, source)
        for _ in range(source.randint(1, DEPTH)):
            again = recorded(tmp_path, kind, image, look, names)
            image = crashed(again, image, source)
        found = set()
        for judge in ("sqlite", "kernel"):
            put(folder, image)
            connection = open_all(judge, folder, names)
            found.add(fingerprint(connection, names))
            assert not complaints(connection, names), (chain, judge)
            connection.close()
        assert len(found) == 1 and found <= set(states), chain
