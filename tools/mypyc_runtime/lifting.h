/* What takes the place of `encode_lifting` of keelback_core/compiler/emit/lifting.py in the compiled tower: the free
 * literals of a text of ASCII, where offsets in characters are offsets in bytes.
 *
 * Included where mypyc's function was, which is there for all other texts, and for more literals than have room here.
 */
#define TOWER_MOST_LIFTED 60
/* An offset, which is below 2^28 here, and the flags. */
#define TOWER_LIFTED_BYTES 5

static PyObject* not_called_CPyDef_lifting___encode_lifting(PyObject* text, PyObject* literals);

static unsigned char* tower_put_offset(unsigned char* at, size_t offset) {
  int shift = 0;
  while (offset >> shift >> 7 != 0) shift += 7;
  for (; shift > 0; shift -= 7) *at++ = (unsigned char)(offset >> shift & 0x7F) | 0x80;
  *at++ = (unsigned char)(offset & 0x7F);
  return at;
}

PyObject* CPyDef_lifting___encode_lifting(PyObject* text, PyObject* literals) {
  typedef keelback_core___compiler___emit___lifting___LiftedLiteralObject Literal;
  if (!PyUnicode_IS_ASCII(text) || PyUnicode_GET_LENGTH(text) >> 28 != 0 || !PyTuple_CheckExact(literals) ||
      PyTuple_GET_SIZE(literals) > TOWER_MOST_LIFTED) {
    return not_called_CPyDef_lifting___encode_lifting(text, literals);
  }
  unsigned char bytes[1 + TOWER_MOST_LIFTED * TOWER_LIFTED_BYTES];
  unsigned char* at = bytes;
  const Py_ssize_t count = PyTuple_GET_SIZE(literals);
  *at++ = (unsigned char)count;
  for (Py_ssize_t place = 0; place < count; place++) {
    const Literal* literal = (const Literal*)PyTuple_GET_ITEM(literals, place);
    at = tower_put_offset(at, literal->_start >> 1);
    *at++ = (unsigned char)(literal->_flags >> 1);
  }
  return PyBytes_FromStringAndSize((const char*)bytes, at - bytes);
}
