// The integrity check: every page is used exactly once, and every page is in order inside.
//
// 1. Messages and their order are those of `PRAGMA integrity_check` in SQLite, up to the number asked for.
// 2. Nothing is changed and nothing is trusted: a page is decoded leniently, and afterwards forgotten if it would not
//    pass strictly.
// 3. A page is entered once at most, so a looped file ends.
//
// It does not look into records or compare an index with its table. Twin: reference/storage/check.py.
#ifndef KEELBACK_STORAGE_CHECK_HPP
#define KEELBACK_STORAGE_CHECK_HPP

#include "pointer_map.hpp"

namespace keelback::storage {

class IntegrityCheck {
 public:
  IntegrityCheck(Pager& pager, int max_errors) noexcept : pager_(pager), errors_left_(max_errors) {}

  // Check the free list and the trees of `roots`; with 0 as the first root only the trees of the others.
  Status run(std::span<const uint32_t> roots, std::vector<std::string>& messages);

 private:
  // Height of a tree and the smallest rowid in it.
  struct TreeFacts {
    int height;
    int64_t least;
  };
  struct Extent {
    uint32_t start;
    uint32_t end;
  };

  void report(const std::string& message);
  void check_largest_root(std::span<const uint32_t> roots, const uint8_t* header);
  void check_all_used();
  bool reference(uint32_t number);
  void check_pointer_map(uint32_t number, uint8_t kind, uint32_t parent);
  void check_freelist(uint32_t number, uint32_t expected);
  void check_chain(uint32_t number, uint64_t expected);
  Status get(uint32_t number, Page*& page);
  const uint8_t* get_data(uint32_t number);
  TreeFacts check_tree_page(uint32_t number, int64_t greatest, int depth);
  Page* decode(uint32_t number);
  TreeFacts check_cells(Page& page, int64_t greatest, int depth);
  bool measure_cell(const Page& page, uint32_t index, uint32_t content_start, std::vector<Extent>& extents,
                    int64_t& rowid);
  void check_overflow(const Page& page, uint32_t index);
  void check_coverage(const Page& page, std::vector<Extent>& extents, uint32_t content_start);

  Pager& pager_;
  int errors_left_;
  std::vector<std::string>* messages_ = nullptr;
  std::vector<bool> referenced_;
  std::string prefix_;
  std::vector<Page*> path_;  // that is being checked, from the root
  uint32_t root_ = 0;
  uint32_t cell_ = 0;
  bool has_maps_ = false;
};

}  // namespace keelback::storage

#endif
