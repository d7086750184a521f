package org.keelback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FunctionTest {
  private Connection connection;

  @BeforeEach
  void open() throws SQLException {
    connection = DriverManager.getConnection("jdbc:keelback::memory:");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private Object value(String sql) throws SQLException {
    return Databases.value(connection, sql);
  }

  /** Gives its first argument back, as what it is. */
  private static final class Echo extends Function {
    @Override
    protected void xFunc() throws SQLException {
      switch (value_type(0)) {
        case 1 -> result(value_long(0));
        case 2 -> result(value_double(0));
        case 3 -> result(value_text(0));
        case 4 -> result(value_blob(0));
        default -> result();
      }
    }
  }

  @Test
  void valuesPassBothWays() throws SQLException {
    Function.create(connection, "echo", new Echo());
    assertEquals(Long.MIN_VALUE, value("SELECT echo(-9223372036854775808)"));
    assertEquals(1.5, value("SELECT echo(1.5)"));
    assertEquals("é😀", value("SELECT echo('é😀')"));
    assertEquals("a\0b", value("SELECT echo('a' || char(0) || 'b')"));
    assertEquals("", value("SELECT echo('')"));
    assertArrayEquals(new byte[] {0, -1}, (byte[]) value("SELECT echo(x'00ff')"));
    assertArrayEquals(new byte[0], (byte[]) value("SELECT echo(x'')"));
    assertNull(value("SELECT echo(NULL)"));
  }

  @Test
  void numbersOfArgumentsAndFlagsAreKept() throws SQLException {
    Function two =
        new Function() {
          @Override
          protected void xFunc() throws SQLException {
            result(args() + value_int(0) + value_int(1));
          }
        };
    Function.create(connection, "two", two, 2, Function.FLAG_DETERMINISTIC);
    assertEquals(12L, value("SELECT two(4, 6)"));
    assertThrows(SQLException.class, () -> value("SELECT two(1)"));
    Databases.run(connection, "CREATE TABLE t(a, b); CREATE INDEX i ON t(two(a, b))");
    Function.destroy(connection, "two", 2);
    assertThrows(SQLException.class, () -> value("SELECT two(1, 2)"));
  }

  @Test
  void whatAFunctionThrowsIsTheCauseOfTheError() throws SQLException {
    IllegalStateException problem = new IllegalStateException("not now");
    Function.create(
        connection,
        "refuse",
        new Function() {
          @Override
          protected void xFunc() throws SQLException {
            if (args() == 0) {
              throw problem;
            }
            error("refused " + value_text(0));
          }
        });
    SQLException thrown = assertThrows(SQLException.class, () -> value("SELECT refuse()"));
    assertEquals("not now", thrown.getMessage());
    assertEquals(problem, thrown.getCause());
    thrown = assertThrows(SQLException.class, () -> value("SELECT refuse('it')"));
    assertEquals("refused it", thrown.getMessage());
    assertNull(thrown.getCause());
    assertEquals(1L, value("SELECT 1"));
  }

  @Test
  void argumentsAreThereDuringACallOnly() throws SQLException {
    Echo echo = new Echo();
    Function.create(connection, "echo", echo);
    value("SELECT echo(1)");
    assertThrows(SQLException.class, echo::xFunc);
    assertThrows(SQLException.class, () -> value("SELECT echo()"));
  }

  @Test
  void aFunctionMayRunAStatementThatCallsItAgain() throws SQLException {
    Function.create(
        connection,
        "factorial",
        new Function() {
          @Override
          protected void xFunc() throws SQLException {
            long n = value_long(0);
            long rest = n <= 1 ? 1 : (Long) value("SELECT factorial(" + (n - 1) + ")");
            result(value_long(0) * rest);
          }
        });
    assertEquals(120L, value("SELECT factorial(5)"));
  }

  /** The texts of a group, joined; a frame's too. */
  private static class Join extends Function.Window {
    private String joined = "";

    @Override
    protected void xStep() throws SQLException {
      if (value_text(0).isEmpty()) {
        throw new SQLException("an empty text");
      }
      joined += value_text(0).toUpperCase(Locale.ROOT);
    }

    @Override
    protected void xInverse() throws SQLException {
      joined = joined.substring(value_text(0).length());
    }

    @Override
    protected void xValue() throws SQLException {
      result(joined);
    }

    @Override
    protected void xFinal() throws SQLException {
      result("<" + joined + ">");
    }
  }

  @Test
  void aggregatesHaveAnObjectForEachGroup() throws SQLException {
    Function.create(connection, "joined", new Join());
    Databases.run(
        connection,
        "CREATE TABLE t(g, a); INSERT INTO t VALUES (1,'a'),(2,'b'),(1,'c'),(2,'d'),(3,'e')");
    assertEquals(
        "<AC><BD><E>",
        value("SELECT group_concat(j, '') FROM (SELECT joined(a) j FROM t GROUP BY g ORDER BY g)"));
    assertEquals("<>", value("SELECT joined(a) FROM t WHERE g > 5"));
    assertEquals(
        "A AC CB BD DE",
        value(
            "SELECT group_concat(j, ' ') FROM (SELECT joined(a) OVER (ORDER BY g, a ROWS BETWEEN 1"
                + " PRECEDING AND CURRENT ROW) j FROM t ORDER BY g, a)"));
    SQLException thrown = assertThrows(SQLException.class, () -> value("SELECT joined('')"));
    assertEquals("an empty text", thrown.getMessage());
  }

  @Test
  void collationsOrder() throws SQLException {
    Collation.create(
        connection,
        "by_length",
        new Collation() {
          @Override
          protected int xCompare(String left, String right) {
            return Integer.compare(left.length(), right.length());
          }
        });
    String sql =
        "SELECT group_concat(a ORDER BY a COLLATE by_length) FROM"
            + " (SELECT 'ccc' a UNION ALL SELECT 'a' UNION ALL SELECT 'bb')";
    assertEquals("a,bb,ccc", value(sql));
    Collation.destroy(connection, "by_length");
    assertThrows(SQLException.class, () -> value(sql));
  }

  @Test
  void aProgressHandlerStopsAStatement() throws SQLException {
    int[] calls = {0};
    ProgressHandler.setHandler(
        connection,
        1000,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return ++calls[0] < 3 ? 0 : 1;
          }
        });
    String endless =
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";
    SQLException thrown = assertThrows(SQLException.class, () -> value(endless));
    assertInstanceOf(KeelbackException.class, thrown);
    assertEquals(9, thrown.getErrorCode());
    assertEquals(3, calls[0]);
    ProgressHandler.clearHandler(connection);
    assertEquals(1L, value("SELECT 1"));
  }

  @Test
  void onlyConnectionsOfOursTakeFunctions() {
    assertThrows(SQLException.class, () -> Function.create(null, "f", new Echo()));
    assertThrows(
        SQLException.class,
        () -> {
          connection.close();
          Function.create(connection, "f", new Echo());
        });
  }
}
