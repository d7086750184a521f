// Calls through the plug-in's table, and the answers to what Python asks back.
//
// 1. A host is whoever answers the questions of one connection; it is known to Python by its number, and asked in vain
//    once it has been removed.
// 2. Everything here may be used from any thread; one connection's calls come one at a time.
//
// Twin: keelback_core/engine/embedding.py. Names: plugin/table.h.
#ifndef KEELBACK_ENGINE_PYTHON_CALLS_HPP
#define KEELBACK_ENGINE_PYTHON_CALLS_HPP

#include <cstdlib>
#include <optional>

#include "engine.hpp"
#include "plugin/table.h"

namespace keelback::engine {

// The buffer of an answer.
class Reply : public kb_reply {
 public:
  Reply() : kb_reply{nullptr, 0, 0} {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() { std::free(data); }

  [[nodiscard]] Reader reader() const { return {data, size}; }
};

// Loads and starts the plug-in.
Failure start_python();
Failure failure_from(int code, const Reply& reply);
Failure call_python(int operation, long long handle, const std::string& request, Reply& reply);
Failure compile_in_python(long long handle, const kb_compile_request& request, Reply& reply);

int64_t add_host(EngineHost& host);
void remove_host(int64_t number);

inline std::optional<std::string> optional_text(const Value& value) {
  if (!value.is_text()) return std::nullopt;
  return std::string(value.text());
}

}  // namespace keelback::engine

#endif
