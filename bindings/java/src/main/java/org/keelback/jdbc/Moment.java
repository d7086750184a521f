package org.keelback.jdbc;

import java.sql.Date;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stored date or time. Text is read in the forms of SQLite's date functions, {@code 2024-02-29[(
 * |T)12:30[:15[.250]]][Z|+02:00]} or a time alone; an INTEGER is milliseconds since 1970 in UTC, a
 * REAL a Julian day number.
 *
 * @param date null in a time alone
 * @param time null in a date alone
 * @param offset null where the text has none
 */
record Moment(LocalDate date, LocalTime time, ZoneOffset offset) {
  private static final Pattern TEXT =
      Pattern.compile(
          "(?:(\\d{4}-\\d\\d-\\d\\d)(?:[T"
              + " ]+|$))?(?:(\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?))?\\d*\\s*(Z|z|[+-]\\d\\d:\\d\\d)?");
  private static final LocalDate EPOCH = LocalDate.of(1970, 1, 1);
  private static final double UNIX_EPOCH_JULIAN_DAY = 2440587.5;
  private static final double MILLISECONDS_PER_DAY = 86_400_000;

  /** Reads a stored value. */
  static Moment of(Object value) throws SQLException {
    try {
      if (value instanceof Long milliseconds) {
        return of(Instant.ofEpochMilli(milliseconds));
      }
      if (value instanceof Double day && Math.abs(day) < 1e9) {
        return of(
            Instant.ofEpochMilli(Math.round((day - UNIX_EPOCH_JULIAN_DAY) * MILLISECONDS_PER_DAY)));
      }
      if (value instanceof String text) {
        Matcher parts = TEXT.matcher(text.trim());
        if (parts.matches() && (parts.group(1) != null || parts.group(2) != null)) {
          return new Moment(
              parts.group(1) == null ? null : LocalDate.parse(parts.group(1)),
              parts.group(2) == null ? null : LocalTime.parse(parts.group(2)),
              parts.group(3) == null
                  ? null
                  : ZoneOffset.of(parts.group(3).toUpperCase(Locale.ROOT)));
        }
      }
    } catch (DateTimeException e) {
      throw Conversion.impossible(value, "a date or time");
    }
    throw Conversion.impossible(value, "a date or time");
  }

  private static Moment of(Instant instant) {
    LocalDateTime utc = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    return new Moment(utc.toLocalDate(), utc.toLocalTime(), ZoneOffset.UTC);
  }

  private LocalDateTime written() {
    return (date == null ? EPOCH : date).atTime(time == null ? LocalTime.MIDNIGHT : time);
  }

  /** What a clock in {@code zone} shows; without an offset the text is what it shows. */
  LocalDateTime toLocalDateTime(ZoneId zone) {
    return offset == null ? written() : toInstant(zone).atZone(zone).toLocalDateTime();
  }

  Instant toInstant(ZoneId zone) {
    return offset == null ? written().atZone(zone).toInstant() : written().toInstant(offset);
  }

  OffsetDateTime toOffsetDateTime(ZoneId zone) {
    return offset == null ? written().atZone(zone).toOffsetDateTime() : written().atOffset(offset);
  }

  Date toDate(ZoneId zone, boolean isDefaultZone) {
    LocalDate day =
        offset == null || time == null
            ? written().toLocalDate()
            : toLocalDateTime(zone).toLocalDate();
    return isDefaultZone
        ? Date.valueOf(day)
        : new Date(day.atStartOfDay(zone).toInstant().toEpochMilli());
  }

  Time toTime(ZoneId zone) {
    LocalTime clock = toLocalDateTime(zone).toLocalTime();
    return new Time(EPOCH.atTime(clock).atZone(zone).toInstant().toEpochMilli());
  }

  Timestamp toTimestamp(ZoneId zone, boolean isDefaultZone) {
    return offset == null && isDefaultZone
        ? Timestamp.valueOf(written())
        : Timestamp.from(toInstant(zone));
  }

  /** A {@code java.time} object of the given class; null if it is not one of them. */
  Object to(Class<?> type, ZoneId zone) {
    if (type == LocalDate.class) {
      return toLocalDateTime(zone).toLocalDate();
    }
    if (type == LocalTime.class) {
      return toLocalDateTime(zone).toLocalTime();
    }
    if (type == LocalDateTime.class) {
      return toLocalDateTime(zone);
    }
    if (type == OffsetDateTime.class) {
      return toOffsetDateTime(zone);
    }
    if (type == OffsetTime.class) {
      return toOffsetDateTime(zone).toOffsetTime();
    }
    if (type == ZonedDateTime.class) {
      return toOffsetDateTime(zone).toZonedDateTime();
    }
    return type == Instant.class ? toInstant(zone) : null;
  }

  /** The text that is stored for a date or time object; null if the value is none. */
  static String text(Object value) {
    if (value instanceof LocalDate || value instanceof OffsetTime) {
      return value.toString();
    }
    if (value instanceof LocalTime clock) {
      return clockText(clock);
    }
    if (value instanceof LocalDateTime moment) {
      return moment.toLocalDate() + " " + clockText(moment.toLocalTime());
    }
    if (value instanceof OffsetDateTime moment) {
      return text(moment.toLocalDateTime()) + moment.getOffset();
    }
    if (value instanceof ZonedDateTime moment) {
      return text(moment.toOffsetDateTime());
    }
    if (value instanceof Instant instant) {
      return text(instant.atOffset(ZoneOffset.UTC));
    }
    return value instanceof java.util.Date date
        ? dateText(date, ZoneId.systemDefault(), true)
        : null;
  }

  /** The text for a {@link java.util.Date}, as a clock in {@code zone} shows it. */
  static String dateText(java.util.Date value, ZoneId zone, boolean isDefaultZone) {
    if (value instanceof Timestamp stamp) {
      return text(
          isDefaultZone
              ? stamp.toLocalDateTime()
              : LocalDateTime.ofInstant(stamp.toInstant(), zone));
    }
    LocalDateTime moment = LocalDateTime.ofInstant(Instant.ofEpochMilli(value.getTime()), zone);
    if (value instanceof Date day) {
      return (isDefaultZone ? day.toLocalDate() : moment.toLocalDate()).toString();
    }
    return value instanceof Time ? clockText(moment.toLocalTime()) : text(moment);
  }

  /** Always with seconds; a fraction of 3, 6 or 9 digits where there is one. */
  private static String clockText(LocalTime clock) {
    String text = clock.toString();
    return text.length() == 5 ? text + ":00" : text;
  }
}
