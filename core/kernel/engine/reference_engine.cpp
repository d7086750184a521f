// The Python engine behind the engine interface: each method packs its arguments, calls through the plug-in's table
// and unpacks the answer.
//
// Twin: keelback_core/engine/embedding.py.
#include "reference_engine.hpp"

#include <algorithm>

#include "python_calls.hpp"
#include "python_host.hpp"

namespace keelback::engine {

namespace {

// What a description's names are views of.
struct DescriptionTexts {
  std::string bytes;  // of the whole answer
  std::vector<program::Name> parameter_names;
  std::vector<ColumnDescription> columns;
};

program::Name name_of(const Value& value) { return value.is_text() ? program::Name(value.text()) : std::nullopt; }

// values_before: how many values stand before the description in an answer.
void read_description(const Reply& reply, int values_before, StatementDescription& description) {
  auto texts = std::make_shared<DescriptionTexts>();
  texts->bytes.assign(reinterpret_cast<const char*>(reply.data), reply.size);
  Reader reader(texts->bytes.data(), texts->bytes.size());
  for (int place = 0; place < values_before; ++place) reader.next();
  description.sql = reader.bytes();
  description.is_readonly = reader.integer() != 0;
  description.explain_mode = static_cast<int>(reader.integer());
  const auto parameters = static_cast<size_t>(reader.integer());
  const auto columns = static_cast<size_t>(reader.integer());
  for (size_t at = 0; at < parameters; ++at) texts->parameter_names.push_back(name_of(reader.next()));
  for (size_t at = 0; at < columns; ++at) {
    ColumnDescription column;
    column.name = reader.bytes();
    column.declared_type = name_of(reader.next());
    column.database = name_of(reader.next());
    column.table = name_of(reader.next());
    column.origin = name_of(reader.next());
    texts->columns.push_back(column);
  }
  description.parameter_names = texts->parameter_names;
  description.columns = texts->columns;
  description.owner = std::move(texts);
}

class ReferenceStatement final : public EngineStatement {
 public:
  explicit ReferenceStatement(int64_t handle) : handle_(handle) {}
  ReferenceStatement(const ReferenceStatement&) = delete;
  ReferenceStatement& operator=(const ReferenceStatement&) = delete;
  ~ReferenceStatement() override { (void)call_python(KB_STATEMENT_FINALIZE, handle_, {}, reply_); }

  int step(Row& row, bool& is_description_changed, Failure& failure) override {
    const int code = loaded_engine()->step(handle_, &row_);
    const int result = code & ~KB_STEP_DESCRIPTION_CHANGED;
    is_description_changed = result != code;
    if (result == result::ROW) {
      values_.clear();
      for (Reader reader = row_.reader(); reader.has_more();) values_.push_back(reader.next());
      row = Row(values_.data(), sizeof(Value), values_.size());
    } else if (result != result::DONE) {
      failure = failure_from(result, row_);
    }
    return result;
  }

  Failure reset() override { return call_python(KB_STATEMENT_RESET, handle_, {}, reply_); }

  void describe(StatementDescription& description) override {
    if (call_python(KB_STATEMENT_DESCRIBE, handle_, {}, reply_)) return;
    read_description(reply_, 0, description);
  }

  Failure bind(std::span<const OwnedValue> values) override {
    std::string request;
    Writer writer(request);
    for (const OwnedValue& value : values) writer.value_as_given(value.value());
    return call_python(KB_STATEMENT_BIND, handle_, request, reply_);
  }

  Failure expanded_sql(std::string& sql) override {
    Failure failure = call_python(KB_STATEMENT_EXPANDED_SQL, handle_, {}, reply_);
    if (!failure) sql = reply_.reader().bytes();
    return failure;
  }

  Failure set_explain_mode(int mode) override {
    std::string request;
    Writer(request).integer(mode);
    return call_python(KB_STATEMENT_EXPLAIN, handle_, request, reply_);
  }

  void take_counts(std::span<int64_t, program::statement_count_end> into) override {
    if (call_python(KB_STATEMENT_TAKE_COUNTS, handle_, {}, reply_)) return;
    Reader reader = reply_.reader();
    for (int64_t& count : into) count += reader.integer();
  }

 private:
  int64_t handle_;
  Reply row_;
  std::vector<Value> values_;
  Reply reply_;
};

// An object of the reference service and what it answered last.
class RemoteObject {
 protected:
  explicit RemoteObject(int64_t handle) : handle_(handle) {}

  template <typename Pack>
  Failure send(int operation, Pack&& pack) {
    std::string request;
    Writer writer(request);
    pack(writer);
    return call_python(operation, handle_, request, reply_);
  }

  int64_t handle_;
  Reply reply_;
};

class ReferenceBlob final : public EngineBlob, private RemoteObject {
 public:
  explicit ReferenceBlob(int64_t handle) : RemoteObject(handle) {}
  ReferenceBlob(const ReferenceBlob&) = delete;
  ReferenceBlob& operator=(const ReferenceBlob&) = delete;
  ~ReferenceBlob() override { (void)close(); }

  Failure seek(int64_t rowid, int64_t& size) override {
    Failure failure = send(KB_BLOB_SEEK, [&](Writer& writer) { writer.integer(rowid); });
    if (!failure) size = reply_.reader().integer();
    return failure;
  }

  Failure read(int64_t offset, std::span<uint8_t> out) override {
    const auto size = static_cast<int64_t>(out.size());
    Failure failure = send(KB_BLOB_READ, [&](Writer& writer) { writer.integer(offset).integer(size); });
    if (failure) return failure;
    Reader reader = reply_.reader();
    const std::string_view bytes = reader.bytes();
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
    return {};
  }

  Failure write(int64_t offset, std::span<const uint8_t> data) override {
    const std::string_view bytes(reinterpret_cast<const char*>(data.data()), data.size());
    return send(KB_BLOB_WRITE, [&](Writer& writer) { writer.integer(offset).blob(bytes); });
  }

  Failure close() override {
    if (handle_ == 0) return {};
    Failure failure = call_python(KB_BLOB_CLOSE, handle_, {}, reply_);
    handle_ = 0;
    return failure;
  }
};

class ReferenceConnection final : public EngineConnection, private RemoteObject {
 public:
  explicit ReferenceConnection(EngineHost& host) : RemoteObject(0), number_(add_host(host)) {}
  ReferenceConnection(const ReferenceConnection&) = delete;
  ReferenceConnection& operator=(const ReferenceConnection&) = delete;
  ~ReferenceConnection() override {
    if (handle_ != 0) (void)close();
    remove_host(number_);
  }

  Failure open(const OpenRequest& open) {
    std::string request;
    Writer(request)
        .integer(number_)
        .text(open.filename)
        .integer(open.flags)
        .text_or_null(open.vfs ? open.vfs->c_str() : nullptr)
        .integer(open.is_mirrored ? 1 : 0);
    Failure failure = call_python(KB_CONNECTION_OPEN, 0, request, reply_);
    if (!failure) handle_ = reply_.reader().integer();
    return failure;
  }

  Failure close() override {
    Failure failure = call_python(KB_CONNECTION_CLOSE, handle_, {}, reply_);
    if (!failure) handle_ = 0;
    return failure;
  }

  Failure prepare(std::string_view sql, std::unique_ptr<EngineStatement>& statement, StatementDescription& description,
                  size_t& tail) override {
    std::string request;
    Writer(request).text(sql);
    if (Failure failure = call_python(KB_CONNECTION_PREPARE, handle_, request, reply_)) return failure;
    Reader reader = reply_.reader();
    const int64_t handle = reader.integer();
    tail = static_cast<size_t>(reader.integer());
    if (handle == 0) return {};
    statement = std::make_unique<ReferenceStatement>(handle);
    read_description(reply_, 2, description);
    return {};
  }

  Failure open_blob(const BlobPlace& place, std::unique_ptr<EngineBlob>& blob, int64_t& size) override {
    if (Failure failure = send(KB_BLOB_OPEN, [&](Writer& w) {
          place.schema ? w.text(*place.schema) : w.null();
          w.text(place.table).text(place.column).integer(place.rowid).integer(place.is_writable ? 1 : 0);
        })) {
      return failure;
    }
    Reader reader = reply_.reader();
    blob = std::make_unique<ReferenceBlob>(reader.integer());
    size = reader.integer();
    return {};
  }

  Failure state(ConnectionState& state) override {
    if (Failure failure = call_python(KB_CONNECTION_STATE, handle_, {}, reply_)) return failure;
    Reader reader = reply_.reader();
    state.changes = reader.integer();
    state.total_changes = reader.integer();
    state.last_insert_rowid = reader.integer();
    state.is_autocommit = reader.integer() != 0;
    return {};
  }

  Failure set_last_insert_rowid(int64_t rowid) override {
    return send(KB_CONNECTION_SET_ROWID, [&](Writer& w) { w.integer(rowid); });
  }

  // Called without the connection's mutex: with a reply of its own.
  void interrupt() override {
    Reply reply;
    (void)call_python(KB_CONNECTION_INTERRUPT, handle_, {}, reply);
  }

  bool is_interrupted() override {
    Reply reply;
    return !call_python(KB_CONNECTION_IS_INTERRUPTED, handle_, {}, reply) && reply.reader().integer() != 0;
  }

  Failure set_busy_timeout(int milliseconds) override {
    return send(KB_CONNECTION_BUSY_TIMEOUT, [&](Writer& w) { w.integer(milliseconds); });
  }

  Failure create_function(int64_t function, std::string_view name, int argument_count, int flags, int kind) override {
    return send(KB_CONNECTION_FUNCTION, [&](Writer& w) {
      w.integer(function).text(name).integer(argument_count).integer(flags).integer(kind);
    });
  }

  Failure create_collation(int64_t collation, std::string_view name) override {
    return send(KB_CONNECTION_COLLATION, [&](Writer& w) { w.integer(collation).text(name); });
  }

  Failure remove_collation(std::string_view name) override {
    return send(KB_CONNECTION_COLLATION, [&](Writer& w) { w.null().text(name); });
  }

  Failure create_module(int64_t module, std::string_view name, bool is_eponymous, bool has_create) override {
    return send(KB_CONNECTION_MODULE, [&](Writer& w) {
      w.integer(module).text(name).integer(is_eponymous ? 1 : 0).integer(has_create ? 1 : 0);
    });
  }

  Failure set_hook(Hook hook, bool is_set, int64_t number) override {
    return send(KB_CONNECTION_HOOK,
                [&](Writer& w) { w.integer(static_cast<int>(hook)).integer(is_set ? 1 : 0).integer(number); });
  }

  Failure limit(int id, int value, int& before) override {
    Failure failure = send(KB_CONNECTION_LIMIT, [&](Writer& w) { w.integer(id).integer(value); });
    if (!failure) before = static_cast<int>(reply_.reader().integer());
    return failure;
  }

  Failure filename(std::string_view schema, std::optional<std::string>& name) override {
    Failure failure = send(KB_CONNECTION_FILENAME, [&](Writer& w) { w.text(schema); });
    if (!failure) name = optional_text(reply_.reader().next());
    return failure;
  }

  int is_readonly(std::string_view schema) override {
    return send(KB_CONNECTION_READONLY, [&](Writer& w) { w.text(schema); })
               ? -1
               : static_cast<int>(reply_.reader().integer());
  }

  int transaction_state(const char* schema) override {
    return send(KB_CONNECTION_TRANSACTION_STATE, [&](Writer& w) { w.text_or_null(schema); })
               ? -1
               : static_cast<int>(reply_.reader().integer());
  }

  Failure flush_cache() override {
    return send(KB_CONNECTION_FLUSH_CACHE, [](Writer&) {});
  }
  Failure release_memory() override {
    return send(KB_CONNECTION_RELEASE_MEMORY, [](Writer&) {});
  }
  int64_t count_cache(CacheCount, bool) override { return 0; }
  bool has_broken_deferred_keys() override {
    return !send(KB_CONNECTION_HAS_BROKEN_DEFERRED_KEYS, [](Writer&) {}) && reply_.reader().integer() != 0;
  }

  int file_control(std::string_view schema, int operation, int64_t& value) override {
    const Failure failure =
        send(KB_CONNECTION_FILE_CONTROL, [&](Writer& w) { w.text(schema).integer(operation).integer(value); });
    if (failure) return failure.code;
    value = reply_.reader().integer();
    return result::OK;
  }

  Failure serialize(std::string_view schema, std::string& content) override {
    Failure failure = send(KB_CONNECTION_SERIALIZE, [&](Writer& w) { w.text(schema); });
    if (!failure) content = reply_.reader().bytes();
    return failure;
  }

  Failure deserialize(std::string_view schema, std::string_view content, bool is_readonly) override {
    return send(KB_CONNECTION_DESERIALIZE,
                [&](Writer& w) { w.text(schema).blob(content).integer(is_readonly ? 1 : 0); });
  }

  Failure replace_content(std::string_view schema, std::string_view content) override {
    return send(KB_CONNECTION_DESERIALIZE, [&](Writer& w) { w.text(schema).blob(content).null(); });
  }

 private:
  const int64_t number_;
};

}  // namespace

Failure open_reference(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection) {
  if (Failure failure = start_python()) return failure;
  auto reference = std::make_unique<ReferenceConnection>(host);
  if (Failure failure = reference->open(request)) return failure;
  connection = std::move(reference);
  return {};
}

}  // namespace keelback::engine
