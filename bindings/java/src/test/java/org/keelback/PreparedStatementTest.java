package org.keelback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreparedStatementTest {
  private Connection connection;
  private PreparedStatement echo;

  @BeforeEach
  void open() throws SQLException {
    connection = Databases.memory();
    echo = connection.prepareStatement("SELECT ?");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private Object echoed() throws SQLException {
    try (ResultSet rows = echo.executeQuery()) {
      assertTrue(rows.next());
      return rows.getObject(1);
    }
  }

  private Object echoed(Object value) throws SQLException {
    echo.setObject(1, value);
    return echoed();
  }

  @Test
  void eachStorageClassComesBackAsItWas() throws SQLException {
    assertNull(echoed(null));
    assertEquals(Long.MIN_VALUE, echoed(Long.MIN_VALUE));
    assertEquals(Long.MAX_VALUE, echoed(Long.MAX_VALUE));
    assertEquals(2.0, echoed(2.0));
    assertEquals(Double.POSITIVE_INFINITY, echoed(Double.POSITIVE_INFINITY));
    assertNull(echoed(Double.NaN));
    assertEquals("", echoed(""));
    assertEquals("caf\u00e9 \ud83d\ude00\0x", echoed("caf\u00e9 \ud83d\ude00\0x"));
    assertArrayEquals(new byte[0], (byte[]) echoed(new byte[0]));
    assertArrayEquals(new byte[] {0, -1}, (byte[]) echoed(new byte[] {0, -1}));
  }

  @Test
  void everySetterStoresWhatItSays() throws SQLException {
    echo.setBoolean(1, true);
    assertEquals(1L, echoed());
    echo.setByte(1, (byte) -1);
    assertEquals(-1L, echoed());
    echo.setShort(1, (short) 2);
    assertEquals(2L, echoed());
    echo.setInt(1, 3);
    assertEquals(3L, echoed());
    echo.setFloat(1, 0.5f);
    assertEquals(0.5, echoed());
    echo.setString(1, null);
    assertNull(echoed());
    echo.setNull(1, Types.INTEGER);
    assertNull(echoed());
    echo.setBytes(1, new byte[] {1});
    assertArrayEquals(new byte[] {1}, (byte[]) echoed());
    echo.clearParameters();
    assertNull(echoed());
  }

  @Test
  void decimalsLoseNoDigit() throws SQLException {
    assertEquals(12L, echoed(new BigDecimal("12")));
    assertEquals(1.25, echoed(new BigDecimal("1.25")));
    assertEquals("0.1234567890123456789", echoed(new BigDecimal("0.1234567890123456789")));
    assertEquals(Long.MAX_VALUE, echoed(BigInteger.valueOf(Long.MAX_VALUE)));
    assertEquals("9223372036854775808", echoed(BigInteger.ONE.shiftLeft(63)));
  }

  @Test
  void datesAndTimesAreIsoText() throws SQLException {
    assertEquals("2024-02-29", echoed(Date.valueOf("2024-02-29")));
    assertEquals("12:30:15", echoed(Time.valueOf("12:30:15")));
    assertEquals("2024-02-29 12:30:15.250", echoed(Timestamp.valueOf("2024-02-29 12:30:15.25")));
    assertEquals("2024-02-29", echoed(LocalDate.of(2024, 2, 29)));
    assertEquals("12:30:00", echoed(LocalTime.of(12, 30)));
    assertEquals("2024-02-29 12:30:00", echoed(LocalDateTime.of(2024, 2, 29, 12, 30)));
    OffsetDateTime moment = OffsetDateTime.of(2024, 2, 29, 12, 30, 0, 0, ZoneOffset.ofHours(2));
    assertEquals("2024-02-29 12:30:00+02:00", echoed(moment));
    assertEquals("2024-02-29 10:30:00Z", echoed(moment.toInstant()));
    Calendar utc = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
    echo.setTimestamp(1, Timestamp.from(Instant.ofEpochSecond(0)), utc);
    assertEquals("1970-01-01 00:00:00", echoed());
  }

  @Test
  void targetTypesConvert() throws SQLException {
    echo.setObject(1, "12", Types.INTEGER);
    assertEquals(12L, echoed());
    echo.setObject(1, 12, JDBCType.VARCHAR);
    assertEquals("12", echoed());
    echo.setObject(1, "1.255", Types.DECIMAL, 2);
    assertEquals(1.26, echoed());
    echo.setObject(1, 1, Types.DOUBLE);
    assertEquals(1.0, echoed());
    echo.setObject(1, null, Types.DOUBLE);
    assertNull(echoed());
    UUID id = UUID.randomUUID();
    assertEquals(id.toString(), echoed(id));
    assertThrows(SQLDataException.class, () -> echo.setObject(1, 300, Types.TINYINT));
    assertThrows(SQLDataException.class, () -> echo.setObject(1, "x", Types.INTEGER));
    assertThrows(SQLException.class, () -> echo.setObject(1, new Object()));
    assertThrows(SQLDataException.class, () -> echoed("\ud83d"));
  }

  @Test
  void streamsAreRead() throws SQLException {
    echo.setBinaryStream(1, new ByteArrayInputStream(new byte[] {1, 2, 3}), 2);
    assertArrayEquals(new byte[] {1, 2}, (byte[]) echoed());
    echo.setCharacterStream(1, new StringReader("text"));
    assertEquals("text", echoed());
    echo.setAsciiStream(1, new ByteArrayInputStream(new byte[] {'a', 'b'}));
    assertEquals("ab", echoed());
    echo.setClob(1, new StringReader("longer"), 4);
    assertEquals("long", echoed());
    assertThrows(
        SQLException.class,
        () -> echo.setBinaryStream(1, new ByteArrayInputStream(new byte[1]), 2));
  }

  @Test
  void parametersHaveNumbersAndNames() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT ?2 || :name")) {
      assertEquals(3, statement.getParameterMetaData().getParameterCount());
      KeelbackPreparedStatement named = statement.unwrap(KeelbackPreparedStatement.class);
      named.setString(2, "a");
      named.setObject(":name", "b");
      assertEquals(3, named.findParameter(":name"));
      ResultSet rows = statement.executeQuery();
      assertTrue(rows.next());
      assertEquals("ab", rows.getString(1));
      assertThrows(SQLException.class, () -> named.findParameter("name"));
      SQLException range = assertThrows(SQLException.class, () -> statement.setInt(4, 1));
      assertEquals(25, range.getErrorCode());
      assertThrows(SQLException.class, () -> statement.setInt(0, 1));
    }
  }

  @Test
  void aBatchBindsEachTime() throws SQLException {
    Databases.run(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, a)");
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO t(a) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
      for (int i = 0; i < 3; i++) {
        insert.setInt(1, i);
        insert.addBatch();
      }
      assertArrayEquals(new int[] {1, 1, 1}, insert.executeBatch());
      ResultSet keys = insert.getGeneratedKeys();
      for (long key = 1; key <= 3; key++) {
        assertTrue(keys.next());
        assertEquals(key, keys.getLong(1));
      }
      assertFalse(keys.next());
      assertThrows(SQLException.class, () -> insert.executeUpdate("DELETE FROM t"));
    }
    assertEquals("0,1,2", Databases.value(connection, "SELECT group_concat(a) FROM t"));
  }

  @Test
  void runningAgainEndsTheRowsOfBefore() throws SQLException {
    ResultSet first = echo.executeQuery();
    ResultSet second = echo.executeQuery();
    assertTrue(first.isClosed());
    assertTrue(second.next());
  }

  @Test
  void aPreparedTextIsOneStatement() throws SQLException {
    assertThrows(SQLException.class, () -> connection.prepareStatement("SELECT 1; SELECT 2"));
    connection.prepareStatement("SELECT 1; -- that was all").close();
    try (PreparedStatement nothing = connection.prepareStatement("-- nothing")) {
      assertFalse(nothing.execute());
      assertThrows(SQLException.class, nothing::executeQuery);
    }
  }

  @Test
  void theColumnsAreKnownBeforeItRuns() throws SQLException {
    Databases.run(connection, "CREATE TABLE t(a VARCHAR(10))");
    try (PreparedStatement select = connection.prepareStatement("SELECT a AS b FROM t")) {
      assertEquals("b", select.getMetaData().getColumnLabel(1));
      assertEquals(Types.VARCHAR, select.getMetaData().getColumnType(1));
    }
    assertNull(connection.prepareStatement("DELETE FROM t").getMetaData());
  }
}
