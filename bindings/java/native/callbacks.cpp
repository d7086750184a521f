// Functions, collations and hooks written in Java, which the engine calls on the thread that called it.
//
// 1. A callback object holds a global reference; the engine frees it with the function or collation, its owner in Java
//    with the hook.
// 2. The Java side catches what is thrown and leaves it as an error. What comes through all the same (the JVM itself is
//    out of memory or stack) is cleared, as nothing of JNI may be called while it is pending: the call fails.

#include "support.hpp"

using namespace keelback::java;

namespace {

class Callback {
 public:
  Callback(JNIEnv* env, jobject object, const char* name, const char* signature)
      : object_(env->NewGlobalRef(object)), method_(env->GetMethodID(env->GetObjectClass(object), name, signature)) {
    env->GetJavaVM(&machine_);
  }
  ~Callback() { environment()->DeleteGlobalRef(object_); }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

  [[nodiscard]] JNIEnv* environment() const {
    void* env = nullptr;
    if (machine_->GetEnv(&env, JNI_VERSION_1_8) != JNI_OK) machine_->AttachCurrentThread(&env, nullptr);
    return static_cast<JNIEnv*>(env);
  }
  template <typename... Arguments>
  [[nodiscard]] jint call_int(JNIEnv* env, Arguments... arguments) const {
    return env->CallIntMethod(object_, method_, arguments...);
  }
  template <typename... Arguments>
  void call(JNIEnv* env, Arguments... arguments) const {
    env->CallVoidMethod(object_, method_, arguments...);
  }

 private:
  JavaVM* machine_ = nullptr;
  jobject object_;
  jmethodID method_;
};

// Local references made by a call of the engine end with it.
class Frame {
 public:
  explicit Frame(JNIEnv* env) : env_(env), is_open_(env->PushLocalFrame(16) == 0) {}
  ~Frame() {
    if (is_open_) env_->PopLocalFrame(nullptr);
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

 private:
  JNIEnv* env_;
  bool is_open_;
};

bool clear_exception(JNIEnv* env) {
  if (!env->ExceptionCheck()) return false;
  env->ExceptionClear();
  return true;
}

// --- functions

// As in org.keelback.jni.FunctionCallback.
enum What : jint { scalar_call, step_call, inverse_call, value_call, finish_call };

struct UserFunction {
  Callback callback;
  jlong groups = 0;  // begun so far; a group's number is in its aggregate context
};

void call_function(sqlite3_context* context, What what, int count, sqlite3_value** given) {
  auto& function = *static_cast<UserFunction*>(sqlite3_user_data(context));
  jlong group = 0;
  if (what != scalar_call) {
    const int size = what == finish_call ? 0 : static_cast<int>(sizeof(jlong));
    auto* number = static_cast<jlong*>(sqlite3_aggregate_context(context, size));
    if (number == nullptr && what != finish_call) return sqlite3_result_error_nomem(context);
    if (number != nullptr && *number == 0) *number = ++function.groups;
    if (number != nullptr) group = *number;
  }
  JNIEnv* env = function.callback.environment();
  const Frame frame(env);
  jlongArray values = env->NewLongArray(count);
  if (values != nullptr) {
    static_assert(sizeof(sqlite3_value*) == sizeof(jlong));
    env->SetLongArrayRegion(values, 0, count, reinterpret_cast<const jlong*>(given));
    function.callback.call(env, static_cast<jint>(what), reinterpret_cast<jlong>(context), group, values);
  }
  if (clear_exception(env)) sqlite3_result_error_nomem(context);
}

void scalar(sqlite3_context* context, int count, sqlite3_value** given) {
  call_function(context, scalar_call, count, given);
}
void step(sqlite3_context* context, int count, sqlite3_value** given) {
  call_function(context, step_call, count, given);
}
void inverse(sqlite3_context* context, int count, sqlite3_value** given) {
  call_function(context, inverse_call, count, given);
}
void value(sqlite3_context* context) { call_function(context, value_call, 0, nullptr); }
void finish(sqlite3_context* context) { call_function(context, finish_call, 0, nullptr); }
void destroy_function(void* data) { delete static_cast<UserFunction*>(data); }

// --- collations and hooks

int compare(void* data, int left_size, const void* left, int right_size, const void* right) {
  const auto& callback = *static_cast<Callback*>(data);
  JNIEnv* env = callback.environment();
  const Frame frame(env);
  const jint answer = callback.call_int(env, bytes_of(env, left, left_size), bytes_of(env, right, right_size));
  return clear_exception(env) ? 0 : answer;
}
void destroy_collation(void* data) { delete static_cast<Callback*>(data); }

// As in org.keelback.jni.HookCallback; on an exception the answer is what stops most.
int call_hook(void* data, int number, const char* schema, const char* table, sqlite3_int64 rowid, int otherwise) {
  const auto& callback = *static_cast<Callback*>(data);
  JNIEnv* env = callback.environment();
  const Frame frame(env);
  const jint answer = callback.call_int(env, static_cast<jint>(number), bytes_of(env, schema), bytes_of(env, table),
                                        static_cast<jlong>(rowid));
  return clear_exception(env) ? otherwise : answer;
}

int commit(void* data) { return call_hook(data, 0, nullptr, nullptr, 0, 1); }
void rollback(void* data) { (void)call_hook(data, 0, nullptr, nullptr, 0, 0); }
void update(void* data, int action, const char* schema, const char* table, sqlite3_int64 rowid) {
  (void)call_hook(data, action, schema, table, rowid, 0);
}
int progress(void* data) { return call_hook(data, 0, nullptr, nullptr, 0, 1); }
int busy(void* data, int count) { return call_hook(data, count, nullptr, nullptr, 0, 0); }

sqlite3_value* value_of(jlong address) { return reinterpret_cast<sqlite3_value*>(address); }
sqlite3_context* context_of(jlong address) { return reinterpret_cast<sqlite3_context*>(address); }

}  // namespace

NATIVE(jint, createFunction)
(JNIEnv* env, jclass, jlong db, jbyteArray name, jint count, jint flags, jint kind, jobject callback) {
  const Buffer text = copy_of(env, name);
  if (callback == nullptr) {
    return sqlite3_create_function_v2(connection(db), text.get(), count, SQLITE_UTF8, nullptr, nullptr, nullptr,
                                      nullptr, nullptr);
  }
  auto* function = new UserFunction{Callback(env, callback, "call", "(IJJ[J)V")};
  switch (kind) {
    case 0:
      return sqlite3_create_function_v2(connection(db), text.get(), count, SQLITE_UTF8 | flags, function, scalar,
                                        nullptr, nullptr, destroy_function);
    case 1:
      return sqlite3_create_function_v2(connection(db), text.get(), count, SQLITE_UTF8 | flags, function, nullptr, step,
                                        finish, destroy_function);
    default:
      return sqlite3_create_window_function(connection(db), text.get(), count, SQLITE_UTF8 | flags, function, step,
                                            finish, value, inverse, destroy_function);
  }
}

NATIVE(jint, createCollation)(JNIEnv* env, jclass, jlong db, jbyteArray name, jobject callback) {
  const Buffer text = copy_of(env, name);
  if (callback == nullptr) {
    return sqlite3_create_collation_v2(connection(db), text.get(), SQLITE_UTF8, nullptr, nullptr, nullptr);
  }
  auto made = std::make_unique<Callback>(env, callback, "compare", "([B[B)I");
  const int code =
      sqlite3_create_collation_v2(connection(db), text.get(), SQLITE_UTF8, made.get(), compare, destroy_collation);
  if (code == SQLITE_OK) (void)made.release();
  return code;
}

NATIVE(jlong, setHook)(JNIEnv* env, jclass, jlong db, jint kind, jint number, jobject callback) {
  Callback* made = callback == nullptr ? nullptr : new Callback(env, callback, "call", "(I[B[BJ)I");
  switch (kind) {
    case 0:
      sqlite3_commit_hook(connection(db), made == nullptr ? nullptr : commit, made);
      break;
    case 1:
      sqlite3_rollback_hook(connection(db), made == nullptr ? nullptr : rollback, made);
      break;
    case 2:
      sqlite3_update_hook(connection(db), made == nullptr ? nullptr : update, made);
      break;
    case 3:
      sqlite3_progress_handler(connection(db), number, made == nullptr ? nullptr : progress, made);
      break;
    default:
      sqlite3_busy_handler(connection(db), made == nullptr ? nullptr : busy, made);
      break;
  }
  return reinterpret_cast<jlong>(made);
}

NATIVE(void, freeHook)(JNIEnv*, jclass, jlong hook) { delete reinterpret_cast<Callback*>(hook); }

NATIVE(jint, valueType)(JNIEnv*, jclass, jlong value) { return sqlite3_value_type(value_of(value)); }

NATIVE(jlong, valueInt64)(JNIEnv*, jclass, jlong value) { return sqlite3_value_int64(value_of(value)); }

NATIVE(jdouble, valueDouble)(JNIEnv*, jclass, jlong value) { return sqlite3_value_double(value_of(value)); }

NATIVE(jbyteArray, valueText)(JNIEnv* env, jclass, jlong value) {
  const unsigned char* text = sqlite3_value_text(value_of(value));
  return text == nullptr ? nullptr : bytes_of(env, text, sqlite3_value_bytes(value_of(value)));
}

NATIVE(jbyteArray, valueBlob)(JNIEnv* env, jclass, jlong value) {
  if (sqlite3_value_type(value_of(value)) == SQLITE_NULL) return nullptr;
  const void* blob = sqlite3_value_blob(value_of(value));
  return bytes_of(env, blob, sqlite3_value_bytes(value_of(value)));
}

NATIVE(void, resultNull)(JNIEnv*, jclass, jlong context) { sqlite3_result_null(context_of(context)); }

NATIVE(void, resultInt64)(JNIEnv*, jclass, jlong context, jlong value) {
  sqlite3_result_int64(context_of(context), value);
}

NATIVE(void, resultDouble)(JNIEnv*, jclass, jlong context, jdouble value) {
  sqlite3_result_double(context_of(context), value);
}

NATIVE(void, resultText)(JNIEnv* env, jclass, jlong context, jbyteArray value) {
  const auto size = static_cast<sqlite3_uint64>(env->GetArrayLength(value));
  Buffer text = copy_of(env, value);
  if (!text) return sqlite3_result_error_nomem(context_of(context));
  sqlite3_result_text64(context_of(context), text.release(), size, std::free, SQLITE_UTF8);
}

NATIVE(void, resultBlob)(JNIEnv* env, jclass, jlong context, jbyteArray value) {
  const auto size = static_cast<sqlite3_uint64>(env->GetArrayLength(value));
  Buffer blob = copy_of(env, value);
  if (!blob) return sqlite3_result_error_nomem(context_of(context));
  sqlite3_result_blob64(context_of(context), blob.release(), size, std::free);
}

NATIVE(void, resultError)(JNIEnv* env, jclass, jlong context, jbyteArray message) {
  const Buffer text = copy_of(env, message);
  sqlite3_result_error(context_of(context), text ? text.get() : "out of memory", -1);
}
