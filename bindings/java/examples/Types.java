import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Shows what each storage class comes back as. */
public final class Types {
  private Types() {}

  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:keelback::memory:");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT NULL, 9223372036854775807, 1.0, 'text', x'00ff'")) {
      row.next();
      for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
        Object value = row.getObject(column);
        String shown =
            value instanceof byte[] bytes ? bytes.length + " bytes" : String.valueOf(value);
        System.out.println(value == null ? shown : value.getClass().getSimpleName() + " " + shown);
      }
      try {
        row.getInt(2);
      } catch (SQLException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
