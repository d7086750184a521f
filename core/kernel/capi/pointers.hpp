// PointerStore: the pointers of a connection that travel through SQL as NULLs (sqlite3_bind_pointer and its kin).
//
// 1. SQL carries a number (Value::of_pointer); what it stands for is here, as long as the statement that it was bound
//    to, or in which a function gave it, keeps it. A number that is forgotten reads as a plain NULL.
// 2. Numbers below zero are parameters', which go when they are bound anew; the others are results', which go with
//    their statement's run, or when the call that gave them gives something else.
//
// Must not know: SQL, engines.
#ifndef KEELBACK_CAPI_POINTERS_HPP
#define KEELBACK_CAPI_POINTERS_HPP

#include <cstdint>
#include <map>

namespace keelback::capi {

struct KeptPointer {
  void* pointer = nullptr;
  const char* type = nullptr;
  void (*destroy)(void*) = nullptr;
  // The statement in whose run a function gave it; null for a parameter.
  const void* run = nullptr;
};

class PointerStore {
 public:
  PointerStore() = default;
  PointerStore(const PointerStore&) = delete;
  PointerStore& operator=(const PointerStore&) = delete;
  ~PointerStore() { forget_run(nullptr, true); }

  // The number under which it is kept from now on.
  int64_t keep(const KeptPointer& kept) {
    const int64_t number = kept.run == nullptr ? -++last_ : ++last_;
    entries_.emplace(number, kept);
    if (kept.run != nullptr) ++results_;
    return number;
  }
  [[nodiscard]] const KeptPointer* find(int64_t number) const {
    const auto found = entries_.find(number);
    return found == entries_.end() ? nullptr : &found->second;
  }
  void forget(int64_t number) {
    const auto found = entries_.find(number);
    if (found == entries_.end()) return;
    const KeptPointer kept = found->second;
    entries_.erase(found);
    if (kept.run != nullptr) --results_;
    if (kept.destroy != nullptr) kept.destroy(kept.pointer);
  }
  // Forget what a run has left, or everything.
  void forget_run(const void* run, bool is_everything = false) {
    if (results_ == 0 && !is_everything) return;
    for (auto at = entries_.begin(); at != entries_.end();) {
      const int64_t number = at->first;
      if (is_everything || at->second.run == run) forget(number);
      // A destructor may have come back to us.
      at = entries_.upper_bound(number);
    }
  }

 private:
  std::map<int64_t, KeptPointer> entries_;
  int64_t last_ = 0;
  size_t results_ = 0;
};

}  // namespace keelback::capi

#endif
