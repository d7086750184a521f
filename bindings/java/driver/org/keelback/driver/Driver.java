package org.keelback.driver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.keelback.KeelbackException;
import org.keelback.KeelbackPreparedStatement;

/** The conformance driver of the Java binding (compat-tests/PROTOCOL.md), over JDBC. */
public final class Driver {
  private final Map<String, Connection> connections = new HashMap<>();

  private Driver() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream output = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Driver driver = new Driver();
    boolean isLast = false;
    while (!isLast) {
      String line = input.readLine();
      isLast = line == null || line.contains("\"bye\"") && "bye".equals(request(line).get("op"));
      StringBuilder reply = new StringBuilder();
      Json.write(line == null ? driver.bye() : driver.answer(line), reply);
      if (line != null) {
        output.append(reply).append('\n').flush();
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> request(String line) {
    return (Map<String, Object>) Json.parse(line);
  }

  private Map<String, Object> answer(String line) {
    try {
      Map<String, Object> request = request(line);
      String operation = (String) request.get("op");
      return switch (operation) {
        case "hello" -> hello();
        case "open" -> open(request);
        case "exec" ->
            exec(connection(request), (String) request.get("sql"), request.get("params"));
        case "close" -> close(request);
        case "bye" -> bye();
        default -> throw new IllegalArgumentException("unknown op " + operation);
      };
    } catch (SQLException e) {
      return e instanceof KeelbackException error ? failure(error) : Map.of("fault", e.toString());
    } catch (RuntimeException | StackOverflowError e) {
      return Map.of("fault", e.toString());
    }
  }

  private static Map<String, Object> failure(KeelbackException error) {
    return Map.of(
        "error",
        Map.of("code", (long) error.resultCode(), "name", "", "message", error.sqliteMessage()));
  }

  private static Map<String, Object> hello() {
    String engine = System.getenv("KEELBACK_ENGINE");
    return Map.of(
        "protocol",
        1L,
        "name",
        "java",
        "version",
        "0.1.0",
        "language",
        "Java " + System.getProperty("java.version"),
        "engine",
        engine == null || engine.isEmpty() ? "default" : engine,
        "features",
        List.of("named-parameters", "several-connections", "invalid-text"));
  }

  private Map<String, Object> open(Map<String, Object> request) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("busy_timeout", "0");
    properties.setProperty("open_mode", ((Long) request.get("flags") & 1) != 0 ? "ro" : "rwc");
    Connection connection =
        DriverManager.getConnection("jdbc:keelback:" + request.get("path"), properties);
    connections.put((String) request.get("id"), connection);
    return Map.of();
  }

  private Connection connection(Map<String, Object> request) {
    Connection connection = connections.get(request.get("id"));
    if (connection == null) {
      throw new IllegalArgumentException("unknown id " + request.get("id"));
    }
    return connection;
  }

  private Map<String, Object> close(Map<String, Object> request) throws SQLException {
    connection(request).close();
    connections.remove(request.get("id"));
    return Map.of();
  }

  private Map<String, Object> bye() {
    for (Connection connection : connections.values()) {
      try {
        connection.close();
      } catch (SQLException e) {
        System.err.println(e);
      }
    }
    return Map.of();
  }

  private static Map<String, Object> exec(Connection connection, String sql, Object parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      if (!statement.execute()) {
        return Map.of(
            "columns", List.of(), "rows", List.of(), "changes", statement.getLargeUpdateCount());
      }
      try (ResultSet result = statement.getResultSet()) {
        List<Object> columns = new ArrayList<>();
        ResultSetMetaData facts = result.getMetaData();
        for (int i = 1; i <= facts.getColumnCount(); i++) {
          columns.add(facts.getColumnLabel(i));
        }
        List<Object> rows = new ArrayList<>();
        while (result.next()) {
          List<Object> row = new ArrayList<>();
          for (int i = 1; i <= columns.size(); i++) {
            row.add(encoded(result, i));
          }
          rows.add(row);
        }
        return Map.of("columns", columns, "rows", rows, "changes", 0L);
      }
    }
  }

  private static void bind(PreparedStatement statement, Object parameters) throws SQLException {
    if (parameters instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        statement.setObject(i + 1, decoded(list.get(i)));
      }
    } else if (parameters instanceof Map<?, ?> named) {
      KeelbackPreparedStatement byName = statement.unwrap(KeelbackPreparedStatement.class);
      for (Map.Entry<?, ?> parameter : named.entrySet()) {
        byName.setObject((String) parameter.getKey(), decoded(parameter.getValue()));
      }
    }
  }

  private static Object decoded(Object value) {
    if (value == null) {
      return null;
    }
    Map.Entry<?, ?> form = ((Map<?, ?>) value).entrySet().iterator().next();
    String text = (String) form.getValue();
    return switch ((String) form.getKey()) {
      case "i" -> Long.valueOf(text);
      case "r" -> Double.longBitsToDouble(Long.parseUnsignedLong(text, 16));
      case "t" -> text;
      case "b" -> HexFormat.of().parseHex(text);
      default -> throw new IllegalArgumentException("not a value: " + value);
    };
  }

  private static Object encoded(ResultSet row, int column) throws SQLException {
    Object value = row.getObject(column);
    if (value instanceof Long integer) {
      return Map.of("i", integer.toString());
    }
    if (value instanceof Double real) {
      return Map.of("r", HexFormat.of().toHexDigits(Double.doubleToRawLongBits(real)));
    }
    if (value instanceof String text) {
      byte[] stored = row.getBytes(column);
      boolean isValid = Arrays.equals(stored, text.getBytes(StandardCharsets.UTF_8));
      return isValid ? Map.of("t", text) : Map.of("tx", HexFormat.of().formatHex(stored));
    }
    return value == null ? null : Map.of("b", HexFormat.of().formatHex((byte[]) value));
  }
}
