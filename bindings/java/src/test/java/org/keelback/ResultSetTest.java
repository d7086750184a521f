package org.keelback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Calendar;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResultSetTest {
  private Connection connection;
  private Statement statement;

  @BeforeEach
  void open() throws SQLException {
    connection = Databases.memory();
    statement = connection.createStatement();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private ResultSet row(String sql) throws SQLException {
    ResultSet rows = statement.executeQuery(sql);
    assertTrue(rows.next());
    return rows;
  }

  @Test
  void numbersConvertWhereTheyFit() throws SQLException {
    ResultSet row = row("SELECT 255, 2147483648, 2.75, ' 12 ', 9e99, 'x', x'00'");
    assertEquals(255, row.getInt(1));
    assertEquals(255, row.getShort(1));
    assertThrows(SQLDataException.class, () -> row.getByte(1));
    assertThrows(SQLDataException.class, () -> row.getInt(2));
    assertEquals(2147483648L, row.getLong(2));
    assertEquals(2, row.getInt(3));
    assertEquals(2.75f, row.getFloat(3));
    assertEquals("2.75", row.getString(3));
    assertEquals(12, row.getInt(4));
    assertEquals(12.0, row.getDouble(4));
    assertThrows(SQLDataException.class, () -> row.getLong(5));
    assertThrows(SQLDataException.class, () -> row.getInt(6));
    assertThrows(SQLDataException.class, () -> row.getDouble(7));
    assertEquals(new BigDecimal("2.75"), row.getBigDecimal(3));
    assertEquals(BigInteger.valueOf(255), row.getObject(1, BigInteger.class));
    assertEquals(255, row.getObject(1, Integer.class));
    assertTrue(row.getBoolean(1));
  }

  @Test
  void nullIsTold() throws SQLException {
    ResultSet row = row("SELECT NULL AS absent, 0");
    assertEquals(0, row.getInt("ABSENT"));
    assertTrue(row.wasNull());
    assertEquals(0, row.getInt(2));
    assertFalse(row.wasNull());
    assertNull(row.getString(1));
    assertNull(row.getBytes(1));
    assertNull(row.getTimestamp(1));
    assertNull(row.getObject(1, Integer.class));
    assertNull(row.getBinaryStream(1));
    assertTrue(row.wasNull());
  }

  @Test
  void textAndBytesComeInEveryForm() throws SQLException, IOException {
    ResultSet row = row("SELECT 'caf\u00e9', x'ff00', cast(x'ff41' AS TEXT)");
    assertArrayEquals("caf\u00e9".getBytes(StandardCharsets.UTF_8), row.getBytes(1));
    assertEquals("caf\u00e9", row.getObject(1, String.class));
    assertEquals('c', row.getCharacterStream(1).read());
    assertEquals(0xff, row.getBinaryStream(2).read());
    assertEquals(2, row.getBlob(2).length());
    assertEquals("\ufffdA", row.getString(3));
    assertArrayEquals(new byte[] {-1, 'A'}, row.getBytes(3));
    assertThrows(
        SQLFeatureNotSupportedException.class, () -> row.getObject(1, StringBuilder.class));
  }

  @Test
  void datesAreReadFromTextIntegersAndJulianDays() throws SQLException {
    ResultSet row =
        row(
            "SELECT '2024-02-29', '2024-02-29T12:30', '2024-02-29 12:30:15.5+02:00', 1709209815250,"
                + " 2440587.5, '12:30', 'x'");
    assertEquals(Date.valueOf("2024-02-29"), row.getDate(1));
    assertEquals(Timestamp.valueOf("2024-02-29 00:00:00"), row.getTimestamp(1));
    assertEquals(Timestamp.valueOf("2024-02-29 12:30:00"), row.getTimestamp(2));
    assertEquals(LocalDateTime.of(2024, 2, 29, 12, 30), row.getObject(2, LocalDateTime.class));
    assertEquals(LocalDate.of(2024, 2, 29), row.getObject(2, LocalDate.class));
    assertEquals(Instant.parse("2024-02-29T10:30:15.5Z"), row.getTimestamp(3).toInstant());
    assertEquals(
        OffsetDateTime.parse("2024-02-29T12:30:15.5+02:00"),
        row.getObject(3, OffsetDateTime.class));
    assertEquals(Instant.ofEpochMilli(1709209815250L), row.getTimestamp(4).toInstant());
    assertEquals(Instant.EPOCH, row.getObject(5, Instant.class));
    assertEquals(Time.valueOf("12:30:00"), row.getTime(6));
    assertThrows(SQLDataException.class, () -> row.getDate(7));
    Calendar utc = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
    assertEquals(Instant.parse("2024-02-29T12:30:00Z"), row.getTimestamp(2, utc).toInstant());
  }

  @Test
  void theCursorKnowsWhereItIs() throws SQLException {
    ResultSet rows = statement.executeQuery("SELECT 1 UNION ALL SELECT 2");
    assertTrue(rows.isBeforeFirst());
    assertThrows(SQLException.class, () -> rows.getInt(1));
    assertTrue(rows.next());
    assertTrue(rows.isFirst());
    assertEquals(1, rows.getRow());
    assertTrue(rows.next());
    assertFalse(rows.isFirst());
    assertFalse(rows.next());
    assertTrue(rows.isAfterLast());
    assertFalse(rows.next());
    assertThrows(SQLException.class, () -> rows.getInt(1));
    assertFalse(statement.executeQuery("SELECT 1 WHERE 0").isBeforeFirst());
  }

  @Test
  void columnsAreFoundWithoutRegardToCase() throws SQLException {
    ResultSet row = row("SELECT 1 AS Alpha, 2 AS alpha");
    assertEquals(1, row.findColumn("ALPHA"));
    assertEquals("42S22", assertThrows(SQLException.class, () -> row.getInt("beta")).getSQLState());
    assertEquals("07009", assertThrows(SQLException.class, () -> row.getInt(3)).getSQLState());
    assertThrows(SQLException.class, () -> row.getInt(0));
  }

  @Test
  void theMetadataNamesTheOrigin() throws SQLException {
    statement.execute(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(8, 2), at"
            + " TIMESTAMP)");
    statement.execute("INSERT INTO t VALUES (1, 'a', 1.5, NULL)");
    ResultSetMetaData facts = row("SELECT id AS x, name, price, at, 1 + 1 FROM t").getMetaData();
    assertEquals(5, facts.getColumnCount());
    assertEquals("x", facts.getColumnLabel(1));
    assertEquals("id", facts.getColumnName(1));
    assertEquals("t", facts.getTableName(1));
    assertEquals("main", facts.getSchemaName(1));
    assertEquals("", facts.getTableName(5));
    assertEquals(Types.BIGINT, facts.getColumnType(1));
    assertEquals("VARCHAR", facts.getColumnTypeName(2));
    assertEquals(20, facts.getPrecision(2));
    assertEquals(2, facts.getScale(3));
    assertEquals(Types.TIMESTAMP, facts.getColumnType(4));
    assertEquals(Types.BIGINT, facts.getColumnType(5));
    assertEquals("java.lang.Long", facts.getColumnClassName(5));
    assertThrows(SQLException.class, () -> facts.getColumnLabel(6));
  }
}
