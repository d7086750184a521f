// The VM as C functions, for the tests that run the same programs on both twins.
//
// Rows and arguments cross the border packed: a byte of type (1 INTEGER, 2 REAL, 3 TEXT, 4 BLOB, 5 NULL), then eight
// bytes of a number, or four of a size and the bytes. What the host is asked goes through one function; its answer is
// handed in by `vm_answer` before that returns.
#include <cstring>
#include <random>

#include "../machine.hpp"
#include "../repeated_scan.hpp"

namespace {

using namespace keelback;
using namespace keelback::vm;

enum Question {
  ask_hides = 1,
  ask_scalar,
  ask_new_aggregate,
  ask_aggregate_step,
  ask_aggregate_final,
  ask_aggregate_drop,
  ask_collation,
  ask_compare,
  ask_schema_changed,
  ask_pragma,
  ask_update_hook,
  ask_commit_hook,
  ask_rollback_hook,
  ask_progress,
  ask_busy,
  ask_aggregate_inverse,
  ask_aggregate_value,
  ask_virtual_open = 19,
  ask_virtual_filter,
  ask_virtual_next,
  ask_virtual_column,
  ask_virtual_rowid,
  ask_virtual_close,
  ask_virtual_begin,
  ask_virtual_update,
  ask_virtual_create,
  ask_virtual_destroy,
  ask_virtual_rename,
  ask_virtual_check,
  ask_virtual_end,
  ask_current_time,
};

using Ask = int (*)(int question, const char* request, size_t size);

class Packed {
 public:
  Packed& add(const Value& value) {
    switch (value.type()) {
      case Type::null:
        bytes_.push_back(5);
        break;
      case Type::integer:
        number(1, value.integer());
        break;
      case Type::real:
        number(2, value.real());
        break;
      case Type::text:
        text(3, value.text());
        break;
      case Type::blob:
        text(4, value.text());
        break;
    }
    return *this;
  }
  Packed& add(int64_t integer) { return add(Value::of_integer(integer)); }
  Packed& add(std::string_view text) { return add(Value::of_text(text)); }
  Packed& add(std::span<const Value> values) {
    for (const Value& value : values) add(value);
    return *this;
  }
  Packed& add(const Packed& other) {
    bytes_ += other.bytes_;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  template <typename Number>
  void number(char type, Number value) {
    bytes_.push_back(type);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(char type, std::string_view value) {
    bytes_.push_back(type);
    const auto size = static_cast<uint32_t>(value.size());
    bytes_.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes_.append(value);
  }

  std::string bytes_;
};

std::vector<Value> unpack(std::string_view bytes) {
  std::vector<Value> values;
  while (!bytes.empty()) {
    const char type = bytes[0];
    bytes.remove_prefix(1);
    if (type == 1 || type == 2) {
      int64_t integer = 0;
      double real = 0;
      std::memcpy(&integer, bytes.data(), 8);
      std::memcpy(&real, bytes.data(), 8);
      values.push_back(type == 1 ? Value::of_integer(integer) : Value::of_real(real));
      bytes.remove_prefix(8);
    } else if (type == 3 || type == 4) {
      uint32_t size = 0;
      std::memcpy(&size, bytes.data(), 4);
      const std::string_view text = bytes.substr(4, size);
      values.push_back(type == 3 ? Value::of_text(text) : Value::of_blob(text));
      bytes.remove_prefix(4 + size);
    } else {
      values.emplace_back();
    }
  }
  return values;
}

class TwinHost final : public Host {
 public:
  explicit TwinHost(Ask ask) : ask_(ask) {}

  std::string answer;
  // For measuring: hooks and hidden functions are not asked for.
  bool is_quiet = false;

  int ask(int question, const Packed& request) {
    answer.clear();
    return ask_(question, request.bytes().data(), request.bytes().size());
  }
  Status ask_status(int question, const Packed& request, OwnedValue* result = nullptr) {
    const int code = ask(question, request);
    const std::string kept = answer;
    const std::vector<Value> values = unpack(kept);
    if (code != result::OK) {
      if (values.empty() || !values[0].is_text()) return Status(code);
      return fail(code, std::string(values[0].text()));
    }
    if (result) result->assign(values.empty() ? Value() : values[0]);
    is_json_result = values.size() > 1;
    return keelback::ok_status;
  }

  bool hides_function(const program::FunctionReference& reference) override {
    return !is_quiet && ask(ask_hides, Packed().add(reference.name).add(reference.argument_count)) != 0;
  }
  Status call_scalar(const program::FunctionReference& reference, std::span<const Value> arguments,
                     OwnedValue& result) override {
    return ask_status(ask_scalar, Packed().add(static_cast<int64_t>(json_arguments)).add(of(reference)).add(arguments),
                      &result);
  }
  Status new_aggregate(const program::FunctionReference& reference, std::unique_ptr<HostAggregate>& aggregate) override;
  Status find_collation(const std::string& name, Collation& collation) override {
    OwnedValue number;
    KEELBACK_TRY(ask_status(ask_collation, Packed().add(name), &number));
    if (number.value().integer() == 0) {
      find_builtin_collation(name, collation);
      return keelback::ok_status;
    }
    collations_.push_back(std::make_unique<CollationContext>(CollationContext{this, number.value().integer()}));
    collation = {Collation::Kind::custom, compare, collations_.back().get()};
    return keelback::ok_status;
  }
  void random_bytes(void* data, size_t size) override {
    static std::random_device device;
    for (size_t place = 0; place < size; ++place) static_cast<uint8_t*>(data)[place] = static_cast<uint8_t>(device());
  }
  int64_t current_time_milliseconds() override {
    OwnedValue number;
    (void)ask_status(ask_current_time, Packed(), &number);
    return number.value().is_integer() ? number.value().integer() : 0;
  }
  void schema_changed(int database) override { ask(ask_schema_changed, Packed().add(database)); }
  Status pragma(int database, const std::string& name, std::span<const Value> arguments, OwnedValue& result) override {
    return ask_status(ask_pragma, Packed().add(database).add(name).add(arguments), &result);
  }
  Status open_virtual(const std::string& table, std::unique_ptr<VirtualRows>& rows) override;
  Status begin_virtual(const std::string& table, int depth) override {
    return ask_status(ask_virtual_begin, Packed().add(table).add(depth));
  }
  Status update_virtual(const std::string& table, std::span<const Value> arguments, int conflict,
                        OwnedValue& rowid) override {
    return ask_status(ask_virtual_update, Packed().add(table).add(conflict).add(arguments), &rowid);
  }
  Status create_virtual(int database, const std::string& text) override {
    return ask_status(ask_virtual_create, Packed().add(database).add(text));
  }
  Status destroy_virtual(const std::string& table) override {
    return ask_status(ask_virtual_destroy, Packed().add(table));
  }
  Status rename_virtual(const std::string& table, const std::string& name) override {
    return ask_status(ask_virtual_rename, Packed().add(table).add(name));
  }
  Status check_virtual(const std::string& table, bool is_quick, OwnedValue& result) override {
    return ask_status(ask_virtual_check, Packed().add(table).add(is_quick), &result);
  }
  Status end_virtual(VirtualEvent event, int depth) override {
    return ask_status(ask_virtual_end, Packed().add(static_cast<int>(event)).add(depth));
  }
  void update_hook(int operation, int database, const std::string& table, int64_t rowid) override {
    if (!is_quiet) ask(ask_update_hook, Packed().add(operation).add(database).add(table).add(rowid));
  }
  bool commit_hook() override { return !is_quiet && ask(ask_commit_hook, Packed()) != 0; }
  void rollback_hook() override { ask(ask_rollback_hook, Packed()); }
  bool progress() override { return ask(ask_progress, Packed()) != 0; }

  static Packed of(const program::FunctionReference& reference) {
    return Packed().add(reference.name).add(reference.argument_count).add(reference.collation_name);
  }

 private:
  struct CollationContext {
    TwinHost* host;
    int64_t number;
  };
  static int compare(void* context, std::string_view left, std::string_view right) {
    auto* found = static_cast<CollationContext*>(context);
    return found->host->ask(ask_compare, Packed().add(found->number).add(left).add(right));
  }

  Ask ask_;
  std::vector<std::unique_ptr<CollationContext>> collations_;
};

class TwinAggregate final : public HostAggregate {
 public:
  TwinAggregate(TwinHost& host, int64_t number) : host_(host), number_(number) {}
  ~TwinAggregate() override { host_.ask(ask_aggregate_drop, Packed().add(number_)); }
  Status step(std::span<const Value> arguments) override {
    return host_.ask_status(ask_aggregate_step,
                            Packed().add(static_cast<int64_t>(host_.json_arguments)).add(number_).add(arguments));
  }
  Status inverse(std::span<const Value> arguments) override {
    return host_.ask_status(ask_aggregate_inverse, Packed().add(number_).add(arguments));
  }
  Status value(OwnedValue& result) override {
    return host_.ask_status(ask_aggregate_value, Packed().add(number_), &result);
  }
  Status final(OwnedValue& result) override {
    return host_.ask_status(ask_aggregate_final, Packed().add(number_), &result);
  }

 private:
  TwinHost& host_;
  int64_t number_;
};

Status TwinHost::new_aggregate(const program::FunctionReference& reference, std::unique_ptr<HostAggregate>& aggregate) {
  OwnedValue number;
  KEELBACK_TRY(ask_status(ask_new_aggregate, of(reference), &number));
  aggregate = std::make_unique<TwinAggregate>(*this, number.value().integer());
  return keelback::ok_status;
}

class TwinRows final : public VirtualRows {
 public:
  TwinRows(TwinHost& host, int64_t number) : host_(host), number_(number) {}
  ~TwinRows() override { host_.ask(ask_virtual_close, Packed().add(number_)); }
  Status filter(int64_t number, const std::string* text, std::span<const Value> arguments, int64_t lists,
                bool& has_row) override {
    const Value given = text ? Value::of_text(*text) : Value();
    OwnedValue found;
    KEELBACK_TRY(host_.ask_status(ask_virtual_filter,
                                  Packed().add(number_).add(number).add(given).add(lists).add(arguments), &found));
    has_row = found.value().integer() != 0;
    return keelback::ok_status;
  }
  Status next(bool& has_row) override {
    OwnedValue found;
    KEELBACK_TRY(host_.ask_status(ask_virtual_next, Packed().add(number_), &found));
    has_row = found.value().integer() != 0;
    return keelback::ok_status;
  }
  Status column(int number, OwnedValue& value, bool& is_json) override {
    KEELBACK_TRY(host_.ask_status(ask_virtual_column, Packed().add(number_).add(number), &value));
    is_json = host_.is_json_result;
    return keelback::ok_status;
  }
  Status rowid(int64_t& rowid) override {
    OwnedValue found;
    KEELBACK_TRY(host_.ask_status(ask_virtual_rowid, Packed().add(number_), &found));
    rowid = found.value().integer();
    return keelback::ok_status;
  }

 private:
  TwinHost& host_;
  int64_t number_;
};

Status TwinHost::open_virtual(const std::string& table, std::unique_ptr<VirtualRows>& rows) {
  OwnedValue number;
  KEELBACK_TRY(ask_status(ask_virtual_open, Packed().add(table), &number));
  rows = std::make_unique<TwinRows>(*this, number.value().integer());
  return keelback::ok_status;
}

struct TwinConnection {
  explicit TwinConnection(Ask ask) : host(ask) {}
  TwinHost host;
  std::unique_ptr<Session> session;
  std::string complaint;
};

struct TwinMachine {
  TwinMachine(std::shared_ptr<const Program> program, Session& session) : machine(std::move(program), session) {}
  void set_parameter(size_t place, const Value& value) {
    kept.resize(machine.parameters.size());
    kept[place].assign(value);
    machine.parameters[place] = kept[place].value();
  }

  Machine machine;
  std::vector<OwnedValue> kept;  // what the parameters are
  Packed row;
  uint64_t looked_at = 0;
};

}  // namespace

extern "C" {

int vm_open(Ask ask, const char* path, int flags, TwinConnection** out) {
  auto connection = std::make_unique<TwinConnection>(ask);
  std::unique_ptr<storage::Database> main;
  const Status status = storage::Database::open(path, flags, main);
  if (!status.is_ok()) return status.code();
  TwinHost* host = &connection->host;
  main->busy_handler = [host](int count) { return host->ask(ask_busy, Packed().add(count)) != 0; };
  // In memory, like the temp database of the Python engine.
  connection->session = std::make_unique<Session>(
      connection->host, std::move(main),
      [](std::unique_ptr<storage::Database>& database) { return storage::Database::open("", 0x86, database); });
  *out = connection.release();
  return 0;
}

void vm_close(TwinConnection* connection) { delete connection; }

void vm_answer(TwinConnection* connection, const char* bytes, size_t size) {
  connection->host.answer.assign(bytes, size);
}

// state: changes, total_changes, last_insert_rowid, autocommit, running statements, transaction state of main.
void vm_state(TwinConnection* connection, int64_t* state) {
  const Session& session = *connection->session;
  state[0] = connection->host.changes;
  state[1] = connection->host.total_changes;
  state[2] = connection->host.last_insert_rowid;
  state[3] = session.autocommit;
  state[4] = static_cast<int64_t>(session.running.size());
  state[5] = static_cast<int64_t>(session.databases[0]->transaction_state());
}

void vm_set(TwinConnection* connection, int what, int64_t value) {
  switch (what) {
    case 0:
      connection->host.limit_length = static_cast<size_t>(value);
      break;
    case 1:
      connection->host.is_interrupted = value != 0;
      break;
    case 2:
      connection->host.progress_period = static_cast<int>(value);
      break;
    case 3:
      connection->session->is_query_only = value != 0;
      break;
    case 4:
      connection->session->defers_foreign_keys = value != 0;
      break;
    case 5:
      connection->session->trigger_depth_limit = static_cast<int>(value);
      break;
    case 6:
      (void)connection->session->databases[0]->set_page_size(static_cast<uint32_t>(value));
      break;
    case 7:
      connection->session->databases[0]->set_synchronous(static_cast<int>(value));
      break;
    case 8:
      connection->session->databases[0]->set_cache_size(value);
      break;
    case 9:
      connection->host.is_quiet = value != 0;
      break;
    default:
      connection->host.last_insert_rowid = value;
      break;
  }
}

int vm_prepare(TwinConnection* connection, const uint8_t* bytes, size_t size, TwinMachine** out) {
  Result<std::shared_ptr<const Program>> loaded = program::load_program({bytes, size}, &connection->complaint);
  if (!loaded.is_ok()) return loaded.status().code();
  *out = new TwinMachine(std::move(loaded.value()), *connection->session);
  return 0;
}

const char* vm_complaint(TwinConnection* connection) { return connection->complaint.c_str(); }

int vm_has_function(const char* name, int argument_count, int is_aggregate) {
  return is_aggregate ? find_aggregate(name, argument_count) != nullptr
                      : find_scalar(name, argument_count).function != nullptr;
}

int vm_check_program(const uint8_t* bytes, size_t size) { return program::load_program({bytes, size}).status().code(); }

void vm_bind(TwinMachine* twin, const char* bytes, size_t size) {
  const std::vector<Value> values = unpack({bytes, size});
  for (size_t place = 0; place < values.size() && place < twin->machine.parameters.size(); ++place) {
    twin->set_parameter(place, values[place]);
  }
}

// 100 a row, 101 done, else the code of the error.
int vm_step(TwinMachine* twin) {
  twin->row.clear();
  switch (twin->machine.step()) {
    case Step::row:
      for (size_t column = 0; column < twin->machine.row().size(); ++column) twin->row.add(twin->machine.row()[column]);
      return 100;
    case Step::done:
      return 101;
    case Step::failed:
      break;
  }
  return twin->machine.error_code();
}

// Run to the end and give the number of rows; for measuring, so every column is looked at. Negative: the code of an
// error.
[[gnu::noinline]] int64_t vm_run(TwinMachine* twin) {
  uint64_t total = 0;
  for (int64_t rows = 0;; ++rows) {
    const Step step = twin->machine.step();
    if (step == Step::done) {
      twin->looked_at = total;
      return rows;
    }
    if (step == Step::failed) return -twin->machine.error_code();
    const Row& row = twin->machine.row();
    for (size_t column = 0; column < row.size(); ++column) {
      const Value& value = row[column];
      total += value.is_integer()                      ? static_cast<uint64_t>(value.integer())
               : value.has_bytes() && value.size() > 0 ? static_cast<uint64_t>(value.text()[0])
                                                       : 0;
    }
  }
}

// The same `count` times, for keys (first + n * stride) % modulus, of which the parameters are made: `kinds` has a
// letter for each, i the key, r a real, t a text.
int64_t vm_run_keys(TwinMachine* twin, const char* kinds, int64_t first, int64_t count, int64_t stride,
                    int64_t modulus) {
  int64_t rows = 0;
  std::string text;
  for (int64_t place = 0; place < count; ++place) {
    const int64_t key = (first + place * stride) % modulus;
    for (size_t number = 0; kinds[number]; ++number) {
      if (kinds[number] == 'i') twin->set_parameter(number, Value::of_integer(key));
      if (kinds[number] == 'r') twin->set_parameter(number, Value::of_real(static_cast<double>(key) / 7.0));
      if (kinds[number] != 't') continue;
      text.assign("text ").append(std::to_string(key));
      twin->set_parameter(number, Value::of_text(text));
    }
    const int64_t found = vm_run(twin);
    if (found < 0) return found;
    rows += found;
  }
  return rows;
}

void vm_row(TwinMachine* twin, const char** bytes, size_t* size) {
  *bytes = twin->row.bytes().data();
  *size = twin->row.bytes().size();
}

const char* vm_error(TwinMachine* twin) { return twin->machine.error_message().c_str(); }

// How many scans of the statement have visited only the rows that a RepeatedScan knew of.
int64_t vm_listed_scans(TwinMachine* twin) {
  uint64_t count = 0;
  for (int64_t address = 0; const program::Instruction* i = twin->machine.instruction_at(address); ++address) {
    if (i->opcode != program::OP_REWIND) continue;
    const auto& repeated = twin->machine.loop(*i, false).repeated;
    if (repeated) count += repeated->listed();
  }
  return static_cast<int64_t>(count);
}

int vm_reset(TwinMachine* twin) { return twin->machine.reset().code(); }

void vm_free(TwinMachine* twin) { delete twin; }

}  // extern "C"
