package org.keelback.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Calendar;
import org.keelback.KeelbackPreparedStatement;
import org.keelback.handle.Failures;
import org.keelback.jni.Native;

/**
 * The values of a prepared statement's parameters. They are kept in their stored form (null, Long,
 * Double, String, byte[]) and bound when the statement is run; one that was never set is NULL, as
 * in SQLite.
 */
abstract class ParameterValues extends KeelbackStatement implements KeelbackPreparedStatement {
  private Object[] values;

  ParameterValues(KeelbackConnection connection) {
    super(connection);
  }

  final void setParameterCount(int count) {
    values = new Object[count];
  }

  final Object[] values() {
    return values;
  }

  private void put(int index, Object stored) throws SQLException {
    checkOpen();
    if (index < 1 || index > values.length) {
      throw Failures.of(Native.RANGE);
    }
    values[index - 1] = stored;
  }

  @Override
  public void clearParameters() throws SQLException {
    checkOpen();
    Arrays.fill(values, null);
  }

  @Override
  public void setNull(int index, int type) throws SQLException {
    put(index, null);
  }

  @Override
  public void setNull(int index, int type, String typeName) throws SQLException {
    put(index, null);
  }

  @Override
  public void setObject(int index, Object value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setObject(int index, Object value, int type) throws SQLException {
    put(index, Parameter.of(value, type, -1));
  }

  /** {@code scale} is that of a decimal number, or the length of a stream or reader. */
  @Override
  public void setObject(int index, Object value, int type, int scale) throws SQLException {
    if (value instanceof InputStream stream) {
      put(index, Parameter.bytes(stream, scale));
    } else if (value instanceof Reader reader) {
      put(index, Parameter.text(reader, scale));
    } else {
      put(index, Parameter.of(value, type, scale));
    }
  }

  @Override
  public void setObject(int index, Object value, SQLType type) throws SQLException {
    setObject(index, value, type, -1);
  }

  @Override
  public void setObject(int index, Object value, SQLType type, int scale) throws SQLException {
    if (!(type instanceof JDBCType known)) {
      throw Unsupported.feature("SQL type " + type);
    }
    setObject(index, value, known.getVendorTypeNumber().intValue(), scale);
  }

  @Override
  public void setBoolean(int index, boolean value) throws SQLException {
    put(index, value ? 1L : 0L);
  }

  @Override
  public void setByte(int index, byte value) throws SQLException {
    put(index, (long) value);
  }

  @Override
  public void setShort(int index, short value) throws SQLException {
    put(index, (long) value);
  }

  @Override
  public void setInt(int index, int value) throws SQLException {
    put(index, (long) value);
  }

  @Override
  public void setLong(int index, long value) throws SQLException {
    put(index, value);
  }

  @Override
  public void setFloat(int index, float value) throws SQLException {
    put(index, (double) value);
  }

  @Override
  public void setDouble(int index, double value) throws SQLException {
    put(index, value);
  }

  @Override
  public void setBigDecimal(int index, BigDecimal value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setString(int index, String value) throws SQLException {
    put(index, value);
  }

  @Override
  public void setNString(int index, String value) throws SQLException {
    put(index, value);
  }

  @Override
  public void setBytes(int index, byte[] value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setURL(int index, URL value) throws SQLException {
    put(index, Parameter.of(value));
  }

  // --- dates

  @Override
  public void setDate(int index, Date value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setDate(int index, Date value, Calendar calendar) throws SQLException {
    putMoment(index, value, calendar);
  }

  @Override
  public void setTime(int index, Time value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setTime(int index, Time value, Calendar calendar) throws SQLException {
    putMoment(index, value, calendar);
  }

  @Override
  public void setTimestamp(int index, Timestamp value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setTimestamp(int index, Timestamp value, Calendar calendar) throws SQLException {
    putMoment(index, value, calendar);
  }

  private void putMoment(int index, java.util.Date value, Calendar calendar) throws SQLException {
    if (value == null) {
      put(index, null);
      return;
    }
    ZoneId zone = calendar == null ? ZoneId.systemDefault() : calendar.getTimeZone().toZoneId();
    put(index, Moment.dateText(value, zone, calendar == null));
  }

  // --- streams

  private void putBytes(int index, InputStream stream, long length) throws SQLException {
    put(index, stream == null ? null : Parameter.bytes(stream, length));
  }

  private void putText(int index, Reader reader, long length) throws SQLException {
    put(index, reader == null ? null : Parameter.text(reader, length));
  }

  private void putAscii(int index, InputStream stream, long length) throws SQLException {
    put(
        index,
        stream == null
            ? null
            : new String(Parameter.bytes(stream, length), StandardCharsets.US_ASCII));
  }

  @Override
  @Deprecated
  public void setUnicodeStream(int index, InputStream stream, int length) throws SQLException {
    put(
        index,
        stream == null
            ? null
            : new String(Parameter.bytes(stream, length), StandardCharsets.UTF_8));
  }

  @Override
  public void setAsciiStream(int index, InputStream stream) throws SQLException {
    putAscii(index, stream, -1);
  }

  @Override
  public void setAsciiStream(int index, InputStream stream, int length) throws SQLException {
    putAscii(index, stream, length);
  }

  @Override
  public void setAsciiStream(int index, InputStream stream, long length) throws SQLException {
    putAscii(index, stream, length);
  }

  @Override
  public void setBinaryStream(int index, InputStream stream) throws SQLException {
    putBytes(index, stream, -1);
  }

  @Override
  public void setBinaryStream(int index, InputStream stream, int length) throws SQLException {
    putBytes(index, stream, length);
  }

  @Override
  public void setBinaryStream(int index, InputStream stream, long length) throws SQLException {
    putBytes(index, stream, length);
  }

  @Override
  public void setBlob(int index, InputStream stream) throws SQLException {
    putBytes(index, stream, -1);
  }

  @Override
  public void setBlob(int index, InputStream stream, long length) throws SQLException {
    putBytes(index, stream, length);
  }

  @Override
  public void setCharacterStream(int index, Reader reader) throws SQLException {
    putText(index, reader, -1);
  }

  @Override
  public void setCharacterStream(int index, Reader reader, int length) throws SQLException {
    putText(index, reader, length);
  }

  @Override
  public void setCharacterStream(int index, Reader reader, long length) throws SQLException {
    putText(index, reader, length);
  }

  @Override
  public void setNCharacterStream(int index, Reader reader) throws SQLException {
    putText(index, reader, -1);
  }

  @Override
  public void setNCharacterStream(int index, Reader reader, long length) throws SQLException {
    putText(index, reader, length);
  }

  @Override
  public void setClob(int index, Reader reader) throws SQLException {
    putText(index, reader, -1);
  }

  @Override
  public void setClob(int index, Reader reader, long length) throws SQLException {
    putText(index, reader, length);
  }

  @Override
  public void setNClob(int index, Reader reader) throws SQLException {
    putText(index, reader, -1);
  }

  @Override
  public void setNClob(int index, Reader reader, long length) throws SQLException {
    putText(index, reader, length);
  }

  @Override
  public void setBlob(int index, Blob value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setClob(int index, Clob value) throws SQLException {
    put(index, Parameter.of(value));
  }

  @Override
  public void setNClob(int index, NClob value) throws SQLException {
    put(index, Parameter.of(value));
  }

  // --- what SQLite has not

  @Override
  public void setArray(int index, Array value) throws SQLException {
    throw Unsupported.feature("arrays");
  }

  @Override
  public void setRef(int index, Ref value) throws SQLException {
    throw Unsupported.feature("refs");
  }

  @Override
  public void setRowId(int index, RowId value) throws SQLException {
    throw Unsupported.feature("RowId objects");
  }

  @Override
  public void setSQLXML(int index, SQLXML value) throws SQLException {
    throw Unsupported.feature("SQLXML");
  }
}
