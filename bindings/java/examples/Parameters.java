import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.keelback.KeelbackPreparedStatement;

/** Binds values by position, by number and by name. */
public final class Parameters {
  private Parameters() {}

  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:keelback::memory:")) {
      for (String sql : new String[] {"SELECT ? || '-' || ?", "SELECT ?2 || ?1 || ?2"}) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.setString(1, "a");
          statement.setString(2, "b");
          print(statement);
        }
      }
      try (PreparedStatement statement = connection.prepareStatement("SELECT :left || @right")) {
        KeelbackPreparedStatement named = statement.unwrap(KeelbackPreparedStatement.class);
        named.setObject(":left", "L");
        named.setObject("@right", "R");
        print(statement);
      }
    }
  }

  private static void print(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      System.out.println(rows.getString(1));
    }
  }
}
