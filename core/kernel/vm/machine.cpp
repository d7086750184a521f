#include "machine.hpp"

#include <algorithm>

#include "../value/memory_account.hpp"
#include "binary_collation.hpp"
#include "page_loop.hpp"
#include "repeated_scan.hpp"
#include "tree_cursor.hpp"

namespace keelback::vm {

namespace {

// How many instructions may pass before the machine looks for an interrupt, if there is no progress handler.
constexpr int interrupt_period = 500;
constexpr int most_end_attempts = 3;

}  // namespace

Machine::Machine(std::shared_ptr<const Program> program_to_run, Session& session)
    : program(std::move(program_to_run)),
      session(session),
      host(session.host),
      parameters(program->parameters.size() + static_cast<size_t>(program->hidden_parameter_count)),
      frame_(std::make_unique<Frame>(*program)) {
  use_frame();
}

Machine::~Machine() { (void)reset(); }

void Machine::use_frame() {
  registers_ = frame_->registers.get();
  cursors_ = frame_->cursors.data();
  code_ = frame_->program->instructions.data();
}

void Machine::set_initial_state() {
  frame_->clear();
  next = code_;
  change_count = 0;
  constraint_count = 0;
  compare_order = 0;
  compare_equal = false;
  error_action = program::conflict_abort;
  statement_depth = -1;
  deferred_constraints_before = 0;
  deferred_immediate_constraints_before = 0;
  if (!collations_.empty()) collations_.clear();
  if (!calls_.empty()) {
    calls_.clear();
    recent_calls_.fill({});
  }
  if (!comparators_.empty()) comparators_.clear();
  binary_ = nullptr;
  error = ok_status;
  error_code_ = result::OK;
  row_source_ = nullptr;
}

Step Machine::step() {
  row_count_ = 0;
  is_out_of_memory_below_ = false;
  host.begin_step();
  try {
    if (!is_running_) {
      set_initial_state();
      is_running_ = true;
      refill_ticks(host.progress_period ? host.progress_period : interrupt_period);
      begin_statement(*this);
    }
    Signal signal = Signal::failed;
    if (host.is_interrupted.load(std::memory_order_relaxed)) {
      error = Status(result::INTERRUPT);
    } else {
      if (row_source_) {
        if (row_source_->has_given_next(*this)) return Step::row;
        row_source_ = nullptr;
      }
      signal = run();
    }
    if (signal == Signal::row) return Step::row;
    if (signal == Signal::done) return Step::done;
  } catch (const std::bad_alloc&) {
    error = Status(result::NOMEM);
  }
  return end_with_error();
}

Step Machine::end_with_error() {
  Failure failure(error);
  // An end that itself runs out of memory is tried again: what it has undone stays undone.
  for (int attempt = 1; is_running_; ++attempt) {
    try {
      close_cursors();
      end_statement(*this, failure);
      is_running_ = false;
    } catch (const std::bad_alloc&) {
      failure = Failure(Status(result::NOMEM));
      if (attempt < most_end_attempts) continue;
      undo_transaction();
      forget_statement(*this);
      is_running_ = false;
    }
  }
  if (failure.code == result::ABORT_ROLLBACK && is_out_of_memory_below_) failure = Failure(Status(result::NOMEM));
  if (failure.code == result::NOMEM) {
    for (Machine* machine : session.running) machine->is_out_of_memory_below_ = true;
  }
  if (failure.code == result::NOMEM && memory_account::hard_limit > 0) {
    // So that the next statement finds room below the limit.
    for (const auto& database : session.databases) {
      if (database) database->release_memory();
    }
  }
  error_code_ = failure.code;
  error_message_ = std::move(failure.message);
  return Step::failed;
}

// Nothing of a statement that cannot be ended may be committed with the next one.
void Machine::undo_transaction() noexcept {
  try {
    (void)session.rollback_all(this, true);
  } catch (const std::bad_alloc&) {
    // What is left to do after the pages are back is to tell of it.
  }
  session.end_transaction();
}

Signal Machine::tick() {
  if (host.is_interrupted.load(std::memory_order_relaxed) || (host.progress_period && host.progress())) {
    return fail(Status(result::INTERRUPT));
  }
  // What was done beyond the period counts for the next one.
  const int ticks = ticks_ + 1 + (host.progress_period ? host.progress_period : interrupt_period);
  refill_ticks(ticks < 0 ? 0 : ticks);
  return Signal::next;
}

Signal Machine::finish() {
  close_cursors();
  Failure failure;
  const bool is_open = end_statement(*this, failure);
  if (!is_open) is_running_ = false;
  if (failure.is_ok()) return Signal::done;
  return fail(host.fail(failure.code, std::move(failure.message)));
}

Status Machine::reset() {
  if (!is_running_) return ok_status;
  row_count_ = 0;
  try {
    if (finish() == Signal::done) return ok_status;
    end_with_error();
  } catch (const std::bad_alloc&) {
    error = Status(result::NOMEM);
    end_with_error();
  }
  return host.fail(error_code_, error_message_);
}

void Machine::end_failed(int code, std::string message) {
  if (!is_running_) return;
  row_count_ = 0;
  error = host.fail(code, std::move(message));
  end_with_error();
}

bool Machine::make_spare() noexcept {
  constexpr size_t most_kept_bytes = 4096;
  if (is_running_ || frame_->parent) return false;
  for (int index = 0; index <= program->register_count; ++index) {
    if (registers_[index].kept_bytes() > most_kept_bytes || registers_[index].object()) return false;
  }
  for (const Loop& loop : loops_) {
    if (loop.by_pages && loop.by_pages->kept_bytes() > most_kept_bytes) return false;
  }
  for (std::unique_ptr<Frame>& resting : resting_) resting.reset();
  std::fill(parameters.begin(), parameters.end(), Value());
  refill_ticks(ticks_);
  counts.fill(0);
  row_count_ = 0;
  return true;
}

void Machine::take_counts(std::span<int64_t, program::statement_count_end> into) noexcept {
  refill_ticks(ticks_);
  for (size_t kind = 0; kind < counts.size(); ++kind) into[kind] += std::exchange(counts[kind], 0);
}

void Machine::let_hosted_go() noexcept {
  has_hosted_aggregates = false;
  for (int index = 0; index <= program->register_count; ++index) {
    if (registers_[index].object()) registers_[index].let_go();
  }
}

void Machine::close_cursors() {
  while (frame_->parent) leave_frame();
  put_cursors_aside();
  for (const Loop& loop : loops_) {
    if (loop.repeated) loop.repeated->end();
  }
  if (has_hosted_aggregates) [[unlikely]]
    let_hosted_go();
}

void Machine::put_cursors_aside() {
  for (size_t index = 0; index < frame_->cursors.size(); ++index) {
    std::unique_ptr<Cursor>& cursor = frame_->cursors[index];
    if (cursor) put_aside(index);
    cursor.reset();
  }
}

void Machine::lay_aside(const Instruction& instruction) {
  std::unique_ptr<Cursor>& cursor = cursors_[instruction.p1];
  if (!cursor || cursor->opened_by != &instruction || cursor->is_writable) return;
  forget_alternate(*frame_, *cursor);
  put_aside(static_cast<size_t>(instruction.p1));
}

void Machine::forget_alternate(Frame& frame, const Cursor& cursor) {
  if (cursor.kind != CursorKind::index) return;
  for (auto& other : frame.cursors) {
    if (!other || other->kind != CursorKind::table) continue;
    auto& table = static_cast<TableTreeCursor&>(*other);
    if (table.waits_for(cursor)) table.forget_alternate();
  }
}

void Machine::enter_frame(const Program& sub_program, int trigger_number, int32_t first_parameter,
                          int32_t ignore_address) {
  std::unique_ptr<Frame> frame;
  for (std::unique_ptr<Frame>& resting : resting_) {
    if (resting && resting->program == &sub_program) frame = std::move(resting);
  }
  if (!frame) frame = std::make_unique<Frame>(sub_program);
  frame->depth = frame_->depth + 1;
  frame->return_address = address_of_next();
  frame->first_parameter = first_parameter;
  frame->ignore_address = ignore_address;
  frame->trigger_number = trigger_number;
  frame->change_count = change_count;
  frame->host_changes = host.changes;
  frame->last_insert_rowid = host.last_insert_rowid;
  frame->parent = std::move(frame_);
  frame_ = std::move(frame);
  use_frame();
  change_count = 0;
  next = code_;
}

int32_t Machine::leave_frame() {
  put_cursors_aside();
  std::unique_ptr<Frame> left = std::move(frame_);
  frame_ = std::move(left->parent);
  use_frame();
  next = code_ + left->return_address;
  change_count = left->change_count;
  host.changes = left->host_changes;
  host.last_insert_rowid = left->last_insert_rowid;
  const int32_t ignore_address = left->ignore_address;
  left->clear();
  for (std::unique_ptr<Frame>& resting : resting_) {
    if (resting && resting->program != left->program) continue;
    resting = std::move(left);
    break;
  }
  return ignore_address;
}

bool Machine::is_active(const Program& sub_program, int trigger_number) const {
  for (const Frame* frame = frame_.get(); frame->parent; frame = frame->parent.get()) {
    if (trigger_number ? frame->trigger_number == trigger_number : frame->program == &sub_program) return true;
  }
  return false;
}

void Machine::abort_cursors(bool only_writing) {
  for (Frame* frame = frame_.get(); frame; frame = frame->parent.get()) {
    for (auto& cursor : frame->cursors) {
      if (cursor && cursor->is_stored() && (cursor->is_writable || !only_writing)) {
        forget_alternate(*frame, *cursor);
        cursor = std::make_unique<AbortedCursor>(cursor->is_table);
      }
    }
  }
}

Status Machine::find_binary(const Collation*& collation) {
  if (!binary_) {
    uint32_t settled = 0;
    KEELBACK_TRY(session.databases[0]->get_meta(storage::meta_text_encoding, settled));
    int encoding = host.text_encoding;
    if (settled != 0) KEELBACK_TRY(session.databases[0]->encoding(encoding));
    binary_ = &binary_collation(encoding);
  }
  collation = binary_;
  return ok_status;
}

Status Machine::find_collation(std::string_view name, const Collation*& collation) {
  if (name.empty() || name == "BINARY") return find_binary(collation);
  std::string key(name);
  auto found = collations_.find(key);
  if (found == collations_.end()) {
    Collation made;
    KEELBACK_TRY(host.find_collation(key, made));
    found = collations_.emplace(std::move(key), made).first;
  }
  collation = &found->second;
  return ok_status;
}

Status Machine::find_collations(const KeyInfo& key_info, std::vector<Collation>& collations) {
  for (const std::string_view name : key_info.collation_names) {
    const Collation* collation = nullptr;
    KEELBACK_TRY(find_collation(name, collation));
    collations.push_back(*collation);
  }
  return ok_status;
}

Status Machine::find_comparator(const KeyInfo& key_info, const KeyComparator*& comparator) {
  auto found = comparators_.find(&key_info);
  if (found == comparators_.end()) {
    std::vector<Collation> collations;
    KEELBACK_TRY(find_collations(key_info, collations));
    found = comparators_.emplace(&key_info, KeyComparator(key_info.sort_flags, std::move(collations))).first;
  }
  comparator = &found->second;
  return ok_status;
}

Machine::Loop& Machine::loop(const Instruction& rewind, bool has_many_rows, bool is_table) {
  const auto address = static_cast<size_t>(&rewind - code_);
  const Program& running = *frame_->program;
  for (Loop& loop : loops_) {
    if (loop.rewind != &rewind) continue;
    if (!loop.by_pages && !loop.is_settled && has_many_rows) {
      loop.by_pages = PageLoop::make(running, address, true);
      loop.is_settled = true;
    }
    return loop;
  }
  loops_.push_back({&rewind, PageLoop::make(running, address, has_many_rows),
                    is_table ? RepeatedScan::make(running, address) : nullptr, has_many_rows});
  return loops_.back();
}

Status Machine::resolve_call(const Instruction& instruction, bool is_aggregate, const ResolvedCall*& call) {
  RecentCall& recent = recent_call(instruction);
  recent = {};
  if (const auto found = calls_.find(&instruction); found != calls_.end()) {
    recent = {&instruction, &found->second};
    call = recent.call;
    return ok_status;
  }
  const program::FunctionReference& reference = *instruction.p4.function;
  ResolvedCall resolved;
  const Collation* collation = nullptr;
  KEELBACK_TRY(find_collation(reference.collation_name, collation));
  resolved.collation = *collation;
  if (!host.hides_function(reference)) {
    if (is_aggregate) {
      resolved.aggregate = find_aggregate(reference.name, reference.argument_count);
    } else {
      resolved.scalar = find_scalar(reference.name, reference.argument_count);
    }
  }
  call = &calls_.emplace(&instruction, resolved).first->second;
  recent = {&instruction, call};
  return ok_status;
}

}  // namespace keelback::vm
