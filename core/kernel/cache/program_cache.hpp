// ProgramCache: the compiled statements of a process, found by schema, settings and text.
//
// 1. Two levels: a short text by itself, as soon as it is met twice in a row; and any statement by its shape
//    (lifted_text.hpp), which holds variants. A variant tells which literals are *free*: their values are handed out
//    for the hidden parameters of its Program; the others must be spelled as they were when it was compiled. A text
//    without literals is its own shape: one entry.
// 2. What is found is shared and never changes; it lives as long as anyone holds it, in the cache or not.
// 3. Bounded by core/spec/limits.toml in bytes and entries; what was used longest ago goes first. An entry keeps its
//    identities alive, so a database that is opened again finds its statements.
// 4. Any thread may call anything; a lock is held for the time of a look-up, by one of several shards.
// 5. Errors are not stored. Neither is a text whose end the compiler and the native lexer see in different places.
//
// Must not know: how anything is compiled or run. Who stores: core/kernel/engine, with the bytes that
// keelback_core/compiler/emit/lifting.py (encode_lifting) writes.
#ifndef KEELBACK_CACHE_PROGRAM_CACHE_HPP
#define KEELBACK_CACHE_PROGRAM_CACHE_HPP

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../program/program.hpp"
#include "../value/value.hpp"
#include "lifted_text.hpp"
#include "schema_identity.hpp"

namespace keelback::cache {

// What a statement needs to run and to describe itself: the names of the user's parameters and the columns are in the
// Program. The hidden parameters, `program->hidden_parameter_count` of them, follow the user's.
struct CachedStatement {
  std::shared_ptr<const program::Program> program;
};

// What a Program is good for beside its text.
struct Surroundings {
  std::shared_ptr<const SchemaIdentity> schema;
  std::shared_ptr<const SettingsIdentity> settings;
};

// A statement found or stored, with the values of its hidden parameters. One object serves many look-ups and keeps its
// buffers. The values live until the next look-up with it, and no longer than the text.
class Found {
 public:
  std::shared_ptr<const CachedStatement> statement;
  // Where the text goes on behind the statement.
  size_t tail = 0;
  std::span<const Value> values;

  // Those of the text that was looked for last, where its shape was asked for.
  StatementTokens& tokens() { return lifted_.tokens; }

 private:
  friend class ProgramCache;
  void take(const LiftedText& lifted, std::span<const uint8_t> flags);

  // Whether the text can be found by its shape, while `lifted_` is that of the text that was looked for last.
  std::optional<bool> is_lifted_;
  uint64_t text_hash_ = 0;  // of that text, 0 for a long one
  LiftedText lifted_;
  std::vector<Value> lifted_values_;
  std::string room_;
};

struct CacheCounts {
  size_t entries = 0;
  size_t bytes = 0;
  size_t exact_hits = 0;
  size_t lifted_hits = 0;
  size_t misses = 0;
};

class ProgramCache {
 public:
  ProgramCache(size_t most_entries, size_t most_bytes);
  ProgramCache(const ProgramCache&) = delete;
  ProgramCache& operator=(const ProgramCache&) = delete;
  ~ProgramCache();

  // The statement at the beginning of a text without NUL characters; false if it is not known.
  bool find(const Surroundings& surroundings, std::string_view text, Found& found);

  // Keep what was compiled for the beginning of a text, up to `tail`. `lifting`: the bytes of encode_lifting. Gives the
  // values of the hidden parameters for this text, which the first run needs too; false, and nothing is kept, if they
  // cannot be found: then the Program is of no use for this text and must be compiled without lifting.
  bool store(const Surroundings& surroundings, std::string_view text, size_t tail, std::string_view lifting,
             CachedStatement statement, Found& found);

  void clear();
  CacheCounts counts() const;

 private:
  class Shard;
  Shard& shard_of(uint64_t hash) const;
  void keep_text(const Surroundings& surroundings, std::string_view text, const Found& found);

  static constexpr size_t shard_count = 16;
  std::unique_ptr<Shard[]> shards_;
};

// The cache of the process.
ProgramCache& program_cache();

}  // namespace keelback::cache

#endif
