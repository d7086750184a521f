// sqlite3_complete: whether a text ends with a whole statement. CREATE TRIGGER ends only with "; END ;".
#include <string_view>

#include "api.hpp"
#include "guard.hpp"
#include "text.hpp"

namespace {

enum class Token { semicolon, blank, other, explain, create, temporary, trigger, end };
enum class State { invalid, start, normal, explain, create, trigger, semicolon, end };

bool is_identifier(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || byte == '_' || byte == '$' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

Token word(std::string_view text) {
  const auto is = [&](std::string_view name) {
    return text.size() == name.size() && sqlite3_strnicmp(text.data(), name.data(), static_cast<int>(name.size())) == 0;
  };
  if (is("create")) return Token::create;
  if (is("trigger")) return Token::trigger;
  if (is("temp") || is("temporary")) return Token::temporary;
  if (is("end")) return Token::end;
  if (is("explain")) return Token::explain;
  return Token::other;
}

State next(State state, Token token) {
  if (token == Token::blank) return state;
  switch (state) {
    case State::invalid:
    case State::start:
      if (token == Token::semicolon) return State::start;
      if (token == Token::explain) return State::explain;
      return token == Token::create ? State::create : State::normal;
    case State::normal:
      return token == Token::semicolon ? State::start : State::normal;
    case State::explain:
      if (token == Token::semicolon) return State::start;
      if (token == Token::create) return State::create;
      return token == Token::other ? State::explain : State::normal;
    case State::create:
      if (token == Token::semicolon) return State::start;
      if (token == Token::temporary) return State::create;
      return token == Token::trigger ? State::trigger : State::normal;
    case State::trigger:
      return token == Token::semicolon ? State::semicolon : State::trigger;
    case State::semicolon:
      if (token == Token::semicolon) return State::semicolon;
      return token == Token::end ? State::end : State::trigger;
    case State::end:
      return token == Token::semicolon ? State::start : State::trigger;
  }
  return state;
}

// Reads one token; false where a comment or a quotation does not end.
bool read(std::string_view sql, size_t& at, Token& token) {
  const char c = sql[at];
  const auto skip_past = [&](std::string_view mark) {
    const size_t found = sql.find(mark, at);
    at = found == std::string_view::npos ? sql.size() : found + mark.size();
    return found != std::string_view::npos;
  };
  token = Token::blank;
  if (c == ';') {
    token = Token::semicolon;
    ++at;
  } else if (c == ' ' || c == '\r' || c == '\t' || c == '\n' || c == '\f') {
    ++at;
  } else if (sql.substr(at, 2) == "/*") {
    at += 2;
    return skip_past("*/");
  } else if (sql.substr(at, 2) == "--") {
    skip_past("\n");
  } else if (c == '[' || c == '`' || c == '"' || c == '\'') {
    ++at;
    token = Token::other;
    return skip_past(std::string_view(c == '[' ? "]" : c == '`' ? "`" : c == '"' ? "\"" : "'"));
  } else if (is_identifier(c)) {
    const size_t begin = at;
    while (at < sql.size() && is_identifier(sql[at])) ++at;
    token = word(sql.substr(begin, at - begin));
  } else {
    token = Token::other;
    ++at;
  }
  return true;
}

}  // namespace

extern "C" {

int sqlite3_complete(const char* sql) {
  if (sql == nullptr) return SQLITE_MISUSE;
  const std::string_view text = sql;
  State state = State::invalid;
  for (size_t at = 0; at < text.size();) {
    Token token = Token::blank;
    const bool is_comment_at_end = text.substr(at, 2) == "--" && text.find('\n', at) == std::string_view::npos;
    if (!read(text, at, token)) return 0;
    if (is_comment_at_end) return state == State::start ? 1 : 0;
    state = next(state, token);
  }
  return state == State::start ? 1 : 0;
}

int sqlite3_complete16(const void* sql) {
  if (sql == nullptr) return SQLITE_MISUSE;
  return keelback::capi::guard(SQLITE_NOMEM, [&] {
    return sqlite3_complete(keelback::capi::utf8_from_encoding(sql, -1, SQLITE_UTF16LE).c_str());
  });
}

}  // extern "C"
