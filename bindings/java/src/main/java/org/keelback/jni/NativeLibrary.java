package org.keelback.jni;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * Finds and loads libkeelback_jni.so: the file that the system property {@code keelback.jni} names,
 * else the one beside the jar, else what {@code java.library.path} has. A property that names a
 * file which cannot be loaded is an error, never a reason to look elsewhere.
 */
final class NativeLibrary {
  private static final String NAME = "keelback_jni";

  private NativeLibrary() {}

  static void load() {
    String named = System.getProperty("keelback.jni");
    if (named != null && !named.isEmpty()) {
      System.load(Path.of(named).toAbsolutePath().normalize().toString());
      return;
    }
    Path beside = besideJar();
    if (beside != null) {
      System.load(beside.toString());
      return;
    }
    try {
      System.loadLibrary(NAME);
    } catch (UnsatisfiedLinkError e) {
      throw new UnsatisfiedLinkError(
          System.mapLibraryName(NAME)
              + " was not found: set the system property keelback.jni to its path, or put it beside"
              + " the jar or into java.library.path ("
              + e.getMessage()
              + ")");
    }
  }

  private static Path besideJar() {
    CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
    if (source == null
        || source.getLocation() == null
        || !"file".equals(source.getLocation().getProtocol())) {
      return null;
    }
    try {
      Path jar = Path.of(new URI(source.getLocation().toString())).toAbsolutePath();
      Path candidate = jar.resolveSibling(System.mapLibraryName(NAME));
      return Files.isRegularFile(candidate) ? candidate : null;
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }
}
