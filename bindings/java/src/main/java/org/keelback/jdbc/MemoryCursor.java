package org.keelback.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.keelback.jni.Native;

/**
 * Rows that the driver itself made, of null, Long, Double, String and byte[]: metadata and
 * generated keys.
 */
final class MemoryCursor implements RowCursor {
  private final List<ColumnInfo> columns;
  private final List<Object[]> rows;
  private int position = -1;

  MemoryCursor(List<ColumnInfo> columns, List<Object[]> rows) {
    this.columns = columns;
    this.rows = rows;
  }

  @Override
  public int columnCount() {
    return columns.size();
  }

  @Override
  public List<ColumnInfo> columns() {
    return columns;
  }

  @Override
  public boolean next() {
    if (position < rows.size()) {
      position++;
    }
    return position < rows.size();
  }

  private Object value(int column) {
    return rows.get(position)[column];
  }

  @Override
  public int type(int column) {
    Object value = value(column);
    if (value == null) {
      return Native.NULL;
    }
    if (value instanceof Long) {
      return Native.INTEGER;
    }
    if (value instanceof Double) {
      return Native.FLOAT;
    }
    return value instanceof String ? Native.TEXT : Native.BLOB;
  }

  @Override
  public long integer(int column) {
    return (Long) value(column);
  }

  @Override
  public double real(int column) {
    return (Double) value(column);
  }

  @Override
  public byte[] text(int column) {
    Object value = value(column);
    return value == null ? null : value.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] blob(int column) {
    return value(column) instanceof byte[] bytes ? bytes.clone() : text(column);
  }

  @Override
  public void close() {
    position = rows.size();
  }
}
