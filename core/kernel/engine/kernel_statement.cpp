#include "kernel_statement.hpp"

#include "expanded_sql.hpp"

#include <algorithm>

namespace keelback::engine {

namespace {

constexpr int largest_schema_retries = 50;

bool has_same_columns(const program::Program& left, const program::Program& right) {
  if (&left == &right) return true;
  if (left.output.size() != right.output.size()) return false;
  for (size_t at = 0; at < left.output.size(); ++at) {
    if (left.output[at].name != right.output[at].name) return false;
  }
  return true;
}

}  // namespace

KernelStatement::KernelStatement(KernelConnection& connection, std::string sql, Prepared prepared)
    : connection_(connection),
      sql_(std::move(sql)),
      generation_(connection.generation()),
      program_(std::move(prepared.program)) {
  if (!prepared.hidden.empty()) take_hidden(prepared.hidden);
}

KernelStatement::~KernelStatement() {
  if (!machine_) return;
  (void)machine_->reset();
  if (generation_ == connection_.generation()) connection_.keep_machine(machine_);
}

void KernelStatement::take_hidden(std::span<const Value> values) {
  size_t size = 0;
  for (const Value& value : values) size += value.has_bytes() ? value.size() + 1 : 0;
  hidden_bytes_.clear();
  // The values are views of it, each followed by a NUL: it does not grow on the way.
  hidden_bytes_.reserve(size);
  hidden_.assign(values.begin(), values.end());
  for (Value& value : hidden_) {
    if (value.has_bytes()) {
      const size_t place = hidden_bytes_.size();
      hidden_bytes_.append(value.text());
      const std::string_view kept = std::string_view(hidden_bytes_).substr(place);
      hidden_bytes_.push_back('\0');
      value = value.is_text() ? Value::of_text(kept) : Value::of_blob(kept);
    }
  }
}

void KernelStatement::give_hidden() {
  const size_t first = program_->parameters.size();
  const size_t count = std::min(hidden_.size(), machine_->parameters.size() - first);
  std::copy_n(hidden_.begin(), count, machine_->parameters.begin() + static_cast<std::ptrdiff_t>(first));
}

void KernelStatement::make_machine() {
  machine_ = connection_.take_machine(program_);
  give_hidden();
}

void KernelStatement::use(Prepared prepared) {
  if (machine_) {
    machine_->take_counts(counts_);
    const std::vector<Value> values = std::move(machine_->parameters);
    const size_t kept = std::min(program_->parameters.size(), prepared.program->parameters.size());
    machine_ = std::make_unique<vm::Machine>(prepared.program, connection_.session());
    std::copy_n(values.begin(), kept, machine_->parameters.begin());
  }
  program_ = std::move(prepared.program);
  take_hidden(prepared.hidden);
  if (machine_) give_hidden();
}

int KernelStatement::step(Row& row, bool& is_description_changed, Failure& failure) {
  is_description_changed = false;
  connection_.host().begin_step();
  if (machine_ && machine_->is_running()) {
    // Something runs already, and goes on running if there is a row.
    const vm::Step found = machine_->step();
    return found == vm::Step::row ? give_row(row) : end_run(found, failure);
  }
  if (generation_ != connection_.generation()) [[unlikely]] {
    failure = recompile(is_description_changed);
    if (failure) return failure.code;
  }
  const int code = run(row, failure);
  return (code & 0xFF) == result::SCHEMA ? start_anew(code, row, is_description_changed, failure) : code;
}

// The schema is another one than the program was compiled for.
int KernelStatement::start_anew(int code, Row& row, bool& is_description_changed, Failure& failure) {
  for (int retries = 0; (code & 0xFF) == result::SCHEMA && retries < largest_schema_retries; ++retries) {
    connection_.forget_schemas();
    bool is_changed = false;
    failure = recompile(is_changed);
    is_description_changed = is_description_changed || is_changed;
    if (failure) return failure.code;
    code = run(row, failure);
  }
  return code;
}

int KernelStatement::run(Row& row, Failure& failure) {
  connection_.begin_running();
  const vm::Step found = machine().step();
  return found == vm::Step::row ? give_row(row) : end_run(found, failure);
}

int KernelStatement::end_run(vm::Step found, Failure& failure) {
  connection_.note_running();
  if (found == vm::Step::done) {
    if (!connection_.session().has_wal_commits) return result::DONE;
    failure = connection_.note_wal_commits();
    return failure ? failure.code : result::DONE;
  }
  failure = {machine_->error_code(), machine_->error_message(), -1, -1, machine_->address_of_next() - 1};
  return failure.code;
}

Failure KernelStatement::recompile(bool& is_description_changed) {
  Prepared prepared;
  if (Failure failure = connection_.compile(sql_, explain_mode_, prepared)) return failure;
  if (!prepared.program) return {result::MISUSE, result::default_message(result::MISUSE), -1};
  is_description_changed = !has_same_columns(*program_, *prepared.program);
  use(std::move(prepared));
  generation_ = connection_.generation();
  return {};
}

Failure KernelStatement::reset() {
  if (!machine_ || !machine_->is_running()) return {};
  const Status status = machine_->reset();
  connection_.note_running();
  return status.is_ok() ? Failure{} : connection_.failure_of(status);
}

void KernelStatement::describe(StatementDescription& description) {
  const program::Program& program = *program_;
  description = {program_, sql_, program.is_readonly, program.explain_mode, program.parameters, program.output};
}

Failure KernelStatement::bind(std::span<const OwnedValue> values) {
  std::vector<Value>& parameters = machine().parameters;
  const size_t count = std::min(values.size(), program_->parameters.size());
  for (size_t at = 0; at < count; ++at) parameters[at] = values[at].value();
  return {};
}

Failure KernelStatement::expanded_sql(std::string& sql) {
  sql = expand_parameters(sql_, program_->parameters, machine().parameters);
  return {};
}

void KernelStatement::take_counts(std::span<int64_t, program::statement_count_end> into) {
  if (machine_) machine_->take_counts(counts_);
  for (size_t kind = 0; kind < counts_.size(); ++kind) into[kind] += std::exchange(counts_[kind], 0);
}

Failure KernelStatement::set_explain_mode(int mode) {
  if (machine_ && machine_->is_running()) return {result::BUSY, "database is locked", -1};
  const int before = explain_mode_;
  explain_mode_ = mode;
  bool is_changed = false;
  Failure failure = recompile(is_changed);
  if (failure) explain_mode_ = before;
  return failure;
}

}  // namespace keelback::engine
