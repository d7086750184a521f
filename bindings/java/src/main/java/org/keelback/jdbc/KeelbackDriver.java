package org.keelback.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;

/**
 * The driver that {@link DriverManager} finds through META-INF/services; addresses are {@code
 * jdbc:keelback:PATH}.
 */
public final class KeelbackDriver implements Driver {
  static final String PREFIX = "jdbc:keelback:";
  static final int MAJOR_VERSION = 0;
  static final int MINOR_VERSION = 1;
  static final String VERSION = "0.1.0";

  static {
    try {
      DriverManager.registerDriver(new KeelbackDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    return new KeelbackConnection(url, Settings.parse(url.substring(PREFIX.length()), info));
  }

  @Override
  public boolean acceptsURL(String url) {
    return url != null && url.startsWith(PREFIX);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) throws SQLException {
    String address = acceptsURL(url) ? url.substring(PREFIX.length()) : "";
    return Settings.parse(address, info).describe();
  }

  @Override
  public int getMajorVersion() {
    return MAJOR_VERSION;
  }

  @Override
  public int getMinorVersion() {
    return MINOR_VERSION;
  }

  /** False, as everywhere where SQL-92 entry level is not all there. */
  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw Unsupported.feature("java.util.logging");
  }
}
