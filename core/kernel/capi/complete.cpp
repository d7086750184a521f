// sqlite3_complete and sqlite3_incomplete: whether a text ends with a whole statement, and what it lacks. CREATE
// TRIGGER ends only with "; END ;". As SQLite 3.54 has them: a comment to the end of the line without its newline is
// open.
#include <cstdint>
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

// Where a text stops: the state behind its last whole token, and what is left open.
struct Stop {
  State state = State::invalid;
  char open = 0;        // the end of a quotation, '-' or '/' for a comment; 0: nothing is left open
  int64_t balance = 0;  // parentheses opened less those closed
};

// Reads one token and says what it leaves open.
char read(std::string_view sql, size_t& at, Token& token) {
  const char c = sql[at];
  const auto skip_past = [&](std::string_view mark, char open) {
    const size_t found = sql.find(mark, at);
    at = found == std::string_view::npos ? sql.size() : found + mark.size();
    return found != std::string_view::npos ? char{0} : open;
  };
  token = Token::blank;
  if (c == ';') {
    token = Token::semicolon;
    ++at;
  } else if (c == ' ' || c == '\r' || c == '\t' || c == '\n' || c == '\f') {
    ++at;
  } else if (sql.substr(at, 2) == "/*") {
    at += 2;
    return skip_past("*/", '/');
  } else if (sql.substr(at, 2) == "--") {
    return skip_past("\n", '-');
  } else if (c == '[' || c == '`' || c == '"' || c == '\'') {
    ++at;
    token = Token::other;
    const char end = c == '[' ? ']' : c;
    return skip_past(std::string_view(&end, 1), end);
  } else if (is_identifier(c)) {
    const size_t begin = at;
    while (at < sql.size() && is_identifier(sql[at])) ++at;
    token = word(sql.substr(begin, at - begin));
  } else {
    token = Token::other;
    ++at;
  }
  return 0;
}

Stop scan(std::string_view sql) {
  Stop stop;
  for (size_t at = 0; at < sql.size();) {
    if (sql[at] == '(') ++stop.balance;
    if (sql[at] == ')') --stop.balance;
    Token token = Token::blank;
    stop.open = read(sql, at, token);
    if (stop.open != 0) return stop;
    stop.state = next(stop.state, token);
  }
  return stop;
}

// What the last statement still wants: 1 a semicolon, 2 END and a semicolon, 3 a semicolon, END and a semicolon.
int64_t wanted(State state) {
  switch (state) {
    case State::invalid:
    case State::start:
      return 0;
    case State::trigger:
      return 3;
    case State::semicolon:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

extern "C" {

int sqlite3_complete(const char* sql) {
  if (sql == nullptr) return SQLITE_MISUSE;
  const Stop stop = scan(sql);
  return stop.open == 0 && stop.state == State::start ? 1 : 0;
}

sqlite3_int64 sqlite3_incomplete(const char* sql) {
  if (sql == nullptr) return SQLITE_MISUSE;
  const Stop stop = scan(sql);
  if (stop.open == 0 && stop.state == State::start) return SQLITE_OK;
  const bool is_empty = stop.open == 0 && stop.state == State::invalid;
  return (is_empty ? SQLITE_EMPTY : SQLITE_ERROR) | (wanted(stop.state) << 8) | (int64_t{stop.open} << 16) |
         (stop.balance * (int64_t{1} << 32));
}

int sqlite3_complete16(const void* sql) {
  if (sql == nullptr) return SQLITE_MISUSE;
  return keelback::capi::guard(SQLITE_NOMEM, [&] {
    return sqlite3_complete(keelback::capi::utf8_from_encoding(sql, -1, SQLITE_UTF16LE).c_str());
  });
}

}  // extern "C"
