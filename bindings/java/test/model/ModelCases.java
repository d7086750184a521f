import java.math.BigDecimal;
import java.sql.*;
import java.util.*;

/** Odd cases of JDBC, answered a line each, so that two drivers can be compared: the argument is the URL. */
public final class ModelCases {
  private static Connection db;

  interface Body { Object run() throws Exception; }

  static String shown(Object value) {
    if (value == null) return "null";
    if (value instanceof byte[] bytes) return "bytes " + HexFormat.of().formatHex(bytes);
    if (value instanceof int[] counts) return "counts " + Arrays.toString(counts);
    if (value instanceof long[] counts) return "counts " + Arrays.toString(counts);
    return value.getClass().getSimpleName() + " " + value;
  }

  static void told(String name, Body body) {
    String answer;
    try {
      answer = shown(body.run());
    } catch (BatchUpdateException e) {
      answer = "batch " + Arrays.toString(e.getUpdateCounts()) + " " + e.getErrorCode();
    } catch (SQLException e) {
      answer = "SQLException " + e.getErrorCode() + " " + e.getMessage();
    } catch (Exception e) {
      answer = e.getClass().getSimpleName();
    }
    System.out.println(name + ": " + answer.replaceAll("[^ -~]", "?"));
  }

  static Object one(String sql) throws SQLException {
    try (Statement s = db.createStatement(); ResultSet r = s.executeQuery(sql)) {
      return r.next() ? r.getObject(1) : "no row";
    }
  }

  static int run(String sql) throws SQLException {
    try (Statement s = db.createStatement()) { return s.executeUpdate(sql); }
  }

  public static void main(String[] arguments) throws Exception {
    db = DriverManager.getConnection(arguments[0]);
    types();
    dates();
    batches();
    keys();
    results();
    transactions();
    errors();
    metadata();
    db.close();
    told("closed twice", () -> { db.close(); return db.isClosed(); });
    told("after close", () -> db.createStatement());
    told("valid after close", () -> db.isValid(1));
  }

  static void types() {
    for (String literal : List.of("1", "9223372036854775807", "-9223372036854775808", "1.0", "1e300", "'text'", "''", "x'00ff'", "x''",
        "NULL", "'12'", "'12.5'", "'abc'", "9007199254740993", "2147483648", "1.5", "'true'", "0", "-1.9", "3000000000.7")) {
      for (String kind : List.of("Object", "String", "Int", "Long", "Double", "Float", "Short", "Byte", "Boolean", "Bytes", "BigDecimal")) {
        told("get" + kind + " " + literal, () -> {
          try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT " + literal)) {
            r.next();
            Object value = switch (kind) {
              case "Object" -> r.getObject(1);
              case "String" -> r.getString(1);
              case "Int" -> r.getInt(1);
              case "Long" -> r.getLong(1);
              case "Double" -> r.getDouble(1);
              case "Float" -> r.getFloat(1);
              case "Short" -> r.getShort(1);
              case "Byte" -> r.getByte(1);
              case "Boolean" -> r.getBoolean(1);
              case "Bytes" -> r.getBytes(1);
              default -> r.getBigDecimal(1);
            };
            return shown(value) + " wasNull " + r.wasNull();
          }
        });
      }
    }
    List<Object> given = new ArrayList<>(Arrays.asList(null, 1, 1L, (short) 2, (byte) 3, 1.5f, 2.5, true, false, "t", 'c', new byte[] {1, 2},
        new BigDecimal("1.25"), new BigDecimal("12345678901234567890"), new java.math.BigInteger("5"), Double.NaN, Double.POSITIVE_INFINITY));
    for (Object value : given) {
      told("setObject " + shown(value), () -> {
        try (PreparedStatement p = db.prepareStatement("SELECT typeof(?1) || ' ' || quote(?1)")) {
          p.setObject(1, value);
          try (ResultSet r = p.executeQuery()) { r.next(); return r.getString(1); }
        }
      });
    }
    told("unbound", () -> {
      try (PreparedStatement p = db.prepareStatement("SELECT typeof(?)"); ResultSet r = p.executeQuery()) { r.next(); return r.getString(1); }
    });
    told("index 0", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?")) { p.setInt(0, 1); return "set"; } });
    told("index 2", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?")) { p.setInt(2, 1); return "set"; } });
  }

  static void dates() {
    Timestamp moment = new Timestamp(1700000000123L);
    told("timestamp", () -> { try (PreparedStatement p = db.prepareStatement("SELECT typeof(?1)")) { p.setTimestamp(1, moment); try (ResultSet r = p.executeQuery()) { r.next(); return r.getString(1); } } });
    told("timestamp back", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?1")) { p.setTimestamp(1, moment); try (ResultSet r = p.executeQuery()) { r.next(); return r.getTimestamp(1).getTime(); } } });
    told("date back", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?1")) { p.setDate(1, new java.sql.Date(0)); try (ResultSet r = p.executeQuery()) { r.next(); return r.getDate(1).getTime(); } } });
    told("text as date", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT '2024-02-29 12:34:56.789'")) { r.next(); return r.getTimestamp(1).toString(); } });
    told("text as day", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT '2024-02-29 00:00:00.000'")) { r.next(); return r.getDate(1).toString(); } });
    told("null date", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT NULL")) { r.next(); return r.getDate(1); } });
    told("word as date", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 'soon'")) { r.next(); return r.getDate(1); } });
  }

  static void batches() throws SQLException {
    run("CREATE TABLE b(a INTEGER PRIMARY KEY, c TEXT UNIQUE)");
    told("batch", () -> { try (PreparedStatement p = db.prepareStatement("INSERT INTO b VALUES (?, ?)")) { for (int i = 1; i < 4; i++) { p.setInt(1, i); p.setString(2, "c" + i); p.addBatch(); } return p.executeBatch(); } });
    told("batch with an error", () -> { try (PreparedStatement p = db.prepareStatement("INSERT INTO b VALUES (?, ?)")) { for (int i = 3; i < 6; i++) { p.setInt(1, i); p.setString(2, "d" + i); p.addBatch(); } return p.executeBatch(); } });
    told("rows after it", () -> one("SELECT group_concat(a) FROM b"));
    told("empty batch", () -> { try (PreparedStatement p = db.prepareStatement("INSERT INTO b VALUES (?, ?)")) { return p.executeBatch(); } });
    told("statement batch", () -> { try (Statement s = db.createStatement()) { s.addBatch("INSERT INTO b VALUES (10, 'x')"); s.addBatch("UPDATE b SET c = c || '!'"); s.addBatch("DELETE FROM b WHERE a > 9"); return s.executeBatch(); } });
    told("cleared batch", () -> { try (Statement s = db.createStatement()) { s.addBatch("DELETE FROM b"); s.clearBatch(); return s.executeBatch(); } });
  }

  static void keys() throws SQLException {
    run("CREATE TABLE k(id INTEGER PRIMARY KEY AUTOINCREMENT, v)");
    told("generated key", () -> { try (PreparedStatement p = db.prepareStatement("INSERT INTO k(v) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) { p.setInt(1, 5); p.executeUpdate(); try (ResultSet r = p.getGeneratedKeys()) { return r.next() + " " + r.getLong(1) + " " + r.getMetaData().getColumnCount(); } } });
    told("key of a statement", () -> { try (Statement s = db.createStatement()) { s.executeUpdate("INSERT INTO k(v) VALUES (6), (7)", Statement.RETURN_GENERATED_KEYS); try (ResultSet r = s.getGeneratedKeys()) { StringBuilder all = new StringBuilder(); while (r.next()) all.append(r.getLong(1)).append(' '); return all.toString(); } } });
    told("RETURNING", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("INSERT INTO k(v) VALUES (8) RETURNING id, v")) { return r.next() + " " + r.getLong(1) + " " + r.getInt("v"); } });
    told("count of an insert", () -> run("INSERT INTO k(v) SELECT v FROM k"));
    told("count of a create", () -> run("CREATE TABLE nil(a)"));
    told("count of an empty delete", () -> run("DELETE FROM nil"));
    told("large update", () -> { try (Statement s = db.createStatement()) { return s.executeLargeUpdate("UPDATE k SET v = 1"); } });
  }

  static void results() throws SQLException {
    told("execute select", () -> { try (Statement s = db.createStatement()) { return s.execute("SELECT 1") + " " + s.getUpdateCount() + " " + (s.getResultSet() != null); } });
    told("execute update", () -> { try (Statement s = db.createStatement()) { return s.execute("UPDATE k SET v = 2") + " " + s.getUpdateCount() + " " + s.getMoreResults() + " " + s.getUpdateCount(); } });
    told("query that is none", () -> { try (Statement s = db.createStatement()) { return s.executeQuery("UPDATE k SET v = 3"); } });
    told("update that is a query", () -> { try (Statement s = db.createStatement()) { return s.executeUpdate("SELECT 1"); } });
    told("empty text", () -> { try (Statement s = db.createStatement()) { return s.execute(""); } });
    told("comment", () -> { try (Statement s = db.createStatement()) { return s.execute("-- nothing"); } });
    told("two statements", () -> { try (Statement s = db.createStatement()) { s.executeUpdate("CREATE TABLE one(a); CREATE TABLE two(a)"); return one("SELECT count(*) FROM sqlite_schema WHERE name IN ('one', 'two')"); } });
    told("before the first", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1")) { return r.getInt(1); } });
    told("after the last", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1")) { r.next(); r.next(); return r.getInt(1); } });
    told("is before, first, after", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1 UNION ALL SELECT 2")) { StringBuilder all = new StringBuilder(); all.append(r.isBeforeFirst()).append(r.getRow()); r.next(); all.append(r.isFirst()).append(r.getRow()); r.next(); all.append(r.isFirst()).append(r.getRow()); r.next(); all.append(r.isAfterLast()); return all.toString(); } });
    told("no rows", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1 WHERE 0")) { return r.isBeforeFirst() + " " + r.next() + " " + r.isAfterLast(); } });
    told("max rows", () -> { try (Statement s = db.createStatement()) { s.setMaxRows(2); try (ResultSet r = s.executeQuery("SELECT value FROM json_each('[1,2,3]')")) { int n = 0; while (r.next()) n++; return n; } } });
    told("column by name", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1 AS A, 2 AS a, 3 AS b")) { r.next(); return r.getInt("a") + " " + r.getInt("B") + " " + r.findColumn("b"); } });
    told("unknown column", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1 AS a")) { r.next(); return r.getInt("zz"); } });
    told("column 0", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1 AS a")) { r.next(); return r.getInt(0); } });
    told("column 2", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1 AS a")) { r.next(); return r.getInt(2); } });
    told("previous", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1")) { return r.previous(); } });
    told("closed with its statement", () -> { Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1"); s.close(); return r.isClosed(); });
    told("read after close", () -> { Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT 1"); s.close(); return r.next(); });
    told("run again", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?")) { p.setInt(1, 1); ResultSet first = p.executeQuery(); p.setInt(1, 2); ResultSet second = p.executeQuery(); second.next(); return first.isClosed() + " " + second.getInt(1); } });
    told("parameters kept", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?")) { p.setInt(1, 4); p.executeQuery().close(); try (ResultSet r = p.executeQuery()) { r.next(); return r.getInt(1); } } });
    told("parameters cleared", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?")) { p.setInt(1, 4); p.clearParameters(); try (ResultSet r = p.executeQuery()) { r.next(); return r.getObject(1); } } });
    told("drop under a reader", () -> { try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT * FROM k")) { r.next(); return run("DROP TABLE nil"); } });
  }

  static void transactions() {
    told("autocommit", () -> db.getAutoCommit());
    told("commit in autocommit", () -> { db.commit(); return "done"; });
    told("rollback in autocommit", () -> { db.rollback(); return "done"; });
    told("transaction", () -> { db.setAutoCommit(false); run("INSERT INTO b VALUES (20, 'tx')"); db.rollback(); Object n = one("SELECT count(*) FROM b WHERE a = 20"); db.commit(); db.setAutoCommit(true); return n; });
    told("set back commits", () -> { db.setAutoCommit(false); run("INSERT INTO b VALUES (21, 'ty')"); db.setAutoCommit(true); return one("SELECT count(*) FROM b WHERE a = 21"); });
    told("savepoint", () -> { db.setAutoCommit(false); Savepoint p = db.setSavepoint("here"); run("INSERT INTO b VALUES (22, 'tz')"); db.rollback(p); Object n = one("SELECT count(*) FROM b WHERE a = 22"); db.commit(); db.setAutoCommit(true); return p.getSavepointName() + " " + n; });
    told("isolation", () -> db.getTransactionIsolation());
    told("set isolation", () -> { db.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED); return db.getTransactionIsolation(); });
    told("bad isolation", () -> { db.setTransactionIsolation(Connection.TRANSACTION_NONE); return db.getTransactionIsolation(); });
    told("read only", () -> db.isReadOnly());
    told("catalog", () -> db.getCatalog());
    told("schema", () -> db.getSchema());
    told("holdability", () -> db.getHoldability());
    told("valid", () -> db.isValid(1));
    told("warnings", () -> db.getWarnings());
    told("native", () -> db.nativeSQL("SELECT 1"));
  }

  static void errors() {
    for (String sql : List.of("SELEC 1", "SELECT * FROM missing", "SELECT missing", "INSERT INTO b VALUES (1, 'again')", "INSERT INTO b VALUES (99, 'c1!')",
        "INSERT INTO b VALUES ('x', 1)", "SELECT abs(-9223372036854775808)", "SELECT json('{')", "CREATE TABLE b(a)", "INSERT INTO b VALUES (1)", "DROP TABLE missing",
        "SELECT 1 FROM", "COMMIT", "SELECT raise(ABORT, 'x')", "PRAGMA nonsense", "ATTACH '/nonexistent/x' AS y")) {
      told(sql, () -> { try (Statement s = db.createStatement()) { return s.execute(sql); } });
      told("state of " + sql, () -> { try (Statement s = db.createStatement()) { s.execute(sql); return "none"; } catch (SQLException e) { return String.valueOf(e.getSQLState()) + " " + e.getClass().getSimpleName(); } });
    }
  }

  static void metadata() throws SQLException {
    run("CREATE TABLE m(id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x', price DECIMAL(10,2), day DATE, raw BLOB, flag BOOLEAN, other)");
    run("CREATE INDEX m_name ON m(name, price DESC)");
    run("CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES m(id) ON DELETE CASCADE ON UPDATE SET NULL)");
    run("CREATE VIEW mv AS SELECT id, name FROM m");
    DatabaseMetaData facts = db.getMetaData();
    told("product", () -> facts.getDatabaseProductName());
    told("quote", () -> facts.getIdentifierQuoteString());
    told("transactions", () -> facts.supportsTransactions() + " " + facts.supportsBatchUpdates() + " " + facts.supportsSavepoints() + " " + facts.supportsGetGeneratedKeys());
    for (String what : List.of("tables", "views", "columns", "keys", "indexes", "unique", "imported", "exported", "types", "kinds")) {
      told("metadata " + what, () -> {
        try (ResultSet r = switch (what) {
          case "tables" -> facts.getTables(null, null, "%", new String[] {"TABLE"});
          case "views" -> facts.getTables(null, null, "m%", null);
          case "columns" -> facts.getColumns(null, null, "m", "%");
          case "keys" -> facts.getPrimaryKeys(null, null, "m");
          case "indexes" -> facts.getIndexInfo(null, null, "m", false, false);
          case "unique" -> facts.getIndexInfo(null, null, "b", true, false);
          case "imported" -> facts.getImportedKeys(null, null, "child");
          case "exported" -> facts.getExportedKeys(null, null, "m");
          case "types" -> facts.getTypeInfo();
          default -> facts.getTableTypes();
        }) {
          StringBuilder all = new StringBuilder();
          int width = r.getMetaData().getColumnCount();
          for (int i = 1; i <= width; i++) all.append(r.getMetaData().getColumnName(i)).append(' ');
          while (r.next()) {
            all.append(" | ");
            for (int i = 1; i <= width; i++) all.append(r.getString(i)).append(' ');
          }
          return all.toString();
        }
      });
    }
    run("INSERT INTO m(id) VALUES (1)");
    told("columns of a query", () -> {
      try (Statement s = db.createStatement(); ResultSet r = s.executeQuery("SELECT id, name AS n, price, day, raw, flag, other, 1 + 1, count(*), 'x' FROM m")) {
        ResultSetMetaData m = r.getMetaData();
        StringBuilder all = new StringBuilder();
        for (int i = 1; i <= m.getColumnCount(); i++) {
          all.append(m.getColumnName(i) + "/" + m.getColumnLabel(i) + "/" + m.getColumnTypeName(i) + "/" + m.getColumnType(i) + "/" + m.getTableName(i) + "/" + m.isNullable(i) + "/" + m.isAutoIncrement(i) + "/"
              + m.getPrecision(i) + "/" + m.getScale(i) + "/" + m.getColumnClassName(i) + "/" + m.isSigned(i) + "  ");
        }
        return all.toString();
      }
    });
    told("parameters", () -> { try (PreparedStatement p = db.prepareStatement("SELECT ?, ?2, :x")) { return p.getParameterMetaData().getParameterCount(); } });
  }
}
