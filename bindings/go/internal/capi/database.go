package capi

/*
#include <keelback/sqlite3.h>
#include <stdlib.h>
#include <string.h>

static int keelback_enable_load_extension(sqlite3 *db, int on) {
  return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, on, NULL);
}
*/
import "C"

import "unsafe"

// Backup is a running sqlite3_backup.
type Backup = *C.sqlite3_backup

// BackupInit is sqlite3_backup_init; nil on an error, which the destination tells.
func BackupInit(destination DB, destinationSchema string, source DB, sourceSchema string) Backup {
	to, from := C.CString(destinationSchema), C.CString(sourceSchema)
	defer C.free(unsafe.Pointer(to))
	defer C.free(unsafe.Pointer(from))
	return C.sqlite3_backup_init(destination, to, source, from)
}

// BackupStep is sqlite3_backup_step; a negative count copies all that is left.
func BackupStep(backup Backup, pages int) int {
	return int(C.sqlite3_backup_step(backup, C.int(pages)))
}

// BackupFinish is sqlite3_backup_finish.
func BackupFinish(backup Backup) int { return int(C.sqlite3_backup_finish(backup)) }

// BackupRemaining is sqlite3_backup_remaining.
func BackupRemaining(backup Backup) int { return int(C.sqlite3_backup_remaining(backup)) }

// BackupPagecount is sqlite3_backup_pagecount.
func BackupPagecount(backup Backup) int { return int(C.sqlite3_backup_pagecount(backup)) }

// Serialize is sqlite3_serialize; nil for a database that is not there or has no page.
func Serialize(db DB, schema string) []byte {
	name := C.CString(schema)
	defer C.free(unsafe.Pointer(name))
	var size C.sqlite3_int64
	data := C.sqlite3_serialize(db, name, &size, 0)
	if data == nil {
		return nil
	}
	defer C.sqlite3_free(unsafe.Pointer(data))
	copied := make([]byte, int(size))
	copy(copied, unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size)))
	return copied
}

// Deserialize is sqlite3_deserialize with a copy that the database may change and lengthen.
func Deserialize(db DB, schema string, content []byte) int {
	name := C.CString(schema)
	defer C.free(unsafe.Pointer(name))
	size := len(content)
	data := (*C.uchar)(C.sqlite3_malloc64(C.sqlite3_uint64(size + 1)))
	if data == nil {
		return NoMemory
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(data)), size), content)
	const flags = C.SQLITE_DESERIALIZE_FREEONCLOSE | C.SQLITE_DESERIALIZE_RESIZEABLE
	return int(C.sqlite3_deserialize(db, name, data, C.sqlite3_int64(size), C.sqlite3_int64(size), flags))
}

// LoadExtension is sqlite3_load_extension, allowed for this call alone; "" as entry takes the usual ones. The message
// is empty without an error.
func LoadExtension(db DB, library, entry string) (string, int) {
	file := C.CString(library)
	defer C.free(unsafe.Pointer(file))
	var start *C.char
	if entry != "" {
		start = C.CString(entry)
		defer C.free(unsafe.Pointer(start))
	}
	C.keelback_enable_load_extension(db, 1)
	defer C.keelback_enable_load_extension(db, 0)
	var message *C.char
	code := C.sqlite3_load_extension(db, file, start, &message)
	if message == nil {
		return "", int(code)
	}
	defer C.sqlite3_free(unsafe.Pointer(message))
	return C.GoString(message), int(code)
}

// Limit is sqlite3_limit; a negative value asks only.
func Limit(db DB, limit, value int) int { return int(C.sqlite3_limit(db, C.int(limit), C.int(value))) }

// Filename is sqlite3_db_filename, "" for a database without a file.
func Filename(db DB, schema string) string {
	name := C.CString(schema)
	defer C.free(unsafe.Pointer(name))
	found := C.sqlite3_db_filename(db, name)
	if found == nil {
		return ""
	}
	return C.GoString(found)
}

// FileControlInt is sqlite3_file_control with an int, whose new value is given back.
func FileControlInt(db DB, schema string, operation, value int) (int, int) {
	name := C.CString(schema)
	defer C.free(unsafe.Pointer(name))
	argument := C.int(value)
	code := C.sqlite3_file_control(db, name, C.int(operation), unsafe.Pointer(&argument))
	return int(argument), int(code)
}

// FileControlInt64 is sqlite3_file_control with a sqlite3_int64.
func FileControlInt64(db DB, schema string, operation int, value int64) (int64, int) {
	name := C.CString(schema)
	defer C.free(unsafe.Pointer(name))
	argument := C.sqlite3_int64(value)
	code := C.sqlite3_file_control(db, name, C.int(operation), unsafe.Pointer(&argument))
	return int64(argument), int(code)
}

// SystemErrno is sqlite3_system_errno.
func SystemErrno(db DB) int { return int(C.sqlite3_system_errno(db)) }
