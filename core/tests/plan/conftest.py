"""A schema for plans, on both sides: real SQLite and Keelback."""

from __future__ import annotations

import sys
from pathlib import Path

import apsw
import pytest
from keelback_core.engine.connection import Connection

sys.path.insert(0, str(Path(__file__).parent))

SCHEMA = """
CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, city_id INTEGER, age INTEGER, note TEXT);
CREATE INDEX person_city ON person(city_id, age);
CREATE INDEX person_name ON person(name COLLATE NOCASE);
CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT UNIQUE, country TEXT, people INTEGER);
CREATE INDEX city_country ON city(country, people DESC);
CREATE TABLE visit(person_id INTEGER, city_id INTEGER, day TEXT, UNIQUE(person_id, day));
CREATE INDEX visit_adult ON visit(city_id) WHERE day IS NOT NULL;
CREATE INDEX visit_upper ON visit(upper(day));
CREATE TABLE plain(a, b, c);
CREATE TABLE stop(line TEXT, number INTEGER, name TEXT, zone, seen REAL, PRIMARY KEY(line, number DESC)) WITHOUT ROWID;
CREATE INDEX stop_name ON stop(name);
CREATE INDEX stop_zone ON stop(zone DESC, name);
"""


@pytest.fixture(scope="session")
def both():
    real = apsw.Connection(":memory:")
    list(real.execute(SCHEMA))
    ours = Connection(":memory:")
    ours.execute(SCHEMA)
    return real, ours
