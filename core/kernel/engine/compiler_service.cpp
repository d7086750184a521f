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

Failure CompilerService::send(int operation, const std::string& request, const std::function<void(Reader)>& unpack) {
  if (Failure failure = start()) return failure;
  if (Failure failure = tell_forgotten()) return failure;
  Reply reply;
  ++depth_;
  Failure failure = call_python(operation, handle_, request, reply);
  --depth_;
  if (failure) return failure;
  Reader identity = reply.reader();
  if (const int before = values_before_identity(operation); before >= 0) {
    for (int place = 0; place < before; ++place) identity.next();
    if (identity.has_more()) note_identity_(identity.bytes());
  }
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

Failure CompilerService::compile(std::string_view sql, int mode, bool is_lifting, Compiled& compiled) {
  Failure unreadable;
  Failure failure = call(
      KB_COMPILER_COMPILE, [&](Writer& writer) { writer.text(sql).integer(mode).integer(is_lifting ? 1 : 0); },
      [&](Reader& reader) {
        compiled.tail = static_cast<size_t>(reader.integer());
        const Value bytes = reader.next();
        compiled.is_cacheable = reader.integer() != 0;
        compiled.lifting = reader.bytes();
        if (!bytes.has_bytes()) return;
        std::string complaint;
        auto loaded = program::load_program(bytes.blob(), &complaint);
        if (loaded.is_ok()) {
          compiled.program = std::move(loaded.value());
        } else {
          unreadable = {loaded.status().code(), loaded.status().message() + (": " + complaint), -1};
        }
      });
  return failure ? failure : unreadable;
}

}  // namespace keelback::engine
