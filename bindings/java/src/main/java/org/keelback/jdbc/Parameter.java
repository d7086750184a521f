package org.keelback.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.URL;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Types;
import java.util.UUID;

/** From an object to what is stored for it: null, Long, Double, String or byte[]. */
final class Parameter {
  private Parameter() {}

  /** The stored form that the object's own class suggests. */
  static Object of(Object value) throws SQLException {
    if (value == null
        || value instanceof Long
        || value instanceof Double
        || value instanceof String) {
      return value;
    }
    if (value instanceof byte[] bytes) {
      return bytes.clone();
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (value instanceof Float real) {
      return real.doubleValue();
    }
    if (value instanceof BigDecimal number) {
      return ofDecimal(number);
    }
    if (value instanceof BigInteger number) {
      return ofDecimal(new BigDecimal(number));
    }
    String moment = Moment.text(value);
    if (moment != null) {
      return moment;
    }
    if (value instanceof CharSequence
        || value instanceof Character
        || value instanceof UUID
        || value instanceof URL) {
      return value.toString();
    }
    return ofLarge(value);
  }

  private static Object ofLarge(Object value) throws SQLException {
    if (value instanceof InputStream stream) {
      return bytes(stream, -1);
    }
    if (value instanceof Reader reader) {
      return text(reader, -1);
    }
    if (value instanceof Blob blob) {
      return bytes(blob.getBinaryStream(), -1);
    }
    if (value instanceof Clob clob) {
      return text(clob.getCharacterStream(), -1);
    }
    throw new SQLDataException(
        "a value of class " + value.getClass().getName() + " cannot be stored", "HY105");
  }

  /** INTEGER or REAL where no digit is lost by it, else TEXT. */
  private static Object ofDecimal(BigDecimal number) {
    if (number.signum() == 0) {
      return number.scale() > 0 ? (Object) 0.0 : (Object) 0L;
    }
    if (number.scale() <= 0 && number.precision() - (long) number.scale() <= 19) {
      BigInteger integer = number.toBigInteger();
      if (integer.bitLength() < Long.SIZE) {
        return integer.longValue();
      }
    }
    double real = number.doubleValue();
    boolean isExact = !Double.isInfinite(real) && BigDecimal.valueOf(real).compareTo(number) == 0;
    if (isExact) {
      return real;
    }
    return Math.abs((long) number.scale()) < 1000 ? number.toPlainString() : number.toString();
  }

  /**
   * The stored form for a type of {@link Types}; {@code scale} counts for decimal numbers, -1
   * leaves them as they are.
   */
  static Object of(Object value, int type, int scale) throws SQLException {
    if (value == null) {
      return null;
    }
    return switch (type) {
      case Types.BIT, Types.BOOLEAN -> Conversion.toBoolean(of(value)) ? 1L : 0L;
      case Types.TINYINT -> (long) Conversion.toByte(of(value));
      case Types.SMALLINT -> (long) Conversion.toShort(of(value));
      case Types.INTEGER -> (long) Conversion.toInt(of(value));
      case Types.BIGINT -> Conversion.toLong(of(value));
      case Types.REAL, Types.FLOAT, Types.DOUBLE -> Conversion.toDouble(of(value));
      case Types.NUMERIC, Types.DECIMAL -> ofDecimal(value, scale);
      case Types.CHAR,
              Types.VARCHAR,
              Types.LONGVARCHAR,
              Types.NCHAR,
              Types.NVARCHAR,
              Types.LONGNVARCHAR,
              Types.CLOB,
              Types.NCLOB ->
          value instanceof BigDecimal number
              ? number.toPlainString()
              : Conversion.toText(of(value));
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB ->
          Conversion.toBytes(of(value));
      case Types.DATE -> temporal(value, 0);
      case Types.TIME, Types.TIME_WITH_TIMEZONE -> temporal(value, 1);
      case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> temporal(value, 2);
      case Types.NULL, Types.OTHER, Types.JAVA_OBJECT -> of(value);
      default -> throw Unsupported.feature("SQL type " + type);
    };
  }

  private static Object ofDecimal(Object value, int scale) throws SQLException {
    BigDecimal number =
        value instanceof BigDecimal decimal ? decimal : Conversion.toBigDecimal(of(value));
    return ofDecimal(scale < 0 ? number : number.setScale(scale, RoundingMode.HALF_UP));
  }

  private static Object temporal(Object value, int part) throws SQLException {
    Object stored = of(value);
    if (value instanceof java.util.Date moment) {
      return switch (part) {
        case 0 -> Moment.text(new java.sql.Date(moment.getTime()));
        case 1 -> Moment.text(new java.sql.Time(moment.getTime()));
        default ->
            moment instanceof java.sql.Timestamp
                ? stored
                : Moment.text(new java.sql.Timestamp(moment.getTime()));
      };
    }
    return stored;
  }

  /** The bytes of a stream, all of them where {@code length} is negative. */
  static byte[] bytes(InputStream stream, long length) throws SQLException {
    try {
      byte[] bytes =
          length < 0 ? stream.readAllBytes() : stream.readNBytes(Math.toIntExact(length));
      if (length >= 0 && bytes.length != length) {
        throw new SQLDataException(
            "the stream ended after " + bytes.length + " bytes of " + length, "22026");
      }
      return bytes;
    } catch (IOException | ArithmeticException e) {
      throw new SQLDataException("the stream cannot be read: " + e.getMessage(), "22000", e);
    }
  }

  /** The text of a reader, all of it where {@code length} is negative. */
  static String text(Reader reader, long length) throws SQLException {
    try {
      StringWriter text = new StringWriter();
      if (length < 0) {
        reader.transferTo(text);
        return text.toString();
      }
      char[] block = new char[8192];
      while (text.getBuffer().length() < length) {
        int wanted = (int) Math.min(block.length, length - text.getBuffer().length());
        int count = reader.read(block, 0, wanted);
        if (count < 0) {
          int found = text.getBuffer().length();
          throw new SQLDataException(
              "the reader ended after " + found + " characters of " + length, "22026");
        }
        text.write(block, 0, count);
      }
      return text.toString();
    } catch (IOException e) {
      throw new SQLDataException("the reader cannot be read: " + e.getMessage(), "22000", e);
    }
  }
}
