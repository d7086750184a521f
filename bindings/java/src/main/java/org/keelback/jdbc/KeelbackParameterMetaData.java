package org.keelback.jdbc;

import java.sql.ParameterMetaData;
import java.sql.SQLException;
import java.sql.Types;

/**
 * How many parameters there are; SQLite knows no types of them, so the type is that of the value
 * set, VARCHAR before.
 */
final class KeelbackParameterMetaData extends Wrapping implements ParameterMetaData {
  private final Object[] values;

  KeelbackParameterMetaData(Object[] values) {
    this.values = values.clone();
  }

  private Object value(int index) throws SQLException {
    if (index < 1 || index > values.length) {
      throw new SQLException("no such parameter: " + index, "07009");
    }
    return values[index - 1];
  }

  @Override
  public int getParameterCount() {
    return values.length;
  }

  @Override
  public int getParameterType(int index) throws SQLException {
    Object value = value(index);
    if (value instanceof Long) {
      return Types.BIGINT;
    }
    if (value instanceof Double) {
      return Types.DOUBLE;
    }
    return value instanceof byte[] ? Types.VARBINARY : Types.VARCHAR;
  }

  @Override
  public String getParameterTypeName(int index) throws SQLException {
    return switch (getParameterType(index)) {
      case Types.BIGINT -> "INTEGER";
      case Types.DOUBLE -> "REAL";
      case Types.VARBINARY -> "BLOB";
      default -> "TEXT";
    };
  }

  @Override
  public String getParameterClassName(int index) throws SQLException {
    return DeclaredType.className(getParameterType(index));
  }

  @Override
  public int getParameterMode(int index) throws SQLException {
    value(index);
    return parameterModeIn;
  }

  @Override
  public int isNullable(int index) throws SQLException {
    value(index);
    return parameterNullableUnknown;
  }

  @Override
  public boolean isSigned(int index) throws SQLException {
    return DeclaredType.isNumeric(getParameterType(index));
  }

  @Override
  public int getPrecision(int index) throws SQLException {
    value(index);
    return 0;
  }

  @Override
  public int getScale(int index) throws SQLException {
    value(index);
    return 0;
  }
}
