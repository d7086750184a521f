// The native half of org.keelback.jni.Native: each function converts its arguments and calls the C function it is named
// after.
//
// 1. Text and blobs are byte[] on the Java side; bytes are copied once, into memory that the engine then owns.
// 2. No policy: nothing here checks handles or turns codes into exceptions. The one exception thrown is
//    OutOfMemoryError, raised by the JVM or by us where a buffer cannot be had.
// 3. No C++ exception leaves a function: nothing here throws.

#include "support.hpp"

using namespace keelback::java;

NATIVE(jbyteArray, libversion)(JNIEnv* env, jclass) { return bytes_of(env, sqlite3_libversion()); }

NATIVE(jbyteArray, errstr)(JNIEnv* env, jclass, jint code) { return bytes_of(env, sqlite3_errstr(code)); }

// --- connections

NATIVE(jint, openV2)(JNIEnv* env, jclass, jbyteArray path, jint flags, jlongArray out) {
  const Buffer name = copy_of(env, path);
  if (!name) return SQLITE_NOMEM;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(name.get(), &db, flags, nullptr);
  const jlong address = reinterpret_cast<jlong>(db);
  env->SetLongArrayRegion(out, 0, 1, &address);
  return code;
}

NATIVE(jint, closeV2)(JNIEnv*, jclass, jlong db) { return sqlite3_close_v2(connection(db)); }

NATIVE(jint, extendedResultCodes)(JNIEnv*, jclass, jlong db, jint on) {
  return sqlite3_extended_result_codes(connection(db), on);
}

NATIVE(jint, busyTimeout)(JNIEnv*, jclass, jlong db, jint milliseconds) {
  return sqlite3_busy_timeout(connection(db), milliseconds);
}

NATIVE(void, interrupt)(JNIEnv*, jclass, jlong db) { sqlite3_interrupt(connection(db)); }

NATIVE(jint, extendedErrcode)(JNIEnv*, jclass, jlong db) { return sqlite3_extended_errcode(connection(db)); }

NATIVE(jbyteArray, errmsg)(JNIEnv* env, jclass, jlong db) { return bytes_of(env, sqlite3_errmsg(connection(db))); }

NATIVE(jint, errorOffset)(JNIEnv*, jclass, jlong db) { return sqlite3_error_offset(connection(db)); }

NATIVE(jint, getAutocommit)(JNIEnv*, jclass, jlong db) { return sqlite3_get_autocommit(connection(db)); }

NATIVE(jlong, changes)(JNIEnv*, jclass, jlong db) { return sqlite3_changes64(connection(db)); }

NATIVE(jlong, totalChanges)(JNIEnv*, jclass, jlong db) { return sqlite3_total_changes64(connection(db)); }

NATIVE(jlong, lastInsertRowid)(JNIEnv*, jclass, jlong db) { return sqlite3_last_insert_rowid(connection(db)); }

NATIVE(jint, dbReadonly)(JNIEnv* env, jclass, jlong db, jbyteArray schema) {
  return sqlite3_db_readonly(connection(db), copy_of(env, schema).get());
}

NATIVE(jbyteArray, dbFilename)(JNIEnv* env, jclass, jlong db, jbyteArray schema) {
  return bytes_of(env, sqlite3_db_filename(connection(db), copy_of(env, schema).get()));
}

NATIVE(jint, tableColumnMetadata)
(JNIEnv* env, jclass, jlong db, jbyteArray schema, jbyteArray table, jbyteArray column, jintArray out) {
  jint facts[3] = {0, 0, 0};
  const int code =
      sqlite3_table_column_metadata(connection(db), copy_of(env, schema).get(), copy_of(env, table).get(),
                                    copy_of(env, column).get(), nullptr, nullptr, &facts[0], &facts[1], &facts[2]);
  env->SetIntArrayRegion(out, 0, 3, facts);
  return code;
}

// --- statements

NATIVE(jint, prepareV2)(JNIEnv* env, jclass, jlong db, jbyteArray sql, jint start, jlongArray out) {
  const Buffer text = copy_of(env, sql, start);
  if (!text) return SQLITE_NOMEM;
  sqlite3_stmt* prepared = nullptr;
  const char* tail = text.get();
  const int size = static_cast<int>(env->GetArrayLength(sql)) - start;
  const int code = sqlite3_prepare_v2(connection(db), text.get(), size + 1, &prepared, &tail);
  const jlong results[2] = {reinterpret_cast<jlong>(prepared), tail == nullptr ? start : start + (tail - text.get())};
  env->SetLongArrayRegion(out, 0, 2, results);
  return code;
}

NATIVE(jint, finalizeStatement)(JNIEnv*, jclass, jlong stmt) { return sqlite3_finalize(statement(stmt)); }

NATIVE(jint, step)(JNIEnv*, jclass, jlong stmt) { return sqlite3_step(statement(stmt)); }

NATIVE(jint, reset)(JNIEnv*, jclass, jlong stmt) { return sqlite3_reset(statement(stmt)); }

NATIVE(jint, clearBindings)(JNIEnv*, jclass, jlong stmt) { return sqlite3_clear_bindings(statement(stmt)); }

NATIVE(jint, stmtReadonly)(JNIEnv*, jclass, jlong stmt) { return sqlite3_stmt_readonly(statement(stmt)); }

NATIVE(jbyteArray, expandedSql)(JNIEnv* env, jclass, jlong stmt) {
  char* text = sqlite3_expanded_sql(statement(stmt));
  jbyteArray result = bytes_of(env, text);
  sqlite3_free(text);
  return result;
}

NATIVE(jint, bindParameterCount)(JNIEnv*, jclass, jlong stmt) { return sqlite3_bind_parameter_count(statement(stmt)); }

NATIVE(jbyteArray, bindParameterName)(JNIEnv* env, jclass, jlong stmt, jint index) {
  return bytes_of(env, sqlite3_bind_parameter_name(statement(stmt), index));
}

NATIVE(jint, bindParameterIndex)(JNIEnv* env, jclass, jlong stmt, jbyteArray name) {
  return sqlite3_bind_parameter_index(statement(stmt), copy_of(env, name).get());
}

NATIVE(jint, bindNull)(JNIEnv*, jclass, jlong stmt, jint index) { return sqlite3_bind_null(statement(stmt), index); }

NATIVE(jint, bindInt64)(JNIEnv*, jclass, jlong stmt, jint index, jlong value) {
  return sqlite3_bind_int64(statement(stmt), index, value);
}

NATIVE(jint, bindDouble)(JNIEnv*, jclass, jlong stmt, jint index, jdouble value) {
  return sqlite3_bind_double(statement(stmt), index, value);
}

NATIVE(jint, bindText)(JNIEnv* env, jclass, jlong stmt, jint index, jbyteArray value) {
  Buffer text = copy_of(env, value);
  if (!text) return SQLITE_NOMEM;
  const auto size = static_cast<sqlite3_uint64>(env->GetArrayLength(value));
  return sqlite3_bind_text64(statement(stmt), index, text.release(), size, std::free, SQLITE_UTF8);
}

NATIVE(jint, bindBlob)(JNIEnv* env, jclass, jlong stmt, jint index, jbyteArray value) {
  Buffer blob = copy_of(env, value);
  if (!blob) return SQLITE_NOMEM;
  const auto size = static_cast<sqlite3_uint64>(env->GetArrayLength(value));
  return sqlite3_bind_blob64(statement(stmt), index, blob.release(), size, std::free);
}

// --- columns

NATIVE(jint, columnCount)(JNIEnv*, jclass, jlong stmt) { return sqlite3_column_count(statement(stmt)); }

NATIVE(jbyteArray, columnName)(JNIEnv* env, jclass, jlong stmt, jint column) {
  return bytes_of(env, sqlite3_column_name(statement(stmt), column));
}

NATIVE(jbyteArray, columnDecltype)(JNIEnv* env, jclass, jlong stmt, jint column) {
  return bytes_of(env, sqlite3_column_decltype(statement(stmt), column));
}

NATIVE(jbyteArray, columnDatabaseName)(JNIEnv* env, jclass, jlong stmt, jint column) {
  return bytes_of(env, sqlite3_column_database_name(statement(stmt), column));
}

NATIVE(jbyteArray, columnTableName)(JNIEnv* env, jclass, jlong stmt, jint column) {
  return bytes_of(env, sqlite3_column_table_name(statement(stmt), column));
}

NATIVE(jbyteArray, columnOriginName)(JNIEnv* env, jclass, jlong stmt, jint column) {
  return bytes_of(env, sqlite3_column_origin_name(statement(stmt), column));
}

NATIVE(jint, columnType)(JNIEnv*, jclass, jlong stmt, jint column) {
  return sqlite3_column_type(statement(stmt), column);
}

NATIVE(jlong, columnInt64)(JNIEnv*, jclass, jlong stmt, jint column) {
  return sqlite3_column_int64(statement(stmt), column);
}

NATIVE(jdouble, columnDouble)(JNIEnv*, jclass, jlong stmt, jint column) {
  return sqlite3_column_double(statement(stmt), column);
}

NATIVE(jbyteArray, columnText)(JNIEnv* env, jclass, jlong stmt, jint column) {
  const unsigned char* text = sqlite3_column_text(statement(stmt), column);
  return text == nullptr ? nullptr : bytes_of(env, text, sqlite3_column_bytes(statement(stmt), column));
}

NATIVE(jbyteArray, columnBlob)(JNIEnv* env, jclass, jlong stmt, jint column) {
  const void* blob = sqlite3_column_blob(statement(stmt), column);
  return bytes_of(env, blob, sqlite3_column_bytes(statement(stmt), column));
}

// --- whole databases

NATIVE(jlong, backupInit)
(JNIEnv* env, jclass, jlong target, jbyteArray target_schema, jlong source, jbyteArray source_schema) {
  return reinterpret_cast<jlong>(sqlite3_backup_init(connection(target), copy_of(env, target_schema).get(),
                                                     connection(source), copy_of(env, source_schema).get()));
}

NATIVE(jint, backupStep)(JNIEnv*, jclass, jlong address, jint pages) {
  return sqlite3_backup_step(reinterpret_cast<sqlite3_backup*>(address), pages);
}

NATIVE(jint, backupRemaining)(JNIEnv*, jclass, jlong address) {
  return sqlite3_backup_remaining(reinterpret_cast<sqlite3_backup*>(address));
}

NATIVE(jint, backupPagecount)(JNIEnv*, jclass, jlong address) {
  return sqlite3_backup_pagecount(reinterpret_cast<sqlite3_backup*>(address));
}

NATIVE(jint, backupFinish)(JNIEnv*, jclass, jlong address) {
  return sqlite3_backup_finish(reinterpret_cast<sqlite3_backup*>(address));
}

NATIVE(jbyteArray, serialize)(JNIEnv* env, jclass, jlong db, jbyteArray schema) {
  sqlite3_int64 size = 0;
  unsigned char* content = sqlite3_serialize(connection(db), copy_of(env, schema).get(), &size, 0);
  if (content == nullptr) return nullptr;
  jbyteArray result = size > INT32_MAX ? nullptr : bytes_of(env, content, static_cast<int>(size));
  sqlite3_free(content);
  return result;
}

NATIVE(jint, deserialize)(JNIEnv* env, jclass, jlong db, jbyteArray schema, jbyteArray content) {
  const jsize size = env->GetArrayLength(content);
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(static_cast<sqlite3_uint64>(size) + 1));
  if (copy == nullptr) return SQLITE_NOMEM;
  env->GetByteArrayRegion(content, 0, size, reinterpret_cast<jbyte*>(copy));
  return sqlite3_deserialize(connection(db), copy_of(env, schema).get(), copy, size, size,
                             SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
}

NATIVE(jbyteArray, loadExtension)(JNIEnv* env, jclass, jlong db, jbyteArray file, jbyteArray entry) {
  sqlite3_db_config(connection(db), SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
  char* message = nullptr;
  const int code =
      sqlite3_load_extension(connection(db), copy_of(env, file).get(), copy_of(env, entry).get(), &message);
  sqlite3_db_config(connection(db), SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  jbyteArray result = code == SQLITE_OK ? nullptr : bytes_of(env, message != nullptr ? message : sqlite3_errstr(code));
  sqlite3_free(message);
  return result;
}

NATIVE(jint, limit)(JNIEnv*, jclass, jlong db, jint limit, jint value) {
  return sqlite3_limit(connection(db), limit, value);
}
