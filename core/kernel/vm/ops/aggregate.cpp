#include "aggregate.hpp"

#include "../page_loop.hpp"

namespace keelback::vm::ops {

namespace {

// An aggregate that runs in the host.
class HostedAggregate final : public Aggregate {
 public:
  explicit HostedAggregate(std::unique_ptr<HostAggregate> aggregate) : aggregate_(std::move(aggregate)) {}

  void reset(const Collation&) override {}
  Status step(Arguments arguments) override {
    // What the host holds nobody knows: it may keep all that it is given.
    for (const Value& value : arguments) held_bytes += sizeof(Value) + (value.has_bytes() ? value.size() : 0);
    return aggregate_->step(arguments);
  }
  Status inverse(Arguments arguments) override { return aggregate_->inverse(arguments); }
  Status value(Host& host, Register& result) override {
    OwnedValue found;
    host.is_json_result = false;
    KEELBACK_TRY(aggregate_->value(found));
    result.set(found.value());
    if (host.is_json_result) result.mark_json();
    return ok_status;
  }
  Status final(Host& host, Register& result) override {
    OwnedValue found;
    host.is_json_result = false;
    KEELBACK_TRY(aggregate_->final(found));
    result.set(found.value());
    if (host.is_json_result) result.mark_json();
    return ok_status;
  }

 private:
  std::unique_ptr<HostAggregate> aggregate_;
};

}  // namespace

Signal group_open(Machine& m, const Instruction& i) {
  std::vector<Collation> collations;
  KEELBACK_OP_TRY(m.find_collations(*i.p4.key, collations));
  m.open_cursor(i.p1, std::make_unique<GroupCursor>(KeyNormaliser(*i.p4.key, std::move(collations)), i.p2, i.p3,
                                                    m.session.working_memory()));
  return Signal::next;
}

Signal group_take(Machine& m, const Instruction& i) {
  const Cursor* cursor = m.cursor(i.p1);
  if (!cursor) return m.fail(impossible());
  return cursor->pages ? cursor->pages->take_group(m, i) : Signal::next;
}

namespace {

SampleCursor* samples(Machine& m, int32_t index) {
  Cursor* cursor = m.cursor(index);
  return cursor && cursor->kind == CursorKind::samples ? static_cast<SampleCursor*>(cursor) : nullptr;
}

void set_counts(Register& target, const std::vector<int64_t>& counts) {
  std::string text;
  for (const int64_t count : counts) {
    if (!text.empty()) text += ' ';
    text += std::to_string(count);
  }
  target.set(Value::of_text(text));
}

}  // namespace

Signal sample_open(Machine& m, const Instruction& i) {
  const Value rows = m.r(i.p3).value();
  if (!rows.is_integer() || i.p2 < 1) return m.fail(impossible());
  m.open_cursor(i.p1, std::make_unique<SampleCursor>(static_cast<size_t>(i.p2), rows.integer()));
  return Signal::next;
}

Signal sample_push(Machine& m, const Instruction& i) {
  SampleCursor* cursor = samples(m, i.p1);
  KEELBACK_OP_CURSOR(index, i.p3);
  const Value changed = m.r(i.p2).value();
  if (!cursor || !changed.is_integer() || changed.integer() < 0) return m.fail(impossible());
  std::string_view record;
  KEELBACK_OP_TRY(index->record(record));
  cursor->push(std::min(static_cast<size_t>(changed.integer()), cursor->columns() - 1), record);
  return Signal::next;
}

Signal sample_next(Machine& m, const Instruction& i) {
  SampleCursor* cursor = samples(m, i.p1);
  if (!cursor) return m.fail(impossible());
  const Sample* sample = cursor->next_sample();
  if (!sample) {
    m.jump(i.p2);
    return Signal::next;
  }
  m.r(i.p3).set_record(sample->record);
  set_counts(m.r(i.p3 + 1), sample->equal);
  set_counts(m.r(i.p3 + 2), sample->less);
  set_counts(m.r(i.p3 + 3), sample->distinct);
  return Signal::next;
}

Signal begin_aggregate(Machine& m, const Instruction& i, Register& state) {
  const ResolvedCall* call = nullptr;
  KEELBACK_OP_TRY(m.find_call(i, true, call));
  if (!call->aggregate) {
    std::unique_ptr<HostAggregate> hosted;
    KEELBACK_OP_TRY(m.host.new_aggregate(*i.p4.function, hosted));
    state.set_object(std::make_unique<HostedAggregate>(std::move(hosted)), Holds::aggregate);
    m.has_hosted_aggregates = true;
    return Signal::next;
  }
  auto* kept = dynamic_cast<Aggregate*>(state.object());
  if (kept && kept->made_by == call->aggregate) {
    kept->reset(call->collation);
    kept->json_arguments = 0;
    kept->held_bytes = 0;
    kept->counted_bytes = 0;
    state.hold_object(Holds::aggregate);
    return Signal::next;
  }
  std::unique_ptr<Aggregate> made = call->aggregate();
  made->made_by = call->aggregate;
  made->reset(call->collation);
  state.set_object(std::move(made), Holds::aggregate);
  return Signal::next;
}

}  // namespace keelback::vm::ops
