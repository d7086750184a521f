package org.keelback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatabaseMetaDataTest {
  private Connection connection;
  private DatabaseMetaData facts;

  @BeforeEach
  void open() throws SQLException {
    connection = Databases.memory();
    facts = connection.getMetaData();
    Databases.run(
        connection,
        """
CREATE TABLE author(id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(40) NOT NULL DEFAULT 'x');
CREATE TABLE book(isbn TEXT, edition INT, author INTEGER REFERENCES author ON DELETE CASCADE, price DECIMAL(8,2),
  PRIMARY KEY(edition, isbn));
CREATE INDEX book_by_author ON book(author DESC, price);
CREATE TABLE book_review(a)
""");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  /** The columns named, of all rows, joined by blanks. */
  private static List<String> rows(ResultSet result, String... columns) throws SQLException {
    List<String> found = new ArrayList<>();
    try (result) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (String column : columns) {
          row.add(result.getString(column));
        }
        found.add(String.join(" ", row));
      }
    }
    return found;
  }

  @Test
  void theProductIsNamed() throws SQLException {
    assertEquals("SQLite", facts.getDatabaseProductName());
    assertTrue(facts.getDatabaseProductVersion().startsWith("3."));
    assertEquals(3, facts.getDatabaseMajorVersion());
    assertEquals("Keelback JDBC", facts.getDriverName());
    assertEquals("jdbc:keelback::memory:", facts.getURL());
    assertEquals(4, facts.getJDBCMajorVersion());
    assertEquals("\"", facts.getIdentifierQuoteString());
  }

  @Test
  void tablesAreFoundByPatternAndType() throws SQLException {
    String[] tables = {"TABLE"};
    assertEquals(
        List.of("main author", "main book", "main book_review"),
        rows(facts.getTables(null, null, "%", tables), "TABLE_SCHEM", "TABLE_NAME"));
    assertEquals(
        List.of("book_review"),
        rows(facts.getTables(null, "main", "BOOK\\_%", null), "TABLE_NAME"));
    assertTrue(
        rows(facts.getTables(null, null, null, null), "TABLE_NAME").contains("sqlite_schema"));
    assertEquals(List.of(), rows(facts.getTables(null, "other", null, null), "TABLE_NAME"));
    assertEquals(List.of("main", "temp"), rows(facts.getSchemas(), "TABLE_SCHEM"));
    assertFalse(facts.getCatalogs().next());
  }

  @Test
  void columnsHaveTypesDefaultsAndPlaces() throws SQLException {
    assertEquals(
        List.of("id INTEGER 1 YES YES", "name VARCHAR 2 NO NO"),
        rows(
            facts.getColumns(null, null, "author", null),
            "COLUMN_NAME",
            "TYPE_NAME",
            "ORDINAL_POSITION",
            "IS_NULLABLE",
            "IS_AUTOINCREMENT"));
    try (ResultSet name = facts.getColumns(null, null, "author", "name")) {
      assertTrue(name.next());
      assertEquals(Types.VARCHAR, name.getInt("DATA_TYPE"));
      assertEquals(40, name.getInt("COLUMN_SIZE"));
      assertEquals("'x'", name.getString("COLUMN_DEF"));
      assertEquals(24, name.getMetaData().getColumnCount());
      assertFalse(name.next());
    }
  }

  @Test
  void keysAndIndexesAreListed() throws SQLException {
    assertEquals(
        List.of("edition 1", "isbn 2"),
        rows(facts.getPrimaryKeys(null, null, "book"), "COLUMN_NAME", "KEY_SEQ"));
    assertEquals(
        List.of("book_by_author author 1 D", "book_by_author price 2 A"),
        rows(
                facts.getIndexInfo(null, null, "book", false, true),
                "INDEX_NAME",
                "COLUMN_NAME",
                "ORDINAL_POSITION",
                "ASC_OR_DESC")
            .stream()
            .filter(row -> row.startsWith("book_by"))
            .toList());
    assertEquals(2, rows(facts.getIndexInfo(null, null, "book", true, true), "INDEX_NAME").size());
  }

  @Test
  void foreignKeysAreListedFromBothSides() throws SQLException {
    String[] columns = {
      "PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "DELETE_RULE"
    };
    List<String> expected =
        List.of("author id book author 1 " + DatabaseMetaData.importedKeyCascade);
    assertEquals(expected, rows(facts.getImportedKeys(null, null, "book"), columns));
    assertEquals(expected, rows(facts.getExportedKeys(null, null, "author"), columns));
    assertEquals(
        expected, rows(facts.getCrossReference(null, null, "author", null, null, "book"), columns));
    assertEquals(List.of(), rows(facts.getExportedKeys(null, null, "book"), columns));
  }

  @Test
  void everyQuestionWithoutArgumentsIsAnswered() throws Exception {
    for (Method method : DatabaseMetaData.class.getMethods()) {
      if (method.getParameterCount() == 0) {
        assertNotNull(method.invoke(facts), method.getName());
      }
    }
  }
}
