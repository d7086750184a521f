// The kernel's storage alone beside SQLite's whole statement: appends, look-ups, scans. Prints nanoseconds of CPU an
// operation.
//
//     build/bench/kernel_storage [path of libsqlite3.so.0] [rows]
//
// The two do not do the same work (SQLite binds, steps and returns through its API; here a cursor is driven directly),
// so the numbers say what is left for the VM above, not how much faster a statement is.
#include <array>
#include <dlfcn.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "../core/kernel/storage/database.hpp"

namespace {

using namespace keelback;
using namespace keelback::storage;

struct sqlite3;
struct sqlite3_stmt;

// The few calls of SQLite that are needed, from a library loaded at run time.
struct Sqlite {
  int (*open)(const char*, sqlite3**);
  int (*exec)(sqlite3*, const char*, void*, void*, char**);
  int (*prepare)(sqlite3*, const char*, int, sqlite3_stmt**, const char**);
  int (*bind_int64)(sqlite3_stmt*, int, int64_t);
  int (*bind_double)(sqlite3_stmt*, int, double);
  int (*bind_text)(sqlite3_stmt*, int, const char*, int, void*);
  int (*step)(sqlite3_stmt*);
  int (*reset)(sqlite3_stmt*);
  int64_t (*column_int64)(sqlite3_stmt*, int);
  double (*column_double)(sqlite3_stmt*, int);
  const char* (*libversion)();

  bool load(const char* path) {
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    const auto find = [library](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    };
    find(open, "sqlite3_open");
    find(exec, "sqlite3_exec");
    find(prepare, "sqlite3_prepare_v2");
    find(bind_int64, "sqlite3_bind_int64");
    find(bind_double, "sqlite3_bind_double");
    find(bind_text, "sqlite3_bind_text");
    find(step, "sqlite3_step");
    find(reset, "sqlite3_reset");
    find(column_int64, "sqlite3_column_int64");
    find(column_double, "sqlite3_column_double");
    find(libversion, "sqlite3_libversion");
    return true;
  }
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename Work>
double nanoseconds(size_t count, Work work) {
  const double start = cpu_seconds();
  work();
  return (cpu_seconds() - start) * 1e9 / static_cast<double>(count);
}

void must(Status status) {
  if (status.is_ok()) return;
  std::fprintf(stderr, "%s\n", status.message());
  std::exit(1);
}

struct Rows {
  size_t count;
  std::string text(size_t row) const { return "item " + std::to_string(row * 2654435761 % 1000003); }
  int64_t group(size_t row) const { return static_cast<int64_t>(row * 7919 % 1000); }
  double real(size_t row) const { return static_cast<double>(row % 10007) * 0.37; }
  int64_t random_row(size_t step) const { return static_cast<int64_t>(step * 6364136223846793005ull % count) + 1; }
};

struct Numbers {
  double append = 0, append_index = 0, seek = 0, seek_index = 0, scan = 0, update = 0;
  double checksum = 0;
};

Numbers run_kernel(const Rows& rows, const std::vector<std::string>& texts, const std::string& path) {
  Numbers numbers;
  std::unique_ptr<Database> database;
  must(Database::open(path, open_readwrite | open_create, database));
  database->set_synchronous(0);
  database->set_cache_size(-2000000);
  must(database->begin_write());
  uint32_t table = 0;
  uint32_t index = 0;
  must(database->create_root(true, table));
  must(database->create_root(false, index));
  std::unique_ptr<TableCursor> cursor;
  std::unique_ptr<IndexCursor> entries;
  must(database->open_table_cursor(table, true, cursor));
  must(database->open_index_cursor(index, true, KeyComparator(std::array<uint8_t, 2>{}, {{}, {}}), entries));
  std::vector<uint8_t> record;
  numbers.append = nanoseconds(rows.count, [&] {
    for (size_t row = 1; row <= rows.count; ++row) {
      const Value values[] = {Value::of_null(), Value::of_integer(rows.group(row)), Value::of_real(rows.real(row)),
                              Value::of_text(texts[row])};
      encode_record(values, utf8, record);
      must(cursor->insert(static_cast<int64_t>(row), record));
    }
  });
  numbers.append_index = nanoseconds(rows.count, [&] {
    for (size_t row = 1; row <= rows.count; ++row) {
      const Value values[] = {Value::of_text(texts[row]), Value::of_integer(static_cast<int64_t>(row))};
      must(entries->insert(values));
    }
  });
  must(database->commit(true));
  numbers.seek = nanoseconds(rows.count, [&] {
    for (size_t step = 0; step < rows.count; ++step) {
      int result = 0;
      must(cursor->seek(rows.random_row(step), result));
      Value value;
      must(cursor->column(1, value));
      numbers.checksum += static_cast<double>(value.integer());
    }
  });
  numbers.seek_index = nanoseconds(rows.count, [&] {
    for (size_t step = 0; step < rows.count; ++step) {
      int result = 0;
      const Value key = Value::of_text(texts[static_cast<size_t>(rows.random_row(step))]);
      must(entries->seek({&key, 1}, 1, result));
      bool is_on = true;
      if (result < 0) must(entries->next(is_on));
      Value value;
      must(entries->column(1, value));
      numbers.checksum += static_cast<double>(value.integer());
    }
  });
  numbers.scan = nanoseconds(rows.count, [&] {
    bool is_on = false;
    for (must(cursor->first(is_on)); is_on; must(cursor->next(is_on))) {
      Value group;
      Value real;
      must(cursor->column(1, group));
      must(cursor->column(2, real));
      numbers.checksum += static_cast<double>(group.integer()) + real.real();
    }
  });
  must(database->begin_write());
  numbers.update = nanoseconds(rows.count, [&] {
    for (size_t step = 0; step < rows.count; ++step) {
      const auto row = static_cast<size_t>(rows.random_row(step));
      const Value values[] = {Value::of_null(), Value::of_integer(rows.group(row) + 1), Value::of_real(rows.real(row)),
                              Value::of_text(texts[row])};
      encode_record(values, utf8, record);
      must(cursor->insert(static_cast<int64_t>(row), record));
    }
  });
  must(database->commit());
  return numbers;
}

Numbers run_sqlite(const Sqlite& sqlite, const Rows& rows, const std::vector<std::string>& texts,
                   const std::string& path) {
  Numbers numbers;
  sqlite3* database = nullptr;
  sqlite.open(path.empty() ? ":memory:" : path.c_str(), &database);
  const auto run = [&](const char* sql) { sqlite.exec(database, sql, nullptr, nullptr, nullptr); };
  const auto prepare = [&](const char* sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite.prepare(database, sql, -1, &statement, nullptr);
    return statement;
  };
  const auto step_once = [&](sqlite3_stmt* statement) {
    sqlite.step(statement);
    sqlite.reset(statement);
  };
  run("PRAGMA synchronous=off; PRAGMA cache_size=-2000000; BEGIN; CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v "
      "REAL,"
      " s TEXT); CREATE TABLE k(s TEXT, n INTEGER, PRIMARY KEY(s, n)) WITHOUT ROWID");
  sqlite3_stmt* insert = prepare("INSERT INTO t VALUES(?, ?, ?, ?)");
  numbers.append = nanoseconds(rows.count, [&] {
    for (size_t row = 1; row <= rows.count; ++row) {
      sqlite.bind_int64(insert, 1, static_cast<int64_t>(row));
      sqlite.bind_int64(insert, 2, rows.group(row));
      sqlite.bind_double(insert, 3, rows.real(row));
      sqlite.bind_text(insert, 4, texts[row].data(), static_cast<int>(texts[row].size()), nullptr);
      step_once(insert);
    }
  });
  sqlite3_stmt* insert_key = prepare("INSERT INTO k VALUES(?, ?)");
  numbers.append_index = nanoseconds(rows.count, [&] {
    for (size_t row = 1; row <= rows.count; ++row) {
      sqlite.bind_text(insert_key, 1, texts[row].data(), static_cast<int>(texts[row].size()), nullptr);
      sqlite.bind_int64(insert_key, 2, static_cast<int64_t>(row));
      step_once(insert_key);
    }
  });
  run("COMMIT; BEGIN");
  sqlite3_stmt* seek = prepare("SELECT g FROM t WHERE id = ?");
  numbers.seek = nanoseconds(rows.count, [&] {
    for (size_t step = 0; step < rows.count; ++step) {
      sqlite.bind_int64(seek, 1, rows.random_row(step));
      sqlite.step(seek);
      numbers.checksum += static_cast<double>(sqlite.column_int64(seek, 0));
      sqlite.reset(seek);
    }
  });
  sqlite3_stmt* seek_key = prepare("SELECT n FROM k WHERE s = ?");
  numbers.seek_index = nanoseconds(rows.count, [&] {
    for (size_t step = 0; step < rows.count; ++step) {
      const std::string& text = texts[static_cast<size_t>(rows.random_row(step))];
      sqlite.bind_text(seek_key, 1, text.data(), static_cast<int>(text.size()), nullptr);
      sqlite.step(seek_key);
      numbers.checksum += static_cast<double>(sqlite.column_int64(seek_key, 0));
      sqlite.reset(seek_key);
    }
  });
  sqlite3_stmt* scan = prepare("SELECT sum(g), sum(v) FROM t");
  numbers.scan = nanoseconds(rows.count, [&] {
    sqlite.step(scan);
    numbers.checksum += sqlite.column_double(scan, 0) + sqlite.column_double(scan, 1);
    sqlite.reset(scan);
  });
  sqlite3_stmt* update = prepare("UPDATE t SET g = g + 1 WHERE id = ?");
  numbers.update = nanoseconds(rows.count, [&] {
    for (size_t step = 0; step < rows.count; ++step) {
      sqlite.bind_int64(update, 1, rows.random_row(step));
      step_once(update);
    }
  });
  run("COMMIT");
  return numbers;
}

void print(const char* where, const Numbers& kernel, const Numbers& real, bool has_sqlite) {
  const struct {
    const char* name;
    double Numbers::* number;
  } lines[] = {
      {"append a row of 4 columns", &Numbers::append}, {"insert an index entry, random", &Numbers::append_index},
      {"look a rowid up, random", &Numbers::seek},     {"look a text key up, random", &Numbers::seek_index},
      {"scan, 2 of 4 columns", &Numbers::scan},        {"replace a row, random", &Numbers::update}};
  for (const auto& line : lines) {
    std::printf("%-7s %-32s kernel %7.1f ns", where, line.name, kernel.*line.number);
    if (has_sqlite)
      std::printf("   sqlite %7.1f ns   x%.2f", real.*line.number, real.*line.number / kernel.*line.number);
    std::printf("\n");
  }
  if (has_sqlite && kernel.checksum != real.checksum)
    std::printf("the sums differ: %f %f\n", kernel.checksum, real.checksum);
}

}  // namespace

int main(int count, char** arguments) {
  const Rows rows{count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 500000};
  Sqlite sqlite{};
  const bool has_sqlite = sqlite.load(count > 1 ? arguments[1] : "libsqlite3.so.0");
  std::printf("%zu rows; SQLite %s\n", rows.count, has_sqlite ? sqlite.libversion() : "not found");
  std::vector<std::string> texts;
  for (size_t row = 0; row <= rows.count; ++row) texts.push_back(rows.text(row));
  const std::string kernel_path = "/tmp/keelback_bench_kernel.db";
  const std::string sqlite_path = "/tmp/keelback_bench_sqlite.db";
  for (const bool is_file : {false, true}) {
    std::remove(kernel_path.c_str());
    std::remove(sqlite_path.c_str());
    const Numbers kernel = run_kernel(rows, texts, is_file ? kernel_path : "");
    const Numbers real = has_sqlite ? run_sqlite(sqlite, rows, texts, is_file ? sqlite_path : "") : Numbers{};
    print(is_file ? "file" : "memory", kernel, real, has_sqlite);
  }
  std::remove(kernel_path.c_str());
  std::remove(sqlite_path.c_str());
}
