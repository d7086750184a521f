// A statement's text with its values in the place of its parameters, as sqlite3_expanded_sql shows it.
//
// Twin: Statement.expanded_sql in keelback_core/engine/statement.py. Tokens: https://sqlite.org/lang_expr.html#varparam
#include "expanded_sql.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "../value/quote.hpp"

namespace keelback::engine {

namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

size_t after_quoted(std::string_view sql, size_t at) {
  const char closing = sql[at] == '[' ? ']' : sql[at];
  for (++at; at < sql.size(); ++at) {
    if (sql[at] != closing) continue;
    if (closing == ']' || at + 1 >= sql.size() || sql[at + 1] != closing) return at + 1;
    ++at;
  }
  return sql.size();
}

size_t after_comment(std::string_view sql, size_t at) {
  const bool is_line = sql[at] == '-';
  const size_t end = sql.find(is_line ? "\n" : "*/", at + 2);
  return end == std::string_view::npos ? sql.size() : end + (is_line ? 1 : 2);
}

// Behind a parameter that is no question mark: names may have :: inside and end in parentheses.
size_t after_variable(std::string_view sql, size_t at) {
  bool has_name = false;
  for (++at; at < sql.size(); ++at) {
    if (is_name_byte(sql[at])) {
      has_name = true;
    } else if (sql[at] == '(' && has_name) {
      do ++at;
      while (at < sql.size() && !is_space(sql[at]) && sql[at] != ')');
      return at < sql.size() && sql[at] == ')' ? at + 1 : at;
    } else if (sql[at] == ':' && at + 1 < sql.size() && sql[at + 1] == ':') {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

std::string literal_text(const Value& value) {
  if (value.is_real()) {
    char text[40];
    std::snprintf(text, sizeof text, "%.15g", value.real());
    std::string found = text;
    if (const size_t inf = found.find("inf"); inf != std::string::npos) return found.replace(inf, 3, "Inf");
    if (found.find('.') != std::string::npos) return found;
    const size_t exponent = found.find('e');
    return exponent == std::string::npos ? found + ".0" : found.insert(exponent, ".0");
  }
  std::string found = quote_value(value);
  if (value.is_blob()) {
    for (char& c : found) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
  }
  return found;
}

}  // namespace

std::string expand_parameters(std::string_view sql, std::span<const program::Name> names, std::span<const Value> values,
                              std::span<const size_t> zero_blobs) {
  std::string out;
  size_t done = 0;
  size_t following = 0;
  for (size_t at = 0; at < sql.size() && !names.empty();) {
    const char c = sql[at];
    const char next = at + 1 < sql.size() ? sql[at + 1] : '\0';
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      at = after_quoted(sql, at);
    } else if ((c == '-' && next == '-') || (c == '/' && next == '*')) {
      at = after_comment(sql, at);
    } else if (c == '?' || c == ':' || c == '@' || c == '$' || c == '#') {
      size_t end = at + 1;
      if (c == '?') {
        while (end < sql.size() && is_digit(sql[end])) ++end;
      } else {
        end = after_variable(sql, at);
      }
      const std::string name(sql.substr(at, end - at));
      size_t number = following;
      if (c == '?' && end > at + 1) {
        number = std::strtoul(name.c_str() + 1, nullptr, 10) - 1;
      } else if (c != '?') {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found != names.end()) number = static_cast<size_t>(found - names.begin());
      }
      following = std::max(following, number + 1);
      out.append(sql.substr(done, at - done));
      if (number >= names.size() || number >= values.size()) {
        out.append(name);
      } else if (std::find(zero_blobs.begin(), zero_blobs.end(), number + 1) != zero_blobs.end()) {
        out.append("zeroblob(" + std::to_string(values[number].size()) + ")");
      } else {
        out.append(literal_text(values[number]));
      }
      at = done = end;
    } else if (is_name_byte(c)) {
      while (at < sql.size() && is_name_byte(sql[at])) ++at;
    } else {
      ++at;
    }
  }
  return out.append(sql.substr(done));
}

}  // namespace keelback::engine
