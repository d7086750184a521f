package org.keelback.jdbc;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.ZoneId;
import java.util.Calendar;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.sql.rowset.serial.SerialBlob;
import javax.sql.rowset.serial.SerialClob;
import org.keelback.handle.Utf8;
import org.keelback.jni.Native;

/**
 * Rows, read forwards.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code getObject} gives the storage class as it is: Long, Double, String, byte[] or null,
 *       whatever the column is declared as. The other getters convert, and throw where the value
 *       has no such form or does not fit.
 *   <li>Every access holds {@code lock}, the monitor of the connection.
 *   <li>The rows end with the statement's next execution, and with its close.
 * </ol>
 */
final class KeelbackResultSet extends LabelledResultSet {
  private final KeelbackStatement statement;
  private final Object lock;
  private final RowCursor cursor;
  private final long rowLimit;
  private Map<String, Integer> labels;
  private long row;
  private boolean isOnRow;
  private boolean isEmpty;
  private boolean isDone;
  private boolean isClosed;
  private boolean wasNull;
  private int fetchSize;

  /**
   * @param statement what the rows come from, null for metadata
   * @param rowLimit the largest number of rows, 0 for all
   */
  KeelbackResultSet(
      KeelbackStatement statement, Object lock, RowCursor cursor, long rowLimit, boolean isEmpty) {
    this.statement = statement;
    this.lock = lock;
    this.cursor = cursor;
    this.rowLimit = rowLimit;
    this.isEmpty = isEmpty;
  }

  RowCursor cursor() {
    return cursor;
  }

  void checkOpen() throws SQLException {
    if (isClosed()) {
      throw new SQLException("the result set is closed", "24000");
    }
  }

  // --- moving

  @Override
  public boolean next() throws SQLException {
    synchronized (lock) {
      checkOpen();
      if (isDone) {
        return false;
      }
      isOnRow = false;
      isOnRow = (rowLimit == 0 || row < rowLimit) && cursor.next();
      if (isOnRow) {
        row++;
        isEmpty = false;
      } else {
        isDone = true;
      }
      return isOnRow;
    }
  }

  @Override
  public void close() throws SQLException {
    synchronized (lock) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      isOnRow = false;
      cursor.close();
      if (statement != null) {
        statement.resultSetClosed(this);
      }
    }
  }

  @Override
  public boolean isClosed() {
    return isClosed || (statement != null && statement.isClosed());
  }

  @Override
  public boolean isBeforeFirst() throws SQLException {
    checkOpen();
    return row == 0 && !isDone && !isEmpty;
  }

  @Override
  public boolean isAfterLast() throws SQLException {
    checkOpen();
    return isDone && row > 0;
  }

  @Override
  public boolean isFirst() throws SQLException {
    checkOpen();
    return isOnRow && row == 1;
  }

  @Override
  public int getRow() throws SQLException {
    checkOpen();
    return isOnRow ? (int) Math.min(row, Integer.MAX_VALUE) : 0;
  }

  // --- what it is

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    synchronized (lock) {
      checkOpen();
      return new KeelbackResultSetMetaData(
          statement == null ? null : statement.database(), cursor.columns(), this);
    }
  }

  @Override
  public int findColumn(String label) throws SQLException {
    synchronized (lock) {
      checkOpen();
      if (labels == null) {
        labels = new HashMap<>();
        List<ColumnInfo> columns = cursor.columns();
        for (int i = 0; i < columns.size(); i++) {
          labels.putIfAbsent(columns.get(i).label().toLowerCase(Locale.ROOT), i + 1);
        }
      }
      Integer column = label == null ? null : labels.get(label.toLowerCase(Locale.ROOT));
      if (column == null) {
        throw new SQLException("no such column: " + label, "42S22");
      }
      return column;
    }
  }

  /**
   * The storage class of a column of the current row, {@link Native#NULL} where there is no row.
   */
  int storageClass(int column) throws SQLException {
    synchronized (lock) {
      return isOnRow && !isClosed() ? cursor.type(column - 1) : Native.NULL;
    }
  }

  @Override
  public Statement getStatement() throws SQLException {
    checkOpen();
    return statement;
  }

  @Override
  public boolean wasNull() throws SQLException {
    checkOpen();
    return wasNull;
  }

  // --- values

  private void checkColumn(int column) throws SQLException {
    checkOpen();
    if (!isOnRow) {
      throw new SQLException("the result set is not on a row", "24000");
    }
    if (column < 1 || column > cursor.columnCount()) {
      throw new SQLException("no such column: " + column, "07009");
    }
  }

  /** The stored value: null, Long, Double, String or byte[]. */
  private Object value(int column) throws SQLException {
    synchronized (lock) {
      checkColumn(column);
      int type = cursor.type(column - 1);
      wasNull = type == Native.NULL;
      return switch (type) {
        case Native.INTEGER -> cursor.integer(column - 1);
        case Native.FLOAT -> cursor.real(column - 1);
        case Native.TEXT -> Utf8.decode(cursor.text(column - 1));
        case Native.BLOB -> cursor.blob(column - 1);
        default -> null;
      };
    }
  }

  @Override
  public Object getObject(int column) throws SQLException {
    return value(column);
  }

  @Override
  public String getString(int column) throws SQLException {
    synchronized (lock) {
      checkColumn(column);
      byte[] text = cursor.type(column - 1) == Native.NULL ? null : cursor.text(column - 1);
      wasNull = text == null;
      return Utf8.decode(text);
    }
  }

  @Override
  public byte[] getBytes(int column) throws SQLException {
    synchronized (lock) {
      checkColumn(column);
      byte[] bytes = cursor.type(column - 1) == Native.NULL ? null : cursor.blob(column - 1);
      wasNull = bytes == null;
      return bytes;
    }
  }

  @Override
  public boolean getBoolean(int column) throws SQLException {
    Object value = value(column);
    return value != null && Conversion.toBoolean(value);
  }

  @Override
  public byte getByte(int column) throws SQLException {
    Object value = value(column);
    return value == null ? 0 : Conversion.toByte(value);
  }

  @Override
  public short getShort(int column) throws SQLException {
    Object value = value(column);
    return value == null ? 0 : Conversion.toShort(value);
  }

  @Override
  public int getInt(int column) throws SQLException {
    Object value = value(column);
    return value == null ? 0 : Conversion.toInt(value);
  }

  @Override
  public long getLong(int column) throws SQLException {
    Object value = value(column);
    return value == null ? 0 : Conversion.toLong(value);
  }

  @Override
  public float getFloat(int column) throws SQLException {
    return (float) getDouble(column);
  }

  @Override
  public double getDouble(int column) throws SQLException {
    Object value = value(column);
    return value == null ? 0 : Conversion.toDouble(value);
  }

  @Override
  public BigDecimal getBigDecimal(int column) throws SQLException {
    Object value = value(column);
    return value == null ? null : Conversion.toBigDecimal(value);
  }

  @Override
  @Deprecated
  public BigDecimal getBigDecimal(int column, int scale) throws SQLException {
    BigDecimal value = getBigDecimal(column);
    return value == null ? null : value.setScale(scale, RoundingMode.HALF_UP);
  }

  @Override
  public Date getDate(int column) throws SQLException {
    return getDate(column, null);
  }

  @Override
  public Date getDate(int column, Calendar calendar) throws SQLException {
    Object value = value(column);
    return value == null ? null : Moment.of(value).toDate(zone(calendar), calendar == null);
  }

  @Override
  public Time getTime(int column) throws SQLException {
    return getTime(column, null);
  }

  @Override
  public Time getTime(int column, Calendar calendar) throws SQLException {
    Object value = value(column);
    return value == null ? null : Moment.of(value).toTime(zone(calendar));
  }

  @Override
  public Timestamp getTimestamp(int column) throws SQLException {
    return getTimestamp(column, null);
  }

  @Override
  public Timestamp getTimestamp(int column, Calendar calendar) throws SQLException {
    Object value = value(column);
    return value == null ? null : Moment.of(value).toTimestamp(zone(calendar), calendar == null);
  }

  private static ZoneId zone(Calendar calendar) {
    return calendar == null ? ZoneId.systemDefault() : calendar.getTimeZone().toZoneId();
  }

  @Override
  public <T> T getObject(int column, Class<T> type) throws SQLException {
    if (type == null) {
      throw new SQLException("the class is null", "HY009");
    }
    Object value = value(column);
    if (value == null || type == Object.class) {
      return type.cast(value);
    }
    return type.cast(converted(value, column, type));
  }

  private Object converted(Object value, int column, Class<?> type) throws SQLException {
    if (type == String.class) {
      return getString(column);
    }
    if (type == byte[].class) {
      return getBytes(column);
    }
    if (type == Boolean.class) {
      return Conversion.toBoolean(value);
    }
    if (Number.class.isAssignableFrom(type)) {
      return number(value, type);
    }
    if (type == Date.class) {
      return getDate(column);
    }
    if (type == Time.class) {
      return getTime(column);
    }
    if (type == Timestamp.class || type == java.util.Date.class) {
      return getTimestamp(column);
    }
    if (type == UUID.class) {
      try {
        return UUID.fromString(getString(column));
      } catch (IllegalArgumentException e) {
        throw Conversion.impossible(value, "a UUID");
      }
    }
    if (type == URL.class) {
      return getURL(column);
    }
    if (type == Blob.class) {
      return getBlob(column);
    }
    if (type == Clob.class) {
      return getClob(column);
    }
    Object moment =
        type.getPackageName().equals("java.time")
            ? Moment.of(value).to(type, ZoneId.systemDefault())
            : null;
    if (moment == null) {
      throw Unsupported.feature("getObject as " + type.getName());
    }
    return moment;
  }

  private static Object number(Object value, Class<?> type) throws SQLException {
    if (type == Long.class) {
      return Conversion.toLong(value);
    }
    if (type == Integer.class) {
      return Conversion.toInt(value);
    }
    if (type == Short.class) {
      return Conversion.toShort(value);
    }
    if (type == Byte.class) {
      return Conversion.toByte(value);
    }
    if (type == Double.class) {
      return Conversion.toDouble(value);
    }
    if (type == Float.class) {
      return (float) Conversion.toDouble(value);
    }
    if (type == BigDecimal.class) {
      return Conversion.toBigDecimal(value);
    }
    if (type == BigInteger.class) {
      return Conversion.toBigInteger(value);
    }
    throw Unsupported.feature("getObject as " + type.getName());
  }

  @Override
  public Object getObject(int column, Map<String, Class<?>> map) throws SQLException {
    if (map != null && !map.isEmpty()) {
      throw Unsupported.feature("type maps");
    }
    return getObject(column);
  }

  @Override
  public InputStream getBinaryStream(int column) throws SQLException {
    byte[] bytes = getBytes(column);
    return bytes == null ? null : new ByteArrayInputStream(bytes);
  }

  @Override
  public InputStream getAsciiStream(int column) throws SQLException {
    String text = getString(column);
    return text == null ? null : new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  @Deprecated
  public InputStream getUnicodeStream(int column) throws SQLException {
    String text = getString(column);
    return text == null ? null : new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Reader getCharacterStream(int column) throws SQLException {
    String text = getString(column);
    return text == null ? null : new StringReader(text);
  }

  @Override
  public Reader getNCharacterStream(int column) throws SQLException {
    return getCharacterStream(column);
  }

  @Override
  public String getNString(int column) throws SQLException {
    return getString(column);
  }

  @Override
  public Blob getBlob(int column) throws SQLException {
    byte[] bytes = getBytes(column);
    return bytes == null ? null : new SerialBlob(bytes);
  }

  @Override
  public Clob getClob(int column) throws SQLException {
    String text = getString(column);
    return text == null ? null : new SerialClob(text.toCharArray());
  }

  @Override
  public NClob getNClob(int column) throws SQLException {
    throw Unsupported.feature("NClob");
  }

  @Override
  public URL getURL(int column) throws SQLException {
    String text = getString(column);
    try {
      return text == null ? null : new URL(text);
    } catch (MalformedURLException e) {
      throw Conversion.impossible(text, "a URL");
    }
  }

  // --- hints and warnings

  @Override
  public SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
  }

  @Override
  public int getFetchDirection() throws SQLException {
    checkOpen();
    return FETCH_FORWARD;
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    checkOpen();
    if (direction != FETCH_FORWARD) {
      throw Unsupported.feature("fetch directions other than forward");
    }
  }

  @Override
  public int getFetchSize() throws SQLException {
    checkOpen();
    return fetchSize;
  }

  @Override
  public void setFetchSize(int rows) throws SQLException {
    checkOpen();
    if (rows < 0) {
      throw new SQLException("the fetch size is negative", "HY024");
    }
    fetchSize = rows;
  }

  @Override
  public int getType() throws SQLException {
    checkOpen();
    return TYPE_FORWARD_ONLY;
  }

  @Override
  public int getConcurrency() throws SQLException {
    checkOpen();
    return CONCUR_READ_ONLY;
  }

  @Override
  public int getHoldability() throws SQLException {
    checkOpen();
    return CLOSE_CURSORS_AT_COMMIT;
  }
}
