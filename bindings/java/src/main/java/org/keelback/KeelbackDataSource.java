package org.keelback;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A {@link DataSource} for pools and containers: an address, and properties as in the address. */
public final class KeelbackDataSource implements DataSource {
  private final Properties properties = new Properties();
  private String url = "jdbc:keelback::memory:";

  public String getUrl() {
    return url;
  }

  /** The address, {@code jdbc:keelback:PATH}. */
  public void setUrl(String url) {
    this.url = url;
  }

  /** Sets a property of the driver, {@code busy_timeout} for example. */
  public void setProperty(String name, String value) {
    properties.setProperty(name, value);
  }

  @Override
  public Connection getConnection() throws SQLException {
    return DriverManager.getConnection(url, properties);
  }

  /** A file has no users: the names are not looked at. */
  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection();
  }

  @Override
  public PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter writer) {}

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    if (seconds != 0) {
      throw new SQLFeatureNotSupportedException("not supported: login timeouts", "0A000");
    }
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("not supported: java.util.logging", "0A000");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!type.isInstance(this)) {
      throw new SQLException(getClass().getName() + " is no " + type.getName(), "HY000");
    }
    return type.cast(this);
  }
}
