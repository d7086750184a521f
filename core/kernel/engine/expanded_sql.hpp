// A statement's text with its values in the place of its parameters, as sqlite3_expanded_sql shows it.
#ifndef KEELBACK_ENGINE_EXPANDED_SQL_HPP
#define KEELBACK_ENGINE_EXPANDED_SQL_HPP

#include <span>
#include <string>
#include <string_view>

#include "../program/program.hpp"
#include "../value/value.hpp"

namespace keelback::engine {

// names: those of the parameters, whose `values` may be fewer. zero_blobs: the numbers, from 1, of those that are shown
// as zeroblob(size).
std::string expand_parameters(std::string_view sql, std::span<const program::Name> names, std::span<const Value> values,
                              std::span<const size_t> zero_blobs = {});

}  // namespace keelback::engine

#endif
