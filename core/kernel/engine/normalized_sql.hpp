// The text of a statement without what differs from one run to the next.
//
// 1. Literals and parameters are "?", a list behind IN is (?,?,?) whatever its length; NULL stays behind IS and NOT.
// 2. Keywords are in capitals, names small and without quotes that they do not need; blanks and comments are gone but
//    between words; a semicolon ends the text.
// 3. What stands between double quotes is a name, also where the statement takes it for a text.
//
// Source: https://sqlite.org/c3ref/expanded_sql.html
#ifndef KEELBACK_ENGINE_NORMALIZED_SQL_HPP
#define KEELBACK_ENGINE_NORMALIZED_SQL_HPP

#include <string>
#include <string_view>

namespace keelback::engine {

// sql: of one statement, for sqlite3_normalized_sql.
std::string normalized_sql(std::string_view sql);

}  // namespace keelback::engine

#endif
