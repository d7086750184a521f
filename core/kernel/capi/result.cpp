// sqlite3_result_*: how a user function answers.
#include <cstring>

#include "database.hpp"
#include "function.hpp"
#include "guard.hpp"
#include "text.hpp"

using namespace keelback::capi;

namespace {

constexpr sqlite3_uint64 most_bytes = 1000000000;

using Destroy = void (*)(void*);

// Answers are copied, so a buffer that was given away goes at once.
void release(const void* data, Destroy destroy) {
  if (destroy != SQLITE_STATIC && destroy != SQLITE_TRANSIENT) destroy(const_cast<void*>(data));
}

void too_big(sqlite3_context* context) { context->fail(SQLITE_TOOBIG, "string or blob too big"); }

template <typename Body>
void answer(sqlite3_context* context, const void* data, Destroy destroy, Body&& body) {
  if (context != nullptr) {
    try {
      body();
    } catch (const std::exception&) {
      context->fail(SQLITE_NOMEM, "out of memory");
    }
  }
  if (data != nullptr) release(data, destroy);
}

void answer_text(sqlite3_context* context, const void* data, long long size, int encoding, Destroy destroy) {
  answer(context, data, destroy, [&] {
    if (data == nullptr) {
      context->result.set_null();
    } else if (size > static_cast<long long>(most_bytes)) {
      too_big(context);
    } else if (encoding == SQLITE_UTF8) {
      const auto* text = static_cast<const char*>(data);
      context->result.set_text(std::string(text, size < 0 ? std::strlen(text) : static_cast<size_t>(size)));
    } else {
      context->result.set_text(utf8_from_encoding(data, size, encoding));
    }
  });
}

void answer_blob(sqlite3_context* context, const void* data, sqlite3_uint64 size, Destroy destroy) {
  answer(context, data, destroy, [&] {
    if (data == nullptr) {
      context->result.set_null();
    } else if (size > most_bytes) {
      too_big(context);
    } else {
      context->result.set_blob(std::string(static_cast<const char*>(data), size));
    }
  });
}

}  // namespace

extern "C" {

void sqlite3_result_blob(sqlite3_context* context, const void* data, int size, Destroy destroy) {
  answer_blob(context, data, size < 0 ? 0 : static_cast<sqlite3_uint64>(size), destroy);
}

void sqlite3_result_blob64(sqlite3_context* context, const void* data, sqlite3_uint64 size, Destroy destroy) {
  answer_blob(context, data, size, destroy);
}

void sqlite3_result_double(sqlite3_context* context, double real) {
  if (context != nullptr) context->result.set_real(real);
}

void sqlite3_result_int(sqlite3_context* context, int integer) {
  if (context != nullptr) context->result.set_integer(integer);
}

void sqlite3_result_int64(sqlite3_context* context, sqlite3_int64 integer) {
  if (context != nullptr) context->result.set_integer(integer);
}

void sqlite3_result_null(sqlite3_context* context) {
  if (context != nullptr) context->result.set_null();
}

void sqlite3_result_text(sqlite3_context* context, const char* text, int size, Destroy destroy) {
  answer_text(context, text, size, SQLITE_UTF8, destroy);
}

void sqlite3_result_text64(sqlite3_context* context, const char* text, sqlite3_uint64 size, Destroy destroy,
                           unsigned char encoding) {
  if (encoding == SQLITE_UTF16) encoding = SQLITE_UTF16LE;
  if (encoding == SQLITE_UTF8_ZT) encoding = SQLITE_UTF8;
  answer_text(context, text, size > most_bytes ? static_cast<long long>(most_bytes) + 1 : static_cast<long long>(size),
              encoding, destroy);
}

void sqlite3_result_text16(sqlite3_context* context, const void* text, int size, Destroy destroy) {
  answer_text(context, text, size, SQLITE_UTF16LE, destroy);
}

void sqlite3_result_text16le(sqlite3_context* context, const void* text, int size, Destroy destroy) {
  answer_text(context, text, size, SQLITE_UTF16LE, destroy);
}

void sqlite3_result_text16be(sqlite3_context* context, const void* text, int size, Destroy destroy) {
  answer_text(context, text, size, SQLITE_UTF16BE, destroy);
}

void sqlite3_result_value(sqlite3_context* context, sqlite3_value* value) {
  answer(context, nullptr, nullptr, [&] {
    if (value == nullptr) {
      context->result.set_null();
    } else {
      context->result = *value;
    }
  });
}

void sqlite3_result_pointer(sqlite3_context* context, void* pointer, const char* type, Destroy destroy) {
  if (context == nullptr) {
    if (destroy != nullptr) destroy(pointer);
    return;
  }
  context->result.set_pointer(pointer, type, destroy);
}

int sqlite3_result_zeroblob64(sqlite3_context* context, sqlite3_uint64 size) {
  if (context == nullptr) return SQLITE_MISUSE;
  if (size > most_bytes) {
    too_big(context);
    return SQLITE_TOOBIG;
  }
  answer(context, nullptr, nullptr, [&] { context->result.set_blob(std::string(size, '\0')); });
  return SQLITE_OK;
}

void sqlite3_result_zeroblob(sqlite3_context* context, int size) {
  sqlite3_result_zeroblob64(context, size < 0 ? 0 : static_cast<sqlite3_uint64>(size));
}

void sqlite3_result_subtype(sqlite3_context* context, unsigned int subtype) {
  if (context != nullptr) context->result.subtype = subtype;
}

void sqlite3_result_error(sqlite3_context* context, const char* text, int size) {
  answer(context, nullptr, nullptr, [&] {
    if (text == nullptr) text = "", size = 0;
    context->fail(SQLITE_ERROR, std::string(text, size < 0 ? std::strlen(text) : static_cast<size_t>(size)));
  });
}

void sqlite3_result_error16(sqlite3_context* context, const void* text, int size) {
  answer(context, nullptr, nullptr,
         [&] { context->fail(SQLITE_ERROR, utf8_from_encoding(text, size, SQLITE_UTF16LE)); });
}

void sqlite3_result_error_code(sqlite3_context* context, int code) {
  if (context == nullptr) return;
  const bool has_message = context->error != SQLITE_OK && !context->message.empty();
  context->error = code != SQLITE_OK ? code : -1;
  if (!has_message) context->message = error_text(code);
}

void sqlite3_result_error_nomem(sqlite3_context* context) {
  if (context != nullptr) context->fail(SQLITE_NOMEM, "out of memory");
}

void sqlite3_result_error_toobig(sqlite3_context* context) {
  if (context != nullptr) too_big(context);
}

}  // extern "C"
