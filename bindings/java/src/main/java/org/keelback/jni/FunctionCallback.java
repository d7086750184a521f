package org.keelback.jni;

/**
 * What {@link Native#createFunction} has called: {@code what} is one of the constants, {@code
 * context} where results go, {@code values} the arguments; all are addresses that are valid during
 * the call only. {@code group} numbers the groups of an aggregate function from 1; 0 stands for one
 * without rows. Nothing may be thrown.
 */
public interface FunctionCallback {
  int SCALAR = 0;
  int STEP = 1;
  int INVERSE = 2;
  int VALUE = 3;
  int FINISH = 4;

  void call(int what, long context, long group, long[] values);
}
