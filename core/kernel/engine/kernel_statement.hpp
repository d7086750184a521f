// KernelStatement: one prepared statement of a KernelConnection.
//
// 1. Bindings outlive reset and recompilation; they do not change while the statement runs. Their bytes are the
//    caller's, those of lifted literals are kept here.
// 2. The machine is made when it is needed first: who asks only for columns or parameters never needs it.
// 3. The Program is compiled anew when the connection's generation has grown, and when the machine finds another schema
//    cookie in the file (SQLITE_SCHEMA), a bounded number of times.
//
// Twin: keelback_core/engine/statement.py.
#ifndef KEELBACK_ENGINE_KERNEL_STATEMENT_HPP
#define KEELBACK_ENGINE_KERNEL_STATEMENT_HPP

#include <vector>

#include "../vm/machine.hpp"
#include "kernel_connection.hpp"

namespace keelback::engine {

class KernelStatement final : public EngineStatement {
 public:
  KernelStatement(KernelConnection& connection, std::string sql, Prepared prepared);
  KernelStatement(const KernelStatement&) = delete;
  KernelStatement& operator=(const KernelStatement&) = delete;
  ~KernelStatement() override;

  int step(Row& row, bool& is_description_changed, Failure& failure) override;
  Failure reset() override;
  void describe(StatementDescription& description) override;
  Failure bind(std::span<const OwnedValue> values) override;
  Failure expanded_sql(std::string& sql) override;
  Failure set_explain_mode(int mode) override;
  void take_counts(std::span<int64_t, program::statement_count_end> into) override;

 private:
  int start_anew(int code, Row& row, bool& is_description_changed, Failure& failure);
  int run(Row& row, Failure& failure);
  int end_run(vm::Step found, Failure& failure);
  int give_row(Row& row) const {
    row = machine_->row();
    return result::ROW;
  }
  Failure recompile(bool& is_description_changed);
  void use(Prepared prepared);
  // The literals that were lifted from the text: kept here, and given to the machine behind the user's parameters.
  void take_hidden(std::span<const Value> values);
  void give_hidden();
  vm::Machine& machine() {
    if (!machine_) [[unlikely]]
      make_machine();
    return *machine_;
  }
  void make_machine();

  KernelConnection& connection_;
  std::string sql_;
  std::vector<Value> hidden_;
  std::string hidden_bytes_;
  uint64_t generation_;
  int explain_mode_ = -1;
  std::shared_ptr<const program::Program> program_;
  std::unique_ptr<vm::Machine> machine_;  // null until it is needed
  // Of machines that have been replaced.
  std::array<int64_t, program::statement_count_end> counts_{};
};

}  // namespace keelback::engine

#endif
