// VirtualRows: one scan of a virtual table, by a module of ours or by the host.
//
// After filter, and after each next, it stands on a row or `has_row` is false. Twin: keelback_core/module/protocol.py
// (ModuleCursor).
#ifndef KEELBACK_VM_VIRTUAL_ROWS_HPP
#define KEELBACK_VM_VIRTUAL_ROWS_HPP

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "../value/status.hpp"
#include "../value/value.hpp"

namespace keelback::vm {

// What the transaction tells virtual tables.
enum class VirtualEvent : uint8_t { sync, commit, rollback, savepoint, release, rollback_to };

class VirtualRows {
 public:
  VirtualRows() = default;
  VirtualRows(const VirtualRows&) = delete;
  VirtualRows& operator=(const VirtualRows&) = delete;
  virtual ~VirtualRows() = default;

  // Begin (again), with the number and text (or null) that the table chose when it was planned. lists: bit i for an
  // argument i that is a list, as ListAppend makes it; only a table that has asked for lists gets them.
  virtual Status filter(int64_t number, const std::string* text, std::span<const Value> arguments, int64_t lists,
                        bool& has_row) = 0;
  virtual Status next(bool& has_row) = 0;
  // Below zero: -1 - number of a column that an UPDATE does not change; program::no_change may be its value.
  virtual Status column(int number, OwnedValue& value, bool& is_json) = 0;
  virtual Status rowid(int64_t& rowid) = 0;
};

}  // namespace keelback::vm

#endif
