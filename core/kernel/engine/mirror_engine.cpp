#include "mirror_engine.hpp"

#include <algorithm>
#include <cstring>

#include "../value/quote.hpp"
#include "kernel_connection.hpp"
#include "mirror_hosts.hpp"
#include "reference_engine.hpp"

namespace keelback::engine {

namespace {

// Larger databases are compared at every so many commits.
constexpr size_t large_content_bytes = 1 << 18;
constexpr int commits_between_large_comparisons = 64;
// In instructions.
constexpr int poll_interval = 2000;

std::string shown(const Failure& failure) {
  return std::to_string(failure.code) + " \"" + failure.message + "\" at " + std::to_string(failure.offset);
}

std::string shown(const std::optional<std::string>& text) { return text ? "\"" + *text + "\"" : "none"; }

Failure difference(const std::string& what, const std::string& kernel, const std::string& reference) {
  return {result::INTERNAL, "mirror: " + what + ": kernel " + kernel + ", reference " + reference, -1};
}

bool is_same(const Failure& left, const Failure& right) {
  return left.code == right.code && left.message == right.message && left.offset == right.offset;
}

bool is_same(const Value& left, const Value& right) {
  if (left.type() != right.type()) return false;
  switch (left.type()) {
    case Type::null:
      return true;
    case Type::integer:
      return left.integer() == right.integer();
    case Type::real:
      return std::bit_cast<uint64_t>(left.real()) == std::bit_cast<uint64_t>(right.real());
    default:
      return left.text() == right.text();
  }
}

bool is_same(const ColumnDescription& left, const ColumnDescription& right) {
  return left.name == right.name && left.declared_type == right.declared_type && left.database == right.database &&
         left.table == right.table && left.origin == right.origin;
}

Failure compare(const StatementDescription& kernel, const StatementDescription& reference) {
  if (kernel.sql != reference.sql) return difference("text", std::string(kernel.sql), std::string(reference.sql));
  if (kernel.is_readonly != reference.is_readonly || kernel.explain_mode != reference.explain_mode) {
    return difference("whether it is read-only or EXPLAIN", std::to_string(kernel.is_readonly),
                      std::to_string(reference.is_readonly));
  }
  if (!std::ranges::equal(kernel.parameter_names, reference.parameter_names)) {
    return difference("parameters", std::to_string(kernel.parameter_names.size()),
                      std::to_string(reference.parameter_names.size()));
  }
  if (kernel.columns.size() != reference.columns.size()) {
    return difference("number of columns", std::to_string(kernel.columns.size()),
                      std::to_string(reference.columns.size()));
  }
  for (size_t at = 0; at < kernel.columns.size(); ++at) {
    if (!is_same(kernel.columns[at], reference.columns[at])) {
      return difference("column " + std::to_string(at), std::string(kernel.columns[at].name),
                        std::string(reference.columns[at].name));
    }
  }
  return {};
}

Failure compare(const Row& kernel, const Row& reference) {
  if (kernel.size() != reference.size()) {
    return difference("values of a row", std::to_string(kernel.size()), std::to_string(reference.size()));
  }
  for (size_t at = 0; at < kernel.size(); ++at) {
    if (!is_same(kernel[at], reference[at])) {
      return difference("value " + std::to_string(at), quote_value(kernel[at]), quote_value(reference[at]));
    }
  }
  return {};
}

// Also where a comment says INTO: no file is opened then.
bool is_vacuum_into(std::string_view sql) {
  std::string text(sql);
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  const size_t place = text.find("VACUUM");
  return place != std::string::npos && text.find("INTO", place) != std::string::npos;
}

class MirrorConnection;

class MirrorStatement final : public EngineStatement {
 public:
  MirrorStatement(MirrorConnection& connection, std::unique_ptr<EngineStatement> kernel,
                  std::unique_ptr<EngineStatement> reference, const StatementDescription& description)
      : connection_(connection),
        kernel_(std::move(kernel)),
        reference_(std::move(reference)),
        sql_(description.sql),
        is_readonly_(description.is_readonly) {}

  int step(Row& row, bool& is_description_changed, Failure& failure) override;
  Failure reset() override;
  void describe(StatementDescription& description) override { kernel_->describe(description); }
  Failure bind(std::span<const OwnedValue> values) override;
  Failure expanded_sql(std::string& sql) override;
  Failure set_explain_mode(int mode) override;
  void take_counts(std::span<int64_t, program::statement_count_end> into) override { kernel_->take_counts(into); }

 private:
  MirrorConnection& connection_;
  std::unique_ptr<EngineStatement> kernel_;
  std::unique_ptr<EngineStatement> reference_;
  std::string sql_;
  bool is_readonly_;
};

class MirrorBlob final : public EngineBlob {
 public:
  MirrorBlob(MirrorConnection& connection, std::unique_ptr<EngineBlob> kernel, std::unique_ptr<EngineBlob> reference)
      : connection_(connection), kernel_(std::move(kernel)), reference_(std::move(reference)) {}

  Failure seek(int64_t rowid, int64_t& size) override;
  Failure read(int64_t offset, std::span<uint8_t> out) override;
  Failure write(int64_t offset, std::span<const uint8_t> data) override;
  Failure close() override;

 private:
  MirrorConnection& connection_;
  std::unique_ptr<EngineBlob> kernel_;
  std::unique_ptr<EngineBlob> reference_;
};

class MirrorConnection final : public EngineConnection {
 public:
  explicit MirrorConnection(EngineHost& host) : first_host_(host), second_host_(first_host_) {}

  Failure open(const OpenRequest& request) {
    // The copy is made before the kernel has the file: closing a file drops the locks of its process.
    OpenRequest mirrored = request;
    mirrored.is_mirrored = true;
    Failure second = open_reference(mirrored, second_host_, reference_);
    Failure first = open_kernel(request, first_host_, kernel_);
    if (!second) second = poll();
    return both("opening", std::move(first), std::move(second));
  }

  Failure close() override {
    begin();
    Failure first = kernel_->close();
    return both("closing", std::move(first), reference_->close());
  }

  Failure prepare(std::string_view sql, std::unique_ptr<EngineStatement>& statement, StatementDescription& description,
                  size_t& tail) override {
    begin();
    std::unique_ptr<EngineStatement> kernel, reference;
    StatementDescription second_description;
    size_t second_tail = tail;
    Failure first = kernel_->prepare(sql, kernel, description, tail);
    const bool is_failed = static_cast<bool>(first);
    Failure second = reference_->prepare(sql, reference, second_description, second_tail);
    if (Failure failure = both("preparing", std::move(first), std::move(second)); failure || is_failed) return failure;
    if (tail != second_tail) return difference("tail", std::to_string(tail), std::to_string(second_tail));
    if ((kernel == nullptr) != (reference == nullptr)) return difference("a statement", "or not", "the other");
    if (kernel == nullptr) return {};
    if (Failure failure = compare(description, second_description)) return failure;
    statement = std::make_unique<MirrorStatement>(*this, std::move(kernel), std::move(reference), description);
    return {};
  }

  Failure open_blob(const BlobPlace& place, std::unique_ptr<EngineBlob>& blob, int64_t& size) override {
    begin();
    std::unique_ptr<EngineBlob> kernel, reference;
    int64_t second_size = 0;
    Failure first = kernel_->open_blob(place, kernel, size);
    const bool is_failed = static_cast<bool>(first);
    Failure second = reference_->open_blob(place, reference, second_size);
    if (Failure failure = both("opening a blob", std::move(first), second); failure || is_failed) return failure;
    if (size != second_size) return difference("a blob's size", std::to_string(size), std::to_string(second_size));
    blob = std::make_unique<MirrorBlob>(*this, std::move(kernel), std::move(reference));
    return {};
  }

  Failure state(ConnectionState& state) override {
    ConnectionState second;
    if (Failure failure = kernel_->state(state)) return failure;
    if (Failure failure = reference_->state(second)) return failure;
    if (state.changes != second.changes || state.total_changes != second.total_changes ||
        state.last_insert_rowid != second.last_insert_rowid || state.is_autocommit != second.is_autocommit) {
      const auto listed = [](const ConnectionState& of) {
        return std::to_string(of.changes) + " " + std::to_string(of.total_changes) + " " +
               std::to_string(of.last_insert_rowid) + " " + std::to_string(of.is_autocommit);
      };
      return difference("changes, total, rowid, autocommit", listed(state), listed(second));
    }
    return {};
  }

  Failure set_last_insert_rowid(int64_t rowid) override {
    Failure first = kernel_->set_last_insert_rowid(rowid);
    return both("set_last_insert_rowid", std::move(first), reference_->set_last_insert_rowid(rowid));
  }

  void interrupt() override { kernel_->interrupt(); }
  bool can_be_interrupted_anywhere() const override { return true; }
  bool is_interrupted() override { return kernel_->is_interrupted(); }

  // The reference never waits: when the kernel has its lock, so would the reference.
  Failure set_busy_timeout(int milliseconds) override { return kernel_->set_busy_timeout(milliseconds); }

  Failure create_function(int64_t function, std::string_view name, int argument_count, int flags, int kind) override {
    Failure first = kernel_->create_function(function, name, argument_count, flags, kind);
    return both("create_function", std::move(first),
                reference_->create_function(function, name, argument_count, flags, kind));
  }
  Failure create_collation(int64_t collation, std::string_view name) override {
    Failure first = kernel_->create_collation(collation, name);
    return both("create_collation", std::move(first), reference_->create_collation(collation, name));
  }
  Failure remove_collation(std::string_view name) override {
    Failure first = kernel_->remove_collation(name);
    return both("remove_collation", std::move(first), reference_->remove_collation(name));
  }
  Failure create_module(int64_t module, std::string_view name, bool is_eponymous, bool has_create) override {
    Failure first = kernel_->create_module(module, name, is_eponymous, has_create);
    return both("create_module", std::move(first), reference_->create_module(module, name, is_eponymous, has_create));
  }
  Failure set_hook(Hook hook, bool is_set, int64_t number) override {
    Failure first = kernel_->set_hook(hook, is_set, number);
    if (hook == Hook::progress && !is_set) return both("set_hook", std::move(first), poll());
    return both("set_hook", std::move(first), reference_->set_hook(hook, is_set, number));
  }
  Failure limit(int id, int value, int& before) override {
    int second_before = 0;
    Failure first = kernel_->limit(id, value, before);
    Failure failure = both("limit", std::move(first), reference_->limit(id, value, second_before));
    if (!failure && before != second_before) {
      return difference("limit", std::to_string(before), std::to_string(second_before));
    }
    return failure;
  }
  Failure filename(std::string_view schema, std::optional<std::string>& name) override {
    std::optional<std::string> second_name;
    Failure first = kernel_->filename(schema, name);
    Failure failure = both("filename", std::move(first), reference_->filename(schema, second_name));
    if (!failure && name != second_name) return difference("filename", shown(name), shown(second_name));
    return failure;
  }
  int is_readonly(std::string_view schema) override { return kernel_->is_readonly(schema); }
  int transaction_state(const char* schema) override {
    const int first = kernel_->transaction_state(schema);
    return first == reference_->transaction_state(schema) ? first : -1;
  }
  Failure flush_cache() override {
    Failure first = kernel_->flush_cache();
    return both("flush_cache", std::move(first), reference_->flush_cache());
  }
  Failure release_memory() override {
    Failure first = kernel_->release_memory();
    return both("release_memory", std::move(first), reference_->release_memory());
  }
  // A difference is told by the commit, which fails on one side.
  bool has_broken_deferred_keys() override {
    return kernel_->has_broken_deferred_keys() || reference_->has_broken_deferred_keys();
  }
  // The reference counts nothing.
  int64_t count_cache(CacheCount what, bool is_reset) override { return kernel_->count_cache(what, is_reset); }
  int file_control(std::string_view schema, int operation, int64_t& value) override {
    int64_t second_value = value;
    const int first = kernel_->file_control(schema, operation, value);
    const int second = reference_->file_control(schema, operation, second_value);
    return first == second && value == second_value ? first : result::INTERNAL;
  }
  Failure serialize(std::string_view schema, std::string& content) override {
    std::string second_content;
    Failure first = kernel_->serialize(schema, content);
    Failure failure = both("serialize", std::move(first), reference_->serialize(schema, second_content));
    return failure ? std::move(failure) : compare_content(schema, content, second_content);
  }
  Failure deserialize(std::string_view schema, std::string_view content, bool is_readonly) override {
    Failure first = kernel_->deserialize(schema, content, is_readonly);
    return both("deserialize", std::move(first), reference_->deserialize(schema, content, is_readonly));
  }
  Failure replace_content(std::string_view schema, std::string_view content) override {
    Failure first = kernel_->replace_content(schema, content);
    return both("replace_content", std::move(first), reference_->replace_content(schema, content));
  }

  // For statements.

  void interrupt_reference() { first_host_.was_interrupted = true; }
  void begin() { first_host_.begin(); }
  void note_filled_file() { first_host_.has_filled_file = true; }

  // The kernel's failure, or how the reference's is another one.
  Failure both(const std::string& what, Failure first, const Failure& second) {
    const std::string asked = second_host_.take_difference();
    if (!is_same(first, second)) return difference(what, shown(first), shown(second));
    if (!asked.empty()) return {result::INTERNAL, "mirror: " + what + ": " + asked, -1};
    return first;
  }

  // After a statement has ended: the counters, and what a commit has left.
  Failure compare_end(bool is_readonly) {
    ConnectionState now;
    if (Failure failure = state(now)) return failure;
    if (is_readonly || !now.is_autocommit) return {};
    if (content_bytes_ > large_content_bytes && ++commits_ % commits_between_large_comparisons != 0) return {};
    std::string first, second;
    if (kernel_->serialize("main", first) || reference_->serialize("main", second)) return {};
    content_bytes_ = first.size();
    return compare_content("main", first, second);
  }

 private:
  // Have the reference ask now and then whether the kernel was interrupted.
  Failure poll() { return reference_->set_hook(Hook::progress, true, poll_interval); }

  static Failure compare_content(std::string_view schema, const std::string& first, const std::string& second) {
    if (first == second) return {};
    size_t place = 0;
    while (place < first.size() && place < second.size() && first[place] == second[place]) ++place;
    const auto at = [&](const std::string& content) {
      return std::to_string(content.size()) + " bytes, there " +
             (place < content.size() ? std::to_string(static_cast<uint8_t>(content[place])) : "the end");
    };
    return difference("content of " + std::string(schema) + " from byte " + std::to_string(place), at(first),
                      at(second));
  }

  RecordingHost first_host_;
  ReplayingHost second_host_;
  std::unique_ptr<EngineConnection> kernel_;
  std::unique_ptr<EngineConnection> reference_;
  size_t content_bytes_ = 0;
  int commits_ = 0;
};

int MirrorStatement::step(Row& row, bool& is_description_changed, Failure& failure) {
  connection_.begin();
  Row second_row;
  bool is_second_changed = false;
  Failure first, second;
  const int code = kernel_->step(row, is_description_changed, first);
  if (code == result::INTERRUPT) connection_.interrupt_reference();
  if (code == result::DONE && is_vacuum_into(sql_)) connection_.note_filled_file();
  const int second_code = reference_->step(second_row, is_second_changed, second);
  failure = connection_.both("a step of \"" + sql_ + "\"", first, second);
  if (!is_same(failure, first)) return failure.code;
  if (code != second_code) {
    failure = difference("a step", std::to_string(code), std::to_string(second_code));
    return failure.code;
  }
  Failure other;
  if (is_description_changed != is_second_changed || is_description_changed) {
    StatementDescription description, second_description;
    kernel_->describe(description);
    reference_->describe(second_description);
    other = compare(description, second_description);
  }
  if (!other && code == result::ROW) other = compare(row, second_row);
  if (!other && code != result::ROW) other = connection_.compare_end(is_readonly_);
  if (!other) return code;
  failure = std::move(other);
  return failure.code;
}

Failure MirrorBlob::seek(int64_t rowid, int64_t& size) {
  connection_.begin();
  int64_t second_size = 0;
  Failure first = kernel_->seek(rowid, size);
  const bool is_failed = static_cast<bool>(first);
  Failure failure = connection_.both("a seek of a blob", std::move(first), reference_->seek(rowid, second_size));
  if (failure || is_failed || size == second_size) return failure;
  return difference("a blob's size", std::to_string(size), std::to_string(second_size));
}

Failure MirrorBlob::read(int64_t offset, std::span<uint8_t> out) {
  std::vector<uint8_t> second(out.size());
  Failure first = kernel_->read(offset, out);
  const bool is_failed = static_cast<bool>(first);
  Failure failure = connection_.both("reading a blob", std::move(first), reference_->read(offset, second));
  if (failure || is_failed || std::ranges::equal(out, second)) return failure;
  return difference("a blob's bytes", "some", "others");
}

Failure MirrorBlob::write(int64_t offset, std::span<const uint8_t> data) {
  Failure first = kernel_->write(offset, data);
  return connection_.both("writing a blob", std::move(first), reference_->write(offset, data));
}

Failure MirrorBlob::close() {
  connection_.begin();
  Failure first = kernel_->close();
  const bool is_failed = static_cast<bool>(first);
  Failure failure = connection_.both("closing a blob", std::move(first), reference_->close());
  return failure || is_failed ? std::move(failure) : connection_.compare_end(false);
}

Failure MirrorStatement::reset() {
  connection_.begin();
  Failure first = kernel_->reset();
  const bool is_failed = static_cast<bool>(first);
  Failure failure = connection_.both("reset", std::move(first), reference_->reset());
  return failure || is_failed ? std::move(failure) : connection_.compare_end(is_readonly_);
}

Failure MirrorStatement::bind(std::span<const OwnedValue> values) {
  Failure first = kernel_->bind(values);
  return connection_.both("bind", std::move(first), reference_->bind(values));
}

Failure MirrorStatement::expanded_sql(std::string& sql) {
  std::string second_sql;
  Failure first = kernel_->expanded_sql(sql);
  Failure failure = connection_.both("expanded_sql", std::move(first), reference_->expanded_sql(second_sql));
  if (!failure && sql != second_sql) return difference("expanded SQL", sql, second_sql);
  return failure;
}

Failure MirrorStatement::set_explain_mode(int mode) {
  Failure first = kernel_->set_explain_mode(mode);
  return connection_.both("EXPLAIN", std::move(first), reference_->set_explain_mode(mode));
}

}  // namespace

Failure open_mirror(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection) {
  auto mirror = std::make_unique<MirrorConnection>(host);
  if (Failure failure = mirror->open(request)) return failure;
  connection = std::move(mirror);
  return {};
}

}  // namespace keelback::engine
