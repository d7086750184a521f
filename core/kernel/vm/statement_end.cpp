// What happens when a statement ends: commit, rollback, statement rollback, change counters.
//
// 1. Without an open transaction the last writing statement commits when it succeeds and rolls back when it fails.
// 2. Inside a transaction an error undoes the statement (ABORT), nothing (FAIL) or everything (ROLLBACK). A full disk,
//    an I/O error or an interrupted writer undo everything, unless a statement journal can undo less.
// 3. In a transaction in which a statement has failed with CORRUPT nothing more is written, and its COMMIT undoes it.
// 4. Counters: changes() is set only by statements that count, and not after a statement rollback.
//
// Twin: keelback_core/reference/vm/statement_end.py.
#include <algorithm>

#include "machine.hpp"

namespace keelback::vm {

namespace {

enum class Operation { nothing, release, rollback };

bool undoes_everything(const Machine& machine, const Failure& failure) {
  const int code = failure.primary_code();
  if (code == result::INTERRUPT) return machine.program->is_writer;
  return code == result::NOMEM || code == result::IOERR || code == result::FULL;
}

void rollback_transaction(Machine& machine) {
  machine.change_count = 0;
  // The statement already has the error that led here.
  (void)machine.session.rollback_all(&machine, true);
  machine.session.end_transaction();
}

// Commit or roll back at the end of the last writing statement. True: a COMMIT is busy, the transaction stays open.
bool end_autocommit(Machine& machine, Failure& failure, bool keeps) {
  Session& session = machine.session;
  Failure new_failure;
  bool is_replaced = false;
  if (keeps) {
    Status status = session.check_deferred_constraints();
    if (status.is_ok()) status = session.is_damaged ? corrupt() : session.commit();
    if (status.is_ok()) return false;
    if (status.primary_code() == result::BUSY && !machine.program->is_writer) {
      failure = Failure(status);
      return true;
    }
    // A statement that has failed (FAIL) and cannot commit what it did keeps its message, as in SQLite, unless it is a
    // deferred foreign key that forbids it.
    new_failure = Failure(status);
    if (!failure.is_ok() && status.code() != result::CONSTRAINT_FOREIGNKEY) new_failure.message = failure.message;
    is_replaced = true;
  } else if (failure.primary_code() == result::SCHEMA && session.running.size() > 1) {
    machine.change_count = 0;
    return false;
  }
  machine.change_count = 0;
  const Status status = session.rollback_all(&machine, false);
  if (!status.is_ok() && !is_replaced) {
    new_failure = Failure(status);
    is_replaced = true;
  }
  if (is_replaced) failure = std::move(new_failure);
  return false;
}

void report_changes(Machine& machine, int64_t count) {
  machine.host.changes = count;
  machine.host.total_changes += count;
  machine.change_count = 0;
}

// Gives whether a COMMIT is busy.
bool end_transaction_work(Machine& machine, Failure& failure) {
  Session& session = machine.session;
  Operation operation = Operation::nothing;
  const bool is_special = !failure.is_ok() && undoes_everything(machine, failure);
  if (is_special) {
    const int code = failure.primary_code();
    if ((code == result::NOMEM || code == result::FULL) && machine.program->needs_statement_journal) {
      operation = Operation::rollback;
    } else {
      rollback_transaction(machine);
    }
  }
  bool keeps = failure.is_ok() || (machine.error_action == program::conflict_fail && !is_special);
  if (keeps && machine.constraint_count != 0) {
    failure = Failure(Status(result::CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"));
    machine.error_action = program::conflict_abort;
    keeps = false;
  }
  if (session.autocommit && session.writer_count == (machine.program->is_writer ? 1 : 0)) {
    if (end_autocommit(machine, failure, keeps)) return true;
    session.statement_count = 0;
  } else if (operation == Operation::nothing) {
    if (keeps) {
      operation = Operation::release;
    } else if (machine.error_action == program::conflict_abort) {
      operation = Operation::rollback;
    } else {
      rollback_transaction(machine);
    }
  }
  if (operation != Operation::nothing) {
    const Status status = session.close_statement(machine, operation == Operation::rollback);
    if (!status.is_ok()) {
      if (failure.is_ok() || failure.primary_code() == result::CONSTRAINT) failure = Failure(status);
      rollback_transaction(machine);
    }
  }
  if (machine.program->counts_changes && failure.code != result::SCHEMA) {
    report_changes(machine, operation == Operation::rollback ? 0 : machine.change_count);
  }
  return false;
}

}  // namespace

void begin_statement(Machine& machine) {
  Session& session = machine.session;
  if (session.running.empty()) session.host.is_interrupted.store(false, std::memory_order_relaxed);
  session.running.push_back(&machine);
  if (machine.program->is_reader) ++session.reader_count;
  if (machine.program->is_writer) ++session.writer_count;
}

bool end_statement(Machine& machine, Failure& failure) {
  // Inside a transaction what only read, or wrote without a statement journal, has nothing to end.
  const bool is_nothing_due = failure.is_ok() && !machine.session.autocommit && machine.statement_depth < 0 &&
                              machine.constraint_count == 0 && !machine.program->counts_changes;
  if (machine.program->is_reader && !is_nothing_due && end_transaction_work(machine, failure)) return true;
  forget_statement(machine);
  if (failure.code == result::CORRUPT && !machine.session.autocommit) machine.session.is_damaged = true;
  return false;
}

void forget_statement(Machine& machine) noexcept {
  Session& session = machine.session;
  // Mostly the one that began last ends first.
  const bool is_last = !session.running.empty() && session.running.back() == &machine;
  const auto place =
      is_last ? session.running.end() - 1 : std::find(session.running.begin(), session.running.end(), &machine);
  // One that never came to run, for want of memory, was not counted.
  if (place == session.running.end()) return;
  session.running.erase(place);
  if (machine.program->is_reader) --session.reader_count;
  if (machine.program->is_writer) --session.writer_count;
}

}  // namespace keelback::vm
