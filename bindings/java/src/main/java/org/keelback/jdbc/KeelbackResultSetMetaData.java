package org.keelback.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.keelback.handle.DatabaseHandle;

/**
 * The columns of a result. The type is the declared one; for an expression, which has none, the
 * storage class in the current row.
 */
final class KeelbackResultSetMetaData extends Wrapping implements ResultSetMetaData {
  private final DatabaseHandle database;
  private final List<ColumnInfo> columns;
  private final KeelbackResultSet rows;

  /**
   * @param database null for rows that the driver made
   * @param rows null before the statement has run
   */
  KeelbackResultSetMetaData(
      DatabaseHandle database, List<ColumnInfo> columns, KeelbackResultSet rows) {
    this.database = database;
    this.columns = columns;
    this.rows = rows;
  }

  private ColumnInfo column(int column) throws SQLException {
    if (column < 1 || column > columns.size()) {
      throw new SQLException("no such column: " + column, "07009");
    }
    return columns.get(column - 1);
  }

  private int storageClass(int column) throws SQLException {
    return rows == null ? 0 : rows.storageClass(column);
  }

  private DatabaseHandle.ColumnFacts facts(int column) throws SQLException {
    ColumnInfo info = column(column);
    if (database == null || database.isClosed() || info.table() == null || info.origin() == null) {
      return null;
    }
    return database.columnFacts(info.schema(), info.table(), info.origin());
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  @Override
  public int getColumnCount() {
    return columns.size();
  }

  @Override
  public String getColumnLabel(int column) throws SQLException {
    return column(column).label();
  }

  /** The column's name in its table; the label for an expression. */
  @Override
  public String getColumnName(int column) throws SQLException {
    ColumnInfo info = column(column);
    return info.origin() == null ? info.label() : info.origin();
  }

  @Override
  public String getTableName(int column) throws SQLException {
    return orEmpty(column(column).table());
  }

  @Override
  public String getSchemaName(int column) throws SQLException {
    return orEmpty(column(column).schema());
  }

  @Override
  public String getCatalogName(int column) throws SQLException {
    column(column);
    return "";
  }

  @Override
  public int getColumnType(int column) throws SQLException {
    String declared = column(column).declaredType();
    if (declared == null || declared.isBlank()) {
      return DeclaredType.typeOfStorageClass(storageClass(column));
    }
    return DeclaredType.of(declared).type();
  }

  @Override
  public String getColumnTypeName(int column) throws SQLException {
    String declared = column(column).declaredType();
    if (declared == null || declared.isBlank()) {
      return DeclaredType.nameOfStorageClass(storageClass(column));
    }
    return DeclaredType.of(declared).name();
  }

  @Override
  public String getColumnClassName(int column) throws SQLException {
    int present = DeclaredType.typeOfStorageClass(storageClass(column));
    return DeclaredType.className(present == Types.NULL ? getColumnType(column) : present);
  }

  @Override
  public int getPrecision(int column) throws SQLException {
    return DeclaredType.of(column(column).declaredType()).size();
  }

  @Override
  public int getScale(int column) throws SQLException {
    return DeclaredType.of(column(column).declaredType()).scale();
  }

  @Override
  public int getColumnDisplaySize(int column) throws SQLException {
    int size = getPrecision(column);
    return size == 0 ? Integer.MAX_VALUE : size;
  }

  @Override
  public int isNullable(int column) throws SQLException {
    DatabaseHandle.ColumnFacts facts = facts(column);
    if (facts == null) {
      return columnNullableUnknown;
    }
    return facts.isNotNull() ? columnNoNulls : columnNullable;
  }

  @Override
  public boolean isAutoIncrement(int column) throws SQLException {
    DatabaseHandle.ColumnFacts facts = facts(column);
    return facts != null && facts.isAutoincrement();
  }

  @Override
  public boolean isCaseSensitive(int column) throws SQLException {
    return getColumnType(column) == Types.VARCHAR;
  }

  @Override
  public boolean isSearchable(int column) throws SQLException {
    column(column);
    return true;
  }

  @Override
  public boolean isCurrency(int column) throws SQLException {
    column(column);
    return false;
  }

  @Override
  public boolean isSigned(int column) throws SQLException {
    return DeclaredType.isNumeric(getColumnType(column));
  }

  @Override
  public boolean isReadOnly(int column) throws SQLException {
    return column(column).origin() == null;
  }

  @Override
  public boolean isWritable(int column) throws SQLException {
    return column(column).origin() != null;
  }

  @Override
  public boolean isDefinitelyWritable(int column) throws SQLException {
    column(column);
    return false;
  }
}
