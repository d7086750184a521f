"""After the power fails, at any moment, the database is as before or as after the transaction that was under way.

A random script runs on a disk that is recorded (disk.c); the log gives the images that may be found after a crash
before any of its records: writes since the last sync in any order, in part, torn between sectors, entries of the folder
not there yet (disk_model.py). Each image is opened by real SQLite and by Keelback, which must find the same state,
before or after, whole by integrity_check and foreign_key_check.

KEELBACK_LONG=1: more scripts and more images of each. KEELBACK_DURABILITY_SEED repeats one script of one test.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from disk_model import images, read_log
from recording import complaints, fingerprint, open_all, put, record, states_of, taken
from scripts import Script, script

IS_LONG = bool(os.environ.get("KEELBACK_LONG"))
SCRIPTS = 12 if IS_LONG else 1
IMAGES = 150 if IS_LONG else 24
FULL, EXTRA, NORMAL = 2, 3, 1
MODES = [
    ("delete", FULL),
    ("delete", EXTRA),
    ("delete", NORMAL),
    ("truncate", FULL),
    ("persist", FULL),
    ("persist", EXTRA),
    ("wal", FULL),
    ("wal", NORMAL),
]
# Where a journal is synced once, after its head was written, the head may come before the records: what then counts as
# a record is for a sum over some bytes to say, of SQLite's as of ours. Its writes are lost from the end only.
IN_ORDER = ("all", "none", "first")


def prepared(folder: Path, wanted: Script) -> dict[str, bytes]:
    """The files before the recording."""
    folder.mkdir()
    connection = open_all("sqlite", folder, wanted.names)
    connection.run(wanted.setup)
    connection.close()
    return {name: content for name, content in taken(folder).items() if content}


def found_by(kind: str, folder: Path, image: dict[str, bytes], names: list[str]) -> tuple[str, list[object]]:
    put(folder, image)
    connection = open_all(kind, folder, names)
    state = fingerprint(connection, names)
    wrong = complaints(connection, names)
    connection.close()
    return state, wrong


def check_script(folder: Path, writer: str, wanted: Script, seed: int, image_count: int) -> int:
    """Record a script and look at its images; how many were seen."""
    before = prepared(folder / "disk", wanted)
    put(folder / "disk", before)
    log = folder / "log"
    record(folder / "disk", writer, wanted.steps, log, wanted.names)
    records = read_log(log)
    states = states_of([wanted.setup, *wanted.steps], wanted.names, folder / "states")[1:]
    source = random.Random(seed)
    syncs = sum(kind in "SDUTM" for kind, *_ in records)
    chance = image_count / (4 * syncs + len(records))
    places = {"end": 3}

    def points(_: int, kind: str) -> int:
        wish = places.get(kind, chance * (5 if kind in "SDUTM" else 1))
        return int(wish) + (source.random() < wish % 1)

    seen = 0
    readers = ["sqlite", "kernel"]
    for place, mark, _, manner, image in images(records, before, seed, points, writer == "sqlite"):
        if wanted.synchronous == NORMAL and wanted.mode != "wal" and manner not in IN_ORDER:
            continue
        done, running = mark // 2, (mark + 1) // 2
        first = wanted.oldest_state(states, done)
        where = f"seed {seed}, record {place} of {len(records)}, {manner}, step {running}"
        if running:
            where += f" {'under way' if running > done else 'done'}: {wanted.steps[running - 1][:300]}"
        found = {reader: found_by(reader, folder / "disk", image, wanted.names) for reader in readers}
        after = found_by("sqlite", folder / "disk", taken(folder / "disk"), wanted.names)
        for reader, (state, wrong) in [*found.items(), ("sqlite after " + readers[-1], after)]:
            assert not wrong, (reader, where, wrong)
            assert state in states[first : running + 1], (
                reader,
                where,
                [n for n, s in enumerate(states) if s == state],
            )
        assert len({state for state, _ in found.values()}) == 1, where
        readers.reverse()
        seen += 1
    return seen


def run_scripts(tmp_path: Path, writer: str, mode: str, synchronous: int, file_count: int, is_fresh: bool) -> None:
    seeds = [random.randrange(1 << 30) for _ in range(SCRIPTS)]
    if "KEELBACK_DURABILITY_SEED" in os.environ:
        seeds = [int(os.environ["KEELBACK_DURABILITY_SEED"])]
    for seed in seeds:
        print("seed", seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        wanted = script(random.Random(seed), mode, synchronous, file_count, 9, is_fresh)
        assert check_script(folder, writer, wanted, seed, IMAGES) > 0


@pytest.mark.parametrize(("mode", "synchronous"), MODES)
def test_one_database_is_as_before_or_after(tmp_path: Path, mode: str, synchronous: int) -> None:
    run_scripts(tmp_path, "kernel", mode, synchronous, 1, False)


@pytest.mark.parametrize(("mode", "synchronous"), [choice for choice in MODES if choice[0] != "wal"])
def test_several_databases_are_as_before_or_after_together(tmp_path: Path, mode: str, synchronous: int) -> None:
    run_scripts(tmp_path, "kernel", mode, synchronous, 3, False)


@pytest.mark.parametrize(("mode", "synchronous"), [("delete", FULL), ("persist", FULL)])
def test_a_database_that_is_new_and_another_are_as_before_or_after_together(
    tmp_path: Path, mode: str, synchronous: int
) -> None:
    run_scripts(tmp_path, "kernel", mode, synchronous, 2, True)


@pytest.mark.parametrize(("mode", "synchronous"), [("delete", FULL), ("wal", FULL)])
def test_a_database_of_the_reference_is_as_before_or_after(tmp_path: Path, mode: str, synchronous: int) -> None:
    run_scripts(tmp_path, "reference", mode, synchronous, 1, False)


@pytest.mark.skipif(not IS_LONG, reason="SQLite itself, to know that the model asks nothing that it does not promise")
@pytest.mark.parametrize(("mode", "synchronous"), MODES)
@pytest.mark.parametrize("file_count", [1, 2])
def test_the_model_asks_nothing_that_real_sqlite_does_not_hold(
    tmp_path: Path, mode: str, synchronous: int, file_count: int
) -> None:
    if mode == "wal" and file_count > 1:
        file_count = 1
    run_scripts(tmp_path, "sqlite", mode, synchronous, file_count, False)
