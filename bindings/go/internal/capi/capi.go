// Package capi is the raw layer: the C functions that the driver uses, one to one, with no policy.
package capi

/*
#cgo CFLAGS: -I${SRCDIR}/../../../c/include
#cgo LDFLAGS: -L${SRCDIR}/../../../../build -lkeelback -Wl,-rpath,${SRCDIR}/../../../../build
#include <keelback/sqlite3.h>
#include <stdlib.h>
#include <string.h>

static int keelback_bind_text(sqlite3_stmt *s, int i, const char *p, sqlite3_uint64 n) {
  return sqlite3_bind_text64(s, i, n ? p : "", n, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static int keelback_bind_blob(sqlite3_stmt *s, int i, const void *p, sqlite3_uint64 n) {
  if (n == 0) return sqlite3_bind_zeroblob(s, i, 0);
  return sqlite3_bind_blob64(s, i, p, n, SQLITE_TRANSIENT);
}

// A column's value in one piece, so that a row is one call.
typedef struct {
  int type;
  int size;
  sqlite3_int64 integer;
  double real;
  const void *data;
} keelback_cell;

static int keelback_step_row(sqlite3_stmt *s, int count, keelback_cell *cells) {
  int code = sqlite3_step(s);
  if (code != SQLITE_ROW) return code;
  for (int i = 0; i < count; i++) {
    cells[i].type = sqlite3_column_type(s, i);
    switch (cells[i].type) {
      case SQLITE_INTEGER: cells[i].integer = sqlite3_column_int64(s, i); break;
      case SQLITE_FLOAT: cells[i].real = sqlite3_column_double(s, i); break;
      case SQLITE_TEXT:
        cells[i].data = sqlite3_column_text(s, i);
        cells[i].size = sqlite3_column_bytes(s, i);
        break;
      case SQLITE_BLOB:
        cells[i].data = sqlite3_column_blob(s, i);
        cells[i].size = sqlite3_column_bytes(s, i);
        break;
    }
  }
  return code;
}

// To the end; `changes` stays 0 where nothing changed.
static int keelback_run(sqlite3_stmt *s, sqlite3_int64 *changes, sqlite3_int64 *rowid) {
  sqlite3 *db = sqlite3_db_handle(s);
  sqlite3_int64 before = sqlite3_total_changes64(db);
  int code;
  do code = sqlite3_step(s);
  while (code == SQLITE_ROW);
  if (sqlite3_total_changes64(db) != before) *changes = sqlite3_changes64(db);
  *rowid = sqlite3_last_insert_rowid(db);
  return code;
}
*/
import "C"

import "unsafe"

// Result codes, open flags and value types that the driver names.
const (
	OK        = 0
	Error     = 1
	Busy      = 5
	NoMemory  = 7
	Interrupt = 9
	IOError   = 10
	CantOpen  = 14
	Misuse    = 21
	HasRow    = 100
	Done      = 101

	OpenReadOnly  = 1
	OpenReadWrite = 2
	OpenCreate    = 4
	OpenURI       = 0x40
	OpenNoMutex   = 0x8000
	OpenFullMutex = 0x10000

	Integer = 1
	Float   = 2
	Text    = 3
	Blob    = 4
	Null    = 5

	Deterministic = 0x800
	UTF8          = 1
)

// DB is a connection handle.
type DB = *C.sqlite3

// Stmt is a prepared statement handle.
type Stmt = *C.sqlite3_stmt

// Open is sqlite3_open_v2, "" as vfs is the usual one; on an error the handle may be set and must be closed.
func Open(name string, flags int, vfs string) (DB, int) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var system *C.char
	if vfs != "" {
		system = C.CString(vfs)
		defer C.free(unsafe.Pointer(system))
	}
	var db DB
	code := C.sqlite3_open_v2(text, &db, C.int(flags), system)
	if db != nil {
		C.sqlite3_extended_result_codes(db, 1)
	}
	return db, int(code)
}

// CloseV2 is sqlite3_close_v2.
func CloseV2(db DB) int { return int(C.sqlite3_close_v2(db)) }

// ExtendedErrcode is sqlite3_extended_errcode.
func ExtendedErrcode(db DB) int { return int(C.sqlite3_extended_errcode(db)) }

// Errmsg is sqlite3_errmsg.
func Errmsg(db DB) string { return C.GoString(C.sqlite3_errmsg(db)) }

// Errstr is sqlite3_errstr.
func Errstr(code int) string { return C.GoString(C.sqlite3_errstr(C.int(code))) }

// ErrorOffset is sqlite3_error_offset.
func ErrorOffset(db DB) int { return int(C.sqlite3_error_offset(db)) }

// BusyTimeout is sqlite3_busy_timeout.
func BusyTimeout(db DB, milliseconds int) int {
	return int(C.sqlite3_busy_timeout(db, C.int(milliseconds)))
}

// Interrupt is sqlite3_interrupt; it may be called from any thread.
func InterruptDB(db DB) { C.sqlite3_interrupt(db) }

// Autocommit is sqlite3_get_autocommit.
func Autocommit(db DB) bool { return C.sqlite3_get_autocommit(db) != 0 }

// Changes is sqlite3_changes64.
func Changes(db DB) int64 { return int64(C.sqlite3_changes64(db)) }

// TotalChanges is sqlite3_total_changes64.
func TotalChanges(db DB) int64 { return int64(C.sqlite3_total_changes64(db)) }

// LastInsertRowid is sqlite3_last_insert_rowid.
func LastInsertRowid(db DB) int64 { return int64(C.sqlite3_last_insert_rowid(db)) }

// Libversion is sqlite3_libversion.
func Libversion() string { return C.GoString(C.sqlite3_libversion()) }

// LibversionNumber is sqlite3_libversion_number.
func LibversionNumber() int { return int(C.sqlite3_libversion_number()) }

// Sourceid is sqlite3_sourceid.
func Sourceid() string { return C.GoString(C.sqlite3_sourceid()) }

// Prepare is sqlite3_prepare_v2: the first statement of the text (nil if it is blank) and the rest of the text.
func Prepare(db DB, sql string) (Stmt, string, int) {
	text := C.CString(sql)
	defer C.free(unsafe.Pointer(text))
	var stmt Stmt
	var tail *C.char
	code := C.sqlite3_prepare_v2(db, text, C.int(len(sql)), &stmt, &tail)
	if code != OK || tail == nil {
		return nil, "", int(code)
	}
	offset := uintptr(unsafe.Pointer(tail)) - uintptr(unsafe.Pointer(text))
	if offset > uintptr(len(sql)) {
		offset = uintptr(len(sql))
	}
	return stmt, sql[offset:], int(code)
}

// Finalize is sqlite3_finalize.
func Finalize(stmt Stmt) int { return int(C.sqlite3_finalize(stmt)) }

// Run steps to the end and drops the rows: the rows changed, the last rowid inserted, and the code of the last step.
func Run(stmt Stmt) (int64, int64, int) {
	var changes, rowid C.sqlite3_int64
	code := C.keelback_run(stmt, &changes, &rowid)
	return int64(changes), int64(rowid), int(code)
}

// Reset is sqlite3_reset.
func Reset(stmt Stmt) int { return int(C.sqlite3_reset(stmt)) }

// ClearBindings is sqlite3_clear_bindings.
func ClearBindings(stmt Stmt) int { return int(C.sqlite3_clear_bindings(stmt)) }

// Readonly is sqlite3_stmt_readonly.
func Readonly(stmt Stmt) bool { return C.sqlite3_stmt_readonly(stmt) != 0 }

// ParameterCount is sqlite3_bind_parameter_count.
func ParameterCount(stmt Stmt) int { return int(C.sqlite3_bind_parameter_count(stmt)) }

// ParameterName is sqlite3_bind_parameter_name, "" for a nameless one; index counts from 1.
func ParameterName(stmt Stmt, index int) string {
	name := C.sqlite3_bind_parameter_name(stmt, C.int(index))
	if name == nil {
		return ""
	}
	return C.GoString(name)
}

// BindNull is sqlite3_bind_null.
func BindNull(stmt Stmt, index int) int { return int(C.sqlite3_bind_null(stmt, C.int(index))) }

// BindInt64 is sqlite3_bind_int64.
func BindInt64(stmt Stmt, index int, value int64) int {
	return int(C.sqlite3_bind_int64(stmt, C.int(index), C.sqlite3_int64(value)))
}

// BindDouble is sqlite3_bind_double.
func BindDouble(stmt Stmt, index int, value float64) int {
	return int(C.sqlite3_bind_double(stmt, C.int(index), C.double(value)))
}

// BindText is sqlite3_bind_text64; the text is copied.
func BindText(stmt Stmt, index int, value string) int {
	data := unsafe.StringData(value)
	return int(C.keelback_bind_text(stmt, C.int(index), (*C.char)(unsafe.Pointer(data)), C.sqlite3_uint64(len(value))))
}

// BindBlob is sqlite3_bind_blob64; the bytes are copied.
func BindBlob(stmt Stmt, index int, value []byte) int {
	data := unsafe.SliceData(value)
	return int(C.keelback_bind_blob(stmt, C.int(index), unsafe.Pointer(data), C.sqlite3_uint64(len(value))))
}

// ColumnCount is sqlite3_column_count.
func ColumnCount(stmt Stmt) int { return int(C.sqlite3_column_count(stmt)) }

// ColumnName is sqlite3_column_name; column counts from 0.
func ColumnName(stmt Stmt, column int) string {
	return C.GoString(C.sqlite3_column_name(stmt, C.int(column)))
}

// ColumnDecltype is sqlite3_column_decltype, "" if there is none.
func ColumnDecltype(stmt Stmt, column int) string {
	text := C.sqlite3_column_decltype(stmt, C.int(column))
	if text == nil {
		return ""
	}
	return C.GoString(text)
}

// Row holds the columns of one row; what it points to is valid until the next step.
type Row []C.keelback_cell

// NewRow is room for so many columns.
func NewRow(columns int) Row { return make(Row, columns) }

// Step is sqlite3_step; with ROW the columns are read.
func (r Row) Step(stmt Stmt) int {
	return int(C.keelback_step_row(stmt, C.int(len(r)), unsafe.SliceData(r)))
}

// Type is sqlite3_column_type; column counts from 0.
func (r Row) Type(column int) int { return int(r[column]._type) }

// Int64 is the value of an INTEGER.
func (r Row) Int64(column int) int64 { return int64(r[column].integer) }

// Double is the value of a REAL.
func (r Row) Double(column int) float64 { return float64(r[column].real) }

// Text is a copy of a TEXT.
func (r Row) Text(column int) string {
	return C.GoStringN((*C.char)(r[column].data), r[column].size)
}

// Blob is a copy of a BLOB; never nil.
func (r Row) Blob(column int) []byte {
	if r[column].size == 0 {
		return []byte{}
	}
	return C.GoBytes(r[column].data, r[column].size)
}
