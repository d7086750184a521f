package org.keelback.jdbc;

import java.sql.SQLException;
import java.util.List;

/**
 * Where a result set has its rows from. Columns count from 0; types are the storage classes of the
 * C API.
 */
interface RowCursor {
  int columnCount();

  List<ColumnInfo> columns() throws SQLException;

  /** Goes to the next row; false at the end. */
  boolean next() throws SQLException;

  int type(int column) throws SQLException;

  long integer(int column) throws SQLException;

  double real(int column) throws SQLException;

  /** The value as text in UTF-8, numbers as SQLite writes them; null for NULL. */
  byte[] text(int column) throws SQLException;

  /** The bytes of a blob or a text. */
  byte[] blob(int column) throws SQLException;

  /** Ends the reading; a second time does nothing. */
  void close() throws SQLException;
}
