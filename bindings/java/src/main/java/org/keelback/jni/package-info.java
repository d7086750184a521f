/** The raw layer: {@link org.keelback.jni.Native} is the C API one to one, without any policy. */
package org.keelback.jni;
