// Steps of a loop by pages whose results have bytes: functions, concatenation; and casts.
#include "../value/cast.hpp"
#include "machine.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

using namespace program;

namespace {

// Of texts that a batch makes for a tail: it has the next row only then.
constexpr size_t most_kept_bytes = size_t{1} << 20;

}  // namespace

// An error lets rows be done one by one.
Status PageLoop::check_kept_bytes() const {
  return tail_ && batch_.kept_bytes() > most_kept_bytes ? Status(result::NOMEM) : ok_status;
}

Status PageLoop::call_function(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  Register& result = step.is_kept ? function_result_ : machine.r(i.p3);
  arguments_.resize(step.sources.size());
  for (const uint16_t row : rows_) {
    KEELBACK_TRY(check_kept_bytes());
    for (size_t place = 0; place < arguments_.size(); ++place) {
      arguments_[place] = values(machine, step.sources[place])[row];
    }
    KEELBACK_TRY(step.call->scalar.function({machine.host, step.call->collation, result}, arguments_));
    if (result.value().has_bytes() && result.value().size() > machine.limit_length()) return Status(result::TOOBIG);
    put(step, i.p3, row, step.is_kept ? result.value() : batch_.keep(result.value()));
  }
  return ok_status;
}

Status PageLoop::concatenate(Machine& machine, Step& step) {
  const int32_t index = step.instruction->p3;
  const Values right = values(machine, step.sources[0]);
  const Values left = values(machine, step.sources[1]);
  TextBuffer first_buffer;
  TextBuffer second_buffer;
  for (const uint16_t row : rows_) {
    KEELBACK_TRY(check_kept_bytes());
    if (left[row].is_null() || right[row].is_null()) {
      put(step, index, row, Value());
      continue;
    }
    const std::string_view first = to_text(left[row], first_buffer).text();
    const std::string_view second = to_text(right[row], second_buffer).text();
    if (first.size() + second.size() > machine.limit_length()) return Status(result::TOOBIG);
    put(step, index, row, Value::of_text(batch_.keep_joined(first, second)));
  }
  if (!step.is_kept) finish_output(machine, step, index);
  return ok_status;
}

Status PageLoop::cast_to_number(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const Values from = values(machine, step.sources[0]);
  TextBuffer buffer;
  for (const uint16_t row : rows_) {
    put(step, i.p1, row, cast_value(from[row], static_cast<char>(i.p2), buffer));
  }
  if (!step.is_kept) finish_output(machine, step, i.p1);
  return ok_status;
}

}  // namespace keelback::vm
