package org.keelback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionTest {
  @TempDir Path folder;
  private String url;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    url = "jdbc:keelback:" + folder.resolve("t.db") + "?busy_timeout=0";
    connection = DriverManager.getConnection(url);
    Databases.run(connection, "CREATE TABLE t(a)");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private Object count() throws SQLException {
    try (Connection other = DriverManager.getConnection(url)) {
      return Databases.value(other, "SELECT count(*) FROM t");
    }
  }

  @Test
  void withAutoCommitEachStatementStands() throws SQLException {
    Databases.run(connection, "INSERT INTO t VALUES (1)");
    assertEquals(1L, count());
    assertThrows(SQLException.class, connection::commit);
    assertThrows(SQLException.class, connection::rollback);
    assertThrows(SQLException.class, connection::setSavepoint);
  }

  @Test
  void withoutItCommitAndRollbackDecide() throws SQLException {
    connection.setAutoCommit(false);
    Databases.run(connection, "INSERT INTO t VALUES (1)");
    assertEquals(0L, count());
    connection.rollback();
    Databases.run(connection, "INSERT INTO t VALUES (2)");
    connection.commit();
    connection.commit();
    assertEquals(1L, count());
    Databases.run(connection, "INSERT INTO t VALUES (3)");
    connection.setAutoCommit(true);
    assertEquals(2L, count());
  }

  @Test
  void aTransactionBeginsWithItsFirstStatement() throws SQLException {
    connection.setAutoCommit(false);
    try (Connection other = DriverManager.getConnection(url)) {
      Databases.run(other, "INSERT INTO t VALUES (1)");
    }
    assertEquals(1L, Databases.value(connection, "SELECT count(*) FROM t"));
  }

  @Test
  void closingRollsBack() throws SQLException {
    connection.setAutoCommit(false);
    Databases.run(connection, "INSERT INTO t VALUES (1)");
    connection.close();
    assertEquals(0L, count());
  }

  @Test
  void savepointsNest() throws SQLException {
    connection.setAutoCommit(false);
    Databases.run(connection, "INSERT INTO t VALUES (1)");
    Savepoint first = connection.setSavepoint("a \"b\"");
    Databases.run(connection, "INSERT INTO t VALUES (2)");
    Savepoint second = connection.setSavepoint();
    Databases.run(connection, "INSERT INTO t VALUES (3)");
    connection.rollback(second);
    connection.releaseSavepoint(first);
    assertThrows(SQLException.class, () -> connection.rollback(second));
    connection.commit();
    assertEquals(2L, count());
    assertEquals("a \"b\"", first.getSavepointName());
    assertThrows(SQLException.class, second::getSavepointName);
  }

  @Test
  void aSecondWriterIsTurnedAway() throws SQLException {
    try (Connection other = DriverManager.getConnection(url + "&transaction_mode=immediate")) {
      other.setAutoCommit(false);
      Databases.run(other, "INSERT INTO t VALUES (1)");
      SQLException busy =
          assertThrows(
              SQLTransientException.class,
              () -> Databases.run(connection, "INSERT INTO t VALUES (2)"));
      assertEquals("database is locked", busy.getMessage());
      assertEquals(5, ((KeelbackException) busy).primaryResultCode());
      other.commit();
    }
    Databases.run(connection, "INSERT INTO t VALUES (2)");
    assertEquals(2L, count());
  }

  @Test
  void everyTransactionIsSerializable() throws SQLException {
    assertEquals(Connection.TRANSACTION_SERIALIZABLE, connection.getTransactionIsolation());
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    assertEquals(Connection.TRANSACTION_SERIALIZABLE, connection.getTransactionIsolation());
    assertThrows(
        SQLException.class, () -> connection.setTransactionIsolation(Connection.TRANSACTION_NONE));
  }

  @Test
  void threadsMayShareAConnection() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Void>> results = new ArrayList<>();
    Connection shared = Databases.memory();
    Databases.run(shared, "CREATE TABLE t(a)");
    for (int thread = 0; thread < 4; thread++) {
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 50; i++) {
              Databases.run(shared, "INSERT INTO t VALUES (" + i + ")");
              Databases.value(shared, "SELECT a FROM t WHERE a = " + i);
            }
            return null;
          };
      results.add(threads.submit(work));
    }
    for (Future<Void> result : results) {
      result.get();
    }
    threads.shutdown();
    assertEquals(200L, Databases.value(shared, "SELECT count(*) FROM t"));
    shared.close();
    assertFalse(shared.isValid(0));
  }

  @Test
  void threadsWithConnectionsOfTheirOwnRunSideBySide() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Object>> results = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      Callable<Object> work =
          () -> {
            try (Connection own =
                DriverManager.getConnection(url + "&transaction_mode=immediate")) {
              Databases.run(own, "PRAGMA busy_timeout=30000");
              for (int i = 0; i < 10; i++) {
                Databases.run(own, "INSERT INTO t VALUES (1)");
              }
              return null;
            }
          };
      results.add(threads.submit(work));
    }
    for (Future<Object> result : results) {
      result.get();
    }
    threads.shutdown();
    assertEquals(40L, count());
  }
}
