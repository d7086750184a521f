package org.keelback.jdbc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.keelback.jni.Native;

/**
 * What an address and its properties ask for: {@code PATH?name=value&...}, the {@link Properties}
 * weighing less. In a {@code file:} URI, parameters that are not ours stay in the URI for the
 * engine; after a plain path they are an error.
 */
final class Settings {
  private static final String SWITCH = "true false on off yes no 1 0";

  /** Beside a list of choices: a whole number, in SQL's form. */
  private static final String NUMBER = "-?[0-9]{1,18}";

  /**
   * A setting: its default, its possible values (a list of words, or {@link #NUMBER}), and what it
   * does; a pragma where nothing is said. Pragmas run in this order: first what has to be set before
   * a database is made, last what forbids to write.
   */
  private enum Setting {
    BUSY_TIMEOUT("5000", NUMBER, "milliseconds to wait for a lock"),
    OPEN_MODE("rwc", "ro rw rwc", "read only; read and write; create too"),
    TRANSACTION_MODE(
        "deferred", "deferred immediate exclusive", "how a transaction begins without auto-commit"),
    EXPLICIT_READONLY("false", "true false", "whether setReadOnly is enforced and not only a hint"),
    ENCODING("utf-8 utf-16 utf-16le utf-16be"),
    PAGE_SIZE(NUMBER),
    AUTO_VACUUM("none full incremental 0 1 2"),
    LOCKING_MODE("normal exclusive"),
    JOURNAL_MODE("delete truncate persist memory wal off"),
    SYNCHRONOUS("off normal full extra 0 1 2 3"),
    JOURNAL_SIZE_LIMIT(NUMBER),
    MAX_PAGE_COUNT(NUMBER),
    CACHE_SIZE(NUMBER),
    MMAP_SIZE(NUMBER),
    TEMP_STORE("default file memory 0 1 2"),
    SECURE_DELETE(SWITCH + " fast"),
    FOREIGN_KEYS(SWITCH),
    DEFER_FOREIGN_KEYS(SWITCH),
    RECURSIVE_TRIGGERS(SWITCH),
    CASE_SENSITIVE_LIKE(SWITCH),
    IGNORE_CHECK_CONSTRAINTS(SWITCH),
    REVERSE_UNORDERED_SELECTS(SWITCH),
    READ_UNCOMMITTED(SWITCH),
    APPLICATION_ID(NUMBER),
    USER_VERSION(NUMBER),
    QUERY_ONLY(SWITCH);

    final String initial;
    final String choices;
    final String description;
    final boolean isPragma;

    Setting(String initial, String choices, String description) {
      this.initial = initial;
      this.choices = choices;
      this.description = description;
      this.isPragma = false;
    }

    Setting(String choices) {
      this.initial = null;
      this.choices = choices;
      this.description = "PRAGMA " + key();
      this.isPragma = true;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Setting find(String key) {
      for (Setting setting : values()) {
        if (setting.key().equals(key)) {
          return setting;
        }
      }
      return null;
    }
  }

  private final String path;
  private final Map<Setting, String> values = new LinkedHashMap<>();

  private Settings(String path) {
    this.path = path;
  }

  private static String decoded(String value) throws SQLException {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new SQLException("bad escape in the address: " + value, "HY024", e);
    }
  }

  static Settings parse(String address, Properties info) throws SQLException {
    if (address.indexOf('\0') >= 0) {
      throw new SQLException("the address contains a NUL character", "HY024");
    }
    int question = address.indexOf('?');
    String path = question < 0 ? address : address.substring(0, question);
    StringBuilder kept = new StringBuilder();
    Map<Setting, String> inAddress = new LinkedHashMap<>();
    if (question >= 0) {
      for (String part : address.substring(question + 1).split("&")) {
        int equals = part.indexOf('=');
        Setting setting = Setting.find(equals < 0 ? part : part.substring(0, equals));
        if (setting != null) {
          String value = equals < 0 ? "" : part.substring(equals + 1);
          inAddress.put(setting, decoded(value));
        } else if (path.startsWith("file:")) {
          kept.append(kept.length() == 0 ? '?' : '&').append(part);
        } else if (!part.isEmpty()) {
          throw new SQLException("unknown property in the address: " + part, "HY024");
        }
      }
    }
    Settings settings = new Settings(path + kept);
    for (Setting setting : Setting.values()) {
      String value = inAddress.get(setting);
      if (value == null && info != null) {
        value = info.getProperty(setting.key());
      }
      settings.put(setting, value == null ? setting.initial : value.toLowerCase(Locale.ROOT));
    }
    return settings;
  }

  private void put(Setting setting, String value) throws SQLException {
    if (value != null) {
      boolean isKnown =
          setting.choices.equals(NUMBER)
              ? value.matches(NUMBER)
              : !value.isBlank() && (" " + setting.choices + " ").contains(" " + value + " ");
      if (!isKnown) {
        throw new SQLException("not a value for " + setting.key() + ": " + value, "HY024");
      }
      values.put(setting, value);
    }
  }

  String path() {
    return path;
  }

  int openFlags() {
    int access =
        switch (values.get(Setting.OPEN_MODE)) {
          case "ro" -> Native.OPEN_READONLY;
          case "rw" -> Native.OPEN_READWRITE;
          default -> Native.OPEN_READWRITE | Native.OPEN_CREATE;
        };
    return path.startsWith("file:") ? access | Native.OPEN_URI : access;
  }

  boolean isReadOnly() {
    return values.get(Setting.OPEN_MODE).equals("ro");
  }

  int busyTimeoutMilliseconds() {
    return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(values.get(Setting.BUSY_TIMEOUT)));
  }

  String begin() {
    return "BEGIN " + values.get(Setting.TRANSACTION_MODE).toUpperCase(Locale.ROOT);
  }

  boolean isReadOnlyExplicit() {
    return values.get(Setting.EXPLICIT_READONLY).equals("true");
  }

  /** The pragmas to run on a new connection. */
  String[] pragmas() {
    return values.keySet().stream()
        .filter(setting -> setting.isPragma)
        .map(setting -> "PRAGMA " + setting.key() + "=" + quoted(values.get(setting)))
        .toArray(String[]::new);
  }

  /** Names of encodings have a dash. */
  private static String quoted(String value) {
    return value.startsWith("utf-") ? "'" + value + "'" : value;
  }

  DriverPropertyInfo[] describe() {
    Setting[] settings = Setting.values();
    DriverPropertyInfo[] result = new DriverPropertyInfo[settings.length];
    for (int i = 0; i < settings.length; i++) {
      result[i] = new DriverPropertyInfo(settings[i].key(), values.get(settings[i]));
      result[i].description = settings[i].description;
      result[i].choices =
          settings[i].choices.equals(NUMBER) ? null : settings[i].choices.split(" ");
    }
    return result;
  }
}
