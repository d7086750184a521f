package org.keelback.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;

/** The little that the driver itself reads in SQL text: its first word. */
final class SqlText {
  private static final Set<String> OUTSIDE_TRANSACTIONS =
      Set.of("BEGIN", "COMMIT", "END", "ROLLBACK", "PRAGMA", "VACUUM", "ATTACH", "DETACH");
  private static final Set<String> INSERTING = Set.of("INSERT", "REPLACE", "WITH");

  private SqlText() {}

  /** Whether a statement leaves a transaction to be begun before it, where auto-commit is off. */
  static boolean needsTransaction(String firstWord) {
    return !OUTSIDE_TRANSACTIONS.contains(firstWord);
  }

  static boolean mayInsert(String firstWord) {
    return INSERTING.contains(firstWord);
  }

  /**
   * SQLite's C API takes a NUL for the end of the text; what follows would be passed over in
   * silence.
   */
  static String checked(String sql) throws SQLException {
    if (sql == null || sql.indexOf('\0') >= 0) {
      throw new SQLException(
          sql == null ? "the SQL text is null" : "the SQL text contains a NUL character", "HY009");
    }
    return sql;
  }

  /** The first word from {@code start} on, in upper case, behind blanks and comments. */
  static String firstWord(byte[] sql, int start) {
    int from = skipBlank(sql, start);
    int to = from;
    while (to < sql.length && Character.isLetter(sql[to])) {
      to++;
    }
    return new String(sql, from, to - from, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
  }

  private static int skipBlank(byte[] sql, int start) {
    int i = start;
    while (i < sql.length) {
      if (sql[i] == ' ' || sql[i] == ';' || (sql[i] >= '\t' && sql[i] <= '\r')) {
        i++;
      } else if (sql[i] == '-' && i + 1 < sql.length && sql[i + 1] == '-') {
        while (i < sql.length && sql[i] != '\n') {
          i++;
        }
      } else if (sql[i] == '/' && i + 1 < sql.length && sql[i + 1] == '*') {
        i += 2;
        while (i + 1 < sql.length && !(sql[i] == '*' && sql[i + 1] == '/')) {
          i++;
        }
        i += 2;
      } else {
        break;
      }
    }
    return Math.min(i, sql.length);
  }

  /** A name as an SQL identifier. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
