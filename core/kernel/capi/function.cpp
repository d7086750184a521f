// User functions: registration, the questions the engine asks about them, and the context of a running callback.
#include "function.hpp"

#include <algorithm>
#include <cstring>

#include "../engine/plugin/table.h"
#include "database.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "memory.hpp"
#include "text.hpp"

using namespace keelback::capi;

sqlite3_context::~sqlite3_context() {
  for (const AuxiliaryData& entry : auxiliary) {
    if (entry.destroy != nullptr) entry.destroy(entry.data);
  }
}

void sqlite3_context::fail(int code, std::string text) {
  error = code;
  message = std::move(text);
}

void sqlite3_context::write_result(Writer& writer) {
  if (!result.has_pointer()) {
    writer.value_as_given(result.view(), static_cast<uint8_t>(result.subtype));
    return;
  }
  KeptPointer kept = result.take_pointer();
  kept.run = db->stepping != nullptr ? static_cast<const void*>(db->stepping) : db;
  writer.value_as_given(keelback::Value::of_pointer(db->pointers.keep(kept)));
}

namespace keelback::capi {

namespace {

constexpr int most_arguments = 1000;
constexpr size_t most_name_bytes = 255;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

int answer_with(sqlite3_context& context, std::string& answer) {
  answer.clear();
  Writer writer(answer);
  if (context.error != SQLITE_OK) {
    writer.text(context.message.empty() ? error_text(context.error) : context.message);
    return context.error;
  }
  context.write_result(writer);
  return SQLITE_OK;
}

struct FunctionRequest {
  sqlite3* db;
  std::shared_ptr<Destructor> destructor;
  std::string name;
  int argument_count;
  int flags;
  Function function;
};

int register_function(FunctionRequest& request) {
  sqlite3* db = request.db;
  Function& function = request.function;
  const bool is_scalar = function.scalar != nullptr;
  const bool is_aggregate = function.step != nullptr || function.final != nullptr;
  const bool is_window = function.value != nullptr || function.inverse != nullptr;
  const bool is_malformed = (is_scalar && is_aggregate) || (function.step == nullptr) != (function.final == nullptr) ||
                            (function.value == nullptr) != (function.inverse == nullptr) ||
                            (is_window && !is_aggregate) || request.argument_count < -1 ||
                            request.argument_count > most_arguments || request.name.empty() ||
                            request.name.size() > most_name_bytes;
  if (is_malformed) return db->fail(misuse("sqlite3_create_function"));
  if (db->ensure_engine() != SQLITE_OK) return db->visible(db->error.code);
  function.encoding = request.flags & 7;
  function.destructor = request.destructor;
  function.key = lower(request.name) + "/" + std::to_string(request.argument_count);
  const int kind = is_window ? 3 : is_aggregate ? 2 : is_scalar ? 1 : 0;
  const int64_t number = db->next_number++;
  const Failure failure =
      db->engine->create_function(number, request.name, request.argument_count, request.flags, kind);
  if (failure) return db->fail(failure);
  std::erase_if(db->functions, [&](const auto& entry) { return entry.second->key == function.key; });
  if (kind != 0) db->functions[number] = std::make_unique<Function>(function);
  return db->succeed();
}

int create(sqlite3* db, const char* name, int argument_count, int flags, const Function& function,
           void (*destroy)(void*)) {
  if (!is_usable(db) || name == nullptr) {
    if (destroy != nullptr) destroy(function.user_data);
    return misuse("sqlite3_create_function");
  }
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    FunctionRequest request{
        db, std::make_shared<Destructor>(function.user_data, destroy), name, argument_count, flags, function};
    return register_function(request);
  });
}

}  // namespace

}  // namespace keelback::capi

int sqlite3::ask_function(int question, Reader& request, std::string& answer) {
  const int64_t number = request.integer();
  if (question == KB_ASK_COMPARE) {
    const auto found = collations.find(number);
    if (found == collations.end()) return SQLITE_ERROR;
    const CollationEntry& entry = *found->second;
    const keelback::Value left = request.next(), right = request.next();
    int order = 0;
    if (entry.encoding == SQLITE_UTF8) {
      order = entry.compare(entry.argument, static_cast<int>(left.text().size()), left.text().data(),
                            static_cast<int>(right.text().size()), right.text().data());
    } else {
      std::u16string wide_left = to_utf16(left.text()), wide_right = to_utf16(right.text());
      if (entry.encoding == SQLITE_UTF16BE) {
        wide_left = swap_bytes(std::move(wide_left));
        wide_right = swap_bytes(std::move(wide_right));
      }
      order = entry.compare(entry.argument, static_cast<int>(wide_left.size() * 2), wide_left.data(),
                            static_cast<int>(wide_right.size() * 2), wide_right.data());
    }
    Writer(answer).integer(order);
    return SQLITE_OK;
  }
  const auto found = functions.find(number);
  if (found == functions.end()) return SQLITE_ERROR;
  // A callback may replace the function it belongs to.
  const Function function = *found->second;
  sqlite3_context context;
  context.db = this;
  context.function = &function;
  if (question == KB_ASK_SCALAR) {
    Arguments arguments(request, pointers);
    function.scalar(&context, arguments.count(), arguments.pointers.data());
    return answer_with(context, answer);
  }
  const int64_t instance = request.integer();
  context.aggregate = &aggregates[instance];
  int code = SQLITE_OK;
  switch (question) {
    case KB_ASK_STEP:
    case KB_ASK_INVERSE: {
      Arguments arguments(request, pointers);
      if (question == KB_ASK_STEP) ++context.aggregate->step_count;
      (question == KB_ASK_STEP ? function.step : function.inverse)(&context, arguments.count(),
                                                                   arguments.pointers.data());
      break;
    }
    case KB_ASK_VALUE:
      function.value(&context);
      break;
    default:
      function.final(&context);
  }
  code = answer_with(context, answer);
  if (question == KB_ASK_FINAL || question == KB_ASK_DROP) {
    sqlite3_free(aggregates[instance].block);
    aggregates.erase(instance);
    if (question == KB_ASK_DROP) return SQLITE_OK;
  }
  return code;
}

extern "C" {

int sqlite3_create_function_v2(sqlite3* db, const char* name, int argument_count, int flags, void* user_data,
                               void (*scalar)(sqlite3_context*, int, sqlite3_value**),
                               void (*step)(sqlite3_context*, int, sqlite3_value**), void (*final)(sqlite3_context*),
                               void (*destroy)(void*)) {
  Function function;
  function.user_data = user_data;
  function.scalar = scalar;
  function.step = step;
  function.final = final;
  return create(db, name, argument_count, flags, function, destroy);
}

int sqlite3_create_function(sqlite3* db, const char* name, int argument_count, int flags, void* user_data,
                            void (*scalar)(sqlite3_context*, int, sqlite3_value**),
                            void (*step)(sqlite3_context*, int, sqlite3_value**), void (*final)(sqlite3_context*)) {
  return sqlite3_create_function_v2(db, name, argument_count, flags, user_data, scalar, step, final, nullptr);
}

int sqlite3_create_function16(sqlite3* db, const void* name, int argument_count, int flags, void* user_data,
                              void (*scalar)(sqlite3_context*, int, sqlite3_value**),
                              void (*step)(sqlite3_context*, int, sqlite3_value**), void (*final)(sqlite3_context*)) {
  if (!is_usable(db) || name == nullptr) return misuse("sqlite3_create_function16");
  return guard(SQLITE_NOMEM, [&] {
    return sqlite3_create_function(db, utf8_from_encoding(name, -1, SQLITE_UTF16LE).c_str(), argument_count, flags,
                                   user_data, scalar, step, final);
  });
}

int sqlite3_create_window_function(sqlite3* db, const char* name, int argument_count, int flags, void* user_data,
                                   void (*step)(sqlite3_context*, int, sqlite3_value**),
                                   void (*final)(sqlite3_context*), void (*value)(sqlite3_context*),
                                   void (*inverse)(sqlite3_context*, int, sqlite3_value**), void (*destroy)(void*)) {
  Function function;
  function.user_data = user_data;
  function.step = step;
  function.final = final;
  function.value = value;
  function.inverse = inverse;
  return create(db, name, argument_count, flags, function, destroy);
}

void* sqlite3_user_data(sqlite3_context* context) {
  return context == nullptr ? nullptr : context->function->user_data;
}

sqlite3* sqlite3_context_db_handle(sqlite3_context* context) { return context == nullptr ? nullptr : context->db; }

void* sqlite3_aggregate_context(sqlite3_context* context, int size) {
  if (context == nullptr || context->aggregate == nullptr) return nullptr;
  AggregateState& state = *context->aggregate;
  if (state.block == nullptr && size > 0) {
    state.block = sqlite3_malloc(size);
    if (state.block != nullptr) std::memset(state.block, 0, static_cast<size_t>(size));
  }
  return state.block;
}

int sqlite3_aggregate_count(sqlite3_context* context) {
  return context == nullptr || context->aggregate == nullptr ? 0 : context->aggregate->step_count;
}

void* sqlite3_get_auxdata(sqlite3_context* context, int index) {
  if (context == nullptr) return nullptr;
  for (const AuxiliaryData& entry : context->auxiliary) {
    if (entry.index == index) return entry.data;
  }
  return nullptr;
}

// Kept until the function returns, which is as short as SQLite allows itself to keep it.
void sqlite3_set_auxdata(sqlite3_context* context, int index, void* data, void (*destroy)(void*)) {
  if (context == nullptr) {
    if (destroy != nullptr) destroy(data);
    return;
  }
  for (AuxiliaryData& entry : context->auxiliary) {
    if (entry.index != index) continue;
    if (entry.destroy != nullptr) entry.destroy(entry.data);
    entry = {index, data, destroy};
    return;
  }
  try {
    context->auxiliary.push_back({index, data, destroy});
  } catch (const std::exception&) {
    if (destroy != nullptr) destroy(data);
  }
}

}  // extern "C"
