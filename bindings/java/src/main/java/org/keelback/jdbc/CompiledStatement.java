package org.keelback.jdbc;

import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.keelback.handle.DatabaseHandle;
import org.keelback.handle.StatementHandle;
import org.keelback.handle.Utf8;

/** One statement, compiled once and run with values for its parameters. */
final class CompiledStatement extends ParameterValues {
  private final String sql;
  private final String firstWord;
  private final StatementHandle handle;
  private final List<Object[]> batch = new ArrayList<>();

  CompiledStatement(KeelbackConnection connection, String sql) throws SQLException {
    super(connection);
    this.sql = sql;
    byte[] text = Utf8.encode(SqlText.checked(sql));
    firstWord = SqlText.firstWord(text, 0);
    synchronized (database()) {
      DatabaseHandle.Prepared prepared = database().prepare(text, 0);
      handle = prepared.statement();
      if (handle != null && prepared.tail() < text.length) {
        checkIsLast(text, prepared.tail());
      }
      setParameterCount(handle == null ? 0 : handle.parameterCount());
    }
  }

  private void checkIsLast(byte[] text, int tail) throws SQLException {
    try (StatementHandle next = database().prepare(text, tail).statement()) {
      if (next == null) {
        return;
      }
    } catch (SQLException e) {
      handle.close();
      throw e;
    }
    handle.close();
    throw new SQLException(
        "more than one statement in a prepared text: use Statement.execute for scripts", "42000");
  }

  @Override
  void closeHandle() {
    if (handle != null) {
      handle.close();
    }
  }

  // --- running

  private boolean runOnce(Object[] parameters, boolean dropRows) throws SQLException {
    if (handle == null) {
      return false;
    }
    for (int i = 0; i < parameters.length; i++) {
      handle.bind(i + 1, parameters[i]);
    }
    return run(handle, firstWord, dropRows, false);
  }

  @Override
  public boolean execute() throws SQLException {
    synchronized (database()) {
      startExecution();
      return runOnce(values(), false);
    }
  }

  @Override
  public ResultSet executeQuery() throws SQLException {
    synchronized (database()) {
      startExecution();
      if (handle == null || handle.columnCount() == 0) {
        throw noRows();
      }
      runOnce(values(), false);
      return getResultSet();
    }
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    synchronized (database()) {
      startExecution();
      return runForCount(values());
    }
  }

  private long runForCount(Object[] parameters) throws SQLException {
    runOnce(parameters, true);
    return Math.max(getLargeUpdateCount(), 0);
  }

  @Override
  public int executeUpdate() throws SQLException {
    return count(executeLargeUpdate());
  }

  @Override
  public void addBatch() throws SQLException {
    checkOpen();
    batch.add(values().clone());
  }

  @Override
  public void clearBatch() throws SQLException {
    super.clearBatch();
    batch.clear();
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    List<BatchItem> items = new ArrayList<>();
    for (Object[] parameters : batch) {
      items.add(
          () -> {
            startExecution();
            return runForCount(parameters);
          });
    }
    batch.clear();
    return runBatch(items);
  }

  // --- what it is

  @Override
  public int findParameter(String name) throws SQLException {
    checkOpen();
    int index = handle == null ? 0 : handle.parameterIndex(name);
    if (index == 0) {
      throw new SQLException("no such parameter: " + name, "07009");
    }
    return index;
  }

  @Override
  public ParameterMetaData getParameterMetaData() throws SQLException {
    checkOpen();
    return new KeelbackParameterMetaData(values());
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    synchronized (database()) {
      checkOpen();
      if (getResultSet() != null) {
        return getResultSet().getMetaData();
      }
      if (handle == null || handle.columnCount() == 0) {
        return null;
      }
      StatementCursor columns = new StatementCursor(database(), handle, false, false, 0);
      return new KeelbackResultSetMetaData(database(), columns.columns(), null);
    }
  }

  @Override
  public String toString() {
    return sql;
  }

  // --- what takes a text belongs to Statement alone

  private static SQLException hasText() {
    return new SQLException("a prepared statement has its text already", "HY010");
  }

  @Override
  public boolean execute(String sql) throws SQLException {
    throw hasText();
  }

  @Override
  public boolean execute(String sql, int keys) throws SQLException {
    throw hasText();
  }

  @Override
  public boolean execute(String sql, int[] keys) throws SQLException {
    throw hasText();
  }

  @Override
  public boolean execute(String sql, String[] keys) throws SQLException {
    throw hasText();
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    throw hasText();
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    throw hasText();
  }

  @Override
  public int executeUpdate(String sql, int keys) throws SQLException {
    throw hasText();
  }

  @Override
  public int executeUpdate(String sql, int[] keys) throws SQLException {
    throw hasText();
  }

  @Override
  public int executeUpdate(String sql, String[] keys) throws SQLException {
    throw hasText();
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    throw hasText();
  }

  @Override
  public long executeLargeUpdate(String sql, int keys) throws SQLException {
    throw hasText();
  }

  @Override
  public long executeLargeUpdate(String sql, int[] keys) throws SQLException {
    throw hasText();
  }

  @Override
  public long executeLargeUpdate(String sql, String[] keys) throws SQLException {
    throw hasText();
  }

  @Override
  public void addBatch(String sql) throws SQLException {
    throw hasText();
  }
}
