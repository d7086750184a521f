package capi

/*
#include <keelback/sqlite3.h>
#include <stdint.h>

static uintptr_t keelback_user_data(sqlite3_context *context) { return (uintptr_t)sqlite3_user_data(context); }

// The group's own word: a handle, 0 before its first row. NULL where there is none and `create` is 0.
static uintptr_t *keelback_group(sqlite3_context *context, int create) {
  return sqlite3_aggregate_context(context, create ? (int)sizeof(uintptr_t) : 0);
}
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// Context is where a function leaves its result.
type Context = *C.sqlite3_context

// Value is an argument of a function, valid during the call.
type Value = *C.sqlite3_value

// Scalar is called for each use of a function. It must not panic, as all functions that C calls.
type Scalar func(context Context, arguments []Value)

// Aggregate begins a group.
type Aggregate func() Group

// Group gathers the rows of one group. Inverse and Value are called of window functions only.
type Group interface {
	Step(context Context, arguments []Value)
	Inverse(context Context, arguments []Value)
	Value(context Context)
	Final(context Context)
}

//export keelbackRelease
func keelbackRelease(handle C.uintptr_t) { cgo.Handle(handle).Delete() }

func callback[Kind any](handle C.uintptr_t) Kind { return cgo.Handle(handle).Value().(Kind) }

//export keelbackScalar
func keelbackScalar(context *C.sqlite3_context, count C.int, arguments **C.sqlite3_value) {
	callback[Scalar](C.keelback_user_data(context))(context, unsafe.Slice(arguments, int(count)))
}

// group gives the group of the call; where no row has come, one that is forgotten after the call.
func group(context Context, create C.int) (Group, *C.uintptr_t) {
	word := C.keelback_group(context, create)
	if word != nil && *word != 0 {
		return callback[Group](*word), word
	}
	made := callback[Aggregate](C.keelback_user_data(context))()
	if word != nil {
		*word = C.uintptr_t(cgo.NewHandle(made))
	}
	return made, word
}

//export keelbackStep
func keelbackStep(context *C.sqlite3_context, count C.int, arguments **C.sqlite3_value) {
	found, word := group(context, 1)
	if word == nil {
		C.sqlite3_result_error_nomem(context)
		return
	}
	found.Step(context, unsafe.Slice(arguments, int(count)))
}

//export keelbackInverse
func keelbackInverse(context *C.sqlite3_context, count C.int, arguments **C.sqlite3_value) {
	found, _ := group(context, 1)
	found.Inverse(context, unsafe.Slice(arguments, int(count)))
}

//export keelbackValue
func keelbackValue(context *C.sqlite3_context) {
	found, _ := group(context, 1)
	found.Value(context)
}

//export keelbackFinal
func keelbackFinal(context *C.sqlite3_context) {
	found, word := group(context, 0)
	found.Final(context)
	if word != nil {
		keelbackRelease(*word)
		*word = 0
	}
}

//export keelbackCompare
func keelbackCompare(handle C.uintptr_t, leftSize C.int, left unsafe.Pointer, rightSize C.int, right unsafe.Pointer) C.int {
	compare := callback[func(string, string) int](handle)
	return C.int(compare(C.GoStringN((*C.char)(left), leftSize), C.GoStringN((*C.char)(right), rightSize)))
}

//export keelbackCommit
func keelbackCommit(handle C.uintptr_t) C.int { return C.int(callback[func() int](handle)()) }

//export keelbackRollback
func keelbackRollback(handle C.uintptr_t) { callback[func()](handle)() }

//export keelbackUpdate
func keelbackUpdate(handle C.uintptr_t, action C.int, schema, table *C.char, rowid C.sqlite3_int64) {
	callback[func(int, string, string, int64)](handle)(int(action), C.GoString(schema), C.GoString(table), int64(rowid))
}

//export keelbackAuthorize
func keelbackAuthorize(handle C.uintptr_t, action C.int, first, second, schema *C.char) C.int {
	authorize := callback[func(int, string, string, string) int](handle)
	return C.int(authorize(int(action), C.GoString(first), C.GoString(second), C.GoString(schema)))
}
