// carray: the table whose rows are the elements of an array of C, and sqlite3_carray_bind, which hands it one.
//
//     SELECT value FROM carray(?1)                       what sqlite3_carray_bind has bound
//     SELECT value FROM carray(?1, 10, 'int64')          what sqlite3_bind_pointer has bound as "carray"
//
// It is a module like those of programs, which every connection knows (KB_MODULE_CARRAY). The array is read where it
// lies. Source: https://sqlite.org/carray.html
#include "carray.hpp"

#include <sys/uio.h>

#include <array>
#include <cstring>
#include <new>

namespace {

using Destroy = void (*)(void*);

enum Column { column_value, column_pointer, column_count, column_type };

constexpr std::array<const char*, 5> type_names = {"int32", "int64", "double", "char*", "struct iovec"};
constexpr const char* plain_pointer = "carray";
constexpr const char* bound_pointer = "carray-bind";

struct BoundArray {
  const void* data = nullptr;
  int count = 0;
  int type = SQLITE_CARRAY_INT32;
  Destroy destroy = nullptr;
  void* destroy_argument = nullptr;
};

void destroy_bound(void* argument) {
  auto* bound = static_cast<BoundArray*>(argument);
  if (bound->destroy != nullptr) bound->destroy(bound->destroy_argument);
  delete bound;
}

size_t size_of_element(int type) {
  switch (type) {
    case SQLITE_CARRAY_INT32:
      return sizeof(int);
    case SQLITE_CARRAY_INT64:
      return sizeof(sqlite3_int64);
    case SQLITE_CARRAY_DOUBLE:
      return sizeof(double);
    case SQLITE_CARRAY_TEXT:
      return sizeof(char*);
    default:
      return sizeof(iovec);
  }
}

// A copy of an array in one piece of memory, texts and blobs behind their addresses; null without memory, which is, as
// in SQLite, also what a copy of nothing gets.
void* copy_of(const void* data, int count, int type) {
  const size_t size = count < 0 ? 0 : size_of_element(type) * static_cast<size_t>(count);
  const auto* texts = static_cast<char* const*>(data);
  const auto* blobs = static_cast<const iovec*>(data);
  size_t total = size;
  for (int at = 0; at < count; ++at) {
    if (type == SQLITE_CARRAY_TEXT && texts[at] != nullptr) total += std::strlen(texts[at]) + 1;
    if (type == SQLITE_CARRAY_BLOB) total += blobs[at].iov_len;
  }
  auto* copy = static_cast<char*>(sqlite3_malloc64(total));
  if (copy == nullptr) return nullptr;
  if (size > 0) std::memcpy(copy, data, size);
  char* next = copy + size;
  for (int at = 0; at < count; ++at) {
    if (type == SQLITE_CARRAY_TEXT && texts[at] != nullptr) {
      const size_t length = std::strlen(texts[at]) + 1;
      std::memcpy(next, texts[at], length);
      reinterpret_cast<char**>(copy)[at] = next;
      next += length;
    } else if (type == SQLITE_CARRAY_BLOB) {
      if (blobs[at].iov_len > 0) std::memcpy(next, blobs[at].iov_base, blobs[at].iov_len);
      reinterpret_cast<iovec*>(copy)[at].iov_base = next;
      next += blobs[at].iov_len;
    }
  }
  return copy;
}

struct ArrayCursor : sqlite3_vtab_cursor {
  sqlite3_int64 rowid = 1;
  const void* data = nullptr;
  sqlite3_int64 count = 0;
  int type = SQLITE_CARRAY_INT32;
};

ArrayCursor& of(sqlite3_vtab_cursor* cursor) { return *static_cast<ArrayCursor*>(cursor); }

int connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** table, char**) {
  const int code = sqlite3_declare_vtab(db, "CREATE TABLE x(value,pointer hidden,count hidden,ctype hidden)");
  if (code != SQLITE_OK) return code;
  *table = new (std::nothrow) sqlite3_vtab{};
  return *table != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

int disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = new (std::nothrow) ArrayCursor{};
  return *cursor != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &of(cursor);
  return SQLITE_OK;
}

// idxNum: how many of the arguments there are. Without a pointer there are no rows.
int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  std::array<int, 4> places = {-1, -1, -1, -1};
  std::array<bool, 4> is_seen = {};
  for (int at = 0; at < info->nConstraint; ++at) {
    const auto& constraint = info->aConstraint[at];
    if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ || constraint.iColumn < column_pointer) continue;
    is_seen[static_cast<size_t>(constraint.iColumn)] = true;
    if (constraint.usable != 0) places[static_cast<size_t>(constraint.iColumn)] = at;
  }
  const auto take = [&](Column column) {
    const int place = places[column];
    if (place < 0) return false;
    info->aConstraintUsage[place].argvIndex = column;
    info->aConstraintUsage[place].omit = 1;
    info->idxNum = column;
    return true;
  };
  if (!take(column_pointer)) {
    info->estimatedCost = 2147483647;
    info->estimatedRows = 2147483647;
    info->idxNum = 0;
    return SQLITE_OK;
  }
  info->estimatedCost = 1;
  info->estimatedRows = 100;
  if (!take(column_count)) return is_seen[column_count] ? SQLITE_CONSTRAINT : SQLITE_OK;
  return take(column_type) || !is_seen[column_type] ? SQLITE_OK : SQLITE_CONSTRAINT;
}

int filter(sqlite3_vtab_cursor* cursor, int arguments, const char*, int, sqlite3_value** values) {
  ArrayCursor& scan = of(cursor);
  scan.rowid = 1;
  scan.data = nullptr;
  scan.count = 0;
  scan.type = SQLITE_CARRAY_INT32;
  if (arguments == 1) {
    const auto* bound = static_cast<const BoundArray*>(sqlite3_value_pointer(values[0], bound_pointer));
    if (bound == nullptr) return SQLITE_OK;
    scan.data = bound->data;
    scan.count = bound->count;
    scan.type = bound->type;
  } else if (arguments > 1) {
    scan.data = sqlite3_value_pointer(values[0], plain_pointer);
    scan.count = scan.data != nullptr ? sqlite3_value_int64(values[1]) : 0;
    if (arguments == 2) return SQLITE_OK;
    const auto* name = reinterpret_cast<const char*>(sqlite3_value_text(values[2]));
    scan.type = 0;
    while (scan.type < static_cast<int>(type_names.size()) &&
           sqlite3_stricmp(name, type_names[static_cast<size_t>(scan.type)]) != 0)
      ++scan.type;
    if (scan.type == static_cast<int>(type_names.size())) {
      cursor->pVtab->zErrMsg = sqlite3_mprintf("unknown datatype: %Q", name);
      return SQLITE_ERROR;
    }
  }
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  ++of(cursor).rowid;
  return SQLITE_OK;
}

int is_at_end(sqlite3_vtab_cursor* cursor) { return of(cursor).rowid > of(cursor).count ? 1 : 0; }

void answer_element(const ArrayCursor& scan, sqlite3_context* context) {
  const auto at = static_cast<size_t>(scan.rowid - 1);
  switch (scan.type) {
    case SQLITE_CARRAY_INT32:
      sqlite3_result_int(context, static_cast<const int*>(scan.data)[at]);
      break;
    case SQLITE_CARRAY_INT64:
      sqlite3_result_int64(context, static_cast<const sqlite3_int64*>(scan.data)[at]);
      break;
    case SQLITE_CARRAY_DOUBLE:
      sqlite3_result_double(context, static_cast<const double*>(scan.data)[at]);
      break;
    case SQLITE_CARRAY_TEXT:
      sqlite3_result_text(context, static_cast<char* const*>(scan.data)[at], -1, SQLITE_TRANSIENT);
      break;
    default: {
      const iovec& blob = static_cast<const iovec*>(scan.data)[at];
      sqlite3_result_blob64(context, blob.iov_base, blob.iov_len, SQLITE_TRANSIENT);
    }
  }
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
  const ArrayCursor& scan = of(cursor);
  switch (number) {
    case column_pointer:
      break;
    case column_count:
      sqlite3_result_int64(context, scan.count);
      break;
    case column_type:
      sqlite3_result_text(context, type_names[static_cast<size_t>(scan.type)], -1, SQLITE_STATIC);
      break;
    default:
      answer_element(scan, context);
  }
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* rowid) {
  *rowid = of(cursor).rowid;
  return SQLITE_OK;
}

sqlite3_module carray_methods() {
  sqlite3_module methods = {};
  methods.xConnect = connect;
  methods.xBestIndex = best_index;
  methods.xDisconnect = disconnect;
  methods.xOpen = open;
  methods.xClose = close;
  methods.xFilter = filter;
  methods.xNext = next;
  methods.xEof = is_at_end;
  methods.xColumn = column;
  methods.xRowid = rowid;
  return methods;
}

}  // namespace

namespace keelback::capi {

const sqlite3_module& carray_module() {
  static const sqlite3_module methods = carray_methods();
  return methods;
}

}  // namespace keelback::capi

extern "C" {

int sqlite3_carray_bind_v2(sqlite3_stmt* statement, int index, void* data, int count, int type, Destroy destroy,
                           void* destroy_argument) {
  const bool is_copied = destroy == SQLITE_TRANSIENT;
  const bool is_given = !is_copied && destroy != SQLITE_STATIC;
  const auto give_back = [&](int code) {
    if (is_given) destroy(destroy_argument);
    return code;
  };
  if (type < SQLITE_CARRAY_INT32 || type > SQLITE_CARRAY_BLOB) return give_back(SQLITE_ERROR);
  auto* bound = new (std::nothrow) BoundArray{data, count, type};
  if (bound == nullptr) return give_back(SQLITE_NOMEM);
  if (is_copied) {
    void* copy = copy_of(data, count, type);
    if (copy == nullptr) {
      delete bound;
      return SQLITE_NOMEM;
    }
    bound->data = copy;
    bound->destroy = sqlite3_free;
    bound->destroy_argument = copy;
  } else if (is_given) {
    bound->destroy = destroy;
    bound->destroy_argument = destroy_argument;
  }
  return sqlite3_bind_pointer(statement, index, bound, bound_pointer, destroy_bound);
}

int sqlite3_carray_bind(sqlite3_stmt* statement, int index, void* data, int count, int type, Destroy destroy) {
  return sqlite3_carray_bind_v2(statement, index, data, count, type, destroy, data);
}

}  // extern "C"
