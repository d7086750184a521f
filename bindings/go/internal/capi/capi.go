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
*/
import "C"

import "unsafe"

// Result codes, open flags and value types that the driver names.
const (
	OK        = 0
	Error     = 1
	Busy      = 5
	Interrupt = 9
	Misuse    = 21
	Row       = 100
	Done      = 101

	OpenReadOnly  = 1
	OpenReadWrite = 2
	OpenCreate    = 4
	OpenURI       = 0x40

	Integer = 1
	Float   = 2
	Text    = 3
	Blob    = 4
	Null    = 5
)

// DB is a connection handle.
type DB = *C.sqlite3

// Stmt is a prepared statement handle.
type Stmt = *C.sqlite3_stmt

// Open is sqlite3_open_v2; on an error the handle may be set and must be closed.
func Open(name string, flags int) (DB, int) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var db DB
	code := C.sqlite3_open_v2(text, &db, C.int(flags), nil)
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

// Step is sqlite3_step.
func Step(stmt Stmt) int { return int(C.sqlite3_step(stmt)) }

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

// ColumnType is sqlite3_column_type.
func ColumnType(stmt Stmt, column int) int { return int(C.sqlite3_column_type(stmt, C.int(column))) }

// ColumnInt64 is sqlite3_column_int64.
func ColumnInt64(stmt Stmt, column int) int64 {
	return int64(C.sqlite3_column_int64(stmt, C.int(column)))
}

// ColumnDouble is sqlite3_column_double.
func ColumnDouble(stmt Stmt, column int) float64 {
	return float64(C.sqlite3_column_double(stmt, C.int(column)))
}

// ColumnText is sqlite3_column_text with its length.
func ColumnText(stmt Stmt, column int) string {
	data := C.sqlite3_column_text(stmt, C.int(column))
	return C.GoStringN((*C.char)(unsafe.Pointer(data)), C.sqlite3_column_bytes(stmt, C.int(column)))
}

// ColumnBlob is sqlite3_column_blob with its length; never nil.
func ColumnBlob(stmt Stmt, column int) []byte {
	data := C.sqlite3_column_blob(stmt, C.int(column))
	size := C.sqlite3_column_bytes(stmt, C.int(column))
	if size == 0 {
		return []byte{}
	}
	return C.GoBytes(data, size)
}
