/* What takes the place of `records` of keelback_core/program/encoding.py in the compiled tower: instructions as bytes.
 *
 * Included where mypyc's function was. The layout stands there; an operand that does not fit is an OverflowError, where
 * Python's form raises struct.error.
 */
#define TOWER_RECORD_SIZE 16

static inline bool tower_fits(int64_t number) { return number >= INT32_MIN && number <= INT32_MAX; }

static inline void tower_put_lowest_first(unsigned char* at, uint32_t number, int bytes) {
  for (int place = 0; place < bytes; place++) at[place] = (unsigned char)(number >> 8 * place);
}

PyObject* CPyDef_encoding___records(PyObject* instructions) {
  const Py_ssize_t count = PyTuple_GET_SIZE(instructions);
  PyObject* made = PyBytes_FromStringAndSize(NULL, count * TOWER_RECORD_SIZE);
  if (made == NULL) return NULL;
  unsigned char* at = (unsigned char*)PyBytes_AS_STRING(made);
  for (Py_ssize_t place = 0; place < count; place++, at += TOWER_RECORD_SIZE) {
    const keelback_core___program___program___InstructionObject* one =
        (const keelback_core___program___program___InstructionObject*)PyTuple_GET_ITEM(instructions, place);
    if (unlikely(!tower_fits(one->_p1) || !tower_fits(one->_p2) || !tower_fits(one->_p3) || one->_p5 < 0 ||
                 one->_p5 > UINT16_MAX)) {
      Py_DECREF(made);
      PyErr_SetString(PyExc_OverflowError, "operand");
      return NULL;
    }
    at[0] = (unsigned char)one->_opcode;
    at[1] = one->_p4 != Py_None;
    tower_put_lowest_first(at + 2, (uint32_t)one->_p5, 2);
    tower_put_lowest_first(at + 4, (uint32_t)one->_p1, 4);
    tower_put_lowest_first(at + 8, (uint32_t)one->_p2, 4);
    tower_put_lowest_first(at + 12, (uint32_t)one->_p3, 4);
  }
  return made;
}
