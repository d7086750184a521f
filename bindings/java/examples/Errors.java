import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.keelback.KeelbackException;

/** Looks into an error: its class, its codes, its place in the text, its message. */
public final class Errors {
  private Errors() {}

  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:keelback::memory:");
        Statement statement = connection.createStatement()) {
      show(statement, "SELECT * FORM t");
      show(statement, "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1), (1)");
    }
  }

  private static void show(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      KeelbackException error = (KeelbackException) e;
      System.out.println(
          e.getSQLState() + " " + error.resultCode() + " " + error.primaryResultCode());
      System.out.println("at " + error.offset() + ": " + error.sqliteMessage());
    }
  }
}
