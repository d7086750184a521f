// sqlite3_blob_*: incremental reading and writing of one value, where it lies.
//
// 1. A handle keeps a transaction open as a statement does that has given a row; `engine` is what has it.
// 2. It expires when its row is changed or deleted, and when it cannot be moved to another row: `engine` is gone then,
//    and everything but closing gives SQLITE_ABORT.
//
// Source: https://sqlite.org/c3ref/blob_open.html
#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

struct sqlite3_blob {
  sqlite3* db = nullptr;
  std::unique_ptr<keelback::engine::EngineBlob> engine;
  int64_t size = 0;
};

namespace {

// Whether an access may be tried; else `code` is the answer.
bool may_access(sqlite3_blob* blob, int size, int offset, int& code) {
  code = SQLITE_OK;
  if (size < 0 || offset < 0 || static_cast<int64_t>(offset) + size > blob->size) {
    code = blob->db->fail(SQLITE_ERROR);
  } else if (!blob->engine) {
    code = blob->db->fail(SQLITE_ABORT);
  }
  return code == SQLITE_OK;
}

// What an access has come to.
int end_access(sqlite3_blob* blob, const Failure& failure) {
  if (!failure) return blob->db->succeed();
  if (failure.code == SQLITE_ABORT) blob->engine.reset();
  return blob->db->fail(failure);
}

}  // namespace

extern "C" {

int sqlite3_blob_open(sqlite3* db, const char* schema, const char* table, const char* column, sqlite3_int64 rowid,
                      int flags, sqlite3_blob** out) {
  if (out == nullptr) return misuse("sqlite3_blob_open");
  *out = nullptr;
  if (!is_usable(db) || table == nullptr || column == nullptr) return misuse("sqlite3_blob_open");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    if (const int code = db->ensure_engine(); code != SQLITE_OK) return code;
    auto blob = std::make_unique<sqlite3_blob>();
    blob->db = db;
    keelback::engine::BlobPlace place{std::nullopt, table, column, rowid, flags != 0};
    if (schema != nullptr) place.schema = schema;
    if (Failure failure = db->engine->open_blob(place, blob->engine, blob->size)) {
      failure.code = db->visible(failure.code);
      return db->fail(failure);
    }
    ++db->open_blobs;
    *out = blob.release();
    return db->succeed();
  });
}

int sqlite3_blob_close(sqlite3_blob* blob) {
  if (blob == nullptr) return SQLITE_OK;
  sqlite3* db = blob->db;
  const int result = guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    // One that has expired has told its end already.
    if (!blob->engine) return SQLITE_OK;
    const Failure failure = blob->engine->close();
    return failure ? db->fail(failure) : db->succeed();
  });
  {
    Lock lock(db->mutex);
    --db->open_blobs;
    delete blob;
  }
  release_if_zombie(db);
  return result;
}

int sqlite3_blob_bytes(sqlite3_blob* blob) {
  return blob == nullptr || !blob->engine ? 0 : static_cast<int>(blob->size);
}

int sqlite3_blob_read(sqlite3_blob* blob, void* out, int size, int offset) {
  if (blob == nullptr) return misuse("sqlite3_blob_read");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(blob->db->mutex);
    int code = SQLITE_OK;
    if (!may_access(blob, size, offset, code)) return code;
    return end_access(blob, blob->engine->read(offset, {static_cast<uint8_t*>(out), static_cast<size_t>(size)}));
  });
}

int sqlite3_blob_write(sqlite3_blob* blob, const void* data, int size, int offset) {
  if (blob == nullptr) return misuse("sqlite3_blob_write");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(blob->db->mutex);
    int code = SQLITE_OK;
    if (!may_access(blob, size, offset, code)) return code;
    return end_access(blob,
                      blob->engine->write(offset, {static_cast<const uint8_t*>(data), static_cast<size_t>(size)}));
  });
}

int sqlite3_blob_reopen(sqlite3_blob* blob, sqlite3_int64 rowid) {
  if (blob == nullptr) return misuse("sqlite3_blob_reopen");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(blob->db->mutex);
    // Neither this nor success is noted as the last result, as in SQLite.
    if (!blob->engine) return SQLITE_ABORT;
    Failure failure = blob->engine->seek(rowid, blob->size);
    if (!failure) return SQLITE_OK;
    blob->engine.reset();
    failure.code = blob->db->visible(failure.code);
    return blob->db->fail(failure);
  });
}

}  // extern "C"
