// Whether the rowids of a table page ascend, which search does not need to know, but who would spare it does.
//
// 1. It is found out once for a page as it is: `order_known_at` is then its `changed_at`.
// 2. A page that was changed is looked at again only when it has been asked about so often that this pays.
//
// A search in a page without order finds something, and what depends on its probes; kernel and reference make the same
// ones. Whoever answers without them has to answer the same, and does where there is order.
#ifndef KEELBACK_STORAGE_PAGE_ORDER_HPP
#define KEELBACK_STORAGE_PAGE_ORDER_HPP

#include "page.hpp"

namespace keelback::storage {

// Look at the page.
bool find_order(Page& page) noexcept;

// Whether all rowids of a page of a table tree can be read, and each is greater than the one before; false also where
// that is not known.
inline bool is_in_order(Page& page) noexcept {
  return page.order_known_at == page.changed_at ? page.is_ordered : find_order(page);
}

}  // namespace keelback::storage

#endif
