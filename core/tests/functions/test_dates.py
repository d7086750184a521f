"""The date functions beside real SQLite: random times and modifiers with a printed seed."""

from __future__ import annotations

import random
import time

import pytest
from function_oracle import difference, our_scalar

TIMES = [
    "2024-02-29", "2023-02-31", "2023-04-31", "2024-12-31 23:59:59.999", "2000-01-01T00:00", "1969-12-31 23:59",
    "0000-01-01", "-4713-11-24 12:00", "-4713-11-24", "9999-12-31 23:59:59", "12:34", "12:34:56.789", "24:00",
    "2024-03-10 02:30:00", "2024-01-01 10:00+05:30", "2024-01-01 10:00:00.5-14:00", "2024-01-01 10:00Z",
    "2024-01-01 10:00 z",
    "2024-1-1", "2024-13-01", "2024-01-32", "x", "", "2460000.5", " 2460000.5 ", "1700000000", 0, 1, 2460000.5, 5373484,
    5373484.4999, 5373485, -1, 1700000000, 253402300799, 253402300800, -210866760000, 1e15, -0.5, None, b"2024-01-01",
    "2024-02-29x", "2024-02-29 ", "2024-02-29 12", "2024-02-29  12:00", "12:60", "25:00", "12:34:60", "12:34:5",
    "1969-07-20",
    "2024-01-01 12:00:00.99999", "2024-01-01 12:00:00.", "-2024-05-05", "2016-01-03", "2015-12-31", "2021-01-03 00:00",
]  # fmt: skip
MODIFIERS = [
    "+1 day", "-1 day", "+1 month", "-1 month", "+1 year", "-1 year", "1 days", "+1.5 days", "-0.5 month", "+1.5 years",
    "+90 minutes", "-3600 seconds", "+0.001 second", "+12 hours", "start of month", "start of year", "start of day",
    "start of week", "weekday 0", "weekday 3", "weekday 6", "weekday 7", "weekday 1.5", "unixepoch", "julianday",
    "auto",
    "utc", "floor", "ceiling", "subsec", "subsecond", "+10:30", "-00:30:15.5", "10:30", "+0001-02-03", "-0001-11-30",
    "+0000-00-01 12:30", "-0001-00-00 01:02:03", "+0001-12-00", "+12345-01-01", "+100000 days", "+5373485 days", "x",
    "", None,
    "+1", "+1 dayss", "+1day", "+ 1 day", "+1 DAY", "START OF MONTH", "Weekday 2", "+9999 years", "-9999 years",
    "+1e2 days",
    "nonsense of", "+1 fortnight", 5, "31 months", "+0001-01-01x", "+1 day ",
]  # fmt: skip
FORMATS = [
    "%d|%e|%f|%F|%G|%g|%H|%I|%j|%J|%k|%l|%m|%M|%p|%P|%R|%s|%S|%T|%u|%U|%V|%w|%W|%Y|%%",
    "%q",
    "%",
    "",
    "é%Y",
    None,
]


@pytest.mark.parametrize("name", ["date", "time", "datetime", "julianday", "unixepoch", "strftime"])
def test_a_date_function_agrees_with_sqlite_on_random_modifiers(name):
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(f"{seed}{name}")
    calls = [[value] for value in TIMES] + [[value, word] for value in TIMES for word in MODIFIERS]
    for _ in range(600):
        calls.append([source.choice(TIMES)] + [source.choice(MODIFIERS) for _ in range(source.randint(1, 4))])
        day = f"{source.randint(0, 9999):04d}-{source.randint(1, 12):02d}-{source.randint(1, 31):02d}"
        calls.append([f"{day} {source.randint(0, 23):02d}:{source.randint(0, 59):02d}"])
    if name == "strftime":
        calls = [[FORMATS[0] if source.random() < 0.9 else source.choice(FORMATS), *call] for call in calls]
    differences = [found for found in (difference(name, call) for call in calls) if found]
    assert differences[:5] == [], len(differences)


def test_timediff_agrees_with_sqlite():
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    calls = [[left, right] for left in TIMES for right in TIMES]
    for _ in range(500):
        calls.append([source.uniform(0, 5373484), source.uniform(0, 5373484)])
        calls.append([source.uniform(2459000, 2461000), source.uniform(2459000, 2461000)])
    differences = [found for found in (difference("timediff", call) for call in calls) if found]
    assert differences[:5] == [], len(differences)


def test_local_time_agrees_with_sqlite_in_a_zone_with_summer_time(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        days = [
            "2024-03-10 06:59:59",
            "2024-03-10 07:00",
            "2024-11-03 05:30",
            "2024-07-01",
            "1950-07-01",
            "2150-01-01",
            "0001-01-01",
        ]
        words = [["localtime"], ["utc"], ["localtime", "utc"], ["utc", "localtime"], ["localtime", "localtime"]]
        calls = [[day, *word] for day in days for word in words]
        assert [found for found in (difference("datetime", call) for call in calls) if found] == []
    finally:
        monkeypatch.undo()
        time.tzset()


def test_now_is_the_hosts_time():
    assert our_scalar("datetime", ["now"]) == "2023-11-14 22:13:20"
    assert our_scalar("datetime", []) == "2023-11-14 22:13:20"
    assert our_scalar("current_timestamp", []) == "2023-11-14 22:13:20"
    assert our_scalar("current_date", []) == "2023-11-14"
    assert our_scalar("current_time", []) == "22:13:20"
    assert our_scalar("time", ["NOW", "subsec"]) == "22:13:20.123"
    assert our_scalar("unixepoch", ["subsec"]) == 1700000000.123
    assert our_scalar("strftime", ["%s"]) == "1700000000"
