// KernelQuestions: what the compile tower asks of the run tower below it: databases, trees, the session.
//
// 1. A database is asked by its number in the session, or by its handle (from `first_handle` on) while it is open but
//    not attached.
// 2. Questions that are not about the run tower (authorizer, hooks) are the C API's.
//
// Twin: keelback_core/engine/remote_database.py and remote_session.py. Names: plugin/table.h.
#ifndef KEELBACK_ENGINE_KERNEL_QUESTIONS_HPP
#define KEELBACK_ENGINE_KERNEL_QUESTIONS_HPP

#include <map>

#include "../storage/database.hpp"
#include "engine.hpp"

namespace keelback::engine {

class KernelConnection;

class KernelQuestions final : public EngineHost {
 public:
  static constexpr int64_t first_handle = 1000;

  KernelQuestions(KernelConnection& connection, EngineHost& callbacks)
      : connection_(connection), callbacks_(callbacks) {}

  int ask(int question, Reader request, std::string& answer) override;

 private:
  Status answer(int question, Reader& request, Writer& writer);
  Status find(int64_t number, storage::Database*& database);
  Status open(Reader& request, Writer& writer);
  Status get(Reader& request, Writer& writer);
  Status set(Reader& request);
  Status call(Reader& request, Writer& writer);
  Status tree_rows(Reader& request, Writer& writer);
  Status tree_copy(Reader& request);
  Status session_get(Reader& request, Writer& writer);
  Status session_set(Reader& request);
  Status attach(Reader& request, Writer& writer);
  Status detach(Reader& request, Writer& writer);
  int execute(Reader& request, std::string& answer);

  KernelConnection& connection_;
  EngineHost& callbacks_;
  std::map<int64_t, std::unique_ptr<storage::Database>> open_;
  int64_t next_handle_ = first_handle;
};

}  // namespace keelback::engine

#endif
