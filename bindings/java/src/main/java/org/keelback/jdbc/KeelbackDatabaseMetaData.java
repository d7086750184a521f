package org.keelback.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.keelback.handle.DatabaseHandle;

/**
 * What tools ask a database about itself. Schemas are {@code main}, {@code temp} and what is
 * attached; there are no catalogs. The answers are rows that the driver makes, in the order and
 * with the columns that JDBC prescribes; what they say is read by {@link SchemaReader} when it is
 * asked.
 */
final class KeelbackDatabaseMetaData extends DatabaseLimits {
  private final KeelbackConnection connection;

  KeelbackDatabaseMetaData(KeelbackConnection connection) {
    this.connection = connection;
  }

  private SchemaReader reader() throws SQLException {
    connection.checkOpen();
    return new SchemaReader(connection.database());
  }

  // --- this database

  @Override
  public Connection getConnection() {
    return connection;
  }

  @Override
  public String getURL() {
    return connection.url();
  }

  @Override
  public boolean isReadOnly() throws SQLException {
    return connection.isReadOnly() || connection.database().isReadOnly("main");
  }

  @Override
  public String getDatabaseProductVersion() {
    return DatabaseHandle.libraryVersion();
  }

  @Override
  public int getDatabaseMajorVersion() {
    return Integer.parseInt(getDatabaseProductVersion().split("\\.")[0]);
  }

  @Override
  public int getDatabaseMinorVersion() {
    return Integer.parseInt(getDatabaseProductVersion().split("\\.")[1]);
  }

  // --- making rows

  /** {@code columns} are names, an integer's with {@code #} before it. */
  private ResultSet rows(String columns, List<Object[]> rows) {
    List<ColumnInfo> infos = new ArrayList<>();
    for (String column : columns.split(" ")) {
      infos.add(
          column.startsWith("#")
              ? ColumnInfo.of(column.substring(1), "INTEGER")
              : ColumnInfo.of(column, "TEXT"));
    }
    MemoryCursor cursor = new MemoryCursor(infos, rows);
    return new KeelbackResultSet(null, connection.database(), cursor, 0, rows.isEmpty());
  }

  private ResultSet none(String columns) throws SQLException {
    connection.checkOpen();
    return rows(columns, List.of());
  }

  private static Comparator<Object[]> by(int... columns) {
    return (left, right) -> {
      for (int column : columns) {
        int order =
            left[column] instanceof Long number
                ? number.compareTo((Long) right[column])
                : String.valueOf(left[column]).compareTo(String.valueOf(right[column]));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    };
  }

  // --- schemas and tables

  @Override
  public ResultSet getCatalogs() throws SQLException {
    return none("TABLE_CAT");
  }

  @Override
  public ResultSet getSchemas() throws SQLException {
    return getSchemas(null, null);
  }

  @Override
  public ResultSet getSchemas(String catalog, String schemaPattern) throws SQLException {
    List<Object[]> rows = new ArrayList<>();
    for (String schema : reader().schemas(schemaPattern)) {
      rows.add(new Object[] {schema, null});
    }
    rows.sort(by(0));
    return rows("TABLE_SCHEM TABLE_CATALOG", rows);
  }

  @Override
  public ResultSet getTableTypes() throws SQLException {
    connection.checkOpen();
    List<Object[]> rows = new ArrayList<>();
    for (String type : List.of("GLOBAL TEMPORARY", "SYSTEM TABLE", "TABLE", "VIEW")) {
      rows.add(new Object[] {type});
    }
    return rows("TABLE_TYPE", rows);
  }

  @Override
  public ResultSet getTables(
      String catalog, String schemaPattern, String tablePattern, String[] types)
      throws SQLException {
    List<Object[]> rows = new ArrayList<>();
    for (SchemaReader.Table table : reader().tables(schemaPattern, tablePattern)) {
      if (types == null || List.of(types).contains(table.type())) {
        rows.add(
            new Object[] {
              null, table.schema(), table.name(), table.type(), null, null, null, null, null, null
            });
      }
    }
    rows.sort(by(3, 1, 2));
    return rows(
        "TABLE_CAT TABLE_SCHEM TABLE_NAME TABLE_TYPE REMARKS TYPE_CAT TYPE_SCHEM TYPE_NAME"
            + " SELF_REFERENCING_COL_NAME REF_GENERATION",
        rows);
  }

  @Override
  public ResultSet getColumns(
      String catalog, String schemaPattern, String tablePattern, String columnPattern)
      throws SQLException {
    SchemaReader reader = reader();
    List<Object[]> rows = new ArrayList<>();
    for (SchemaReader.Table table : reader.tables(schemaPattern, tablePattern)) {
      for (SchemaReader.Column column : reader.columns(table)) {
        if (SchemaReader.isLike(column.name(), columnPattern)) {
          rows.add(columnRow(table, column));
        }
      }
    }
    rows.sort(by(1, 2, 16));
    return rows(
        "TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME #DATA_TYPE TYPE_NAME #COLUMN_SIZE"
            + " #BUFFER_LENGTH #DECIMAL_DIGITS #NUM_PREC_RADIX #NULLABLE REMARKS COLUMN_DEF"
            + " #SQL_DATA_TYPE #SQL_DATETIME_SUB #CHAR_OCTET_LENGTH #ORDINAL_POSITION IS_NULLABLE"
            + " SCOPE_CATALOG SCOPE_SCHEMA SCOPE_TABLE #SOURCE_DATA_TYPE IS_AUTOINCREMENT"
            + " IS_GENERATEDCOLUMN",
        rows);
  }

  private static Object[] columnRow(SchemaReader.Table table, SchemaReader.Column column) {
    DeclaredType type = DeclaredType.of(column.declaredType());
    Long size = type.size() == 0 ? null : Long.valueOf(type.size());
    return new Object[] {
      null,
      table.schema(),
      table.name(),
      column.name(),
      (long) type.type(),
      type.name(),
      size,
      null,
      size == null ? null : Long.valueOf(type.scale()),
      10L,
      (long) (column.isNotNull() ? columnNoNulls : columnNullable),
      null,
      column.defaultText(),
      null,
      null,
      type.type() == Types.VARCHAR ? size : null,
      (long) column.position(),
      column.isNotNull() ? "NO" : "YES",
      null,
      null,
      null,
      null,
      column.isAutoincrement() ? "YES" : "NO",
      column.isGenerated() ? "YES" : "NO"
    };
  }

  // --- keys and indexes

  @Override
  public ResultSet getPrimaryKeys(String catalog, String schema, String table) throws SQLException {
    SchemaReader reader = reader();
    List<Object[]> rows = new ArrayList<>();
    for (SchemaReader.Table found : reader.tablesNamed(schema, table)) {
      for (SchemaReader.Column column : reader.columns(found)) {
        if (column.keyPosition() > 0) {
          rows.add(
              new Object[] {
                null, found.schema(), found.name(), column.name(), (long) column.keyPosition(), null
              });
        }
      }
    }
    rows.sort(by(3));
    return rows("TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME #KEY_SEQ PK_NAME", rows);
  }

  @Override
  public ResultSet getIndexInfo(
      String catalog, String schema, String table, boolean isUnique, boolean isApproximate)
      throws SQLException {
    SchemaReader reader = reader();
    List<Object[]> rows = new ArrayList<>();
    for (SchemaReader.Table found : reader.tablesNamed(schema, table)) {
      for (SchemaReader.IndexTerm term : reader.indexTerms(found)) {
        if (term.isUnique() || !isUnique) {
          rows.add(
              new Object[] {
                null,
                found.schema(),
                found.name(),
                term.isUnique() ? 0L : 1L,
                null,
                term.index(),
                (long) tableIndexOther,
                (long) term.position(),
                term.column(),
                term.isDescending() ? "D" : "A",
                0L,
                0L,
                null
              });
        }
      }
    }
    rows.sort(by(3, 6, 5, 7));
    return rows(
        "TABLE_CAT TABLE_SCHEM TABLE_NAME #NON_UNIQUE INDEX_QUALIFIER INDEX_NAME #TYPE"
            + " #ORDINAL_POSITION COLUMN_NAME ASC_OR_DESC #CARDINALITY #PAGES FILTER_CONDITION",
        rows);
  }

  @Override
  public ResultSet getImportedKeys(String catalog, String schema, String table)
      throws SQLException {
    SchemaReader reader = reader();
    List<SchemaReader.ForeignKeyTerm> terms = new ArrayList<>();
    for (SchemaReader.Table child : reader.tablesNamed(schema, table)) {
      terms.addAll(reader.foreignKeyTerms(child));
    }
    return foreignKeys(terms, by(1, 2, 11, 8));
  }

  @Override
  public ResultSet getExportedKeys(String catalog, String schema, String table)
      throws SQLException {
    return getCrossReference(catalog, schema, table, null, null, null);
  }

  @Override
  public ResultSet getCrossReference(
      String parentCatalog,
      String parentSchema,
      String parentTable,
      String childCatalog,
      String childSchema,
      String childTable)
      throws SQLException {
    SchemaReader reader = reader();
    List<SchemaReader.ForeignKeyTerm> terms = new ArrayList<>();
    List<SchemaReader.Table> children =
        childTable == null
            ? reader.tables(childSchema, null)
            : reader.tablesNamed(childSchema, childTable);
    for (SchemaReader.Table child : children) {
      for (SchemaReader.ForeignKeyTerm term : reader.foreignKeyTerms(child)) {
        boolean isSchema = parentSchema == null || parentSchema.equalsIgnoreCase(child.schema());
        if (isSchema && term.parentTable().equalsIgnoreCase(parentTable)) {
          terms.add(term);
        }
      }
    }
    return foreignKeys(terms, by(5, 6, 11, 8));
  }

  private ResultSet foreignKeys(
      List<SchemaReader.ForeignKeyTerm> terms, Comparator<Object[]> order) {
    List<Object[]> rows = new ArrayList<>();
    for (SchemaReader.ForeignKeyTerm term : terms) {
      String schema = term.child().schema();
      rows.add(
          new Object[] {
            null,
            schema,
            term.parentTable(),
            term.parentColumn(),
            null,
            schema,
            term.child().name(),
            term.childColumn(),
            (long) term.position(),
            (long) actionOf(term.onUpdate()),
            (long) actionOf(term.onDelete()),
            term.child().name() + "_fk" + term.number(),
            null,
            (long) importedKeyNotDeferrable
          });
    }
    rows.sort(order);
    return rows(
        "PKTABLE_CAT PKTABLE_SCHEM PKTABLE_NAME PKCOLUMN_NAME FKTABLE_CAT FKTABLE_SCHEM"
            + " FKTABLE_NAME FKCOLUMN_NAME #KEY_SEQ #UPDATE_RULE #DELETE_RULE FK_NAME PK_NAME"
            + " #DEFERRABILITY",
        rows);
  }

  private static int actionOf(String text) {
    return switch (text) {
      case "CASCADE" -> importedKeyCascade;
      case "SET NULL" -> importedKeySetNull;
      case "SET DEFAULT" -> importedKeySetDefault;
      case "RESTRICT" -> importedKeyRestrict;
      default -> importedKeyNoAction;
    };
  }

  /** The primary key; for a table without one, the rowid. */
  @Override
  public ResultSet getBestRowIdentifier(
      String catalog, String schema, String table, int scope, boolean isNullable)
      throws SQLException {
    SchemaReader reader = reader();
    List<Object[]> rows = new ArrayList<>();
    for (SchemaReader.Table found : reader.tablesNamed(schema, table)) {
      for (SchemaReader.Column column : reader.columns(found)) {
        if (column.keyPosition() > 0) {
          rows.add(identifier(column.name(), column.declaredType(), bestRowNotPseudo));
        }
      }
      if (rows.isEmpty() && !found.type().equals("VIEW")) {
        rows.add(identifier("rowid", "INTEGER", bestRowPseudo));
      }
    }
    return rows(
        "#SCOPE COLUMN_NAME #DATA_TYPE TYPE_NAME #COLUMN_SIZE #BUFFER_LENGTH #DECIMAL_DIGITS"
            + " #PSEUDO_COLUMN",
        rows);
  }

  private static Object[] identifier(String column, String declared, int isPseudo) {
    DeclaredType type = DeclaredType.of(declared);
    return new Object[] {
      (long) bestRowSession,
      column,
      (long) type.type(),
      type.name(),
      (long) type.size(),
      null,
      null,
      (long) isPseudo
    };
  }

  // --- types

  @Override
  public ResultSet getTypeInfo() throws SQLException {
    connection.checkOpen();
    List<Object[]> rows = new ArrayList<>();
    rows.add(typeRow("BLOB", Types.VARBINARY, 1_000_000_000L, "x'", false));
    rows.add(typeRow("INTEGER", Types.BIGINT, 19L, null, true));
    rows.add(typeRow("NUMERIC", Types.NUMERIC, 19L, null, true));
    rows.add(typeRow("REAL", Types.DOUBLE, 15L, null, true));
    rows.add(typeRow("TEXT", Types.VARCHAR, 1_000_000_000L, "'", false));
    rows.sort(by(1));
    return rows(
        "TYPE_NAME #DATA_TYPE #PRECISION LITERAL_PREFIX LITERAL_SUFFIX CREATE_PARAMS #NULLABLE"
            + " #CASE_SENSITIVE #SEARCHABLE #UNSIGNED_ATTRIBUTE #FIXED_PREC_SCALE #AUTO_INCREMENT"
            + " LOCAL_TYPE_NAME #MINIMUM_SCALE #MAXIMUM_SCALE #SQL_DATA_TYPE #SQL_DATETIME_SUB"
            + " #NUM_PREC_RADIX",
        rows);
  }

  private static Object[] typeRow(
      String name, int type, long precision, String prefix, boolean isNumeric) {
    return new Object[] {
      name,
      (long) type,
      precision,
      prefix,
      prefix == null ? null : "'",
      null,
      (long) typeNullable,
      isNumeric ? 0L : 1L,
      (long) typeSearchable,
      isNumeric ? 0L : 1L,
      0L,
      type == Types.BIGINT ? 1L : 0L,
      null,
      0L,
      0L,
      null,
      null,
      10L
    };
  }

  // --- what SQLite has not: results without rows

  @Override
  public ResultSet getProcedures(String catalog, String schemaPattern, String namePattern)
      throws SQLException {
    return none(
        "PROCEDURE_CAT PROCEDURE_SCHEM PROCEDURE_NAME RESERVED1 RESERVED2 RESERVED3 REMARKS"
            + " #PROCEDURE_TYPE SPECIFIC_NAME");
  }

  @Override
  public ResultSet getProcedureColumns(
      String catalog, String schemaPattern, String name, String column) throws SQLException {
    return none(
        "PROCEDURE_CAT PROCEDURE_SCHEM PROCEDURE_NAME COLUMN_NAME #COLUMN_TYPE #DATA_TYPE"
            + " TYPE_NAME");
  }

  @Override
  public ResultSet getFunctions(String catalog, String schemaPattern, String namePattern)
      throws SQLException {
    return none("FUNCTION_CAT FUNCTION_SCHEM FUNCTION_NAME REMARKS #FUNCTION_TYPE SPECIFIC_NAME");
  }

  @Override
  public ResultSet getFunctionColumns(
      String catalog, String schemaPattern, String name, String column) throws SQLException {
    return none(
        "FUNCTION_CAT FUNCTION_SCHEM FUNCTION_NAME COLUMN_NAME #COLUMN_TYPE #DATA_TYPE TYPE_NAME");
  }

  @Override
  public ResultSet getColumnPrivileges(
      String catalog, String schema, String table, String columnPattern) throws SQLException {
    return none(
        "TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME GRANTOR GRANTEE PRIVILEGE IS_GRANTABLE");
  }

  @Override
  public ResultSet getTablePrivileges(String catalog, String schemaPattern, String tablePattern)
      throws SQLException {
    return none("TABLE_CAT TABLE_SCHEM TABLE_NAME GRANTOR GRANTEE PRIVILEGE IS_GRANTABLE");
  }

  @Override
  public ResultSet getVersionColumns(String catalog, String schema, String table)
      throws SQLException {
    return none(
        "#SCOPE COLUMN_NAME #DATA_TYPE TYPE_NAME #COLUMN_SIZE #BUFFER_LENGTH #DECIMAL_DIGITS"
            + " #PSEUDO_COLUMN");
  }

  @Override
  public ResultSet getUDTs(String catalog, String schemaPattern, String namePattern, int[] types)
      throws SQLException {
    return none("TYPE_CAT TYPE_SCHEM TYPE_NAME CLASS_NAME #DATA_TYPE REMARKS #BASE_TYPE");
  }

  @Override
  public ResultSet getSuperTypes(String catalog, String schemaPattern, String namePattern)
      throws SQLException {
    return none("TYPE_CAT TYPE_SCHEM TYPE_NAME SUPERTYPE_CAT SUPERTYPE_SCHEM SUPERTYPE_NAME");
  }

  @Override
  public ResultSet getSuperTables(String catalog, String schemaPattern, String tablePattern)
      throws SQLException {
    return none("TABLE_CAT TABLE_SCHEM TABLE_NAME SUPERTABLE_NAME");
  }

  @Override
  public ResultSet getAttributes(
      String catalog, String schemaPattern, String typePattern, String attributePattern)
      throws SQLException {
    return none("TYPE_CAT TYPE_SCHEM TYPE_NAME ATTR_NAME #DATA_TYPE ATTR_TYPE_NAME");
  }

  @Override
  public ResultSet getPseudoColumns(
      String catalog, String schemaPattern, String tablePattern, String columnPattern)
      throws SQLException {
    return none(
        "TABLE_CAT TABLE_SCHEM TABLE_NAME COLUMN_NAME #DATA_TYPE #COLUMN_SIZE #DECIMAL_DIGITS");
  }

  @Override
  public ResultSet getClientInfoProperties() throws SQLException {
    return none("NAME #MAX_LEN DEFAULT_VALUE DESCRIPTION");
  }
}
