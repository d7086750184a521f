package org.keelback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;
import java.util.Properties;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {
  @TempDir Path folder;

  @Test
  void theServiceLoaderFindsTheDriver() {
    boolean isFound =
        ServiceLoader.load(Driver.class).stream()
            .anyMatch(
                provider -> provider.type().getName().equals("org.keelback.jdbc.KeelbackDriver"));
    assertTrue(isFound);
  }

  @Test
  void theDriverLeavesOtherAddressesAlone() throws SQLException {
    Driver driver = DriverManager.getDriver("jdbc:keelback:x");
    assertNull(driver.connect("jdbc:sqlite:x", new Properties()));
    assertFalse(driver.acceptsURL("jdbc:sqlite:x"));
    assertEquals(
        "busy_timeout", driver.getPropertyInfo("jdbc:keelback:x", new Properties())[0].name);
  }

  @Test
  void aFileKeepsWhatWasWritten() throws SQLException {
    String url = "jdbc:keelback:" + folder.resolve("a b.db");
    try (Connection connection = DriverManager.getConnection(url)) {
      Databases.run(connection, "CREATE TABLE t(a); INSERT INTO t VALUES (42)");
    }
    assertTrue(Files.exists(folder.resolve("a b.db")));
    try (Connection connection = DriverManager.getConnection(url + "?open_mode=ro")) {
      assertEquals(42L, Databases.value(connection, "SELECT a FROM t"));
      assertTrue(connection.isReadOnly());
      SQLException refused =
          assertThrows(
              SQLNonTransientException.class,
              () -> Databases.run(connection, "INSERT INTO t VALUES (1)"));
      assertEquals("attempt to write a readonly database", refused.getMessage());
      assertEquals("25006", refused.getSQLState());
    }
  }

  @Test
  void aMissingFileIsNotCreatedWhereThatIsNotWanted() {
    String url = "jdbc:keelback:" + folder.resolve("none.db") + "?open_mode=rw";
    SQLException refused =
        assertThrows(
            SQLNonTransientConnectionException.class, () -> DriverManager.getConnection(url));
    assertEquals("unable to open database file", refused.getMessage());
  }

  @Test
  void propertiesAreChecked() {
    assertThrows(
        SQLException.class, () -> DriverManager.getConnection("jdbc:keelback:x?nonsense=1"));
    assertThrows(
        SQLException.class, () -> DriverManager.getConnection("jdbc:keelback:x?busy_timeout=soon"));
    assertThrows(
        SQLException.class, () -> DriverManager.getConnection("jdbc:keelback:x?open_mode=x"));
    assertThrows(
        SQLException.class, () -> DriverManager.getConnection("jdbc:keelback:x?open_mode="));
    assertThrows(
        SQLException.class, () -> DriverManager.getConnection("jdbc:keelback:x?busy_timeout=%zz"));
    assertThrows(SQLException.class, () -> DriverManager.getConnection("jdbc:keelback:x\0y"));
    assertFalse(Files.exists(Path.of("x")));
  }

  @Test
  void pragmasOfTheAddressAreSet() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("busy_timeout", "7");
    try (Connection connection =
        DriverManager.getConnection("jdbc:keelback::memory:?foreign_keys=true", properties)) {
      assertEquals(1L, Databases.value(connection, "PRAGMA foreign_keys"));
      assertEquals(7L, Databases.value(connection, "PRAGMA busy_timeout"));
    }
  }

  @Test
  void closingTwiceIsSafeAndClosesStatements() throws SQLException {
    Connection connection = Databases.memory();
    Statement statement = connection.createStatement();
    ResultSet rows = statement.executeQuery("SELECT 1 UNION SELECT 2");
    assertTrue(rows.next());
    connection.close();
    connection.close();
    assertTrue(connection.isClosed());
    assertTrue(statement.isClosed());
    assertTrue(rows.isClosed());
    assertFalse(connection.isValid(1));
    assertEquals(
        "08003", assertThrows(SQLException.class, connection::createStatement).getSQLState());
    assertThrows(SQLException.class, rows::next);
    assertThrows(SQLException.class, () -> rows.getInt(1));
    assertThrows(SQLException.class, () -> statement.execute("SELECT 1"));
    statement.close();
    rows.close();
  }

  @Test
  void aDataSourceGivesConnections() throws SQLException {
    KeelbackDataSource source = new KeelbackDataSource();
    source.setUrl("jdbc:keelback:" + folder.resolve("source.db"));
    source.setProperty("busy_timeout", "9");
    try (Connection connection = source.getConnection()) {
      assertEquals(9L, Databases.value(connection, "PRAGMA busy_timeout"));
    }
  }

  @Test
  void abortClosesFromElsewhere() throws SQLException {
    Connection connection = Databases.memory();
    connection.abort(Runnable::run);
    assertTrue(connection.isClosed());
  }

  @Test
  void whatJdbcHasAndSqliteHasNotSaysSo() throws SQLException {
    try (Connection connection = Databases.memory()) {
      assertThrows(SQLFeatureNotSupportedException.class, () -> connection.prepareCall("x"));
      assertThrows(SQLFeatureNotSupportedException.class, connection::createBlob);
      assertThrows(
          SQLFeatureNotSupportedException.class,
          () ->
              connection.createStatement(
                  ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY));
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT 1")) {
        assertThrows(SQLFeatureNotSupportedException.class, rows::previous);
        assertThrows(SQLFeatureNotSupportedException.class, () -> rows.updateInt(1, 1));
      }
    }
  }

  @Test
  void readOnlyIsAHintUnlessItIsAskedToBeEnforced() throws SQLException {
    try (Connection connection = Databases.memory()) {
      connection.setReadOnly(true);
      assertTrue(connection.isReadOnly());
      Databases.run(connection, "CREATE TABLE t(a)");
      assertInstanceOf(Connection.class, connection.unwrap(Connection.class));
    }
    String url = "jdbc:keelback::memory:?explicit_readonly=true";
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setReadOnly(true);
      assertThrows(SQLException.class, () -> Databases.run(connection, "CREATE TABLE t(a)"));
      connection.setReadOnly(false);
      Databases.run(connection, "CREATE TABLE t(a)");
    }
  }

  @Test
  void forgottenConnectionsAndStatementsDoNoHarm() throws SQLException {
    for (int i = 0; i < 200; i++) {
      Connection connection = Databases.memory();
      connection.createStatement().executeQuery("SELECT 1 UNION SELECT 2").next();
      connection.prepareStatement("SELECT ?");
    }
    System.gc();
    try (Connection connection = Databases.memory()) {
      for (int i = 0; i < 500; i++) {
        connection.prepareStatement("SELECT " + i).executeQuery().next();
        if (i % 100 == 0) {
          System.gc();
        }
      }
      assertEquals(5L, Databases.value(connection, "SELECT 5"));
    }
  }
}
