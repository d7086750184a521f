#include "aggregate.hpp"

namespace keelback::vm::ops {

namespace {

// An aggregate that runs in the host.
class HostedAggregate final : public Aggregate {
 public:
  explicit HostedAggregate(std::unique_ptr<HostAggregate> aggregate) : aggregate_(std::move(aggregate)) {}

  void reset(const Collation&) override {}
  Status step(Arguments arguments) override { return aggregate_->step(arguments); }
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

Signal begin_aggregate(Machine& m, const Instruction& i, Register& state) {
  const ResolvedCall* call = nullptr;
  KEELBACK_OP_TRY(m.find_call(i, true, call));
  if (!call->aggregate) {
    std::unique_ptr<HostAggregate> hosted;
    KEELBACK_OP_TRY(m.host.new_aggregate(*i.p4.function, hosted));
    state.set_object(std::make_unique<HostedAggregate>(std::move(hosted)), Holds::aggregate);
    return Signal::next;
  }
  auto* kept = dynamic_cast<Aggregate*>(state.object());
  if (kept && kept->made_by == call->aggregate) {
    kept->reset(call->collation);
    kept->json_arguments = 0;
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
