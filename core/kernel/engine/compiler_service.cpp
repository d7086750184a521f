#include "compiler_service.hpp"

#include "python_calls.hpp"

namespace keelback::engine {

namespace {

// How many values of an answer stand before the identity that may follow; -1 where none ever does.
int values_before_identity(int operation) {
  switch (operation) {
    case KB_COMPILER_COMPILE:
      return 4;
    case KB_COMPILER_LIMIT:
    case KB_COMPILER_PRAGMA:
      return 1;
    case KB_COMPILER_FUNCTION:
    case KB_COMPILER_COLLATION:
    case KB_COMPILER_HOOK:
      return 0;
    default:
      return -1;
  }
}

Failure load(const Value& bytes, std::shared_ptr<const program::Program>& program) {
  std::string complaint;
  auto loaded = program::load_program(bytes.blob(), &complaint);
  if (!loaded.is_ok()) return {loaded.status().code(), loaded.status().message() + (": " + complaint), -1};
  program = std::move(loaded.value());
  return {};
}

}  // namespace

CompilerService::CompilerService(const OpenRequest& open, bool is_memory, EngineHost& questions, Replay replay,
                                 NoteIdentity note_identity)
    : open_(open),
      is_memory_(is_memory),
      questions_(questions),
      replay_(std::move(replay)),
      note_identity_(std::move(note_identity)) {}

CompilerService::~CompilerService() {
  if (handle_ != 0) {
    Reply reply;
    (void)call_python(KB_COMPILER_CLOSE, handle_, {}, reply);
  }
  if (host_number_ != 0) remove_host(host_number_);
}

Failure CompilerService::start() {
  if (is_started()) return {};
  if (Failure failure = start_python()) return failure;
  if (host_number_ == 0) host_number_ = add_host(questions_);
  std::string request;
  Writer(request).integer(host_number_).text(open_.filename).integer(open_.flags).integer(is_memory_ ? 1 : 0);
  Reply reply;
  if (Failure failure = call_python(KB_COMPILER_OPEN, 0, request, reply)) return failure;
  handle_ = reply.reader().integer();
  forgotten_.clear();
  return replay_();
}

Failure CompilerService::begin() {
  if (Failure failure = start()) return failure;
  return forgotten_.empty() ? Failure{} : tell_forgotten();
}

void CompilerService::take_identity(int operation, Reader answer) {
  const int before = values_before_identity(operation);
  if (before < 0) return;
  for (int place = 0; place < before; ++place) answer.next();
  if (answer.has_more()) note_identity_(answer.bytes());
}

Failure CompilerService::send(int operation, const std::string& request, const std::function<void(Reader)>& unpack) {
  if (Failure failure = begin()) return failure;
  Reply reply;
  ++depth_;
  Failure failure = call_python(operation, handle_, request, reply);
  --depth_;
  if (failure) return failure;
  take_identity(operation, reply.reader());
  unpack(reply.reader());
  return failure;
}

Failure CompilerService::tell_forgotten() {
  const std::set<int> forgotten = std::move(forgotten_);
  forgotten_.clear();
  for (const int database : forgotten) {
    std::string request;
    Writer(request).integer(database);
    Reply reply;
    if (Failure failure = call_python(KB_COMPILER_FORGET, handle_, request, reply)) return failure;
  }
  return {};
}

void CompilerService::forget(int database) {
  if (!is_started()) return;
  forgotten_.insert(database);
  if (depth_ > 0) (void)tell_forgotten();
}

Failure CompilerService::compile(std::string_view sql, int mode, bool is_lifting, Facts facts,
                                 cache::StatementTokens& tokens, Compiled& compiled) {
  if (Failure failure = begin()) return failure;
  // The other side has taken them over before a callback can have another text compiled.
  tokens.read(sql);
  const kb_compile_request request{sql.data(),
                                   sql.size(),
                                   mode,
                                   is_lifting ? 1 : 0,
                                   facts.has_temporary ? 1 : 0,
                                   facts.defers_foreign_keys ? 1 : 0,
                                   tokens.kinds.data(),
                                   tokens.starts.data(),
                                   tokens.ends.data(),
                                   tokens.count,
                                   tokens.has_context_words ? 1 : 0};
  std::unique_ptr<Reply> reply = spare_reply_ ? std::move(spare_reply_) : std::make_unique<Reply>();
  ++depth_;
  Failure failure = compile_in_python(handle_, request, *reply);
  --depth_;
  if (tokens.kinds.capacity() > most_spare_tokens) tokens = {};
  if (failure) return failure;
  take_identity(KB_COMPILER_COMPILE, reply->reader());
  Reader reader = reply->reader();
  compiled.tail = static_cast<size_t>(reader.integer());
  const Value bytes = reader.next();
  compiled.is_cacheable = reader.integer() != 0;
  compiled.lifting = reader.bytes();
  if (bytes.has_bytes()) failure = load(bytes, compiled.program);
  if (reply->capacity <= most_spare_bytes) spare_reply_ = std::move(reply);
  return failure;
}

Failure CompilerService::compile_blob(const BlobPlace& place, Facts facts,
                                      std::shared_ptr<const program::Program>& program) {
  Failure failure;
  Failure called = call(
      KB_COMPILER_BLOB,
      [&](Writer& writer) {
        place.schema ? writer.text(*place.schema) : writer.null();
        writer.text(place.table).text(place.column).integer(place.is_writable);
        writer.integer(facts.has_temporary).integer(facts.defers_foreign_keys);
      },
      [&](Reader& reader) { failure = load(reader.next(), program); });
  return called ? called : failure;
}

}  // namespace keelback::engine
