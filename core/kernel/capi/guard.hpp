// No exception leaves the C API: what runs out of memory answers as SQLite does when it does.
#ifndef KEELBACK_CAPI_GUARD_HPP
#define KEELBACK_CAPI_GUARD_HPP

#include <exception>

namespace keelback::capi {

template <typename Result, typename Body>
Result guard(Result on_failure, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    return on_failure;
  }
}

}  // namespace keelback::capi

#endif
