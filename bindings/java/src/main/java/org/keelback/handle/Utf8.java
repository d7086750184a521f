package org.keelback.handle;

import java.nio.charset.StandardCharsets;
import java.sql.SQLDataException;
import java.sql.SQLException;

/**
 * Between Java's strings and UTF-8, exactly: a string that has no UTF-8 form (a lone surrogate) is
 * refused.
 */
public final class Utf8 {
  private Utf8() {}

  public static byte[] encode(String text) throws SQLException {
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isSurrogate(unit)) {
        boolean paired =
            Character.isHighSurrogate(unit)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          throw new SQLDataException("the text has a lone surrogate at index " + i, "22021");
        }
        i++;
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Bytes that are not UTF-8 become U+FFFD; who needs them unchanged reads bytes. */
  public static String decode(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
