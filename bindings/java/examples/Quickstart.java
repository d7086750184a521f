import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Opens a database in memory, fills a table and reads it. */
public final class Quickstart {
  private Quickstart() {}

  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:keelback::memory:");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
      statement.executeUpdate("INSERT INTO person(name) VALUES ('Ada'), ('Grace')");
      try (ResultSet rows = statement.executeQuery("SELECT id, name FROM person ORDER BY name")) {
        while (rows.next()) {
          System.out.println(rows.getLong("id") + " " + rows.getString("name"));
        }
      }
    }
  }
}
