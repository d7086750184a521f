/*
 * The border between libkeelback.so (no Python) and the kbengine plug-in (cffi embedding).
 *
 * 1. Everything that crosses is a packed row of values (wire.hpp, embedding.py): per value one byte of the value's
 *    SQLITE_ type; INTEGER and FLOAT follow with 8 bytes, TEXT and BLOB with a 4-byte length, the bytes and a NUL;
 *    all little-endian, which is all that we build for.
 * 2. `call` and `step` return a result code. On an error the reply is (message, offset, tail).
 * 3. Names between the two cdef lines are read by embed.py and reach Python as `lib.KB_...`: they stand only here.
 */
#ifndef KEELBACK_CAPI_PLUGIN_TABLE_H
#define KEELBACK_CAPI_PLUGIN_TABLE_H

#include <stddef.h>

/* cdef begin */
enum kb_operation {
  KB_CONNECTION_OPEN = 1,
  KB_CONNECTION_CLOSE,
  KB_CONNECTION_PREPARE,
  KB_CONNECTION_STATE,
  KB_CONNECTION_SET_ROWID,
  KB_CONNECTION_INTERRUPT,
  KB_CONNECTION_IS_INTERRUPTED,
  KB_CONNECTION_BUSY_TIMEOUT,
  KB_CONNECTION_FUNCTION,
  KB_CONNECTION_COLLATION,
  KB_CONNECTION_MODULE,
  KB_CONNECTION_HOOK,
  KB_CONNECTION_LIMIT,
  KB_CONNECTION_FILENAME,
  KB_CONNECTION_READONLY,
  KB_CONNECTION_TRANSACTION_STATE,
  KB_CONNECTION_SERIALIZE,
  KB_CONNECTION_DESERIALIZE,
  KB_CONNECTION_FILE_CONTROL,
  KB_CONNECTION_FLUSH_CACHE,
  KB_CONNECTION_RELEASE_MEMORY,
  KB_CONNECTION_HAS_BROKEN_DEFERRED_KEYS,
  KB_STATEMENT_DESCRIBE,
  KB_STATEMENT_BIND,
  KB_STATEMENT_CLEAR_BINDINGS,
  KB_STATEMENT_RESET,
  KB_STATEMENT_FINALIZE,
  KB_STATEMENT_EXPANDED_SQL,
  KB_STATEMENT_EXPLAIN,
  KB_STATEMENT_TAKE_COUNTS,
  KB_BLOB_OPEN,
  KB_BLOB_SEEK,
  KB_BLOB_READ,
  KB_BLOB_WRITE,
  KB_BLOB_CLOSE,
  /* The compiler service of the kernel: `handle` is what KB_COMPILER_OPEN gave (engine/compiler_service.py). */
  KB_COMPILER_OPEN = 100,
  KB_COMPILER_CLOSE,
  KB_COMPILER_COMPILE,
  KB_COMPILER_FUNCTION,
  KB_COMPILER_COLLATION,
  KB_COMPILER_MODULE,
  KB_COMPILER_LIMIT,
  KB_COMPILER_HOOK,
  KB_COMPILER_FORGET,
  KB_COMPILER_PRAGMA,
  KB_COMPILER_SETTINGS,
  KB_COMPILER_EXPANDED_SQL,
  KB_COMPILER_SCALAR,
  KB_COMPILER_AGGREGATE_NEW,
  KB_COMPILER_AGGREGATE_STEP,
  KB_COMPILER_AGGREGATE_INVERSE,
  KB_COMPILER_AGGREGATE_VALUE,
  KB_COMPILER_AGGREGATE_FINAL,
  KB_COMPILER_AGGREGATE_DROP,
  KB_COMPILER_VIRTUAL_OPEN,
  KB_COMPILER_VIRTUAL_CLOSE,
  KB_COMPILER_VIRTUAL_FILTER,
  KB_COMPILER_VIRTUAL_NEXT,
  KB_COMPILER_VIRTUAL_COLUMN,
  KB_COMPILER_VIRTUAL_ROWID,
  KB_COMPILER_VIRTUAL_BEGIN,
  KB_COMPILER_VIRTUAL_UPDATE,
  KB_COMPILER_VIRTUAL_CREATE,
  KB_COMPILER_VIRTUAL_DESTROY,
  KB_COMPILER_VIRTUAL_RENAME,
  KB_COMPILER_VIRTUAL_CHECK,
  KB_COMPILER_VIRTUAL_END,
  KB_COMPILER_BLOB
};
enum kb_question {
  KB_ASK_SCALAR = 1,
  KB_ASK_STEP,
  KB_ASK_FINAL,
  KB_ASK_VALUE,
  KB_ASK_INVERSE,
  KB_ASK_DROP,
  KB_ASK_COMPARE,
  KB_ASK_BUSY,
  KB_ASK_PROGRESS,
  KB_ASK_AUTHORIZE,
  KB_ASK_COMMIT,
  KB_ASK_ROLLBACK,
  KB_ASK_UPDATE,
  KB_ASK_TRACE,
  KB_ASK_COLLATION_NEEDED,
  KB_ASK_RANDOM,
  KB_ASK_TIME,
  KB_ASK_WAL,
  KB_ASK_PREUPDATE,
  KB_ASK_IS_FILE_NEW,
  KB_ASK_LOG,
  /* What is asked of a module of sqlite3_create_module (engine/foreign_module.py). */
  KB_ASK_MODULE_CONNECT = 50,
  KB_ASK_MODULE_BEST_INDEX,
  KB_ASK_MODULE_OPEN,
  KB_ASK_MODULE_FILTER,
  KB_ASK_MODULE_NEXT,
  KB_ASK_MODULE_COLUMN,
  KB_ASK_MODULE_ROWID,
  KB_ASK_MODULE_CLOSE,
  KB_ASK_MODULE_UPDATE,
  KB_ASK_MODULE_CALL,
  /* What the compiler service asks of the kernel (engine/remote_*.py). */
  KB_ASK_DATABASE_OPEN = 100,
  KB_ASK_DATABASE_CLOSE,
  KB_ASK_DATABASE_GET,
  KB_ASK_DATABASE_SET,
  KB_ASK_DATABASE_CALL,
  KB_ASK_TREE_ROWS,
  KB_ASK_TREE_COPY,
  KB_ASK_SESSION_GET,
  KB_ASK_SESSION_SET,
  KB_ASK_ATTACH,
  KB_ASK_DETACH,
  KB_ASK_EXECUTE,
  KB_ASK_FORGOTTEN
};
/* The modules of C that every connection has, by numbers that no module of a program gets. */
enum kb_shipped_module { KB_MODULE_CARRAY = 0x7FFFFF00 };
enum kb_hook {
  KB_HOOK_BUSY = 1,
  KB_HOOK_PROGRESS,
  KB_HOOK_AUTHORIZE,
  KB_HOOK_COMMIT,
  KB_HOOK_ROLLBACK,
  KB_HOOK_UPDATE,
  KB_HOOK_TRACE,
  KB_HOOK_WAL,
  KB_HOOK_PREUPDATE,
  KB_HOOK_LOG
};
enum kb_step { KB_STEP_DESCRIPTION_CHANGED = 0x10000 };
struct kb_reply {
  unsigned char* data;
  size_t size;
  size_t capacity;
};
/* cdef end */

/* What KB_COMPILER_COMPILE is asked, by the one way that does not pack it (compiler_service.py). The tokens are those of
   the first statement (cache/statement_tokens.hpp); none: the compiler reads the text by itself. */
struct kb_compile_request {
  const char* sql;
  size_t size;
  int mode;
  int is_lifting;
  int has_temporary;
  int defers_foreign_keys;
  const unsigned char* kinds;
  const unsigned* starts;
  const unsigned* ends;
  size_t token_count;
  int has_context_words;
};

/* An answer to a question points at memory of the answering connection, good until its next answer. */
typedef int (*kb_ask_function)(int question, long long host, const char* request, size_t size, const char** answer,
                               size_t* answer_size);

/* Where a private interpreter finds what it needs; all NULL when the process brings its own. */
struct kb_start {
  const char* python_home;
  const char* module_paths; /* separated by ':' */
  const char* core_path;    /* folders separated by ':' */
  const char* cffi_path;
  kb_ask_function ask;
};

struct kb_engine {
  int version;
  /* 0, or -1 with `error` telling why. Cheap after the first success; checks that the interpreter still lives. */
  int (*start)(const struct kb_start* settings);
  const char* (*error)(void);
  int (*call)(int operation, long long handle, const char* request, size_t size, struct kb_reply* reply);
  int (*step)(long long statement, struct kb_reply* reply);
  int (*compile)(long long handle, const struct kb_compile_request* request, struct kb_reply* reply);
  /* Bracket a wait for a lock: gives up the GIL if this thread has it. */
  void* (*wait_begin)(void);
  void (*wait_end)(void* token);
};
#define KB_ENGINE_VERSION 2
#define KB_ENGINE_ENTRY "keelback_engine_v1"

#endif
