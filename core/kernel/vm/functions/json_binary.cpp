#include "json_binary.hpp"

namespace keelback::vm::json {

namespace {

void append_size(std::string& out, uint64_t size, size_t width) {
  for (size_t place = width; place-- > 0;) out.push_back(static_cast<char>(size >> (8 * place) & 0xFF));
}

}  // namespace

std::string_view kind_name(int kind) noexcept {
  static constexpr std::string_view names[] = {"null", "true", "false", "integer", "integer", "real",  "real",
                                               "text", "text", "text",  "text",    "array",   "object"};
  return kind <= kind_object ? names[kind] : std::string_view();
}

void append_header(std::string& out, int kind, size_t size) {
  if (size <= 11) {
    out.push_back(static_cast<char>(size << 4 | static_cast<size_t>(kind)));
  } else if (size <= 0xFF) {
    out.push_back(static_cast<char>(0xC0 | kind));
    append_size(out, size, 1);
  } else if (size <= 0xFFFF) {
    out.push_back(static_cast<char>(0xD0 | kind));
    append_size(out, size, 2);
  } else {
    out.push_back(static_cast<char>(0xE0 | kind));
    append_size(out, size, 4);
  }
}

std::string element(int kind, std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 5);
  append_element(out, kind, payload);
  return out;
}

bool looks_binary(std::string_view data) noexcept {
  if (data.empty() || kind_at(data, 0) > kind_object) return false;
  const Bounds bounds = element_bounds(data, 0);
  return bounds.is_sound() && bounds.end == data.size() &&
         (kind_at(data, 0) > kind_false || bounds.start == bounds.end);
}

std::string overwrite(size_t old_size, std::string_view fresh) {
  if (old_size <= fresh.size() || fresh.empty() || kind_at(fresh, 0) <= kind_false || byte_at(fresh, 0) >= 0xF0) {
    return std::string(fresh);
  }
  const size_t spare = old_size - fresh.size();
  const size_t old_header = header_length(byte_at(fresh, 0) >> 4);
  const size_t wanted = old_header + spare;
  int code = 0;
  for (const int longer : {12, 13, 14, 15}) {
    if (header_length(longer) == wanted) code = longer;
  }
  if (code == 0 || old_header > fresh.size()) return std::string(fresh);
  const std::string_view payload = fresh.substr(old_header);
  std::string out;
  out.reserve(wanted + payload.size());
  out.push_back(static_cast<char>(code << 4 | kind_at(fresh, 0)));
  append_size(out, payload.size(), wanted - 1);
  out.append(payload);
  return out;
}

int64_t count_elements(std::string_view data, size_t at) noexcept {
  const Bounds bounds = element_bounds(data, at);
  size_t position = bounds.start;
  int64_t count = 0;
  while (position > 0 && position < bounds.end) {
    position = element_bounds(data, position).end;
    ++count;
  }
  return count;
}

int64_t resize(std::string& data, size_t at, size_t size) {
  const size_t old_length = header_length(byte_at(data, at) >> 4);
  std::string header;
  append_header(header, kind_at(data, at), size);
  data.replace(at, old_length, header);
  return static_cast<int64_t>(header.size()) - static_cast<int64_t>(old_length);
}

}  // namespace keelback::vm::json
