#include "kernel_blob.hpp"

#include "../vm/tree_cursor.hpp"

namespace keelback::engine {

namespace {

constexpr uint64_t real_type = 7;
constexpr uint64_t first_text_type = 12;
// The operation as the hook is told it: SQLITE_DELETE.
constexpr int hook_delete = 9;

const char* name_of_type(uint64_t serial_type) {
  if (serial_type == 0) return "null";
  return serial_type == real_type ? "real" : "integer";
}

}  // namespace

KernelBlob::KernelBlob(KernelConnection& connection, const std::shared_ptr<const program::Program>& program)
    : connection_(connection), generation_(connection.generation()), machine_(connection.take_machine(program)) {}

KernelBlob::~KernelBlob() {
  end();
  if (generation_ == connection_.generation()) connection_.keep_machine(machine_);
}

Failure KernelBlob::seek(int64_t rowid, int64_t& size) {
  machine_->parameters[0] = Value::of_integer(rowid);
  last_ = {};
  chain_.forget();
  connection_.host().begin_step();
  connection_.begin_running();
  const vm::Step found = machine_->step();
  if (found != vm::Step::row) {
    connection_.note_running();
    if (found == vm::Step::failed) return failure_of_machine();
    return {result::ERROR, "no such rowid: " + std::to_string(rowid), -1};
  }
  uint64_t bytes = 0;
  const char* refused = nullptr;
  const Status status = find_value(bytes, refused);
  if (!status.is_ok() || refused != nullptr) {
    end();
    if (refused == nullptr) return connection_.failure_of(status);
    return {result::ERROR, std::string("cannot open value of type ") + refused, -1};
  }
  size = static_cast<int64_t>(bytes);
  return {};
}

Status KernelBlob::find_value(uint64_t& size, const char*& refused) {
  storage::TableCursor* tree = nullptr;
  KEELBACK_TRY(find_tree(tree));
  RecordColumn place{};
  bool is_there = true;
  KEELBACK_TRY(tree->column_place(static_cast<uint32_t>(machine_->row()[0].integer()), place, is_there));
  const uint64_t serial_type = is_there ? place.serial_type : 0;
  if (serial_type < first_text_type) {
    refused = name_of_type(serial_type);
    return ok_status;
  }
  offset_ = place.offset;
  size = serial_size(serial_type);
  return tree->watch_row();
}

Status KernelBlob::find_tree(storage::TableCursor*& tree) {
  vm::Cursor* cursor = machine_->cursor(0);
  if (cursor == nullptr || cursor->kind != vm::CursorKind::table) return Status(result::ABORT_ROLLBACK);
  tree = &static_cast<vm::TableTreeCursor*>(cursor)->tree();
  return ok_status;
}

Status KernelBlob::find_row(storage::TableCursor*& tree) {
  KEELBACK_TRY(find_tree(tree));
  bool is_on = !tree->is_row_changed();
  if (is_on) KEELBACK_TRY(tree->is_on_row(is_on));
  return is_on ? ok_status : Status(result::ABORT);
}

Status KernelBlob::show_row(storage::TableCursor& tree) {
  const Row facts = machine_->row();
  vm::PreUpdate change;
  change.operation = hook_delete;
  change.blob_column = static_cast<int>(facts[0].integer());
  KEELBACK_TRY(tree.rowid(change.old_rowid));
  change.new_rowid = change.old_rowid;
  std::vector<Value> values(static_cast<size_t>(facts[3].integer()));
  vm::Cursor& cursor = *machine_->cursor(0);
  for (size_t number = 0; number < values.size(); ++number) {
    KEELBACK_TRY(cursor.column(number, Value(), values[number]));
  }
  const int64_t rowid_column = facts[2].integer();
  if (rowid_column >= 0) values[static_cast<size_t>(rowid_column)] = Value::of_integer(change.old_rowid);
  change.old_row = values;
  connection_.host().preupdate_hook(static_cast<int>(facts[1].integer()), std::string(facts[4].text()), change);
  return ok_status;
}

Failure KernelBlob::note(Status status) {
  if (status.is_ok()) {
    if (last_) last_ = {};
    return {};
  }
  Failure failure = connection_.failure_of(status);
  if (failure.code == result::ABORT) {
    end();
  } else {
    last_ = failure;
  }
  return failure;
}

Failure KernelBlob::read(int64_t offset, std::span<uint8_t> out) {
  storage::TableCursor* tree = nullptr;
  Status status = find_row(tree);
  if (status.is_ok()) status = tree->read_row_bytes(chain_, offset_ + static_cast<uint64_t>(offset), out);
  return note(status);
}

Failure KernelBlob::write(int64_t offset, std::span<const uint8_t> data) {
  storage::TableCursor* tree = nullptr;
  Status status = find_row(tree);
  if (status.is_ok() && machine_->row().size() > 1) {
    status = show_row(*tree);
    // Who was told may have changed anything.
    if (status.is_ok()) status = find_row(tree);
  }
  if (status.is_ok()) {
    ++connection_.session().change_serial;
    status = tree->write_row_bytes(chain_, offset_ + static_cast<uint64_t>(offset), data);
  }
  return note(status);
}

Failure KernelBlob::close() {
  if (!machine_->is_running()) return {};
  if (last_) {
    machine_->end_failed(last_.code, last_.message);
    connection_.note_running();
    return failure_of_machine();
  }
  const Status status = machine_->reset();
  connection_.note_running();
  return status.is_ok() ? Failure{} : connection_.failure_of(status);
}

void KernelBlob::end() {
  if (!machine_->is_running()) return;
  (void)machine_->reset();
  connection_.note_running();
}

}  // namespace keelback::engine
