package org.keelback.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.keelback.handle.DatabaseHandle;
import org.keelback.handle.StatementHandle;
import org.keelback.handle.Utf8;
import org.keelback.jni.Native;

/**
 * Reads tables, columns, indexes and keys from {@code sqlite_schema} and the pragmas. Patterns are
 * LIKE patterns or null.
 */
final class SchemaReader {
  private final DatabaseHandle database;

  SchemaReader(DatabaseHandle database) {
    this.database = database;
  }

  /** A table or view; {@code sql} is its CREATE text, null for a system table. */
  record Table(String schema, String name, String type, String sql) {}

  /** A column; positions count from 1, {@code keyPosition} is 0 outside the primary key. */
  record Column(
      String name,
      String declaredType,
      boolean isNotNull,
      String defaultText,
      int position,
      int keyPosition,
      boolean isGenerated,
      boolean isAutoincrement) {}

  /** A column of an index, null for an expression. */
  record IndexTerm(
      String index, boolean isUnique, int position, String column, boolean isDescending) {}

  /** A pair of columns of a foreign key. */
  record ForeignKeyTerm(
      Table child,
      int number,
      int position,
      String childColumn,
      String parentTable,
      String parentColumn,
      String onUpdate,
      String onDelete) {}

  List<String> schemas(String pattern) throws SQLException {
    List<String> found = new ArrayList<>();
    for (Object[] row : query("PRAGMA database_list")) {
      if (isLike((String) row[1], pattern)) {
        found.add((String) row[1]);
      }
    }
    if (!found.contains("temp") && isLike("temp", pattern)) {
      found.add("temp");
    }
    return found;
  }

  List<Table> tables(String schemaPattern, String tablePattern) throws SQLException {
    List<Table> found = new ArrayList<>();
    for (String schema : schemas(schemaPattern)) {
      String source =
          schema.equals("temp") ? "sqlite_temp_schema" : SqlText.quoted(schema) + ".sqlite_schema";
      for (Object[] row :
          query("SELECT type, name, sql FROM " + source + " WHERE type IN ('table', 'view')")) {
        String name = (String) row[1];
        if (isLike(name, tablePattern)) {
          found.add(
              new Table(
                  schema, name, typeOf(schema, name, row[0].equals("view")), (String) row[2]));
        }
      }
      String itself = schema.equals("temp") ? "sqlite_temp_schema" : "sqlite_schema";
      if (isLike(itself, tablePattern)) {
        found.add(new Table(schema, itself, "SYSTEM TABLE", null));
      }
    }
    return found;
  }

  private static String typeOf(String schema, String name, boolean isView) {
    if (isView) {
      return "VIEW";
    }
    if (name.toLowerCase(Locale.ROOT).startsWith("sqlite_")) {
      return "SYSTEM TABLE";
    }
    return schema.equals("temp") ? "GLOBAL TEMPORARY" : "TABLE";
  }

  /** Tables whose name is this one, not like it. */
  List<Table> tablesNamed(String schema, String name) throws SQLException {
    List<Table> found = new ArrayList<>();
    for (Table table : tables(null, null)) {
      if ((schema == null || schema.equalsIgnoreCase(table.schema()))
          && table.name().equalsIgnoreCase(name)) {
        found.add(table);
      }
    }
    return found;
  }

  List<Column> columns(Table table) throws SQLException {
    List<Column> found = new ArrayList<>();
    boolean hasAutoincrement =
        table.sql() != null && table.sql().toUpperCase(Locale.ROOT).contains("AUTOINCREMENT");
    for (Object[] row : query(pragma(table, "table_xinfo", table.name()))) {
      long hidden = (Long) row[6];
      if (hidden != 1) {
        int keyPosition = ((Long) row[5]).intValue();
        found.add(
            new Column(
                (String) row[1],
                (String) row[2],
                (Long) row[3] != 0,
                (String) row[4],
                ((Long) row[0]).intValue() + 1,
                keyPosition,
                hidden > 1,
                hasAutoincrement && keyPosition > 0));
      }
    }
    return found;
  }

  List<IndexTerm> indexTerms(Table table) throws SQLException {
    List<IndexTerm> found = new ArrayList<>();
    for (Object[] index : query(pragma(table, "index_list", table.name()))) {
      String name = (String) index[1];
      for (Object[] term : query(pragma(table, "index_xinfo", name))) {
        if ((Long) term[5] != 0) {
          int position = ((Long) term[0]).intValue() + 1;
          found.add(
              new IndexTerm(
                  name, (Long) index[2] != 0, position, (String) term[2], (Long) term[3] != 0));
        }
      }
    }
    return found;
  }

  List<ForeignKeyTerm> foreignKeyTerms(Table child) throws SQLException {
    List<ForeignKeyTerm> found = new ArrayList<>();
    for (Object[] row : query(pragma(child, "foreign_key_list", child.name()))) {
      int position = ((Long) row[1]).intValue();
      String parent = (String) row[2];
      String parentColumn =
          row[4] == null ? keyColumn(child.schema(), parent, position + 1) : (String) row[4];
      found.add(
          new ForeignKeyTerm(
              child,
              ((Long) row[0]).intValue(),
              position + 1,
              (String) row[3],
              parent,
              parentColumn,
              (String) row[5],
              (String) row[6]));
    }
    return found;
  }

  private String keyColumn(String schema, String table, int keyPosition) throws SQLException {
    for (Table parent : tablesNamed(schema, table)) {
      for (Column column : columns(parent)) {
        if (column.keyPosition() == keyPosition) {
          return column.name();
        }
      }
    }
    return null;
  }

  private static String pragma(Table table, String pragma, String argument) {
    return "PRAGMA "
        + SqlText.quoted(table.schema())
        + "."
        + pragma
        + "("
        + SqlText.quoted(argument)
        + ")";
  }

  private List<Object[]> query(String sql) throws SQLException {
    synchronized (database) {
      List<Object[]> rows = new ArrayList<>();
      try (StatementHandle statement = database.prepare(Utf8.encode(sql), 0).statement()) {
        while (statement.step()) {
          Object[] row = new Object[statement.columnCount()];
          for (int i = 0; i < row.length; i++) {
            row[i] = value(statement, i);
          }
          rows.add(row);
        }
      }
      return rows;
    }
  }

  private static Object value(StatementHandle statement, int column) throws SQLException {
    return switch (statement.columnType(column)) {
      case Native.NULL -> null;
      case Native.INTEGER -> statement.columnInteger(column);
      default -> Utf8.decode(statement.columnText(column));
    };
  }

  /**
   * LIKE as JDBC has it in metadata: {@code %}, {@code _} and the escape {@code \}, letters alike
   * in both cases; null is any.
   */
  static boolean isLike(String name, String pattern) {
    if (pattern == null) {
      return true;
    }
    StringBuilder expression = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char sign = pattern.charAt(i);
      if (sign == '\\' && i + 1 < pattern.length()) {
        expression.append(Pattern.quote(String.valueOf(pattern.charAt(++i))));
      } else if (sign == '%') {
        expression.append(".*");
      } else {
        expression.append(sign == '_' ? "." : Pattern.quote(String.valueOf(sign)));
      }
    }
    return Pattern.compile(expression.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL)
        .matcher(name)
        .matches();
  }
}
