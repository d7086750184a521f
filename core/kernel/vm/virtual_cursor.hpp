// A cursor on a virtual table: what the opcodes see of a scan.
//
// Twin: keelback_core/reference/vm/virtual_cursor.py.
#ifndef KEELBACK_VM_VIRTUAL_CURSOR_HPP
#define KEELBACK_VM_VIRTUAL_CURSOR_HPP

#include "cursor.hpp"
#include "virtual_rows.hpp"

namespace keelback::vm {

class VirtualCursor final : public Cursor {
 public:
  explicit VirtualCursor(std::unique_ptr<VirtualRows> rows)
      : Cursor(CursorKind::virtual_table, true), rows_(std::move(rows)) {}

  Status filter(int64_t number, const std::string* text, std::span<const Value> arguments, int64_t lists,
                bool& has_row) {
    is_null_row = false;
    return rows_->filter(number, text, arguments, lists, has_row);
  }
  Status next(bool& found) override {
    found = false;
    return is_null_row ? ok_status : rows_->next(found);
  }
  Status read(int number, OwnedValue& value, bool& is_json) {
    is_json = false;
    if (!is_null_row) return rows_->column(number, value, is_json);
    value.assign(Value());
    return ok_status;
  }
  Status rowid(Value& value) override {
    int64_t rowid = 0;
    value = Value();
    if (is_null_row) return ok_status;
    KEELBACK_TRY(rows_->rowid(rowid));
    value = Value::of_integer(rowid);
    return ok_status;
  }

 private:
  std::unique_ptr<VirtualRows> rows_;
};

}  // namespace keelback::vm

#endif
