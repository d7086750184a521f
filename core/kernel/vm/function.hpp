// What a native function of SQL is given, and what an aggregate is.
//
// 1. A scalar puts its result into a register's value through `FunctionContext`; views of its arguments live until
// then.
// 2. An aggregate is made once a register and reused for every group: `reset` begins a group.
// 3. A function that has no native twin runs in the host; `find_scalar` and `find_aggregate` give nothing for it.
//
// Knows nothing of programs or cursors. Twin: keelback_core/reference/vm/functions/context.py.
#ifndef KEELBACK_VM_FUNCTION_HPP
#define KEELBACK_VM_FUNCTION_HPP

#include <memory>
#include <span>
#include <string_view>

#include "../value/interrupt_source.hpp"
#include "../value/key.hpp"
#include "../value/status.hpp"
#include "host.hpp"
#include "register.hpp"

namespace keelback::vm {

struct FunctionContext {
  Host& host;
  const Collation& collation;
  Register& result;
};

using Arguments = std::span<const Value>;
using ScalarFunction = Status (*)(const FunctionContext& context, Arguments arguments);

class Aggregate : public RegisterObject {
 public:
  // What made it; tells whether it can be used again for another call.
  std::unique_ptr<Aggregate> (*made_by)() = nullptr;
  // Which of the arguments of the next step are marked as JSON.
  uint64_t json_arguments = 0;
  // Of an aggregate that grows with its rows: about how many bytes it holds, and how many of them a table of groups has
  // counted.
  size_t held_bytes = 0;
  size_t counted_bytes = 0;

  virtual void reset(const Collation& collation) = 0;
  virtual Status step(Arguments arguments) = 0;
  // Step once for each of the rows, with the one argument first[row * stride].
  virtual Status step_rows(const Value* first, size_t stride, std::span<const uint16_t> rows) {
    for (const uint16_t row : rows) KEELBACK_TRY(step({first + row * stride, 1}));
    return ok_status;
  }
  // Take the oldest row out again; only aggregates that a window may use have it.
  virtual Status inverse(Arguments) { return Status(result::INTERNAL); }
  // The value so far; the aggregate goes on.
  virtual Status value(Host& host, Register& result) { return final(host, result); }
  virtual Status final(Host& host, Register& result) = 0;
};

using AggregateFactory = std::unique_ptr<Aggregate> (*)();

// A built-in scalar function, and what its call has to care for.
struct NativeScalar {
  ScalarFunction function = nullptr;
  bool hands_on = false;         // its result is one of its arguments, with that one's JSON mark
  bool is_about_json = false;    // it looks at the JSON marks of its arguments, and may mark its result
  bool is_about_moment = false;  // it may give something else at another step of the same statement
};

// The built-in function of that name (in any case) for so many arguments, or nothing.
NativeScalar find_scalar(std::string_view name, int argument_count);
AggregateFactory find_aggregate(std::string_view name, int argument_count);

}  // namespace keelback::vm

#endif
