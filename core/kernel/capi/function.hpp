// User functions and collations: what was registered, and the context in which a C callback runs.
#ifndef KEELBACK_CAPI_FUNCTION_HPP
#define KEELBACK_CAPI_FUNCTION_HPP

#include <memory>
#include <string>
#include <vector>

#include "../engine/wire.hpp"
#include "value.hpp"

namespace keelback::capi {

// Calls a registration's destructor when its last user goes.
struct Destructor {
  void* argument = nullptr;
  void (*destroy)(void*) = nullptr;

  Destructor(void* argument_, void (*destroy_)(void*)) : argument(argument_), destroy(destroy_) {}
  Destructor(const Destructor&) = delete;
  Destructor& operator=(const Destructor&) = delete;
  ~Destructor() {
    if (destroy != nullptr) destroy(argument);
  }
};

struct Function {
  std::string key;  // lower-case name and argument count
  int encoding = SQLITE_UTF8;
  void* user_data = nullptr;
  void (*scalar)(sqlite3_context*, int, sqlite3_value**) = nullptr;
  void (*step)(sqlite3_context*, int, sqlite3_value**) = nullptr;
  void (*final)(sqlite3_context*) = nullptr;
  void (*value)(sqlite3_context*) = nullptr;
  void (*inverse)(sqlite3_context*, int, sqlite3_value**) = nullptr;
  std::shared_ptr<Destructor> destructor;
};

struct CollationEntry {
  std::string key;
  int encoding = SQLITE_UTF8;
  void* argument = nullptr;
  int (*compare)(void*, int, const void*, int, const void*) = nullptr;
  std::shared_ptr<Destructor> destructor;
};

// The memory of one aggregate's group: zeroed at first use.
struct AggregateState {
  std::string memory;
  void* block = nullptr;
  int step_count = 0;
};

struct AuxiliaryData {
  int index = 0;
  void* data = nullptr;
  void (*destroy)(void*) = nullptr;
};

// A view of a value, or the pointer that it carries.
inline void set_given(sqlite3_value& target, const Value& value, const PointerStore& store) {
  target.set_view(value);
  if (value.pointer_number() == 0) return;
  const KeptPointer* kept = store.find(value.pointer_number());
  if (kept != nullptr) target.borrow_pointer(kept->pointer, kept->type);
}

// The rest of a request as argument values. The address of the pointers is not null even where there are none: callers
// make an empty array of it.
struct Arguments {
  std::vector<sqlite3_value> values;
  std::vector<sqlite3_value*> pointers;

  Arguments(Reader& request, const PointerStore& store) {
    std::vector<std::pair<Value, uint8_t>> packed;
    while (request.has_more()) {
      const Value value = request.next();
      packed.emplace_back(value, request.subtype());
    }
    values.resize(packed.size());
    pointers.reserve(packed.size() + 1);
    for (size_t at = 0; at < packed.size(); ++at) {
      set_given(values[at], packed[at].first, store);
      if (packed[at].second != 0) values[at].subtype = packed[at].second;
      pointers.push_back(&values[at]);
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(pointers.size()); }
};

}  // namespace keelback::capi

struct sqlite3_context {
  sqlite3* db = nullptr;
  const keelback::capi::Function* function = nullptr;
  sqlite3_value result;
  int error = SQLITE_OK;
  std::string message;
  // In xColumn: an UPDATE does not change the column (sqlite3_vtab_nochange).
  bool may_be_unchanged = false;
  keelback::capi::AggregateState* aggregate = nullptr;
  std::vector<keelback::capi::AuxiliaryData> auxiliary;

  ~sqlite3_context();
  void fail(int code, std::string text);
  // Hand the result over to the engine.
  void write_result(keelback::capi::Writer& writer);
};

#endif
