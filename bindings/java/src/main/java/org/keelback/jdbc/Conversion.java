package org.keelback.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Locale;

/**
 * From a stored value (Long, Double, String, byte[]) to what a getter or a target type asks for. A
 * value that has no such form, or does not fit, is an error: nothing is narrowed in silence. A
 * fraction is cut off where an integer is asked for.
 */
final class Conversion {
  private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private Conversion() {}

  static SQLException impossible(Object value, String target) {
    String shown =
        value instanceof byte[] bytes
            ? "a blob of " + bytes.length + " bytes"
            : String.valueOf(value);
    return new SQLDataException("not " + target + ": " + shown, "22018");
  }

  private static SQLException outOfRange(Object value, String target) {
    return new SQLDataException("out of range for " + target + ": " + value, "22003");
  }

  static long toLong(Object value) throws SQLException {
    return value instanceof Long integer
        ? integer
        : toLong(value, Long.MIN_VALUE, Long.MAX_VALUE, "long");
  }

  static int toInt(Object value) throws SQLException {
    return (int) toLong(value, Integer.MIN_VALUE, Integer.MAX_VALUE, "int");
  }

  static short toShort(Object value) throws SQLException {
    return (short) toLong(value, Short.MIN_VALUE, Short.MAX_VALUE, "short");
  }

  static byte toByte(Object value) throws SQLException {
    return (byte) toLong(value, Byte.MIN_VALUE, Byte.MAX_VALUE, "byte");
  }

  private static long toLong(Object value, long low, long high, String target) throws SQLException {
    long result;
    if (value instanceof Long integer) {
      result = integer;
    } else {
      BigDecimal number = toBigDecimal(value).setScale(0, RoundingMode.DOWN);
      if (number.compareTo(LONG_MIN) < 0 || number.compareTo(LONG_MAX) > 0) {
        throw outOfRange(value, target);
      }
      result = number.longValueExact();
    }
    if (result < low || result > high) {
      throw outOfRange(value, target);
    }
    return result;
  }

  static double toDouble(Object value) throws SQLException {
    if (value instanceof Double real) {
      return real;
    }
    if (value instanceof Long integer) {
      return integer;
    }
    if (value instanceof String text) {
      try {
        return Double.parseDouble(text.trim());
      } catch (NumberFormatException e) {
        throw impossible(value, "a number");
      }
    }
    throw impossible(value, "a number");
  }

  static BigDecimal toBigDecimal(Object value) throws SQLException {
    if (value instanceof Long integer) {
      return BigDecimal.valueOf(integer);
    }
    try {
      if (value instanceof Double real) {
        return BigDecimal.valueOf(real);
      }
      if (value instanceof String text) {
        BigDecimal number = new BigDecimal(text.trim());
        if (Math.abs((long) number.scale()) > 10_000) {
          throw outOfRange(value, "a decimal number");
        }
        return number;
      }
    } catch (NumberFormatException e) {
      throw impossible(value, "a decimal number");
    }
    throw impossible(value, "a decimal number");
  }

  static BigInteger toBigInteger(Object value) throws SQLException {
    return toBigDecimal(value).toBigInteger();
  }

  static boolean toBoolean(Object value) throws SQLException {
    if (value instanceof String text) {
      switch (text.trim().toLowerCase(Locale.ROOT)) {
        case "true", "t", "yes", "y", "on" -> {
          return true;
        }
        case "false", "f", "no", "n", "off" -> {
          return false;
        }
        default -> {
          return toDouble(text) != 0;
        }
      }
    }
    return toDouble(value) != 0;
  }

  static byte[] toBytes(Object value) {
    return value instanceof byte[] bytes ? bytes : toText(value).getBytes(StandardCharsets.UTF_8);
  }

  static String toText(Object value) {
    return value instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : value.toString();
  }
}
