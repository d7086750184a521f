#include "kernel_statement.hpp"

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

KernelStatement::KernelStatement(KernelConnection& connection, std::string sql, const Prepared& prepared)
    : connection_(connection),
      sql_(std::move(sql)),
      generation_(connection.generation()),
      machine_(std::in_place, prepared.program, connection.session()) {
  take_hidden(prepared.hidden);
}

// The literals that were lifted from the text follow the user's parameters.
void KernelStatement::take_hidden(std::span<const Value> values) {
  const size_t first = machine_->program->parameters.size();
  for (size_t at = 0; at < values.size() && first + at < machine_->parameters.size(); ++at) {
    machine_->parameters[first + at].assign(values[at]);
  }
}

void KernelStatement::use(const Prepared& prepared) {
  std::vector<OwnedValue> values = std::move(machine_->parameters);
  const size_t kept = std::min(machine_->program->parameters.size(), prepared.program->parameters.size());
  machine_.emplace(prepared.program, connection_.session());
  for (size_t at = 0; at < kept; ++at) machine_->parameters[at] = std::move(values[at]);
  take_hidden(prepared.hidden);
}

int KernelStatement::step(Row& row, bool& is_description_changed, Failure& failure) {
  is_description_changed = false;
  connection_.host().begin_step();
  return machine_->is_running() ? run(row, failure) : start(row, is_description_changed, failure);
}

int KernelStatement::start(Row& row, bool& is_description_changed, Failure& failure) {
  if (generation_ != connection_.generation()) {
    failure = recompile(is_description_changed);
    if (failure) return failure.code;
  }
  for (int retries = 0;; ++retries) {
    const int code = run(row, failure);
    if ((code & 0xFF) != result::SCHEMA || retries >= largest_schema_retries) return code;
    connection_.forget_schemas();
    bool is_changed = false;
    failure = recompile(is_changed);
    is_description_changed = is_description_changed || is_changed;
    if (failure) return failure.code;
  }
}

int KernelStatement::run(Row& row, Failure& failure) {
  connection_.begin_running();
  const vm::Step found = machine_->step();
  connection_.note_running();
  switch (found) {
    case vm::Step::row: {
      const std::span<const vm::Register> registers = machine_->row();
      row = registers.empty() ? Row() : Row(&registers[0].value(), sizeof(vm::Register), registers.size());
      return result::ROW;
    }
    case vm::Step::done:
      if (connection_.session().has_wal_commits) failure = connection_.note_wal_commits();
      return failure ? failure.code : result::DONE;
    case vm::Step::failed:
      break;
  }
  failure = {machine_->error_code(), machine_->error_message(), -1};
  return failure.code;
}

Failure KernelStatement::recompile(bool& is_description_changed) {
  Prepared prepared;
  if (Failure failure = connection_.compile(sql_, explain_mode_, prepared)) return failure;
  if (!prepared.program) return {result::MISUSE, result::default_message(result::MISUSE), -1};
  is_description_changed = !has_same_columns(*machine_->program, *prepared.program);
  use(prepared);
  generation_ = connection_.generation();
  return {};
}

Failure KernelStatement::reset() {
  if (!machine_->is_running()) return {};
  const Status status = machine_->reset();
  connection_.note_running();
  return status.is_ok() ? Failure{} : connection_.failure_of(status);
}

void KernelStatement::describe(StatementDescription& description) {
  const program::Program& program = *machine_->program;
  description = {machine_->program,  sql_,          program.is_readonly, program.explain_mode,
                 program.parameters, program.output};
}

Failure KernelStatement::bind(std::span<const Value> values) {
  std::vector<OwnedValue>& parameters = machine_->parameters;
  const size_t count = std::min(values.size(), machine_->program->parameters.size());
  for (size_t at = 0; at < count; ++at) parameters[at].assign(values[at]);
  return {};
}

Failure KernelStatement::expanded_sql(std::string& sql) {
  sql = expand_parameters(sql_, machine_->program->parameters, machine_->parameters);
  return {};
}

Failure KernelStatement::set_explain_mode(int mode) {
  if (machine_->is_running()) return {result::BUSY, "database is locked", -1};
  const int before = explain_mode_;
  explain_mode_ = mode;
  bool is_changed = false;
  Failure failure = recompile(is_changed);
  if (failure) explain_mode_ = before;
  return failure;
}

}  // namespace keelback::engine
