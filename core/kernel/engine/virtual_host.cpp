#include "virtual_host.hpp"

#include "plugin/table.h"

namespace keelback::engine {

namespace {

// One scan; the compiler service knows it by its number.
class PythonRows final : public vm::VirtualRows {
 public:
  PythonRows(VirtualHost& host, int64_t scan) : host_(host), scan_(scan) {}
  PythonRows(const PythonRows&) = delete;
  PythonRows& operator=(const PythonRows&) = delete;
  ~PythonRows() override {
    (void)host_.call_compiler(KB_COMPILER_VIRTUAL_CLOSE, [&](Writer& writer) { writer.integer(scan_); });
  }

  Status filter(int64_t number, const std::string* text, std::span<const Value> arguments, int64_t lists,
                bool& has_row) override {
    return host_.call_compiler(
        KB_COMPILER_VIRTUAL_FILTER,
        [&](Writer& writer) {
          writer.integer(scan_).integer(number).text_or_null(text ? text->c_str() : nullptr).integer(lists);
          for (const Value& value : arguments) writer.value_as_given(value);
        },
        [&](Reader& reader) { has_row = reader.integer() != 0; });
  }
  Status next(bool& has_row) override {
    return host_.call_compiler(
        KB_COMPILER_VIRTUAL_NEXT, [&](Writer& writer) { writer.integer(scan_); },
        [&](Reader& reader) { has_row = reader.integer() != 0; });
  }
  Status column(int number, OwnedValue& value, bool& is_json) override {
    return host_.call_compiler(
        KB_COMPILER_VIRTUAL_COLUMN, [&](Writer& writer) { writer.integer(scan_).integer(number); },
        [&](Reader& reader) {
          value.assign(reader.next());
          is_json = reader.integer() != 0;
        });
  }
  Status rowid(int64_t& rowid) override {
    return host_.call_compiler(
        KB_COMPILER_VIRTUAL_ROWID, [&](Writer& writer) { writer.integer(scan_); },
        [&](Reader& reader) { rowid = reader.integer(); });
  }

 private:
  VirtualHost& host_;
  int64_t scan_;
};

}  // namespace

Status VirtualHost::open_virtual(const std::string& table, std::unique_ptr<vm::VirtualRows>& rows) {
  int64_t scan = 0;
  KEELBACK_TRY(call_compiler(
      KB_COMPILER_VIRTUAL_OPEN, [&](Writer& writer) { writer.text(table); },
      [&](Reader& reader) { scan = reader.integer(); }));
  rows = std::make_unique<PythonRows>(*this, scan);
  return keelback::ok_status;
}

Status VirtualHost::begin_virtual(const std::string& table, int depth) {
  return call_compiler(KB_COMPILER_VIRTUAL_BEGIN, [&](Writer& writer) { writer.text(table).integer(depth); });
}

Status VirtualHost::update_virtual(const std::string& table, std::span<const Value> arguments, int conflict,
                                   OwnedValue& rowid) {
  return call_compiler(
      KB_COMPILER_VIRTUAL_UPDATE,
      [&](Writer& writer) {
        writer.text(table).integer(conflict);
        for (const Value& value : arguments) writer.value_as_given(value);
      },
      [&](Reader& reader) { rowid.assign(reader.next()); });
}

Status VirtualHost::create_virtual(int database, const std::string& text) {
  return call_compiler(KB_COMPILER_VIRTUAL_CREATE, [&](Writer& writer) { writer.integer(database).text(text); });
}

Status VirtualHost::destroy_virtual(const std::string& table) {
  return call_compiler(KB_COMPILER_VIRTUAL_DESTROY, [&](Writer& writer) { writer.text(table); });
}

Status VirtualHost::rename_virtual(const std::string& table, const std::string& name) {
  return call_compiler(KB_COMPILER_VIRTUAL_RENAME, [&](Writer& writer) { writer.text(table).text(name); });
}

Status VirtualHost::check_virtual(const std::string& table, bool is_quick, OwnedValue& result) {
  return call_compiler(
      KB_COMPILER_VIRTUAL_CHECK, [&](Writer& writer) { writer.text(table).integer(is_quick ? 1 : 0); },
      [&](Reader& reader) { result.assign(reader.next()); });
}

Status VirtualHost::end_virtual(vm::VirtualEvent event, int depth) {
  return call_compiler(KB_COMPILER_VIRTUAL_END,
                       [&](Writer& writer) { writer.integer(static_cast<int>(event)).integer(depth); });
}

}  // namespace keelback::engine
