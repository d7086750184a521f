package org.keelback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLSyntaxErrorException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErrorTest {
  @TempDir Path folder;
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    connection = Databases.memory();
    Databases.run(connection, "CREATE TABLE t(a UNIQUE, b NOT NULL DEFAULT 1, c CHECK(c > 0))");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private <T extends SQLException> T failure(Class<T> type, String sql) {
    return assertThrows(type, () -> Databases.run(connection, sql));
  }

  @Test
  void constraintsHaveTheirClassAndState() {
    SQLException unique =
        failure(SQLIntegrityConstraintViolationException.class, "INSERT INTO t(a) VALUES (1), (1)");
    assertEquals("UNIQUE constraint failed: t.a", unique.getMessage());
    assertEquals(2067, unique.getErrorCode());
    assertEquals("23505", unique.getSQLState());
    assertEquals(19, assertInstanceOf(KeelbackException.class, unique).primaryResultCode());
    assertEquals(
        "23502",
        failure(SQLIntegrityConstraintViolationException.class, "INSERT INTO t(b) VALUES (NULL)")
            .getSQLState());
    assertEquals(
        "23514",
        failure(SQLIntegrityConstraintViolationException.class, "INSERT INTO t(c) VALUES (0)")
            .getSQLState());
  }

  @Test
  void syntaxErrorsPointIntoTheText() {
    KeelbackException error =
        (KeelbackException)
            failure(SQLSyntaxErrorException.class, "SELECT '\u00e9\ud83d\ude00' FORM t, u");
    assertEquals("near \"t\": syntax error", error.sqliteMessage());
    assertEquals("SELECT '\u00e9\ud83d\ude00' FORM ".length(), error.offset());
  }

  @Test
  void theOffsetCountsFromTheStartOfAScript() {
    KeelbackException error =
        (KeelbackException) failure(SQLSyntaxErrorException.class, "DELETE FROM t; SELEC 2");
    assertEquals(15, error.offset());
    assertEquals("near \"SELEC\": syntax error", error.sqliteMessage());
  }

  @Test
  void unknownNamesAreSyntaxErrorsOfJdbc() {
    assertEquals(
        "no such table: u", failure(SQLSyntaxErrorException.class, "SELECT * FROM u").getMessage());
  }

  @Test
  void errorsOfARunAreNotSyntaxErrors() {
    SQLException overflow = failure(SQLException.class, "SELECT abs(-9223372036854775808)");
    assertEquals("integer overflow", overflow.getMessage());
    assertEquals("HY000", overflow.getSQLState());
  }

  @Test
  void aFileThatIsNoDatabaseIsRefused() throws Exception {
    Path file = folder.resolve("no.db");
    Files.writeString(file, "this is a text and no database, and it is long enough ".repeat(40));
    try (Connection other = DriverManager.getConnection("jdbc:keelback:" + file)) {
      SQLException failure =
          assertThrows(
              SQLNonTransientConnectionException.class,
              () -> Databases.run(other, "SELECT * FROM sqlite_schema"));
      assertEquals("file is not a database", failure.getMessage());
      assertEquals(26, failure.getErrorCode());
    }
  }

  @Test
  void deepNestingIsAnErrorAlsoOnASmallStack() throws InterruptedException {
    String deep = "SELECT " + "(".repeat(10_000) + "1" + ")".repeat(10_000);
    failure(SQLException.class, deep);
    SQLException[] found = new SQLException[1];
    Thread small =
        new Thread(
            null, () -> found[0] = failure(SQLException.class, deep), "small stack", 256 * 1024);
    small.start();
    small.join();
    assertInstanceOf(KeelbackException.class, found[0]);
  }
}
