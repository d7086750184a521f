// The first comment of a text, for connections that take none (SQLITE_DBCONFIG_ENABLE_COMMENTS).
//
// Must not know: what statements mean; that a comment is none within quotes is all that is looked at.
#ifndef KEELBACK_CAPI_COMMENT_HPP
#define KEELBACK_CAPI_COMMENT_HPP

#include <string_view>

namespace keelback::capi {

// The comment, without the line feed that ends it; empty, at the end of the text, if there is none.
inline std::string_view first_comment(std::string_view sql) {
  for (size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    const char following = at + 1 < sql.size() ? sql[at + 1] : '\0';
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      // A quote that is doubled ends one quotation and begins the next.
      at = sql.find(c == '[' ? ']' : c, at + 1);
      if (at == std::string_view::npos) break;
    } else if (c == '-' && following == '-') {
      return sql.substr(at, sql.find('\n', at) - at);
    } else if (c == '/' && following == '*') {
      const size_t end = sql.find("*/", at + 2);
      return sql.substr(at, end == std::string_view::npos ? end : end + 2 - at);
    }
  }
  return sql.substr(sql.size());
}

}  // namespace keelback::capi

#endif
