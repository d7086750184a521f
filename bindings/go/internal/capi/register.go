package capi

/*
#include <keelback/sqlite3.h>
#include <stdint.h>
#include <stdlib.h>

extern void keelbackRelease(uintptr_t);
extern void keelbackScalar(sqlite3_context *, int, sqlite3_value **);
extern void keelbackStep(sqlite3_context *, int, sqlite3_value **);
extern void keelbackInverse(sqlite3_context *, int, sqlite3_value **);
extern void keelbackValue(sqlite3_context *);
extern void keelbackFinal(sqlite3_context *);
extern int keelbackCompare(uintptr_t, int, void *, int, void *);
extern int keelbackCommit(uintptr_t);
extern void keelbackRollback(uintptr_t);
extern void keelbackUpdate(uintptr_t, int, char *, char *, sqlite3_int64);
extern int keelbackAuthorize(uintptr_t, int, char *, char *, char *);

static void keelback_release(void *handle) { keelbackRelease((uintptr_t)handle); }

static int keelback_create_scalar(sqlite3 *db, const char *name, int count, int flags, uintptr_t handle) {
  return sqlite3_create_function_v2(db, name, count, flags, (void *)handle, keelbackScalar, 0, 0, keelback_release);
}

static int keelback_create_aggregate(sqlite3 *db, const char *name, int count, int flags, uintptr_t handle) {
  return sqlite3_create_function_v2(db, name, count, flags, (void *)handle, 0, keelbackStep, keelbackFinal,
                                    keelback_release);
}

static int keelback_create_window(sqlite3 *db, const char *name, int count, int flags, uintptr_t handle) {
  return sqlite3_create_window_function(db, name, count, flags, (void *)handle, keelbackStep, keelbackFinal,
                                        keelbackValue, keelbackInverse, keelback_release);
}

static int keelback_compare(void *handle, int left_size, const void *left, int right_size, const void *right) {
  return keelbackCompare((uintptr_t)handle, left_size, (void *)left, right_size, (void *)right);
}

static int keelback_create_collation(sqlite3 *db, const char *name, uintptr_t handle) {
  return sqlite3_create_collation_v2(db, name, SQLITE_UTF8, (void *)handle, handle ? keelback_compare : 0,
                                     handle ? keelback_release : 0);
}

static int keelback_commit(void *handle) { return keelbackCommit((uintptr_t)handle); }
static void keelback_rollback(void *handle) { keelbackRollback((uintptr_t)handle); }
static void keelback_update(void *handle, int action, const char *schema, const char *table, sqlite3_int64 rowid) {
  keelbackUpdate((uintptr_t)handle, action, (char *)schema, (char *)table, rowid);
}
static int keelback_authorize(void *handle, int action, const char *first, const char *second, const char *schema,
                              const char *trigger) {
  (void)trigger;
  return keelbackAuthorize((uintptr_t)handle, action, (char *)first, (char *)second, (char *)schema);
}

static void keelback_commit_hook(sqlite3 *db, uintptr_t handle) {
  sqlite3_commit_hook(db, handle ? keelback_commit : 0, (void *)handle);
}
static void keelback_rollback_hook(sqlite3 *db, uintptr_t handle) {
  sqlite3_rollback_hook(db, handle ? keelback_rollback : 0, (void *)handle);
}
static void keelback_update_hook(sqlite3 *db, uintptr_t handle) {
  sqlite3_update_hook(db, handle ? keelback_update : 0, (void *)handle);
}
static void keelback_set_authorizer(sqlite3 *db, uintptr_t handle) {
  sqlite3_set_authorizer(db, handle ? keelback_authorize : 0, (void *)handle);
}
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// CreateScalar is sqlite3_create_function_v2; the library lets go of the function when it is replaced.
func CreateScalar(db DB, name string, count, flags int, function Scalar) int {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	handle := C.uintptr_t(cgo.NewHandle(function))
	return int(C.keelback_create_scalar(db, text, C.int(count), C.int(flags), handle))
}

// CreateAggregate is sqlite3_create_function_v2 or, with `isWindow`, sqlite3_create_window_function.
func CreateAggregate(db DB, name string, count, flags int, function Aggregate, isWindow bool) int {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	handle := C.uintptr_t(cgo.NewHandle(function))
	if isWindow {
		return int(C.keelback_create_window(db, text, C.int(count), C.int(flags), handle))
	}
	return int(C.keelback_create_aggregate(db, text, C.int(count), C.int(flags), handle))
}

// CreateCollation is sqlite3_create_collation_v2; nil takes the collation away.
func CreateCollation(db DB, name string, compare func(string, string) int) int {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	if compare == nil {
		return int(C.keelback_create_collation(db, text, 0))
	}
	handle := cgo.NewHandle(compare)
	code := int(C.keelback_create_collation(db, text, C.uintptr_t(handle)))
	if code != OK {
		handle.Delete()
	}
	return code
}

// Hook is one of the hooks of a connection, which the caller keeps and releases once another is set.
type Hook = cgo.Handle

// CommitHook is sqlite3_commit_hook; nil takes the hook away, and the answer is then 0, as of the other hooks.
func CommitHook(db DB, hook func() int) Hook {
	handle := hookOf(hook != nil, hook)
	C.keelback_commit_hook(db, C.uintptr_t(handle))
	return handle
}

// RollbackHook is sqlite3_rollback_hook.
func RollbackHook(db DB, hook func()) Hook {
	handle := hookOf(hook != nil, hook)
	C.keelback_rollback_hook(db, C.uintptr_t(handle))
	return handle
}

// UpdateHook is sqlite3_update_hook: action, schema, table, rowid.
func UpdateHook(db DB, hook func(int, string, string, int64)) Hook {
	handle := hookOf(hook != nil, hook)
	C.keelback_update_hook(db, C.uintptr_t(handle))
	return handle
}

// SetAuthorizer is sqlite3_set_authorizer: action, its two arguments, schema.
func SetAuthorizer(db DB, hook func(int, string, string, string) int) Hook {
	handle := hookOf(hook != nil, hook)
	C.keelback_set_authorizer(db, C.uintptr_t(handle))
	return handle
}

func hookOf(isSet bool, hook any) Hook {
	if !isSet {
		return 0
	}
	return cgo.NewHandle(hook)
}
