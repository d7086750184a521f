package org.keelback.jdbc;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keelback.handle.DatabaseHandle;
import org.keelback.handle.StatementHandle;
import org.keelback.handle.Utf8;

/**
 * Runs SQL texts, of several statements too: {@code execute} runs on to the first statement that
 * gives rows, {@code getMoreResults} from there to the next. The update count is that of the last
 * statement that ran.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most one result set is open; the next execution and {@code close} close it.
 *   <li>The monitor of the connection is held from prepare to the reading of counts and keys, so
 *       that they belong together.
 * </ol>
 */
class KeelbackStatement extends Wrapping implements Statement {
  private final KeelbackConnection connection;
  private final List<String> batch = new ArrayList<>();
  private byte[] script = new byte[0];
  private int scriptPosition;
  private KeelbackResultSet resultSet;
  private long updateCount = -1;
  private final List<Object[]> generatedKeys = new ArrayList<>();
  private String generatedKeyLabel = "last_insert_rowid()";
  private long maxRows;
  private int queryTimeoutSeconds;
  private int fetchSize;
  private boolean isPoolable;
  private boolean isCloseOnCompletion;
  private volatile boolean isRunning;
  private volatile boolean isClosed;

  KeelbackStatement(KeelbackConnection connection) {
    this.connection = connection;
  }

  DatabaseHandle database() {
    return connection.database();
  }

  final void checkOpen() throws SQLException {
    connection.checkOpen();
    if (isClosed) {
      throw new SQLException("the statement is closed", "HY010");
    }
  }

  // --- running

  /** Ends the last execution: its rows, its counts, its keys. */
  final void startExecution() throws SQLException {
    checkOpen();
    endResultSet();
    updateCount = -1;
    generatedKeys.clear();
  }

  private void endResultSet() throws SQLException {
    KeelbackResultSet open = resultSet;
    resultSet = null;
    if (open != null) {
      open.close();
    }
  }

  /**
   * Runs a statement up to its first row, or to its end if it gives none.
   *
   * @param dropRows whether rows are passed over, so that there is an update count in any case
   * @param isOwner whether the handle is closed when the run ends
   * @return whether there is a result set now
   */
  final boolean run(StatementHandle handle, String firstWord, boolean dropRows, boolean isOwner)
      throws SQLException {
    DatabaseHandle database = database();
    boolean isKept = false;
    try {
      if (dropRows && handle.columnCount() > 0 && handle.isReadOnly()) {
        throw new SQLException("the statement gives rows: use executeQuery", "07005");
      }
      connection.beginBefore(firstWord);
      long before = database.totalChanges();
      boolean hasRow = step(handle);
      if (handle.columnCount() > 0 && !dropRows) {
        updateCount = -1;
        StatementCursor cursor =
            new StatementCursor(database, handle, hasRow, isOwner, queryTimeoutSeconds);
        resultSet = new KeelbackResultSet(this, database, cursor, maxRows, !hasRow);
        isKept = true;
      }
      while (!isKept && hasRow) {
        hasRow = step(handle);
      }
      boolean hasChanged = database.totalChanges() != before;
      if (!isKept) {
        updateCount = hasChanged ? database.changes() : 0;
      }
      if (hasChanged && SqlText.mayInsert(firstWord)) {
        generatedKeys.add(new Object[] {database.lastInsertRowid()});
      }
      return isKept;
    } finally {
      if (!isKept) {
        if (isOwner) {
          handle.close();
        } else {
          handle.reset();
        }
      }
    }
  }

  private boolean step(StatementHandle handle) throws SQLException {
    isRunning = true;
    try {
      return Deadline.step(database(), handle, queryTimeoutSeconds);
    } finally {
      isRunning = false;
    }
  }

  private boolean start(String sql, boolean dropRows) throws SQLException {
    synchronized (database()) {
      startExecution();
      script = Utf8.encode(SqlText.checked(sql));
      scriptPosition = 0;
      updateCount = 0;
      return advance(dropRows);
    }
  }

  /**
   * Runs the rest of the script to the next statement with rows; false if none of them gives any.
   */
  private boolean advance(boolean dropRows) throws SQLException {
    while (scriptPosition < script.length) {
      String firstWord = SqlText.firstWord(script, scriptPosition);
      DatabaseHandle.Prepared prepared;
      try {
        prepared = database().prepare(script, scriptPosition);
      } catch (SQLException e) {
        scriptPosition = script.length;
        throw e;
      }
      scriptPosition = prepared.tail();
      if (prepared.statement() != null && run(prepared.statement(), firstWord, dropRows, true)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean execute(String sql) throws SQLException {
    return start(sql, false);
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    synchronized (database()) {
      if (!start(sql, false)) {
        throw noRows();
      }
      return resultSet;
    }
  }

  static SQLException noRows() {
    return new SQLException("the statement gives no rows: use execute or executeUpdate", "07005");
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    synchronized (database()) {
      start(sql, true);
      return updateCount;
    }
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    return count(executeLargeUpdate(sql));
  }

  /** A count as an int; {@link #SUCCESS_NO_INFO} where it does not fit. */
  static int count(long rows) {
    return rows > Integer.MAX_VALUE ? SUCCESS_NO_INFO : (int) rows;
  }

  // --- running with generated keys

  final void nameGeneratedKey(String[] columns) {
    generatedKeyLabel = columns != null && columns.length == 1 ? columns[0] : "last_insert_rowid()";
  }

  @Override
  public boolean execute(String sql, int autoGeneratedKeys) throws SQLException {
    nameGeneratedKey(null);
    return execute(sql);
  }

  @Override
  public boolean execute(String sql, int[] columns) throws SQLException {
    nameGeneratedKey(null);
    return execute(sql);
  }

  @Override
  public boolean execute(String sql, String[] columns) throws SQLException {
    nameGeneratedKey(columns);
    return execute(sql);
  }

  @Override
  public int executeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
    nameGeneratedKey(null);
    return executeUpdate(sql);
  }

  @Override
  public int executeUpdate(String sql, int[] columns) throws SQLException {
    nameGeneratedKey(null);
    return executeUpdate(sql);
  }

  @Override
  public int executeUpdate(String sql, String[] columns) throws SQLException {
    nameGeneratedKey(columns);
    return executeUpdate(sql);
  }

  @Override
  public long executeLargeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
    nameGeneratedKey(null);
    return executeLargeUpdate(sql);
  }

  @Override
  public long executeLargeUpdate(String sql, int[] columns) throws SQLException {
    nameGeneratedKey(null);
    return executeLargeUpdate(sql);
  }

  @Override
  public long executeLargeUpdate(String sql, String[] columns) throws SQLException {
    nameGeneratedKey(columns);
    return executeLargeUpdate(sql);
  }

  /**
   * The rowid of the last row that each insert of the last execution or batch wrote. For every row
   * of an INSERT of several, use RETURNING.
   */
  @Override
  public ResultSet getGeneratedKeys() throws SQLException {
    synchronized (database()) {
      checkOpen();
      MemoryCursor keys =
          new MemoryCursor(
              List.of(ColumnInfo.of(generatedKeyLabel, "INTEGER")), List.copyOf(generatedKeys));
      return new KeelbackResultSet(null, database(), keys, 0, generatedKeys.isEmpty());
    }
  }

  // --- results

  @Override
  public ResultSet getResultSet() throws SQLException {
    checkOpen();
    return resultSet;
  }

  @Override
  public long getLargeUpdateCount() throws SQLException {
    checkOpen();
    return updateCount;
  }

  @Override
  public int getUpdateCount() throws SQLException {
    return count(getLargeUpdateCount());
  }

  @Override
  public boolean getMoreResults() throws SQLException {
    return getMoreResults(CLOSE_CURRENT_RESULT);
  }

  @Override
  public boolean getMoreResults(int current) throws SQLException {
    synchronized (database()) {
      checkOpen();
      if (current != CLOSE_CURRENT_RESULT && current != CLOSE_ALL_RESULTS) {
        throw Unsupported.feature("several open result sets of one statement");
      }
      boolean hadRows = resultSet != null;
      endResultSet();
      updateCount = hadRows && scriptPosition < script.length && !isBlankRest() ? 0 : -1;
      return updateCount == 0 && advance(false);
    }
  }

  private boolean isBlankRest() {
    return SqlText.firstWord(script, scriptPosition).isEmpty();
  }

  /** Closing the rows may close the statement; a new execution, which closes them too, does not. */
  final void resultSetClosed(KeelbackResultSet closed) throws SQLException {
    if (isCloseOnCompletion && resultSet == closed) {
      close();
    }
  }

  // --- batches

  @Override
  public void addBatch(String sql) throws SQLException {
    checkOpen();
    batch.add(SqlText.checked(sql));
  }

  @Override
  public void clearBatch() throws SQLException {
    checkOpen();
    batch.clear();
  }

  @Override
  public int[] executeBatch() throws SQLException {
    long[] counts = executeLargeBatch();
    int[] result = new int[counts.length];
    for (int i = 0; i < counts.length; i++) {
      result[i] = count(counts[i]);
    }
    return result;
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    List<BatchItem> items = new ArrayList<>();
    for (String sql : batch) {
      items.add(() -> executeLargeUpdate(sql));
    }
    batch.clear();
    return runBatch(items);
  }

  /** One execution of a batch; gives its update count. */
  interface BatchItem {
    long run() throws SQLException;
  }

  /** Runs until the first failure, whose exception has the counts until there. */
  final long[] runBatch(List<BatchItem> items) throws SQLException {
    synchronized (database()) {
      startExecution();
      long[] counts = new long[items.size()];
      List<Object[]> keys = new ArrayList<>();
      for (int i = 0; i < counts.length; i++) {
        try {
          counts[i] = items.get(i).run();
        } catch (SQLException e) {
          long[] done = Arrays.copyOf(counts, i);
          throw new BatchUpdateException(
              e.getMessage(), e.getSQLState(), e.getErrorCode(), done, e);
        }
        keys.addAll(generatedKeys);
      }
      generatedKeys.clear();
      generatedKeys.addAll(keys);
      updateCount = -1;
      return counts;
    }
  }

  // --- life

  @Override
  public void close() throws SQLException {
    synchronized (database()) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      endResultSet();
      closeHandle();
    }
  }

  /** Closes what a prepared statement keeps. */
  void closeHandle() throws SQLException {}

  @Override
  public boolean isClosed() {
    return isClosed || database().isClosed();
  }

  @Override
  public void closeOnCompletion() throws SQLException {
    checkOpen();
    isCloseOnCompletion = true;
  }

  @Override
  public boolean isCloseOnCompletion() throws SQLException {
    checkOpen();
    return isCloseOnCompletion;
  }

  /**
   * Interrupts this statement, and with it whatever else runs on the connection; without effect if
   * it is not running.
   */
  @Override
  public void cancel() throws SQLException {
    checkOpen();
    if (isRunning || resultSet != null) {
      database().interrupt();
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    checkOpen();
    return connection;
  }

  // --- limits and hints

  @Override
  public int getQueryTimeout() throws SQLException {
    checkOpen();
    return queryTimeoutSeconds;
  }

  /** Limits each step: the execution up to its first row, and each row after it. */
  @Override
  public void setQueryTimeout(int seconds) throws SQLException {
    checkOpen();
    queryTimeoutSeconds = (int) notNegative(seconds, "query timeout");
  }

  @Override
  public long getLargeMaxRows() throws SQLException {
    checkOpen();
    return maxRows;
  }

  @Override
  public void setLargeMaxRows(long rows) throws SQLException {
    checkOpen();
    maxRows = notNegative(rows, "row limit");
  }

  @Override
  public int getMaxRows() throws SQLException {
    return (int) Math.min(getLargeMaxRows(), Integer.MAX_VALUE);
  }

  @Override
  public void setMaxRows(int rows) throws SQLException {
    setLargeMaxRows(rows);
  }

  private static long notNegative(long value, String what) throws SQLException {
    if (value < 0) {
      throw new SQLException("the " + what + " is negative", "HY024");
    }
    return value;
  }

  @Override
  public int getMaxFieldSize() throws SQLException {
    checkOpen();
    return 0;
  }

  @Override
  public void setMaxFieldSize(int size) throws SQLException {
    checkOpen();
    if (notNegative(size, "field size") > 0) {
      throw Unsupported.feature("a limit on field sizes");
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
    fetchSize = (int) notNegative(rows, "fetch size");
  }

  @Override
  public int getFetchDirection() throws SQLException {
    checkOpen();
    return ResultSet.FETCH_FORWARD;
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    checkOpen();
    if (direction != ResultSet.FETCH_FORWARD) {
      throw Unsupported.feature("fetch directions other than forward");
    }
  }

  /**
   * Without effect: the text goes to the engine as it is, {@code {fn ...}} escapes are not
   * translated.
   */
  @Override
  public void setEscapeProcessing(boolean isEnabled) throws SQLException {
    checkOpen();
  }

  @Override
  public void setCursorName(String name) throws SQLException {
    throw Unsupported.feature("named cursors");
  }

  @Override
  public boolean isPoolable() throws SQLException {
    checkOpen();
    return isPoolable;
  }

  @Override
  public void setPoolable(boolean isPoolable) throws SQLException {
    checkOpen();
    this.isPoolable = isPoolable;
  }

  @Override
  public int getResultSetType() throws SQLException {
    checkOpen();
    return ResultSet.TYPE_FORWARD_ONLY;
  }

  @Override
  public int getResultSetConcurrency() throws SQLException {
    checkOpen();
    return ResultSet.CONCUR_READ_ONLY;
  }

  @Override
  public int getResultSetHoldability() throws SQLException {
    checkOpen();
    return ResultSet.CLOSE_CURSORS_AT_COMMIT;
  }

  @Override
  public SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
  }
}
