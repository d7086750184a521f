// What functions and modules that are called by the engine share: scopes, references, results.
//
// An exception that JavaScript leaves pending stands for the statement's error (handles.hpp); until the engine has
// returned to JavaScript no other call of the Node-API but deleting references may be made.
#pragma once

#include "napi_support.hpp"

namespace keelback::node {

// A scope for the handles made during one call from the engine.
class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env) { napi_open_handle_scope(env, &scope_); }
  ~HandleScope() { napi_close_handle_scope(env_, scope_); }
  HandleScope(const HandleScope&) = delete;
  HandleScope& operator=(const HandleScope&) = delete;

 private:
  napi_env env_;
  napi_handle_scope scope_ = nullptr;
};

// A reference that is deleted with its owner.
class Reference {
 public:
  Reference() = default;
  ~Reference() { clear(); }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  void set(napi_env env, napi_value value) {
    clear();
    env_ = env;
    napi_create_reference(env, value, 1, &reference_);
  }
  void clear() {
    if (reference_ != nullptr) napi_delete_reference(env_, reference_);
    reference_ = nullptr;
  }
  [[nodiscard]] bool is_set() const { return reference_ != nullptr; }
  [[nodiscard]] napi_value get() const {
    napi_value value = nullptr;
    napi_get_reference_value(env_, reference_, &value);
    return value;
  }

 private:
  napi_env env_ = nullptr;
  napi_ref reference_ = nullptr;
};

inline bool is_pending(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  return pending;
}

// The result of a function or the value of a column.
class ResultSink : public ValueSink {
 public:
  explicit ResultSink(sqlite3_context* context) : context_(context) {}
  int null() override {
    sqlite3_result_null(context_);
    return SQLITE_OK;
  }
  int integer(sqlite3_int64 value) override {
    sqlite3_result_int64(context_, value);
    return SQLITE_OK;
  }
  int real(double value) override {
    sqlite3_result_double(context_, value);
    return SQLITE_OK;
  }
  int text(const std::string& value) override {
    sqlite3_result_text64(context_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return SQLITE_OK;
  }
  int blob(const void* data, size_t size) override {
    if (size == 0) {
      sqlite3_result_zeroblob(context_, 0);
    } else {
      sqlite3_result_blob64(context_, data, size, SQLITE_TRANSIENT);
    }
    return SQLITE_OK;
  }

 private:
  sqlite3_context* context_;
};

}  // namespace keelback::node
