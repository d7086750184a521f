package capi

/*
#include <keelback/sqlite3.h>

static void keelback_result_text(sqlite3_context *c, const char *p, sqlite3_uint64 n) {
  sqlite3_result_text64(c, n ? p : "", n, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static void keelback_result_blob(sqlite3_context *c, const void *p, sqlite3_uint64 n) {
  if (n == 0) sqlite3_result_zeroblob(c, 0);
  else sqlite3_result_blob64(c, p, n, SQLITE_TRANSIENT);
}
*/
import "C"

import "unsafe"

// ValueType is sqlite3_value_type.
func ValueType(value Value) int { return int(C.sqlite3_value_type(value)) }

// ValueInt64 is sqlite3_value_int64.
func ValueInt64(value Value) int64 { return int64(C.sqlite3_value_int64(value)) }

// ValueDouble is sqlite3_value_double.
func ValueDouble(value Value) float64 { return float64(C.sqlite3_value_double(value)) }

// ValueText is sqlite3_value_text with its length.
func ValueText(value Value) string {
	data := C.sqlite3_value_text(value)
	return C.GoStringN((*C.char)(unsafe.Pointer(data)), C.sqlite3_value_bytes(value))
}

// ValueBlob is sqlite3_value_blob with its length; never nil.
func ValueBlob(value Value) []byte {
	data := C.sqlite3_value_blob(value)
	size := C.sqlite3_value_bytes(value)
	if size == 0 {
		return []byte{}
	}
	return C.GoBytes(data, size)
}

// ResultNull is sqlite3_result_null.
func ResultNull(context Context) { C.sqlite3_result_null(context) }

// ResultInt64 is sqlite3_result_int64.
func ResultInt64(context Context, value int64) {
	C.sqlite3_result_int64(context, C.sqlite3_int64(value))
}

// ResultDouble is sqlite3_result_double.
func ResultDouble(context Context, value float64) { C.sqlite3_result_double(context, C.double(value)) }

// ResultText is sqlite3_result_text64; the text is copied.
func ResultText(context Context, value string) {
	data := unsafe.StringData(value)
	C.keelback_result_text(context, (*C.char)(unsafe.Pointer(data)), C.sqlite3_uint64(len(value)))
}

// ResultBlob is sqlite3_result_blob64; the bytes are copied.
func ResultBlob(context Context, value []byte) {
	data := unsafe.SliceData(value)
	C.keelback_result_blob(context, unsafe.Pointer(data), C.sqlite3_uint64(len(value)))
}

// ResultError is sqlite3_result_error.
func ResultError(context Context, message string) {
	data := unsafe.StringData(message)
	if len(message) == 0 {
		C.sqlite3_result_error_code(context, Error)
		return
	}
	C.sqlite3_result_error(context, (*C.char)(unsafe.Pointer(data)), C.int(len(message)))
}
