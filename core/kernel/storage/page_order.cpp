#include "page_order.hpp"

#include "cell.hpp"

namespace keelback::storage {

namespace {

constexpr uint8_t questions_of_a_changed_page = 16;

bool do_rowids_ascend(const Page& page) noexcept {
  int64_t before = 0;
  for (uint32_t index = 0; index < page.cell_count; ++index) {
    int64_t rowid = 0;
    if (!cell_rowid(page, index, rowid) || (index > 0 && rowid <= before)) return false;
    before = rowid;
  }
  return true;
}

}  // namespace

bool find_order(Page& page) noexcept {
  if (!page.is_decoded || page.is_pending() || page.changed_at == Page::replaced) return false;
  if (page.changed_at != Page::as_loaded && ++page.order_questions < questions_of_a_changed_page) return false;
  page.order_questions = 0;
  page.is_ordered = do_rowids_ascend(page);
  page.order_known_at = page.changed_at;
  return page.is_ordered;
}

}  // namespace keelback::storage
