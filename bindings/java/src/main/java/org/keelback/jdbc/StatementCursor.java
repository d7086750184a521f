package org.keelback.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.keelback.handle.DatabaseHandle;
import org.keelback.handle.StatementHandle;

/** The rows of a running statement, whose first step was made when it was executed. */
final class StatementCursor implements RowCursor {
  private final DatabaseHandle database;
  private final StatementHandle statement;
  private final boolean isOwner;
  private final int timeoutSeconds;
  private final int columnCount;
  private List<ColumnInfo> columns;
  private boolean isFirstPending;
  private boolean isClosed;

  /**
   * @param hasFirst whether the first step gave a row
   * @param isOwner whether closing the cursor closes the statement; else it is only reset
   */
  StatementCursor(
      DatabaseHandle database,
      StatementHandle statement,
      boolean hasFirst,
      boolean isOwner,
      int timeoutSeconds)
      throws SQLException {
    this.database = database;
    this.statement = statement;
    this.isOwner = isOwner;
    this.timeoutSeconds = timeoutSeconds;
    columnCount = statement.columnCount();
    isFirstPending = hasFirst;
    if (!hasFirst) {
      end();
    }
  }

  @Override
  public int columnCount() {
    return columnCount;
  }

  @Override
  public List<ColumnInfo> columns() throws SQLException {
    if (columns == null) {
      List<ColumnInfo> found = new ArrayList<>(columnCount);
      for (int i = 0; i < columnCount; i++) {
        String[] origin = statement.columnOrigin(i);
        found.add(
            new ColumnInfo(
                statement.columnName(i),
                statement.columnDeclaredType(i),
                origin[0],
                origin[1],
                origin[2]));
      }
      columns = found;
    }
    return columns;
  }

  @Override
  public boolean next() throws SQLException {
    if (isFirstPending) {
      isFirstPending = false;
      return true;
    }
    if (isClosed) {
      return false;
    }
    try {
      if (Deadline.step(database, statement, timeoutSeconds)) {
        return true;
      }
    } catch (SQLException e) {
      end();
      throw e;
    }
    end();
    return false;
  }

  /** Gives back the locks, but keeps the statement for its names. */
  private void end() {
    isClosed = true;
    statement.reset();
  }

  @Override
  public int type(int column) throws SQLException {
    return statement.columnType(column);
  }

  @Override
  public long integer(int column) throws SQLException {
    return statement.columnInteger(column);
  }

  @Override
  public double real(int column) throws SQLException {
    return statement.columnReal(column);
  }

  @Override
  public byte[] text(int column) throws SQLException {
    return statement.columnText(column);
  }

  @Override
  public byte[] blob(int column) throws SQLException {
    return statement.columnBlob(column);
  }

  @Override
  public void close() {
    isFirstPending = false;
    isClosed = true;
    if (isOwner) {
      statement.close();
    } else {
      statement.reset();
    }
  }
}
