import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.Statement;

/** Moves an amount between two accounts, and rolls back where one would become negative. */
public final class Transaction {
  private Transaction() {}

  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:keelback::memory:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE account(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL CHECK(amount >="
              + " 0))");
      statement.execute("INSERT INTO account VALUES (1, 100), (2, 0)");
      connection.setAutoCommit(false);
      move(connection, 60);
      move(connection, 60);
      try (ResultSet rows = statement.executeQuery("SELECT id, amount FROM account ORDER BY id")) {
        while (rows.next()) {
          System.out.println(rows.getLong(1) + " " + rows.getLong(2));
        }
      }
    }
  }

  private static void move(Connection connection, long amount) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE account SET amount = amount + ? WHERE id = ?")) {
      update.setLong(1, amount);
      update.setLong(2, 2);
      update.executeUpdate();
      update.setLong(1, -amount);
      update.setLong(2, 1);
      update.executeUpdate();
      connection.commit();
      System.out.println("moved " + amount);
    } catch (SQLIntegrityConstraintViolationException e) {
      connection.rollback();
      System.out.println(e.getMessage());
    }
  }
}
