// CompilerService: the compile tower of one connection, in Python; started by the first call that needs it.
//
// 1. Everything that was registered before the start is handed over by `replay`, which the connection gives.
// 2. Schemas to be forgotten are gathered and told before the next call; while Python waits for an answer of ours it is
//    told at once, for it goes on with what it knows.
// 3. A call may ask back (kernel_questions) before it returns.
// 4. Whenever the settings that programs depend on have changed, Python adds their new identity to an answer, and
//    `note_identity` gets it. It is empty for the settings of a connection that nobody has changed.
//
// Must not know: storage, machines. Twin: keelback_core/engine/compiler_service.py.
#ifndef KEELBACK_ENGINE_COMPILER_SERVICE_HPP
#define KEELBACK_ENGINE_COMPILER_SERVICE_HPP

#include <functional>
#include <set>

#include "../cache/statement_tokens.hpp"
#include "../program/program.hpp"
#include "engine.hpp"

namespace keelback::engine {

class Reply;

struct Compiled {
  std::shared_ptr<const program::Program> program;  // empty for a text of blanks and comments
  size_t tail = 0;
  bool is_cacheable = false;
  std::string lifting;  // what ProgramCache::store needs to know of the literals
};

class CompilerService {
 public:
  using Replay = std::function<Failure()>;
  using NoteIdentity = std::function<void(std::string_view)>;

  CompilerService(const OpenRequest& open, bool is_memory, EngineHost& questions, Replay replay,
                  NoteIdentity note_identity);
  CompilerService(const CompilerService&) = delete;
  CompilerService& operator=(const CompilerService&) = delete;
  ~CompilerService();

  [[nodiscard]] bool is_started() const { return handle_ != 0; }

  // The facts of the session that a compilation may depend on.
  struct Facts {
    bool has_temporary;
    bool defers_foreign_keys;
  };
  // mode: -1 as the text says, else 0 to 2 for EXPLAIN. tokens: room for those of the text, which may be there already.
  Failure compile(std::string_view sql, int mode, bool is_lifting, Facts facts, cache::StatementTokens& tokens,
                  Compiled& compiled);
  // The program of a blob handle (emit/blob.py).
  Failure compile_blob(const BlobPlace& place, Facts facts, std::shared_ptr<const program::Program>& program);
  // One call; `pack` writes the request and `unpack` reads the answer, whose bytes live until it returns.
  template <typename Pack, typename Unpack>
  Failure call(int operation, Pack&& pack, Unpack&& unpack) {
    std::string request;
    Writer writer(request);
    pack(writer);
    return send(operation, request, [&](Reader reader) { unpack(reader); });
  }
  template <typename Pack>
  Failure call(int operation, Pack&& pack) {
    return call(operation, pack, [](Reader&) {});
  }
  // As `call`, but nothing happens before the start: `replay` will tell then.
  template <typename Pack>
  Failure tell(int operation, Pack&& pack) {
    return is_started() ? call(operation, pack) : Failure{};
  }
  // Have the schema of a database (-1: all) read again before it is used next.
  void forget(int database);

 private:
  Failure start();
  // What stands before every call, and what an answer may bring.
  Failure begin();
  void take_identity(int operation, Reader answer);
  Failure send(int operation, const std::string& request, const std::function<void(Reader)>& unpack);
  Failure tell_forgotten();

  OpenRequest open_;
  bool is_memory_;
  EngineHost& questions_;
  Replay replay_;
  NoteIdentity note_identity_;
  int64_t host_number_ = 0;
  int64_t handle_ = 0;
  int depth_ = 0;
  std::set<int> forgotten_;
  // The room of the tokens of an earlier text and of the answer to it is kept, unless they were long.
  static constexpr size_t most_spare_tokens = 8192;
  static constexpr size_t most_spare_bytes = 16384;
  std::unique_ptr<Reply> spare_reply_;
};

}  // namespace keelback::engine

#endif
