package org.keelback.jdbc;

import java.sql.Types;
import java.util.Locale;
import org.keelback.jni.Native;

/**
 * What a declared type says in JDBC's terms. SQLite lets a column hold any storage class, so this
 * is what tools show, not what getObject gives. An integer is a BIGINT and a real a DOUBLE: the
 * storage classes have 64 bits.
 *
 * @param name without what stands in parentheses, in upper case
 * @param size the first number in parentheses, 0 if there is none
 * @param scale the second one
 */
record DeclaredType(String name, int type, int size, int scale) {
  static DeclaredType of(String declared) {
    String text = declared == null ? "" : declared.trim().toUpperCase(Locale.ROOT);
    int open = text.indexOf('(');
    int close = text.indexOf(')', open + 1);
    String name = open < 0 ? text : text.substring(0, open).trim();
    int size = 0;
    int scale = 0;
    if (open >= 0 && close > open) {
      String[] numbers = text.substring(open + 1, close).split(",");
      size = number(numbers[0]);
      scale = numbers.length > 1 ? number(numbers[1]) : 0;
    }
    return new DeclaredType(name, typeOf(name), size, scale);
  }

  private static int number(String text) {
    String digits = text.trim();
    return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : 0;
  }

  /** The names that mean something in SQL, then SQLite's rules of affinity. */
  private static int typeOf(String name) {
    return switch (name) {
      case "" -> Types.OTHER;
      case "BOOLEAN", "BOOL" -> Types.BOOLEAN;
      case "DATE" -> Types.DATE;
      case "TIME" -> Types.TIME;
      case "DATETIME", "TIMESTAMP" -> Types.TIMESTAMP;
      case "DECIMAL" -> Types.DECIMAL;
      case "BINARY", "VARBINARY" -> Types.VARBINARY;
      default -> affinityOf(name);
    };
  }

  private static int affinityOf(String name) {
    if (name.contains("INT")) {
      return Types.BIGINT;
    }
    if (name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT")) {
      return Types.VARCHAR;
    }
    if (name.contains("BLOB")) {
      return Types.VARBINARY;
    }
    return name.contains("REAL") || name.contains("FLOA") || name.contains("DOUB")
        ? Types.DOUBLE
        : Types.NUMERIC;
  }

  /** The type for a value of which only the storage class is known. */
  static int typeOfStorageClass(int storageClass) {
    return switch (storageClass) {
      case Native.INTEGER -> Types.BIGINT;
      case Native.FLOAT -> Types.DOUBLE;
      case Native.TEXT -> Types.VARCHAR;
      case Native.BLOB -> Types.VARBINARY;
      default -> Types.NULL;
    };
  }

  static String nameOfStorageClass(int storageClass) {
    return switch (storageClass) {
      case Native.INTEGER -> "INTEGER";
      case Native.FLOAT -> "REAL";
      case Native.TEXT -> "TEXT";
      case Native.BLOB -> "BLOB";
      default -> "NULL";
    };
  }

  /** The class that getObject gives for a value that is of this type in storage too. */
  static String className(int type) {
    return switch (type) {
      case Types.BIGINT -> "java.lang.Long";
      case Types.DOUBLE -> "java.lang.Double";
      case Types.VARCHAR -> "java.lang.String";
      case Types.VARBINARY -> "[B";
      default -> "java.lang.Object";
    };
  }

  static boolean isNumeric(int type) {
    return type == Types.BIGINT
        || type == Types.DOUBLE
        || type == Types.NUMERIC
        || type == Types.DECIMAL;
  }
}
