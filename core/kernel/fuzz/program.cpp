// Any bytes as a Program: what the loader lets through is run for a bounded number of instructions on a small database,
// and must keep inside its registers, cursors and operands.
#include "../storage/database.hpp"
#include "../vm/machine.hpp"

using namespace keelback;
using namespace keelback::vm;

namespace {

constexpr int ticks_before_interrupt = 20;
constexpr int most_rows = 50;

// Answers as an engine without users' functions would; the progress handler ends what runs for long.
class FuzzHost final : public Host {
 public:
  FuzzHost() {
    progress_period = 100;
    limit_length = 1 << 20;
  }
  int ticks = 0;

  bool progress() override { return ++ticks > ticks_before_interrupt; }
  bool hides_function(const program::FunctionReference&) override { return false; }
  Status call_scalar(const program::FunctionReference&, std::span<const Value>, OwnedValue& result) override {
    result.assign(Value::of_integer(1));
    return ok_status;
  }
  Status new_aggregate(const program::FunctionReference&, std::unique_ptr<HostAggregate>&) override {
    return Status(result::ERROR);
  }
  Status find_collation(const std::string& name, Collation& collation) override {
    if (find_builtin_collation(name, collation)) return ok_status;
    return Status(result::ERROR);
  }
  void random_bytes(void* data, size_t size) override { std::memset(data, 7, size); }
  // 2023-11-14, whenever it is run.
  int64_t current_time_milliseconds() override { return 1'700'000'000'000; }
  void schema_changed(int) override {}
  Status pragma(int, const std::string&, std::span<const Value>, OwnedValue&) override { return ok_status; }
  void update_hook(int, int, const std::string&, int64_t) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Result<std::shared_ptr<const program::Program>> loaded = program::load_program({data, size});
  if (!loaded.is_ok()) return 0;
  // Counts of registers are bounded by the loader, but a machine of the largest would only cost time here.
  if (loaded.value()->register_count > 5000) return 0;
  FuzzHost host;
  std::unique_ptr<storage::Database> main;
  const auto open = [](std::unique_ptr<storage::Database>& database) {
    return storage::Database::open("", 0x86, database);
  };
  if (!open(main).is_ok()) return 0;
  Session session(host, std::move(main), open);
  Machine machine(std::move(loaded.value()), session);
  for (int row = 0; row < most_rows && machine.step() == Step::row; ++row) {
  }
  (void)machine.reset();
  return 0;
}
