// libkeelback_cache_twin.so: C functions over the program cache, which tests call by ctypes.
//
// Answers are bytes of the calling thread's buffer, good until its next call: numbers as eight bytes, texts with their
// size before them.
#include <bit>
#include <string>

#include "../lexer.hpp"
#include "../program_cache.hpp"
#include "../statement_tokens.hpp"

using namespace keelback;
using namespace keelback::cache;

namespace {

class Answer {
 public:
  void number(int64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view text) {
    number(static_cast<int64_t>(text.size()));
    bytes_.append(text);
  }
  void value(const Value& value) {
    number(static_cast<int64_t>(value.type()));
    if (value.is_integer()) number(value.integer());
    if (value.is_real()) number(std::bit_cast<int64_t>(value.real()));
    if (value.has_bytes()) text(value.text());
  }
  size_t give(const char** bytes) {
    static thread_local std::string kept;
    kept.swap(bytes_);
    *bytes = kept.data();
    return kept.size();
  }

 private:
  std::string bytes_;
};

struct Cache {
  Cache(size_t most_entries, size_t most_bytes) : programs(most_entries, most_bytes) {}
  ProgramCache programs;
  Found found;
};

Surroundings surroundings_of(const char* schema, const char* settings) {
  return {schema_identity(schema), settings_identity(settings)};
}

void answer_found(Answer& answer, const Found& found) {
  answer.number(static_cast<int64_t>(found.tail));
  answer.number(found.statement->program->register_count);
  answer.number(static_cast<int64_t>(found.values.size()));
  for (const Value& value : found.values) answer.value(value);
}

}  // namespace

extern "C" {

// What the parser gets of a text: whether it has words to settle, and the arrays; nothing if it reads by itself.
size_t cache_statement_tokens(const char* text, size_t size, const char** bytes) {
  StatementTokens tokens;
  Answer answer;
  if (tokens.read({text, size})) {
    answer.number(tokens.has_context_words ? 1 : 0);
    for (size_t place = 0; place < tokens.count; ++place) {
      answer.number(tokens.kinds[place]);
      answer.number(tokens.starts[place]);
      answer.number(tokens.ends[place]);
    }
  }
  return answer.give(bytes);
}

// The tokens of the first statement: kind, start and end of each; after an illegal one the rest is left out.
size_t cache_lex(const char* text, size_t size, const char** bytes) {
  const std::string_view sql(text, size);
  Answer answer;
  Token token{token_end, 0, 0};
  do {
    token = next_token(sql, token.end);
    int64_t kind = token.kind;
    if (token.kind == token_word) {
      const int keyword = keyword_of(sql.substr(token.start, token.end - token.start));
      if (keyword != 0) kind = keyword;
    }
    answer.number(kind);
    answer.number(static_cast<int64_t>(token.start));
    answer.number(static_cast<int64_t>(token.end));
  } while (token.kind != token_end && token.kind != token_semicolon && token.kind != token_illegal);
  return answer.give(bytes);
}

// Whether a text is taken, where its statement ends, its shape, and start, kind, smallness and both values of literals.
size_t cache_lift(const char* text, size_t size, const char** bytes) {
  LiftedText lifted;
  Answer answer;
  answer.number(lifted.lift({text, size}));
  answer.number(static_cast<int64_t>(lifted.end()));
  answer.text(lifted.shape());
  for (const Literal& literal : lifted.literals()) {
    std::string room;
    room.reserve(size);
    answer.number(static_cast<int64_t>(literal.start));
    answer.number(literal.kind);
    answer.number(literal.is_small());
    answer.value(literal.value(false, room));
    answer.value(literal.value(true, room));
  }
  return answer.give(bytes);
}

Cache* cache_open(size_t most_entries, size_t most_bytes) {
  return std::make_unique<Cache>(most_entries, most_bytes).release();
}
void cache_close(Cache* cache) { const std::unique_ptr<Cache> owner(cache); }
void cache_clear(Cache* cache) { cache->programs.clear(); }

// Empty if it is not known; else tail, register count (by which tests tell programs apart), and values.
size_t cache_find(Cache* cache, const char* schema, const char* settings, const char* text, size_t size,
                  const char** bytes) {
  Answer answer;
  if (cache->programs.find(surroundings_of(schema, settings), {text, size}, cache->found)) {
    answer_found(answer, cache->found);
  }
  return answer.give(bytes);
}

// The same for what has just been stored; empty if it cannot be used.
size_t cache_store(Cache* cache, const char* schema, const char* settings, const char* text, size_t size, size_t tail,
                   const char* lifting, size_t lifting_size, const uint8_t* program, size_t program_size,
                   const char** bytes) {
  Answer answer;
  auto loaded = program::load_program({program, program_size});
  if (!loaded.status().is_ok()) return answer.give(bytes);
  if (cache->programs.store(surroundings_of(schema, settings), {text, size}, tail, {lifting, lifting_size},
                            {std::move(loaded.value())}, cache->found)) {
    answer_found(answer, cache->found);
  }
  return answer.give(bytes);
}

// entries, bytes, exact hits, lifted hits, misses.
size_t cache_counts(Cache* cache, const char** bytes) {
  Answer answer;
  const CacheCounts counts = cache->programs.counts();
  for (const size_t count : {counts.entries, counts.bytes, counts.exact_hits, counts.lifted_hits, counts.misses}) {
    answer.number(static_cast<int64_t>(count));
  }
  return answer.give(bytes);
}

size_t cache_identities() { return schema_identity_count(); }
// The address of the identity, which is held until the next call in this thread.
uint64_t cache_identity(const char* image, size_t size) {
  static thread_local std::shared_ptr<const SchemaIdentity> held;
  held = schema_identity({image, size});
  return reinterpret_cast<uintptr_t>(held.get());
}

}  // extern "C"
