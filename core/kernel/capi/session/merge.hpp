// One change of two to the same row: of changesets that follow each other, and of what a rebaser is told.
//
// What a rebaser is told of a row: INSERT (there is one) or DELETE (there is none), marked as indirect where REPLACE
// was the answer to the conflict; of such a row the values are replaced_value, as nobody needs them.
//
// Source: https://sqlite.org/session/rebaser.html
#ifndef KEELBACK_CAPI_SESSION_MERGE_HPP
#define KEELBACK_CAPI_SESSION_MERGE_HPP

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "records.hpp"

namespace keelback::capi {

using Values = std::vector<std::string_view>;

// Stands for a value that the other side has replaced; never in a changeset.
inline constexpr char replaced_value = static_cast<char>(0xFF);

// Null where the two take each other back.
std::unique_ptr<Change> merge_changes(const ChangedTable& table, bool is_patchset, std::unique_ptr<Change> first,
                                      std::unique_ptr<Change> second);
// Of a rebaser: the first that it hears of a row, and a later one.
std::unique_ptr<Change> first_rebase(const ChangedTable& table, std::unique_ptr<Change> change);
std::unique_ptr<Change> merge_rebases(const ChangedTable& table, std::unique_ptr<Change> first,
                                      std::unique_ptr<Change> second);
// The row, with the other's values where it has none.
std::string merge_rebased_row(std::string_view row, std::string_view others, size_t width);
// The rows of an UPDATE after what the other side has made of its row; empty where nothing is left to change.
std::string rebase_update(const ChangedTable& table, std::string_view record, std::string_view rebase);

}  // namespace keelback::capi

#endif
