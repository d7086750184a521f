#include "python_calls.hpp"

#include <map>
#include <mutex>

#include "python_host.hpp"

namespace keelback::engine {

namespace {

struct Hosts {
  struct Entry {
    EngineHost* host;
    std::string answer;
  };
  std::mutex mutex;
  std::map<int64_t, std::shared_ptr<Entry>> entries;
  int64_t next = 1;
};

Hosts& hosts() {
  static auto* all = new Hosts;
  return *all;
}

int answer_question(int question, long long number, const char* request, size_t size, const char** answer,
                    size_t* answer_size) {
  *answer = nullptr;
  *answer_size = 0;
  try {
    std::shared_ptr<Hosts::Entry> entry;
    {
      std::lock_guard guard(hosts().mutex);
      const auto found = hosts().entries.find(number);
      if (found == hosts().entries.end()) return result::MISUSE;
      entry = found->second;
    }
    std::string text;
    const int code = entry->host->ask(question, Reader(request, size), text);
    entry->answer = std::move(text);
    *answer = entry->answer.data();
    *answer_size = entry->answer.size();
    return code;
  } catch (const std::exception&) {
    return result::NOMEM;
  }
}

}  // namespace

Failure start_python() { return load_python_engine(&answer_question); }

Failure failure_from(int code, const Reply& reply) {
  if (code == result::OK) return {};
  Failure failure{code, {}, -1};
  if (reply.size > 0) {
    Reader reader = reply.reader();
    failure.message = reader.bytes();
    failure.offset = static_cast<int>(reader.integer());
    failure.tail = reader.integer();
  }
  return failure;
}

Failure call_python(int operation, long long handle, const std::string& request, Reply& reply) {
  reply.size = 0;
  return failure_from(loaded_engine()->call(operation, handle, request.data(), request.size(), &reply), reply);
}

Failure compile_in_python(long long handle, const kb_compile_request& request, Reply& reply) {
  reply.size = 0;
  return failure_from(loaded_engine()->compile(handle, &request, &reply), reply);
}

int64_t add_host(EngineHost& host) {
  std::lock_guard guard(hosts().mutex);
  const int64_t number = hosts().next++;
  hosts().entries[number] = std::make_shared<Hosts::Entry>(Hosts::Entry{&host, {}});
  return number;
}

void remove_host(int64_t number) {
  std::lock_guard guard(hosts().mutex);
  hosts().entries.erase(number);
}

void* begin_engine_wait() {
  const kb_engine* engine = loaded_engine();
  return engine == nullptr ? nullptr : engine->wait_begin();
}

void end_engine_wait(void* token) {
  if (token != nullptr) loaded_engine()->wait_end(token);
}

}  // namespace keelback::engine
