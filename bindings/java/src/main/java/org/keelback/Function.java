package org.keelback;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.keelback.handle.DatabaseTools;
import org.keelback.handle.DatabaseTools.FunctionKind;
import org.keelback.handle.Utf8;
import org.keelback.jdbc.Tools;
import org.keelback.jni.FunctionCallback;
import org.keelback.jni.Native;

/**
 * An SQL function written in Java, in the shape of xerial's {@code org.sqlite.Function}:
 *
 * <pre>{@code
 * Function.create(connection, "shout", new Function() {
 *   @Override
 *   protected void xFunc() throws SQLException {
 *     result(value_text(0).toUpperCase());
 *   }
 * });
 * }</pre>
 *
 * <p>The methods that read arguments and leave a result may be called inside of {@link #xFunc} and
 * its like only. An exception that these throw fails the statement and is the cause of its
 * SQLException.
 */
public abstract class Function {
  /** The same arguments give the same result: the function may be used in indexes. */
  public static final int FLAG_DETERMINISTIC = 0x800;

  private long context;
  private long[] values;

  /** Registers the function for any number of arguments. */
  public static void create(Connection connection, String name, Function function)
      throws SQLException {
    create(connection, name, function, 0);
  }

  public static void create(Connection connection, String name, Function function, int flags)
      throws SQLException {
    create(connection, name, function, -1, flags);
  }

  /**
   * Registers the function for so many arguments, -1 for any, in place of one of the name and
   * number.
   */
  public static void create(
      Connection connection, String name, Function function, int nArgs, int flags)
      throws SQLException {
    DatabaseTools tools = Tools.of(connection);
    FunctionKind kind =
        function instanceof Window
            ? FunctionKind.WINDOW
            : function instanceof Aggregate ? FunctionKind.AGGREGATE : FunctionKind.SCALAR;
    tools.createFunction(name, nArgs, flags, kind, new Calls(function, tools));
  }

  /** Takes a function away that was registered for so many arguments. */
  public static void destroy(Connection connection, String name, int nArgs) throws SQLException {
    Tools.of(connection).createFunction(name, nArgs, 0, FunctionKind.SCALAR, null);
  }

  /** Takes a function away that was registered for any number of arguments. */
  public static void destroy(Connection connection, String name) throws SQLException {
    destroy(connection, name, -1);
  }

  /** Called for each use; leaves its result by {@code result} or {@code error}. */
  protected abstract void xFunc() throws SQLException;

  protected final int args() throws SQLException {
    return checked().length;
  }

  protected final void result() throws SQLException {
    Native.resultNull(checkedContext());
  }

  protected final void result(byte[] value) throws SQLException {
    if (value == null) {
      result();
    } else {
      Native.resultBlob(checkedContext(), value);
    }
  }

  protected final void result(double value) throws SQLException {
    Native.resultDouble(checkedContext(), value);
  }

  protected final void result(int value) throws SQLException {
    Native.resultInt64(checkedContext(), value);
  }

  protected final void result(long value) throws SQLException {
    Native.resultInt64(checkedContext(), value);
  }

  protected final void result(String value) throws SQLException {
    if (value == null) {
      result();
    } else {
      Native.resultText(checkedContext(), Utf8.encode(value));
    }
  }

  /** Makes the statement fail with this message. */
  protected final void error(String message) throws SQLException {
    Native.resultError(checkedContext(), Utf8.encode(message));
  }

  /** The argument as text, null for NULL; arguments count from 0. */
  protected final String value_text(int argument) throws SQLException {
    return Utf8.decode(Native.valueText(value(argument)));
  }

  /** The argument as bytes, null for NULL. */
  protected final byte[] value_blob(int argument) throws SQLException {
    return Native.valueBlob(value(argument));
  }

  protected final double value_double(int argument) throws SQLException {
    return Native.valueDouble(value(argument));
  }

  /** The low 32 bits of the argument. */
  protected final int value_int(int argument) throws SQLException {
    return (int) value_long(argument);
  }

  protected final long value_long(int argument) throws SQLException {
    return Native.valueInt64(value(argument));
  }

  /** The storage class: 1 INTEGER, 2 REAL, 3 TEXT, 4 BLOB, 5 NULL. */
  protected final int value_type(int argument) throws SQLException {
    return Native.valueType(value(argument));
  }

  private long value(int argument) throws SQLException {
    long[] given = checked();
    if (argument < 0 || argument >= given.length) {
      throw new SQLException("argument " + argument + " of " + given.length, "HY000");
    }
    return given[argument];
  }

  private long[] checked() throws SQLException {
    checkedContext();
    return values;
  }

  private long checkedContext() throws SQLException {
    if (context == 0) {
      throw new SQLException("the function is not being called", "HY010");
    }
    return context;
  }

  /** An aggregate function: the object registered is cloned for each group. */
  public abstract static class Aggregate extends Function implements Cloneable {
    @Override
    protected final void xFunc() {}

    /** Called for each row of the group. */
    protected abstract void xStep() throws SQLException;

    /** Called at the group's end; leaves the result. */
    protected abstract void xFinal() throws SQLException;

    @Override
    public Object clone() throws CloneNotSupportedException {
      return super.clone();
    }
  }

  /** An aggregate function that may be used with OVER. */
  public abstract static class Window extends Aggregate {
    /** Called for each row that leaves the frame. */
    protected abstract void xInverse() throws SQLException;

    /** Leaves the result of the frame as it is. */
    protected abstract void xValue() throws SQLException;
  }

  private interface Body {
    void run() throws SQLException;
  }

  /** Where the engine's calls arrive; none throws. */
  private static final class Calls implements FunctionCallback {
    private final Function function;
    private final DatabaseTools tools;
    private final Map<Long, Aggregate> groups = new HashMap<>();

    Calls(Function function, DatabaseTools tools) {
      this.function = function;
      this.tools = tools;
    }

    @Override
    public void call(int what, long context, long group, long[] values) {
      try {
        switch (what) {
          case STEP -> run(group(group), context, values, group(group)::xStep);
          case INVERSE -> run(group(group), context, values, ((Window) group(group))::xInverse);
          case VALUE -> run(group(group), context, values, ((Window) group(group))::xValue);
          case FINISH -> {
            Aggregate ended = group(group);
            groups.remove(group);
            run(ended, context, values, ended::xFinal);
          }
          default -> run(function, context, values, function::xFunc);
        }
      } catch (Throwable problem) {
        tools.thrown(problem);
        String message = problem.getMessage() == null ? problem.toString() : problem.getMessage();
        Native.resultError(context, message.getBytes(StandardCharsets.UTF_8));
      }
    }

    private Aggregate group(long number) throws CloneNotSupportedException {
      Aggregate group = groups.get(number);
      if (group == null) {
        group = (Aggregate) ((Aggregate) function).clone();
        groups.put(number, group);
      }
      return group;
    }

    /** A function may run a statement that calls it again: what it was doing is put back. */
    private static void run(Function function, long context, long[] values, Body body)
        throws SQLException {
      long outerContext = function.context;
      long[] outerValues = function.values;
      function.context = context;
      function.values = values;
      try {
        body.run();
      } finally {
        function.context = outerContext;
        function.values = outerValues;
      }
    }
  }
}
