#include "handles.hpp"

#include "callbacks.hpp"

namespace keelback::node {

namespace {

// Tags tell our two kinds of externals apart from each other and from a stranger's.
constexpr napi_type_tag connection_tag = {0x6b65656c6261636b, 0x636f6e6e65637469};
constexpr napi_type_tag statement_tag = {0x6b65656c6261636b, 0x73746174656d656e};

struct AddonData {
  napi_ref error_class = nullptr;
};

AddonData* addon_data(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  if (data == nullptr) {
    data = new AddonData;
    napi_set_instance_data(
        env, data, [](napi_env, void* stored, void*) { delete static_cast<AddonData*>(stored); }, nullptr);
  }
  return static_cast<AddonData*>(data);
}

void* checked(napi_env env, napi_value value, const napi_type_tag& tag) {
  bool matches = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, value, &tag, &matches) == napi_ok && matches) {
    napi_get_value_external(env, value, &data);
  }
  return data;
}

}  // namespace

std::shared_ptr<Connection> connection_of(napi_env env, napi_value value) {
  auto* holder = static_cast<std::shared_ptr<Connection>*>(checked(env, value, connection_tag));
  if (holder == nullptr || (*holder)->handle == nullptr) {
    throw_type_error(env, "The database connection is not open");
    return nullptr;
  }
  return *holder;
}

Statement* statement_of(napi_env env, napi_value value) {
  auto* statement = static_cast<Statement*>(checked(env, value, statement_tag));
  if (statement == nullptr || statement->handle == nullptr || statement->connection->handle == nullptr) {
    throw_type_error(env, "The database connection is not open");
    return nullptr;
  }
  return statement;
}

napi_value wrap(napi_env env, std::shared_ptr<Connection> connection) {
  auto* holder = new std::shared_ptr<Connection>(std::move(connection));
  napi_value result = nullptr;
  napi_create_external(
      env, holder, [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Connection>*>(data); }, nullptr,
      &result);
  napi_type_tag_object(env, result, &connection_tag);
  return result;
}

napi_value wrap(napi_env env, std::unique_ptr<Statement> statement) {
  Statement* raw = statement.release();
  napi_value result = nullptr;
  napi_create_external(
      env, raw,
      [](napi_env finalizer_env, void* data, void*) {
        auto* owned = static_cast<Statement*>(data);
        for (napi_ref name : owned->names) napi_delete_reference(finalizer_env, name);
        delete owned;
      },
      nullptr, &result);
  napi_type_tag_object(env, result, &statement_tag);
  return result;
}

napi_value throw_error(napi_env env, sqlite3* handle, int code) {
  if (is_pending(env)) return nullptr;  // a user's function threw: its error stands for the statement's
  const char* message = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  int number = handle ? sqlite3_extended_errcode(handle) : code;
  napi_value error_class = nullptr;
  napi_get_reference_value(env, addon_data(env)->error_class, &error_class);
  napi_value values[3];
  values[0] = make_text(env, message);
  napi_create_int32(env, number, &values[1]);
  napi_create_int32(env, handle ? sqlite3_error_offset(handle) : -1, &values[2]);
  napi_value error = nullptr;
  napi_new_instance(env, error_class, 3, values, &error);
  napi_throw(env, error);
  return nullptr;
}

napi_value set_error_class(napi_env env, napi_callback_info info) {
  napi_create_reference(env, arguments(env, info, 1)[0], 1, &addon_data(env)->error_class);
  return make_undefined(env);
}

}  // namespace keelback::node
