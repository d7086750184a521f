#include "normalized_sql.hpp"

#include <algorithm>

#include "../cache/lexer.hpp"

namespace keelback::engine {

namespace {

// word: in capitals.
bool is_same_word(std::string_view text, std::string_view word) {
  const auto is_same = [](char left, char right) {
    return (left >= 'a' && left <= 'z' ? static_cast<char>(left - 'a' + 'A') : left) == right;
  };
  return std::equal(text.begin(), text.end(), word.begin(), word.end(), is_same);
}

std::string without_quotes(std::string_view quoted) {
  const char quote = quoted[0] == '[' ? ']' : quoted[0];
  std::string name;
  for (size_t at = 1; at + 1 < quoted.size(); ++at) {
    name.push_back(quoted[at]);
    if (quoted[at] == quote && quoted[at + 1] == quote) ++at;
  }
  return name;
}

// Whether the name means the same without quotes.
bool is_plain(std::string_view name) {
  const cache::Token token = cache::next_token(name, 0);
  const bool is_word = token.kind == cache::token_word && token.start == 0 && token.end == name.size();
  return is_word && cache::is_in_word(name[0]) && cache::keyword_of(name) == 0;
}

class Normalizer {
 public:
  std::string normalize(std::string_view sql);

 private:
  void put_word(std::string_view text, bool is_name);
  void put_name(std::string_view text);
  void put_right();

  std::string out_;
  int depth_ = 0;
  // Where the list behind an IN begins, and how deep.
  size_t list_start_ = 0;
  int list_depth_ = 0;
};

void Normalizer::put_word(std::string_view text, bool is_name) {
  if (!out_.empty() && cache::is_in_word(out_.back()) && cache::is_in_word(text[0])) out_.push_back(' ');
  for (const char c : text) {
    if (is_name) {
      out_.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    } else {
      out_.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
}

void Normalizer::put_name(std::string_view text) {
  list_start_ = 0;
  if (text[0] != '"' && text[0] != '`' && text[0] != '[') return put_word(text, true);
  const std::string name = without_quotes(text);
  if (is_plain(name)) return put_word(name, true);
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  put_word(quoted + "\"", true);
}

void Normalizer::put_right() {
  if (list_start_ > 0 && depth_ == list_depth_) {
    out_.resize(list_start_ + 1);
    out_ += "?,?,?";
    list_start_ = 0;
  }
  --depth_;
  out_.push_back(')');
}

std::string Normalizer::normalize(std::string_view sql) {
  std::string_view before;
  cache::TokenKind last = cache::token_end;
  for (size_t at = 0;;) {
    const cache::Token token = cache::next_token(sql, at);
    if (token.kind == cache::token_end) break;
    const std::string_view text = sql.substr(token.start, token.end - token.start);
    at = token.end;
    last = token.kind;
    switch (token.kind) {
      case cache::token_string:
      case cache::token_integer:
      case cache::token_float:
      case cache::token_variable:
      case cache::token_blob:
        out_.push_back('?');
        break;
      case cache::token_left:
        ++depth_;
        if (is_same_word(before, "IN")) {
          list_start_ = out_.size();
          list_depth_ = depth_;
        }
        out_.push_back('(');
        break;
      case cache::token_right:
        put_right();
        break;
      case cache::token_word:
        if (is_same_word(text, "NULL")) {
          out_ += is_same_word(before, "IS") || is_same_word(before, "NOT") ? " NULL" : "?";
        } else if (cache::is_in_word(text[0]) && cache::keyword_of(text) != 0) {
          if (is_same_word(text, "SELECT")) list_start_ = 0;
          put_word(text, false);
        } else {
          put_name(text);
        }
        break;
      default:
        put_word(text, false);
    }
    before = text;
    if (token.kind == cache::token_illegal) break;
  }
  if (last != cache::token_semicolon) out_.push_back(';');
  return std::move(out_);
}

}  // namespace

std::string normalized_sql(std::string_view sql) { return Normalizer().normalize(sql); }

}  // namespace keelback::engine
