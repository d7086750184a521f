"""The family of time_now and time_date on both engines: the calendar against Python's own, the rest against what the
documentation of sqlean's extension says."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from sql_process import LibraryConnection, ReferenceConnection, SqlFailed

MOMENT = "time_date(2011, 11, 18, 15, 56, 35, 666777888)"
ANSWERS = [
    (f"hex({MOMENT})", "010000000EC658773327BE3920"),
    ("hex(time_unix(0))", "010000000E7791F70000000000"),
    ("hex(time_date(1, 1, 1))", "01" + "00" * 12),
    ("hex(time_date(0, 12, 31, 23, 59, 59, -1))", "01FFFFFFFFFFFFFFFE3B9AC9FF"),
    ("time_fmt_iso(time_date(2011, 14, 35, 25, 61, 61, 1999999999))", "2012-03-07T02:02:02.999999999Z"),
    ("time_fmt_iso(time_unix(0, -9223372036854775808))", "1677-09-21T00:12:43.145224192Z"),
    ("time_fmt_iso(time_nano(-9223372036854775808))", "1677-09-21T00:12:43.145224192Z"),
    ("time_fmt_iso(time_date(2011, 11, 18, 15, 56, 35, 0, 10800))", "2011-11-18T12:56:35Z"),
    ("time_fmt_iso(make_timestamp(2011, 11, 18, 1, 2, 3))", "2011-11-18T01:02:03Z"),
    ("time_fmt_date(make_date(-5, 1, 1))", "-005-01-01"),
    ("time_fmt_date(time_date(12345, 1, 1))", "12345-01-01"),
    (f"time_fmt_iso({MOMENT}, 10800)", "2011-11-18T18:56:35.666777888+03:00"),
    ("time_fmt_iso(time_unix(0), -5400)", "1969-12-31T22:30:00-01:30"),
    ("time_fmt_time(time_unix(0), -1)", "23:59:59"),
    (f"time_fmt_datetime({MOMENT}, 60)", "2011-11-18 15:57:35"),
    ("time_to_unix(time_unix(-5, 1))", -5),
    ("time_to_milli(time_nano(-1))", -1),
    ("time_to_nano(time_micro(7))", 7000),
    (f"time_get({MOMENT}, 'second')", 35.666777888),
    (f"time_get_second({MOMENT})", 35),
    (f"time_get({MOMENT}, 'Milliseconds')", 666),
    (f"date_part('micro', {MOMENT})", 666777),
    (f"time_get({MOMENT}, 'century')", 20),
    (f"time_get({MOMENT}, 'decade')", 201),
    (f"time_get({MOMENT}, 'quarter')", 4),
    ("time_get(time_unix(1, 500000000), 'epoch')", 1.5),
    ("time_after(time_unix(1), time_unix(0))", 1),
    ("time_before(time_unix(1), time_unix(0))", 0),
    ("time_compare(time_unix(0, 1), time_unix(0, 2))", -1),
    ("time_equal(time_unix(1), time_milli(1000))", 1),
    ("time_unix(-1) < time_unix(0)", 1),
    ("time_fmt_iso(time_add(time_unix(0), 90 * dur_m() + dur_ns()))", "1970-01-01T01:30:00.000000001Z"),
    ("time_fmt_date(date_add(time_unix(0), -1))", "1969-12-31"),
    ("time_fmt_date(time_add_date(time_date(2011, 10, 31), 0, 1))", "2011-12-01"),
    ("time_fmt_date(time_add_date(time_date(2011, 11, 18), 3, 5, -10))", "2015-04-08"),
    ("time_sub(time_unix(5, 7), time_unix(4, 9))", 999999998),
    ("age(time_unix(1), time_unix(2))", -1000000000),
    ("time_sub(time_date(9999, 1, 1), time_date(1, 1, 1))", 2**63 - 1),
    (f"time_fmt_iso(date_trunc('quarter', {MOMENT}))", "2011-10-01T00:00:00Z"),
    (f"time_fmt_iso(time_trunc({MOMENT}, 'century'))", "2000-01-01T00:00:00Z"),
    (f"time_fmt_iso(time_trunc({MOMENT}, 'milli'))", "2011-11-18T15:56:35.666000000Z"),
    (f"time_fmt_date(time_trunc({MOMENT}, 'week'))", "2011-11-14"),
    (f"time_fmt_iso(time_trunc({MOMENT}, 30 * dur_s()))", "2011-11-18T15:56:30Z"),
    (f"time_fmt_iso(time_trunc({MOMENT}, dur_ms()))", "2011-11-18T15:56:35.666777888Z"),
    (f"time_fmt_iso(time_round({MOMENT}, dur_h()))", "2011-11-18T16:00:00Z"),
    (f"time_fmt_iso(time_round({MOMENT}, 30 * dur_s()))", "2011-11-18T15:56:30Z"),
    (f"time_parse('2011-11-18T19:26:35.666777888+03:30') = {MOMENT}", 1),
    ("time_parse('2011-11-18') = time_date(2011, 11, 18)", 1),
    ("time_parse('15:56:35') = time_date(1, 1, 1, 15, 56, 35)", 1),
    ("time_fmt_iso(time_parse('2011-11-18 15:56:35.5'))", "2011-11-18T15:56:35.500000000Z"),
    ("time_parse('2011-11-18T15:56')", None),
    ("time_parse('12345-01-01')", None),
    ("time_parse(NULL)", None),
    ("time_parse('2011-11-18T15:56:35.1234567890Z')", None),
    ("time_parse('2011-11-18T15:56:35+3:30')", None),
    ("dur_us() + dur_ms() + dur_s() + dur_m()", 10**3 + 10**6 + 10**9 + 60 * 10**9),
    ("time_until(time_date(9999, 1, 1)) > 0 AND time_since(time_unix(0)) > 0 AND now() <= time_now()", 1),
]
FAILURES = [
    ("time_date('2011', 1, 1)", "all parameters should be integers"),
    ("time_date(2011, 1)", "wrong number of arguments to function time_date()"),
    ("time_get_year(5)", "parameter should be a time blob"),
    ("time_get_year(x'00')", "invalid time blob size"),
    ("time_compare(time_unix(0), NULL)", "2nd parameter: should be a time blob"),
    ("time_fmt_iso(x'00')", "1st parameter: invalid time blob size"),
    ("time_milli(1.5)", "parameter should be an integer"),
    ("time_add_date(time_unix(0), 1, 2, 'x')", "4th parameter: should be an integer"),
    ("time_get(time_unix(0), 5)", "2nd parameter: should be a field name"),
    ("date_part(5, time_unix(0))", "1st parameter: should be a field name"),
    ("time_get(time_unix(0), 'fortnight')", "unknown field"),
    ("time_trunc(time_unix(0), 'epoch')", "unknown field"),
    ("time_date(9223372036854775807, 1, 1)", "time is out of range"),
    ("time_to_nano(time_date(9999, 1, 1))", "time is out of range"),
    ("time_fmt_iso(x'017fffffffffffffff00000000', 1)", "time is out of range"),
    ("time_add(x'017fffffffffffffff3b9ac9ff', 1)", "time is out of range"),
]


@pytest.fixture(params=[LibraryConnection, ReferenceConnection], ids=["library", "reference"], scope="module")
def connection(request):
    connection = request.param(":memory:")
    yield connection
    connection.close()


@pytest.mark.parametrize(("expression", "answer"), ANSWERS)
def test_an_expression_has_its_answer(connection, expression, answer):
    assert connection.run(f"SELECT {expression}") == [[answer]]


@pytest.mark.parametrize(("expression", "message"), FAILURES)
def test_wrong_arguments_are_named(connection, expression, message):
    with pytest.raises(SqlFailed, match=re.escape(message)):
        connection.run(f"SELECT {expression}")


def test_the_calendar_is_pythons(connection):
    source = random.Random(20261123)
    for _ in range(300):
        moment = datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=source.randrange(315537897600))
        made = (
            f"time_date({moment.year}, {moment.month}, {moment.day}, {moment.hour}, {moment.minute}, {moment.second})"
        )
        week = moment.isocalendar()
        parts = ("unix", "get_weekday", "get_yearday", "get_isoyear", "get_isoweek", "fmt_iso")
        calls = ", ".join(f"time_{'to_unix' if part == 'unix' else part}(t)" for part in parts)
        assert connection.run(f"SELECT {calls} FROM (SELECT {made} AS t)") == [
            [
                (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1),
                moment.isoweekday() % 7,
                moment.timetuple().tm_yday,
                week.year,
                week.week,
                f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}Z",
            ]
        ]
        monday = moment.date() - timedelta(days=moment.weekday())
        if monday.year > 1:
            text = connection.run(f"SELECT time_fmt_date(time_trunc({made}, 'week'))")[0][0]
            assert text == f"{monday.year:04d}-{monday:%m-%d}"


def test_times_of_tables_sort_and_are_indexed(connection):
    connection.run("CREATE TABLE IF NOT EXISTS event(at BLOB)")
    connection.run("DELETE FROM event")
    connection.run("INSERT INTO event SELECT time_unix(value * -86400) FROM generate_series(1, 50)")
    connection.run("CREATE INDEX IF NOT EXISTS event_year ON event(time_get_year(at))")
    assert connection.run("SELECT count(*), time_fmt_date(min(at)) FROM event WHERE time_get_year(at) = 1969") == [
        [50, "1969-11-12"]
    ]
