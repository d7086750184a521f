// See packing.hpp.
#include "packing.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "../../value/varint.hpp"

namespace keelback::plugin {

namespace {

template <typename Number>
unsigned char* put(unsigned char* at, int type, Number number) {
  *at++ = static_cast<unsigned char>(type);
  std::memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

unsigned char* put_bytes(unsigned char* at, int type, const char* data, Py_ssize_t size) {
  at = put(at, type, static_cast<uint32_t>(size));
  std::memcpy(at, data, static_cast<size_t>(size));
  at[size] = 0;
  return at + size + 1;
}

// A piece of a program (program/encoding.py): bytes; an optional text, None or with its length plus one before it and a
// NUL behind; or a number of one byte.
using keelback::most_varint_bytes;

// The bytes of a text, of ASCII or of UTF-8 and bytes that were none.
std::string_view bytes_of_text(PyObject* text, PyObject*& encoded) {
  if (PyUnicode_IS_COMPACT_ASCII(text)) {
    return {static_cast<const char*>(PyUnicode_DATA(text)), static_cast<size_t>(PyUnicode_GET_LENGTH(text))};
  }
  encoded = PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");
  if (encoded == nullptr) return {};
  return {PyBytes_AS_STRING(encoded), static_cast<size_t>(PyBytes_GET_SIZE(encoded))};
}

// No less than the bytes of a piece.
size_t room_of_piece(PyObject* piece) {
  constexpr size_t most_bytes_of_character = 4;
  if (PyLong_Check(piece)) return 1;
  if (PyBytes_Check(piece)) return static_cast<size_t>(PyBytes_GET_SIZE(piece));
  if (!PyUnicode_Check(piece)) return 1;
  const auto length = static_cast<size_t>(PyUnicode_GET_LENGTH(piece));
  return most_varint_bytes + 1 + (PyUnicode_IS_COMPACT_ASCII(piece) ? length : length * most_bytes_of_character);
}

// The end of a piece that is written at `at`; null where it cannot be.
unsigned char* put_piece(unsigned char* at, PyObject* piece) {
  if (PyLong_Check(piece)) {
    *at = static_cast<unsigned char>(PyLong_AsLong(piece));
    return at + 1;
  }
  if (PyBytes_Check(piece)) {
    const auto size = static_cast<size_t>(PyBytes_GET_SIZE(piece));
    std::memcpy(at, PyBytes_AS_STRING(piece), size);
    return at + size;
  }
  if (!PyUnicode_Check(piece)) {
    *at = 0;
    return at + 1;
  }
  PyObject* encoded = nullptr;
  const std::string_view bytes = bytes_of_text(piece, encoded);
  if (bytes.data() == nullptr) return nullptr;
  at = keelback::write_varint(at, bytes.size() + 1);
  std::memcpy(at, bytes.data(), bytes.size());
  at[bytes.size()] = 0;
  Py_XDECREF(encoded);
  return at + bytes.size() + 1;
}

// The blob that a list of pieces is together; a code.
int pack_pieces(PyObject* pieces, kb_reply* reply) {
  const Py_ssize_t count = PyList_GET_SIZE(pieces);
  size_t room = 0;
  for (Py_ssize_t place = 0; place < count; ++place) room += room_of_piece(PyList_GET_ITEM(pieces, place));
  constexpr size_t room_around = 64;
  if (kb_reply_reserve(reply, reply->size + room + room_around) == nullptr) return 7;
  unsigned char* const head = reply->data + reply->size;
  unsigned char* const begin = put(head, 4, uint32_t{0});
  unsigned char* at = begin;
  for (Py_ssize_t place = 0; place < count && at != nullptr; ++place)
    at = put_piece(at, PyList_GET_ITEM(pieces, place));
  if (at == nullptr) return 7;
  put(head, 4, static_cast<uint32_t>(at - begin));
  *at++ = 0;
  reply->size = static_cast<size_t>(at - reply->data);
  return 0;
}

// The packed row of a list of integers, texts, blobs, None and pieces of a program (table.h); a code.
int pack(PyObject* values, kb_reply* reply) {
  constexpr Py_ssize_t room_of_one = 9;
  const Py_ssize_t count = PyList_GET_SIZE(values);
  for (Py_ssize_t place = 0; place < count; ++place) {
    PyObject* value = PyList_GET_ITEM(values, place);
    if (PyList_Check(value)) {
      if (pack_pieces(value, reply) != 0) return 7;
      continue;
    }
    PyObject* encoded = PyUnicode_Check(value) ? PyUnicode_AsEncodedString(value, "utf-8", "surrogateescape") : nullptr;
    if (PyUnicode_Check(value) && encoded == nullptr) return 7;
    PyObject* bytes = encoded != nullptr ? encoded : value;
    const Py_ssize_t size = PyBytes_Check(bytes) ? PyBytes_GET_SIZE(bytes) : 0;
    const size_t needed = reply->size + static_cast<size_t>(room_of_one + size);
    // Twice as much as is needed: the program is followed by what was lifted out of it.
    if (needed > reply->capacity && kb_reply_reserve(reply, 2 * needed) == nullptr) {
      Py_XDECREF(encoded);
      return 7;
    }
    unsigned char* const begin = reply->data + reply->size;
    unsigned char* end = begin;
    if (PyBytes_Check(bytes)) {
      end = put_bytes(begin, encoded != nullptr ? 3 : 4, PyBytes_AS_STRING(bytes), size);
    } else if (value == Py_None) {
      *end++ = 5;
    } else {
      end = put(begin, 1, static_cast<int64_t>(PyLong_AsLongLong(value)));
    }
    reply->size += static_cast<size_t>(end - begin);
    Py_XDECREF(encoded);
  }
  return 0;
}

}  // namespace

int give_reply(PyObject* answer, kb_reply* reply) {
  const int packed = pack(PyTuple_GET_ITEM(answer, 1), reply);
  return packed != 0 ? packed : static_cast<int>(PyLong_AsLong(PyTuple_GET_ITEM(answer, 0)));
}

}  // namespace keelback::plugin
