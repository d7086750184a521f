// What the native half's files share: buffers, addresses, byte arrays; see native.cpp.
#pragma once

#include <jni.h>
#include <keelback/sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace keelback::java {

struct Free {
  void operator()(char* memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<char, Free>;

inline sqlite3* connection(jlong address) { return reinterpret_cast<sqlite3*>(address); }

inline sqlite3_stmt* statement(jlong address) { return reinterpret_cast<sqlite3_stmt*>(address); }

// A copy of the array from `start` on, with a NUL behind it; null where the array is null or memory is short.
inline Buffer copy_of(JNIEnv* env, jbyteArray array, jint start = 0) {
  if (array == nullptr) return nullptr;
  const jsize size = env->GetArrayLength(array) - start;
  Buffer buffer(static_cast<char*>(std::malloc(static_cast<std::size_t>(size) + 1)));
  if (!buffer) {
    if (jclass error = env->FindClass("java/lang/OutOfMemoryError")) env->ThrowNew(error, "keelback: no native memory");
    return nullptr;
  }
  env->GetByteArrayRegion(array, start, size, reinterpret_cast<jbyte*>(buffer.get()));
  buffer.get()[size] = '\0';
  return buffer;
}

inline jbyteArray bytes_of(JNIEnv* env, const void* data, int size) {
  jbyteArray array = env->NewByteArray(size);
  if (array != nullptr && size > 0) env->SetByteArrayRegion(array, 0, size, static_cast<const jbyte*>(data));
  return array;
}

inline jbyteArray bytes_of(JNIEnv* env, const char* text) {
  return text == nullptr ? nullptr : bytes_of(env, text, static_cast<int>(std::strlen(text)));
}

}  // namespace keelback::java

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_org_keelback_jni_Native_##name
