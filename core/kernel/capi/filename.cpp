// File names and `file:` URIs (https://sqlite.org/uri.html), and the sqlite3_uri_* functions that read them.
#include "filename.hpp"

#include <cstring>

#include "../storage/immutable_vfs.hpp"
#include "../value/text_bytes.hpp"
#include "config.hpp"
#include "foreign_vfs.hpp"
#include "guard.hpp"
#include "memory.hpp"

namespace keelback::capi {

namespace {

int boolean_of(const char* value, int otherwise) {
  if (*value >= '0' && *value <= '9') return std::strtol(value, nullptr, 10) != 0 ? 1 : 0;
  for (const char* word : {"on", "yes", "true", "full", "extra"}) {
    if (sqlite3_stricmp(value, word) == 0) return 1;
  }
  for (const char* word : {"off", "no", "false"}) {
    if (sqlite3_stricmp(value, word) == 0) return 0;
  }
  return otherwise;
}

}  // namespace

Filename::Filename(std::string_view path, const std::vector<std::pair<std::string, std::string>>& parameters) {
  block_.assign(4, '\0');
  block_.append(path).push_back('\0');
  for (const auto& [key, value] : parameters) {
    block_.append(key).push_back('\0');
    block_.append(value).push_back('\0');
  }
  block_.push_back('\0');
  if (path.empty()) {
    block_.append(3, '\0');
    return;
  }
  block_.append(path).append("-journal").push_back('\0');
  block_.append(path).append("-wal").push_back('\0');
  block_.push_back('\0');
}

namespace {

// Undoes %HH; a %00 ends the part.
std::string decode(std::string_view part) {
  std::string out;
  for (size_t at = 0; at < part.size(); ++at) {
    const bool has_two_more = part[at] == '%' && at + 2 < part.size();
    const int high = has_two_more ? keelback::hex_digit(part[at + 1]) : -1;
    const int low = has_two_more ? keelback::hex_digit(part[at + 2]) : -1;
    if (high >= 0 && low >= 0) {
      const int byte = high * 16 + low;
      if (byte == 0) break;
      out.push_back(static_cast<char>(byte));
      at += 2;
    } else {
      out.push_back(part[at]);
    }
  }
  return out;
}

int apply_mode(const std::string& mode, int& flags, std::string& error) {
  constexpr int mask = SQLITE_OPEN_READONLY | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
  int wanted = 0;
  if (mode == "ro") {
    wanted = SQLITE_OPEN_READONLY;
  } else if (mode == "rw") {
    wanted = SQLITE_OPEN_READWRITE;
  } else if (mode == "rwc") {
    wanted = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  } else if (mode == "memory") {
    wanted = SQLITE_OPEN_MEMORY;
  } else {
    error = "no such access mode: " + mode;
    return SQLITE_ERROR;
  }
  const int allowed = mask & flags;
  if ((wanted & ~SQLITE_OPEN_MEMORY) > allowed) {
    error = "access mode not allowed: " + mode;
    return SQLITE_PERM;
  }
  flags = wanted == SQLITE_OPEN_MEMORY ? flags | SQLITE_OPEN_MEMORY : (flags & ~mask) | wanted;
  return SQLITE_OK;
}

int apply_cache(const std::string& cache, int& flags, std::string& error) {
  if (cache == "shared") {
    flags |= SQLITE_OPEN_SHAREDCACHE;
  } else if (cache == "private") {
    flags |= SQLITE_OPEN_PRIVATECACHE;
  } else {
    error = "no such cache mode: " + cache;
    return SQLITE_ERROR;
  }
  return SQLITE_OK;
}

}  // namespace

int parse_name(std::string_view name, int flags, ParsedName& parsed, std::string& error) {
  parsed.flags = flags;
  const bool is_uri = ((flags & SQLITE_OPEN_URI) != 0 || are_uris_on()) && name.substr(0, 5) == "file:";
  if (!is_uri) {
    // A plain ":memory:" is always private, and files are not shared.
    parsed.flags &= ~SQLITE_OPEN_SHAREDCACHE;
    parsed.path = name;
    return SQLITE_OK;
  }
  std::string_view rest = name.substr(5);
  if (rest.substr(0, 2) == "//") {
    rest.remove_prefix(2);
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view authority = rest.substr(0, end);
    if (!authority.empty() && authority != "localhost") {
      error = "invalid uri authority: " + std::string(authority);
      return SQLITE_ERROR;
    }
    rest.remove_prefix(end);
  }
  rest = rest.substr(0, rest.find('#'));
  const size_t question = rest.find('?');
  parsed.path = decode(rest.substr(0, question));
  std::string_view query = question == std::string_view::npos ? "" : rest.substr(question + 1);
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const size_t equals = part.find('=');
    const std::string key = decode(part.substr(0, equals));
    const std::string value = equals == std::string_view::npos ? "" : decode(part.substr(equals + 1));
    if (key.empty()) continue;
    parsed.parameters.emplace_back(key, value);
    int code = SQLITE_OK;
    if (key == "mode") code = apply_mode(value, parsed.flags, error);
    if (key == "cache") code = apply_cache(value, parsed.flags, error);
    if (key == "vfs") parsed.vfs = value;
    if (key == "immutable" && boolean_of(value.c_str(), 0) != 0) parsed.flags |= keelback::storage::open_immutable;
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

namespace {

const char* first_parameter(const char* name) { return name + std::strlen(name) + 1; }

const char* after_pair(const char* key) {
  const char* value = key + std::strlen(key) + 1;
  return value + std::strlen(value) + 1;
}

const char* find_parameter(const char* name, const char* key) {
  if (name == nullptr || key == nullptr) return nullptr;
  for (const char* at = first_parameter(name); *at != '\0'; at = after_pair(at)) {
    if (std::strcmp(at, key) == 0) return at + std::strlen(at) + 1;
  }
  return nullptr;
}

// The start of the block that `name` (the database's, the journal's or the WAL's) stands in.
const char* block_start(const char* name) {
  while (name[-1] != '\0' || name[-2] != '\0' || name[-3] != '\0' || name[-4] != '\0') --name;
  return name;
}

const char* after_parameters(const char* name) {
  const char* at = first_parameter(name);
  while (*at != '\0') at = after_pair(at);
  return at + 1;
}

}  // namespace

}  // namespace keelback::capi

using namespace keelback::capi;

extern "C" {

const char* sqlite3_uri_parameter(sqlite3_filename name, const char* key) {
  return name == nullptr || key == nullptr ? nullptr : find_parameter(block_start(name), key);
}

const char* sqlite3_uri_key(sqlite3_filename name, int index) {
  if (name == nullptr || index < 0) return nullptr;
  const char* at = first_parameter(block_start(name));
  while (*at != '\0' && index-- > 0) at = after_pair(at);
  return *at != '\0' ? at : nullptr;
}

int sqlite3_uri_boolean(sqlite3_filename name, const char* key, int otherwise) {
  const char* value = sqlite3_uri_parameter(name, key);
  otherwise = otherwise != 0 ? 1 : 0;
  return value == nullptr ? otherwise : boolean_of(value, otherwise);
}

sqlite3_int64 sqlite3_uri_int64(sqlite3_filename name, const char* key, sqlite3_int64 otherwise) {
  const char* value = sqlite3_uri_parameter(name, key);
  if (value == nullptr || *value == '\0') return otherwise;
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(value, &end, 0);
  return *end == '\0' && errno == 0 ? number : otherwise;
}

const char* sqlite3_filename_database(sqlite3_filename name) { return name == nullptr ? nullptr : block_start(name); }

// Of a name that xOpen of a program's VFS gets for a journal or a WAL.
sqlite3_file* sqlite3_database_file_object(const char* name) {
  return name == nullptr ? nullptr : find_foreign_file(block_start(name));
}

const char* sqlite3_filename_journal(sqlite3_filename name) {
  return name == nullptr ? nullptr : after_parameters(block_start(name));
}

const char* sqlite3_filename_wal(sqlite3_filename name) {
  const char* journal = sqlite3_filename_journal(name);
  return journal == nullptr ? nullptr : journal + std::strlen(journal) + 1;
}

sqlite3_filename sqlite3_create_filename(const char* database, const char* journal, const char* wal, int count,
                                         const char** parameters) {
  return guard<sqlite3_filename>(nullptr, [&]() -> sqlite3_filename {
    std::string block(4, '\0');
    const auto add = [&block](const char* text) { block.append(text == nullptr ? "" : text).push_back('\0'); };
    add(database);
    for (int at = 0; at < 2 * count; ++at) add(parameters[at]);
    block.push_back('\0');
    add(journal);
    add(wal);
    block.append(2, '\0');
    char* copy = copy_to_heap(block);
    return copy == nullptr ? nullptr : copy + 4;
  });
}

void sqlite3_free_filename(sqlite3_filename name) {
  if (name != nullptr) sqlite3_free(const_cast<char*>(block_start(name) - 4));
}

}  // extern "C"
