"""Both VMs answer the date functions alike, on random times, modifiers and formats, in several time zones."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from vm_twin import TwinConnection

CALLS = 3000
NOW = 1_700_000_000_123
WORDS = [
    "auto",
    "unixepoch",
    "julianday",
    "localtime",
    "utc",
    "ceiling",
    "floor",
    "subsec",
    "subsecond",
    "Floor",
    "now",
]
UNITS = ["second", "minute", "hour", "day", "month", "year", "days", "YEARS", "months", "dayss", "weeks", "hours"]
STARTS = ["start of month", "start of year", "start of day", "Start Of Day", "start of week", "start of "]
LETTERS = "deFmYjGgVHkIlMSfpPRTJsuwUW%"
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "EST5EDT,M3.2.0,M11.1.0", "<+1030>-10:30"]
ODD_TEXTS = [
    "",
    " ",
    "now",
    "NOW",
    "subsec",
    "x",
    "-",
    "12",
    "12:",
    "2024-02-30",
    "2023-02-29T24:00",
    "0000-00-00",
    "é",
]
FUNCTIONS = ["date", "time", "datetime", "julianday", "unixepoch", "strftime"]


def random_number(source: random.Random) -> Any:
    """A number that may be a Julian day or a Unix time, or neither."""
    kind = source.randrange(5)
    if kind == 0:
        return source.randrange(-(10**12), 10**12)
    if kind == 1:
        return source.uniform(0.0, 5373490.0)
    if kind == 2:
        return source.uniform(-3e11, 3e11)
    if kind == 3:
        return source.choice([0, 0.0, -1, 5373484.49999999, 5373484.5, 1e300, -1e300, 2**63 - 1, float("inf")])
    return source.randrange(0, 5373490)


def random_clock(source: random.Random) -> str:
    """HH:MM with more, mostly."""
    text = f"{source.randrange(26):02d}:{source.randrange(61):02d}"
    if source.randrange(3):
        text += f":{source.randrange(61):02d}"
        if source.randrange(2):
            text += "." + "".join(source.choice("0123456789") for _ in range(source.choice([0, 1, 3, 3, 9, 20, 400])))
    return text


def random_time(source: random.Random) -> Any:
    """A time value."""
    kind = source.randrange(8)
    if kind == 0:
        return random_number(source)
    if kind == 1:
        return str(random_number(source))
    if kind == 2:
        return source.choice([*ODD_TEXTS, None, b"2024-01-01", "2024-01-01\0x", b"\xff"])
    text = random_clock(source)
    if kind > 3:
        sign = "" if source.randrange(8) else "-"
        year = source.choice([source.randrange(10000), source.randrange(1960, 2040)])
        day = f"{sign}{year:04d}-{source.randrange(1, 13):02d}-{source.randrange(1, 32):02d}"
        text = day if kind == 4 else day + source.choice([" ", "T", "  ", ""]) + text
    if source.randrange(4) == 0:
        zone = f"{source.choice('+-')}{source.randrange(16):02d}:{source.randrange(61):02d}"
        text += source.choice(["", " "]) + source.choice(["Z", "z", zone, zone, " "])
    return mangled(source, text)


def mangled(source: random.Random, text: str) -> str:
    """The text, seldom with a character changed."""
    if text and source.randrange(25) == 0:
        at = source.randrange(len(text))
        return text[:at] + source.choice(["", "é", " ", "-", ":", "0", "\0", "T"]) + text[at + 1 :]
    return text


def random_modifier(source: random.Random) -> Any:
    """A modifier, or what looks like one."""
    kind = source.randrange(9)
    sign = source.choice(["+", "-", ""])
    if kind < 3:
        limit = source.choice([3, 40, 400, 20000, 10**15])
        number = source.choice([str(source.randrange(limit)), f"{source.uniform(0, limit):.{source.randrange(6)}f}"])
        return mangled(source, sign + number + source.choice([" ", "  ", ""]) + source.choice(UNITS))
    if kind == 3:
        return mangled(source, sign + random_clock(source))
    if kind == 4:
        years = source.choice([f"{source.randrange(30):04d}", f"{source.randrange(10000):04d}", "14000", "99999"])
        text = f"{sign}{years}-{source.randrange(13):02d}-{source.randrange(32):02d}"
        return mangled(source, text + source.choice(["", " " + random_clock(source)]))
    if kind == 5:
        return "weekday " + source.choice(["0", "1", "3.0", "6", "7", "-1", " -0", "-6", "-7", "2.5", "x", ""])
    if kind == 6:
        return source.choice(STARTS)
    return source.choice([*WORDS, *WORDS, None, 5, "", "x"])


def random_format(source: random.Random) -> Any:
    """A format of strftime()."""
    if source.randrange(30) == 0:
        return source.choice([None, "%", "%x", "", "100%", "%é", 7, "%Y\0%x"])
    return "".join(f"%{source.choice(LETTERS)}{source.choice(['', ' ', 'é', '-'])}" for _ in range(source.randrange(9)))


class FixedSurroundings:
    """The surroundings of an engine, at an hour that stands still."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def current_time_milliseconds(self) -> int:
        """Always the same."""
        return NOW

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.fixture
def twin() -> Iterator[TwinConnection]:
    connection = TwinConnection()
    host = connection.reference.host
    host.surroundings = FixedSurroundings(host.surroundings)  # type: ignore[assignment]
    yield connection
    connection.close()


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def random_call(source: random.Random) -> tuple[str, list[Any]]:
    """A statement of one call, and its parameters."""
    if source.randrange(8) == 0:
        return "SELECT timediff(?, ?)", [random_time(source), random_time(source)]
    name = source.choice(FUNCTIONS)
    values = [random_format(source)] if name == "strftime" else []
    if source.randrange(40):
        values.append(random_time(source))
        values += [random_modifier(source) for _ in range(source.choice([0, 0, 1, 1, 1, 2, 3, 5]))]
    return f"SELECT {name}({', '.join('?' * len(values))})", values


def test_random_calls_are_answered_alike(twin: TwinConnection, zone: str) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    known = 0
    for _ in range(CALLS // len(ZONES)):
        sql, values = random_call(source)
        outcomes = twin.run(sql, values)
        assert outcomes is not None, (seed, sql)
        assert outcomes[0] == outcomes[1], (seed, zone, sql, values)
        known += outcomes[0].rows != [[None]]
    assert known > CALLS // len(ZONES) // 10


@pytest.mark.parametrize("name", ["date", "datetime", "strftime", "current_timestamp"])
def test_the_kernel_asks_nobody_for_a_date_function(twin: TwinConnection, name: str) -> None:
    asked: list[str] = []

    def answer(self: TwinConnection, arguments: list[Any]) -> list[Any]:
        asked.append(arguments[1])
        return [None]

    twin._HANDLERS = {**twin._HANDLERS, 2: answer}  # type: ignore[misc]
    call = name if name == "current_timestamp" else f"{name}('%Y', 'now')" if name == "strftime" else f"{name}('now')"
    outcomes = twin.run(f"SELECT {call}", [])
    assert outcomes is not None
    assert outcomes[1].rows[0][0].startswith("2023")
    assert asked == []


def test_many_large_modifiers_do_not_overflow(twin: TwinConnection) -> None:
    values = ["2024-01-01", *["+464000000000000 seconds"] * 60]
    outcomes = twin.run(f"SELECT datetime({', '.join('?' * len(values))})", values)
    assert outcomes is not None
    assert outcomes[0] == outcomes[1]
    assert outcomes[1].rows == [[None]]


def test_a_result_beyond_the_length_limit_is_refused(twin: TwinConnection) -> None:
    twin.reference.host.limit_length = 20
    twin.lib.vm_set(twin.handle, 0, 20)
    outcomes = twin.run("SELECT strftime('%Y-%m-%d %H:%M:%f ', '2024-01-01')", [])
    assert outcomes is not None
    assert outcomes[0] == outcomes[1]
    assert outcomes[1].error == (18, "string or blob too big")
