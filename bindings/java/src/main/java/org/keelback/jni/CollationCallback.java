package org.keelback.jni;

/** A comparison of two texts in UTF-8. Nothing may be thrown. */
public interface CollationCallback {
  int compare(byte[] left, byte[] right);
}
