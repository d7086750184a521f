// IndexRequest: a question of the planner as C sees it, sqlite3_index_info, with what the sqlite3_vtab_ calls of
// xBestIndex find behind it.
#ifndef KEELBACK_CAPI_INDEX_REQUEST_HPP
#define KEELBACK_CAPI_INDEX_REQUEST_HPP

#include <string>
#include <vector>

#include "../engine/wire.hpp"
#include "value.hpp"

namespace keelback::capi {

struct IndexRequest {
  // What a module that answers nothing has answered.
  static constexpr int unknown_rows = 25;
  static constexpr double unknown_cost = 5e98;

  sqlite3_index_info info = {};
  std::vector<sqlite3_index_info::sqlite3_index_constraint> constraints;
  std::vector<sqlite3_index_info::sqlite3_index_constraint_usage> usages;
  std::vector<sqlite3_index_info::sqlite3_index_orderby> order;
  std::vector<std::string> collations;
  std::vector<sqlite3_value> values;
  std::vector<bool> is_value_known;
  // Of an IN: it is one, and its members are wanted all at once.
  std::vector<bool> is_in;
  std::vector<bool> is_list;
  int distinct = 0;

  IndexRequest() = default;
  IndexRequest(const IndexRequest&) = delete;
  IndexRequest& operator=(const IndexRequest&) = delete;
  ~IndexRequest() {
    if (info.needToFreeIdxStr) sqlite3_free(info.idxStr);
  }

  void read(Reader& request) {
    distinct = static_cast<int>(request.integer());
    info.colUsed = static_cast<sqlite3_uint64>(request.integer());
    for (int64_t left = request.integer(); left > 0; --left) {
      const int column = static_cast<int>(request.integer());
      order.push_back({column, static_cast<unsigned char>(request.integer())});
    }
    while (request.has_more()) {
      const int column = static_cast<int>(request.integer());
      const auto operation = static_cast<unsigned char>(request.integer());
      const auto is_usable = static_cast<unsigned char>(request.integer());
      constraints.push_back({column, operation, is_usable, static_cast<int>(constraints.size())});
      collations.emplace_back(request.bytes());
      is_value_known.push_back(request.integer() != 0);
      values.emplace_back().set_view(request.next());
      is_in.push_back(request.integer() != 0);
    }
    usages.resize(constraints.size());
    is_list.resize(constraints.size());
    info.nConstraint = static_cast<int>(constraints.size());
    info.aConstraint = constraints.data();
    info.aConstraintUsage = usages.data();
    info.nOrderBy = static_cast<int>(order.size());
    info.aOrderBy = order.data();
    info.estimatedCost = unknown_cost;
    info.estimatedRows = unknown_rows;
  }
};

// `info` is the first member, so a module that has its address has the request's.
inline IndexRequest& request_of(sqlite3_index_info* info) { return *reinterpret_cast<IndexRequest*>(info); }

}  // namespace keelback::capi

#endif
