package org.keelback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeelbackDatabaseTest {
  @TempDir Path folder;

  private static KeelbackDatabase open(String address) throws SQLException {
    return DriverManager.getConnection("jdbc:keelback:" + address).unwrap(KeelbackDatabase.class);
  }

  @Test
  void listenersSeeWhatHappensAndMayRefuseIt() throws SQLException {
    List<String> seen = new ArrayList<>();
    boolean[] isRefused = {false};
    UpdateListener rows =
        (type, database, table, rowid) ->
            seen.add(type + " " + database + "." + table + " " + rowid);
    CommitListener ends =
        new CommitListener() {
          @Override
          public void onCommit() {
            seen.add("commit");
            if (isRefused[0]) {
              throw new IllegalStateException("no more");
            }
          }

          @Override
          public void onRollback() {
            seen.add("rollback");
          }
        };
    try (KeelbackDatabase database = open(":memory:")) {
      database.addUpdateListener(rows);
      database.addCommitListener(ends);
      Databases.run(database, "CREATE TABLE t(a); INSERT INTO t VALUES (1); UPDATE t SET a = 2");
      isRefused[0] = true;
      SQLException thrown =
          assertThrows(SQLException.class, () -> Databases.run(database, "DELETE FROM t WHERE a=2"));
      assertEquals(531, thrown.getErrorCode());
      assertEquals("no more", thrown.getCause().getMessage());
      database.removeUpdateListener(rows);
      database.removeCommitListener(ends);
      Databases.run(database, "DELETE FROM t");
    }
    assertEquals(
        List.of(
            "commit",
            "INSERT main.t 1",
            "commit",
            "UPDATE main.t 1",
            "commit",
            "DELETE main.t 1",
            "commit",
            "rollback"),
        seen);
  }

  @Test
  void aBackupIsRestoredElsewhere() throws SQLException {
    String file = folder.resolve("copy.db").toString();
    List<Integer> left = new ArrayList<>();
    try (KeelbackDatabase source = open(":memory:");
        KeelbackDatabase target = open(":memory:")) {
      Databases.run(
          source,
          "CREATE TABLE t(a); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT"
              + " 3000) INSERT INTO t SELECT randomblob(2000) FROM c");
      source.backup("main", file, (remaining, pages) -> left.add(remaining));
      assertTrue(left.size() > 1, "one step only");
      assertEquals(0, left.get(left.size() - 1));
      target.restore("main", file, null);
      assertEquals(3000L, Databases.value(target, "SELECT count(*) FROM t"));
      assertThrows(
          SQLException.class,
          () -> target.restore("main", folder.resolve("none.db").toString(), null));
      assertThrows(SQLException.class, () -> source.backup("nowhere", file, null));
    }
  }

  @Test
  void aSerializedDatabaseIsReadElsewhere() throws SQLException {
    try (KeelbackDatabase source = open(":memory:");
        KeelbackDatabase target = open(":memory:")) {
      Databases.run(source, "CREATE TABLE t(a); INSERT INTO t VALUES ('kept')");
      target.deserialize("main", source.serialize("main"));
      assertEquals("kept", Databases.value(target, "SELECT a FROM t"));
      assertThrows(SQLException.class, () -> source.serialize("nowhere"));
    }
  }

  @Test
  void limitsAreSetAndObeyed() throws SQLException {
    final int length = 0;
    try (KeelbackDatabase database = open(":memory:")) {
      assertEquals(1_000_000_000, database.getLimit(length));
      database.setLimit(length, 100);
      assertEquals(100, database.getLimit(length));
      assertThrows(SQLException.class, () -> Databases.value(database, "SELECT zeroblob(101)"));
    }
  }

  @Test
  void anExtensionThatIsNotThereIsAnError() throws SQLException {
    try (KeelbackDatabase database = open(":memory:")) {
      SQLException thrown =
          assertThrows(
              SQLException.class, () -> database.loadExtension("/nowhere/extension.so", null));
      assertTrue(thrown.getMessage().contains("/nowhere/extension.so"), thrown.getMessage());
    }
  }

  @Test
  void aBusyHandlerDecidesHowLongToWait() throws SQLException {
    String file = folder.resolve("busy.db").toString();
    int[] asked = {0};
    try (Connection writer = open(file);
        Connection waiting = open(file)) {
      Databases.run(writer, "CREATE TABLE t(a); BEGIN IMMEDIATE");
      BusyHandler.setHandler(
          waiting,
          new BusyHandler() {
            @Override
            protected int callback(int nbPrevInvok) {
              asked[0]++;
              return nbPrevInvok < 4 ? 1 : 0;
            }
          });
      SQLException thrown =
          assertThrows(SQLException.class, () -> Databases.run(waiting, "INSERT INTO t VALUES (1)"));
      assertEquals(5, thrown.getErrorCode());
      assertEquals(5, asked[0]);
      BusyHandler.clearHandler(waiting);
      assertThrows(SQLException.class, () -> Databases.run(waiting, "INSERT INTO t VALUES (1)"));
      assertEquals(5, asked[0]);
    }
  }

  @Test
  void pragmasAreSettingsOfTheAddress() throws SQLException {
    String settings =
        "?journal_mode=wal&page_size=8192&cache_size=-4000&user_version=7&encoding=UTF-16le"
            + "&foreign_keys=on&recursive_triggers=1&query_only=yes";
    try (KeelbackDatabase database = open(folder.resolve("set.db") + settings)) {
      assertEquals("wal", Databases.value(database, "PRAGMA journal_mode"));
      assertEquals(8192L, Databases.value(database, "PRAGMA page_size"));
      assertEquals(-4000L, Databases.value(database, "PRAGMA cache_size"));
      assertEquals(7L, Databases.value(database, "PRAGMA user_version"));
      assertEquals("UTF-16le", Databases.value(database, "PRAGMA encoding"));
      assertEquals(1L, Databases.value(database, "PRAGMA foreign_keys"));
      assertEquals(1L, Databases.value(database, "PRAGMA query_only"));
    }
    assertThrows(SQLException.class, () -> open(folder.resolve("x.db") + "?page_size=big"));
    assertThrows(SQLException.class, () -> open(folder.resolve("x.db") + "?foreign_keys=maybe"));
  }
}
