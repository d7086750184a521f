package org.keelback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatementTest {
  /** Twelve times over ten rows: no engine ends it within the time of a test. */
  private static final String LONG_QUERY =
      "SELECT count(*) FROM n a, n b, n c, n d, n e, n f, n g, n h, n i, n j, n k, n l WHERE a.i +"
          + " l.i < 0";

  private Connection connection;
  private Statement statement;

  @BeforeEach
  void open() throws SQLException {
    connection = Databases.memory();
    statement = connection.createStatement();
    statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void updatesCountTheirRows() throws SQLException {
    assertEquals(3, statement.executeUpdate("INSERT INTO t(a) VALUES (1), (2), (3)"));
    assertEquals(2, statement.executeUpdate("UPDATE t SET a = a + 1 WHERE a > 1"));
    assertEquals(0, statement.executeUpdate("UPDATE t SET a = 0 WHERE a > 100"));
    assertEquals(0, statement.executeUpdate("CREATE TABLE u(a)"));
    assertEquals(3L, statement.executeLargeUpdate("DELETE FROM t"));
  }

  @Test
  void executeTellsRowsFromCounts() throws SQLException {
    assertFalse(statement.execute("INSERT INTO t(a) VALUES (1)"));
    assertEquals(1, statement.getUpdateCount());
    assertTrue(statement.execute("SELECT a FROM t"));
    assertEquals(-1, statement.getUpdateCount());
    ResultSet rows = statement.getResultSet();
    assertSame(statement, rows.getStatement());
    assertFalse(statement.getMoreResults());
    assertEquals(-1, statement.getUpdateCount());
    assertTrue(rows.isClosed());
  }

  @Test
  void aScriptGivesItsResultsOneAfterTheOther() throws SQLException {
    assertTrue(
        statement.execute(
            "INSERT INTO t(a) VALUES (1); SELECT a FROM t; SELECT a + 1 FROM t; DELETE FROM t; --"
                + " end"));
    assertTrue(statement.getResultSet().next());
    assertTrue(statement.getMoreResults());
    assertTrue(statement.getResultSet().next());
    assertEquals(2, statement.getResultSet().getInt(1));
    assertFalse(statement.getMoreResults());
    assertEquals(1, statement.getUpdateCount());
    assertFalse(statement.getMoreResults());
    assertEquals(-1, statement.getUpdateCount());
    assertEquals(0L, Databases.value(connection, "SELECT count(*) FROM t"));
  }

  @Test
  void theWrongKindOfStatementIsRefused() throws SQLException {
    assertThrows(SQLException.class, () -> statement.executeUpdate("SELECT 1"));
    assertThrows(SQLException.class, () -> statement.executeQuery("DELETE FROM t"));
    assertThrows(SQLException.class, () -> statement.execute("SELECT 1\0; DELETE FROM t"));
    assertThrows(SQLException.class, () -> statement.execute(null));
    assertFalse(statement.execute("  -- nothing"));
    assertEquals(0, statement.getUpdateCount());
  }

  @Test
  void generatedKeysAreTheRowids() throws SQLException {
    statement.executeUpdate("INSERT INTO t VALUES (41, 'x')", Statement.RETURN_GENERATED_KEYS);
    statement.executeUpdate("INSERT INTO t(a) VALUES ('y')", new String[] {"id"});
    try (ResultSet keys = statement.getGeneratedKeys()) {
      assertTrue(keys.next());
      assertEquals(42, keys.getLong("id"));
      assertFalse(keys.next());
    }
    statement.executeUpdate("UPDATE t SET a = 1");
    assertFalse(statement.getGeneratedKeys().next());
  }

  @Test
  void aBatchRunsInOrderAndStopsAtAnError() throws SQLException {
    statement.addBatch("INSERT INTO t VALUES (1, 1), (2, 2)");
    statement.addBatch("DELETE FROM t WHERE id = 1");
    assertArrayEquals(new int[] {2, 1}, statement.executeBatch());
    assertArrayEquals(new int[0], statement.executeBatch());
    statement.addBatch("INSERT INTO t VALUES (5, 5)");
    statement.addBatch("INSERT INTO t VALUES (2, 2)");
    statement.addBatch("INSERT INTO t VALUES (7, 7)");
    BatchUpdateException failure =
        assertThrows(BatchUpdateException.class, statement::executeBatch);
    assertArrayEquals(new int[] {1}, failure.getUpdateCounts());
    assertEquals("UNIQUE constraint failed: t.id", failure.getMessage());
    assertEquals(2L, Databases.value(connection, "SELECT count(*) FROM t"));
  }

  @Test
  void rowsCanBeLimited() throws SQLException {
    statement.executeUpdate("INSERT INTO t(a) VALUES (1), (2), (3)");
    statement.setMaxRows(2);
    ResultSet rows = statement.executeQuery("SELECT a FROM t");
    assertTrue(rows.next() && rows.next());
    assertFalse(rows.next());
    assertThrows(SQLException.class, () -> statement.setMaxRows(-1));
  }

  @Test
  void aStatementMayCloseWithItsRows() throws SQLException {
    statement.closeOnCompletion();
    statement.executeQuery("SELECT 1");
    assertFalse(statement.isClosed());
    statement.executeQuery("SELECT 1").close();
    assertTrue(statement.isClosed());
    statement.close();
  }

  @Test
  void aQueryTimeoutEndsAStatement() throws SQLException {
    Databases.run(
        connection,
        "CREATE TABLE n(i); INSERT INTO n VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9),"
            + " (10)");
    statement.setQueryTimeout(1);
    SQLTimeoutException failure =
        assertThrows(SQLTimeoutException.class, () -> statement.executeQuery(LONG_QUERY));
    assertEquals("interrupted", failure.getMessage());
    assertEquals(1L, Databases.value(connection, "SELECT 1"));
  }

  @Test
  void anotherThreadMayCancel() throws Exception {
    Databases.run(
        connection,
        "CREATE TABLE n(i); INSERT INTO n VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9),"
            + " (10)");
    boolean[] isOver = new boolean[1];
    Thread canceller =
        new Thread(
            () -> {
              while (!isOver[0]) {
                try {
                  statement.cancel();
                  Thread.sleep(20);
                } catch (SQLException | InterruptedException e) {
                  return;
                }
              }
            });
    canceller.start();
    SQLException failure =
        assertThrows(SQLException.class, () -> statement.executeQuery(LONG_QUERY));
    isOver[0] = true;
    canceller.join();
    assertEquals("57014", failure.getSQLState());
  }

  @Test
  void returningGivesRowsToWhoAsksForThem() throws SQLException {
    assertEquals(1L, Databases.value(connection, "INSERT INTO t(a) VALUES ('x') RETURNING id"));
    assertEquals(2, statement.executeUpdate("INSERT INTO t(a) VALUES ('y'), ('z') RETURNING id"));
    assertEquals(3L, Databases.value(connection, "SELECT count(*) FROM t"));
  }
}
