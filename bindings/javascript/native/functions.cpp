// User-defined functions and aggregates: JavaScript functions called by the engine, on the thread of their environment.

#include "functions.hpp"

#include <memory>

#include "callbacks.hpp"
#include "handles.hpp"

namespace keelback::node {

namespace {

// The JavaScript side of one function; owned by the engine until the function is replaced or the connection closed.
struct UserFunction {
  napi_env env;
  IntegerMode mode;
  std::string name;
  Reference call;     // scalar
  Reference start;    // aggregate: start() -> state
  Reference step;     // step(state, ...arguments) -> state
  Reference inverse;  // inverse(state, values...) -> state, of a window function
  Reference result;   // result(state) -> value
};

// Call a JavaScript function; false (with its exception pending and the context in error) if it threw.
bool call_js(const UserFunction& function, sqlite3_context* context, const Reference& callee,
             std::vector<napi_value>& values, napi_value* result) {
  napi_status status = napi_call_function(function.env, make_undefined(function.env), callee.get(), values.size(),
                                          values.data(), result);
  if (status != napi_ok) {
    sqlite3_result_error(context, "a JavaScript function threw an exception", -1);
    return false;
  }
  return true;
}

bool append_arguments(const UserFunction& function, sqlite3_context* context, int count, sqlite3_value** given,
                      std::vector<napi_value>& values) {
  for (int i = 0; i < count; i++) {
    napi_value value = from_sqlite(function.env, given[i], function.mode);
    if (value == nullptr) {
      sqlite3_result_error(context, "an integer does not fit a JavaScript number", -1);
      return false;
    }
    values.push_back(value);
  }
  return true;
}

void give_result(const UserFunction& function, sqlite3_context* context, napi_value value) {
  ResultSink sink(context);
  int code = to_sqlite(function.env, value, sink);
  if (code >= 0) return;
  const std::string start = "User-defined function " + function.name + "() returned ";
  const std::string message = start + (code == -2 ? "a bigint that was too big" : "an invalid value");
  if (code == -2) {
    napi_throw_range_error(function.env, nullptr, message.c_str());
  } else {
    throw_type_error(function.env, message.c_str());
  }
  sqlite3_result_error(context, message.c_str(), -1);
}

void scalar(sqlite3_context* context, int count, sqlite3_value** given) {
  auto& function = *static_cast<UserFunction*>(sqlite3_user_data(context));
  HandleScope scope(function.env);
  std::vector<napi_value> values;
  napi_value result = nullptr;
  if (append_arguments(function, context, count, given, values) &&
      call_js(function, context, function.call, values, &result)) {
    give_result(function, context, result);
  }
}

// The state of one group: a reference to an object whose property `value` is what step returned last.
napi_ref* aggregate_state(const UserFunction& function, sqlite3_context* context) {
  auto* state = static_cast<napi_ref*>(sqlite3_aggregate_context(context, sizeof(napi_ref)));
  if (state == nullptr) return nullptr;
  if (*state == nullptr) {
    napi_value holder = nullptr;
    napi_value start = nullptr;
    std::vector<napi_value> none;
    if (!call_js(function, context, function.start, none, &start)) return nullptr;
    napi_create_object(function.env, &holder);
    napi_set_named_property(function.env, holder, "value", start);
    napi_create_reference(function.env, holder, 1, state);
  }
  return state;
}

// One value more, or one that leaves the frame: `callee` makes the new state of the old one and the values.
void change_state(sqlite3_context* context, int count, sqlite3_value** given, const UserFunction& function,
                  const Reference& callee) {
  HandleScope scope(function.env);
  napi_ref* state = aggregate_state(function, context);
  if (state == nullptr) return;
  napi_value holder = nullptr;
  napi_value current = nullptr;
  napi_get_reference_value(function.env, *state, &holder);
  napi_get_named_property(function.env, holder, "value", &current);
  std::vector<napi_value> values{current};
  napi_value next = nullptr;
  if (!append_arguments(function, context, count, given, values)) return;
  if (!call_js(function, context, callee, values, &next)) return;
  napi_valuetype type = napi_undefined;
  napi_typeof(function.env, next, &type);
  if (type != napi_undefined) napi_set_named_property(function.env, holder, "value", next);
}

void step(sqlite3_context* context, int count, sqlite3_value** given) {
  const auto& function = *static_cast<UserFunction*>(sqlite3_user_data(context));
  change_state(context, count, given, function, function.step);
}

void inverse(sqlite3_context* context, int count, sqlite3_value** given) {
  const auto& function = *static_cast<UserFunction*>(sqlite3_user_data(context));
  change_state(context, count, given, function, function.inverse);
}

void give_state(const UserFunction& function, sqlite3_context* context, napi_ref state) {
  napi_value holder = nullptr;
  napi_value current = nullptr;
  napi_get_reference_value(function.env, state, &holder);
  napi_get_named_property(function.env, holder, "value", &current);
  std::vector<napi_value> values{current};
  napi_value result = nullptr;
  if (call_js(function, context, function.result, values, &result)) give_result(function, context, result);
}

// The value of a window's frame as it is.
void value(sqlite3_context* context) {
  const auto& function = *static_cast<UserFunction*>(sqlite3_user_data(context));
  if (is_pending(function.env)) return;
  HandleScope scope(function.env);
  napi_ref* state = aggregate_state(function, context);
  if (state != nullptr && *state != nullptr) give_state(function, context, *state);
}

void finish(sqlite3_context* context) {
  auto& function = *static_cast<UserFunction*>(sqlite3_user_data(context));
  const bool pending = is_pending(function.env);
  HandleScope scope(function.env);
  napi_ref* state =
      pending ? static_cast<napi_ref*>(sqlite3_aggregate_context(context, 0)) : aggregate_state(function, context);
  if (state == nullptr || *state == nullptr) return;
  if (!pending) give_state(function, context, *state);
  napi_delete_reference(function.env, *state);
  *state = nullptr;
}

void destroy(void* data) { delete static_cast<UserFunction*>(data); }

}  // namespace

// createFunction(connection, name, argumentCount, flags, safeIntegers, call)
napi_value create_function(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 6);
  auto connection = connection_of(env, values[0]);
  std::string name;
  if (!connection || !get_text(env, values[1], name)) return nullptr;
  auto function = std::make_unique<UserFunction>();
  function->env = env;
  function->name = name;
  function->mode = get_bool(env, values[4]) ? IntegerMode::bigint : IntegerMode::number;
  function->call.set(env, values[5]);
  int flags = SQLITE_UTF8 | static_cast<int>(get_int(env, values[3]));
  int code = sqlite3_create_function_v2(connection->handle, name.c_str(), static_cast<int>(get_int(env, values[2])),
                                        flags, function.release(), scalar, nullptr, nullptr, destroy);
  return code == SQLITE_OK ? make_undefined(env) : throw_error(env, connection->handle, code);
}

// createAggregate(connection, name, argumentCount, flags, safeIntegers, start, step, result, inverse or null)
napi_value create_aggregate(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 9);
  auto connection = connection_of(env, values[0]);
  std::string name;
  if (!connection || !get_text(env, values[1], name)) return nullptr;
  auto function = std::make_unique<UserFunction>();
  function->env = env;
  function->name = name;
  function->mode = get_bool(env, values[4]) ? IntegerMode::bigint : IntegerMode::number;
  function->start.set(env, values[5]);
  function->step.set(env, values[6]);
  function->result.set(env, values[7]);
  int flags = SQLITE_UTF8 | static_cast<int>(get_int(env, values[3]));
  const int count = static_cast<int>(get_int(env, values[2]));
  napi_valuetype type = napi_undefined;
  napi_typeof(env, values[8], &type);
  int code = SQLITE_OK;
  if (type == napi_function) {
    function->inverse.set(env, values[8]);
    code = sqlite3_create_window_function(connection->handle, name.c_str(), count, flags, function.release(), step,
                                          finish, value, inverse, destroy);
  } else {
    code = sqlite3_create_function_v2(connection->handle, name.c_str(), count, flags, function.release(), nullptr, step,
                                      finish, destroy);
  }
  return code == SQLITE_OK ? make_undefined(env) : throw_error(env, connection->handle, code);
}

}  // namespace keelback::node
