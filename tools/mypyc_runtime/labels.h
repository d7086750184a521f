/* What takes the place of `resolve_labels` of keelback_core/compiler/emit/builder.py in the compiled tower: labels become
 * addresses in the instructions of a finished program.
 *
 * Included where mypyc's function was. A label that never was one is an IndexError, one that was never placed an
 * AssertionError, as in Python's form.
 */
static TOWER_RARE bool tower_no_target(int64_t label, Py_ssize_t count) {
  if (-label > count) {
    PyErr_SetString(PyExc_IndexError, "list index out of range");
  } else {
    PyErr_SetString(PyExc_AssertionError, "a label was used and never placed");
  }
  return false;
}

static inline bool tower_find_target(PyObject* labels, int64_t* operand) {
  const Py_ssize_t count = PyList_GET_SIZE(labels);
  if (unlikely(-*operand > count)) return tower_no_target(*operand, count);
  const CPyTagged address = CPyTagged_BorrowFromObject(PyList_GET_ITEM(labels, -*operand - 1));
  if (unlikely((Py_ssize_t)address < 0)) return tower_no_target(*operand, count);
  *operand = (Py_ssize_t)address >> 1;
  return true;
}

char CPyDef_builder___resolve_labels(PyObject* instructions, PyObject* labels) {
  typedef keelback_core___program___program___InstructionObject Instruction;
  const unsigned char* const jumps = (const unsigned char*)PyBytes_AS_STRING(CPyStatic_opcodes___JUMPS);
  PyObject** const first = ((PyListObject*)instructions)->ob_item;
  const Py_ssize_t count = PyList_GET_SIZE(instructions);
  for (Py_ssize_t place = 0; place < count; place++) {
    Instruction* const one = (Instruction*)first[place];
    if (likely((one->_p1 | one->_p2 | one->_p3) >= 0)) continue;
    const unsigned char which = jumps[one->_opcode];
    if ((which & 1) != 0 && one->_p1 < 0 && !tower_find_target(labels, &one->_p1)) return 2;
    if ((which & 2) != 0 && one->_p2 < 0 && !tower_find_target(labels, &one->_p2)) return 2;
    if ((which & 4) != 0 && one->_p3 < 0 && !tower_find_target(labels, &one->_p3)) return 2;
  }
  return 1;
}
