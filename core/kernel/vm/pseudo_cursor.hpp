// A cursor on one row that stands in a register: the record of a sorter, or a row made by hand.
//
// The register's serial tells when it has taken another record. Twin: keelback_core/reference/vm/pseudo_cursor.py.
#ifndef KEELBACK_VM_PSEUDO_CURSOR_HPP
#define KEELBACK_VM_PSEUDO_CURSOR_HPP

#include "cursor.hpp"
#include "record_view.hpp"
#include "register.hpp"

namespace keelback::vm {

class PseudoCursor final : public Cursor {
 public:
  explicit PseudoCursor(const Register& place) : Cursor(CursorKind::pseudo, false), place_(place) {}

  Status column(size_t index, const Value& missing, Value& value) override {
    if (is_null_row || place_.is_null()) {
      value = Value();
      return ok_status;
    }
    if (!place_.is_record()) return impossible();
    if (!is_open_ || seen_ != place_.record_serial()) {
      KEELBACK_TRY(view_.open(place_.value().blob()));
      seen_ = place_.record_serial();
      is_open_ = true;
    }
    return view_.column(index, utf8, missing, value);
  }
  bool is_json(size_t index) override { return is_open_ && !is_null_row && view_.is_marked(index); }
  Status record(std::string_view& record) override {
    if (!place_.is_record()) return impossible();
    record = place_.value().text();
    return ok_status;
  }

 private:
  const Register& place_;
  RecordView view_;
  uint32_t seen_ = 0;
  bool is_open_ = false;
};

}  // namespace keelback::vm

#endif
