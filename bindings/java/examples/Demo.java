import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The Java part of {@code make demo}: it reads the database, joins and groups it, and writes what
 * it found.
 */
public final class Demo {
  private Demo() {}

  private record Finding(String iso, String name, long cities, long people, double latitude) {}

  public static void main(String[] arguments) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:keelback:" + arguments[0])) {
      List<Finding> findings = read(connection);
      write(connection, findings);
      for (Finding finding : findings.subList(0, Math.min(3, findings.size()))) {
        System.out.printf(
            Locale.ROOT,
            "row %s | %d | %d | %.2f%n",
            finding.name(),
            finding.cities(),
            finding.people(),
            finding.latitude());
      }
      System.out.println("done " + findings.size());
    }
  }

  private static List<Finding> read(Connection connection) throws SQLException {
    String query =
        """
        SELECT k.iso, k.name, count(*), sum(c.population), avg(c.latitude)
        FROM country AS k JOIN city AS c ON c.country_iso = k.iso
        GROUP BY k.iso ORDER BY 4 DESC, 1""";
    List<Finding> findings = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        findings.add(
            new Finding(
                rows.getString(1),
                rows.getString(2),
                rows.getLong(3),
                rows.getLong(4),
                rows.getDouble(5)));
      }
    }
    return findings;
  }

  private static void write(Connection connection, List<Finding> findings) throws SQLException {
    connection.setAutoCommit(false);
    String insert =
        """
INSERT INTO finding(language, country, cities, people, mean_latitude, mark) VALUES (?, ?, ?, ?, ?, ?)""";
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (int i = 0; i < findings.size(); i++) {
        Finding finding = findings.get(i);
        statement.setString(1, "java");
        statement.setString(2, finding.iso());
        statement.setLong(3, finding.cities());
        statement.setLong(4, finding.people());
        statement.setDouble(5, finding.latitude());
        statement.setBytes(6, new byte[] {0, 1, (byte) 0xff});
        statement.executeUpdate();
        if (i % 20 == 0 || i == findings.size() - 1) {
          System.out.println("progress " + (i + 1) + " " + findings.size());
        }
      }
    }
    connection.commit();
  }
}
