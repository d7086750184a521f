/* What takes the place of `ProgramBuilder.emit` of keelback_core/compiler/emit/builder.py in the compiled tower: the
 * next instruction of a program, of which a statement has some thirty.
 *
 * Included where mypyc's function was. An operand that the caller leaves out is CPY_INT_TAG, or null.
 *
 * All instructions have the table of methods that mypyc gave to the first.
 */
extern struct tower_spares program___Instruction_spares;

static inline CPyTagged tower_given(CPyTagged operand) { return operand == CPY_INT_TAG ? 0 : operand; }

static PyObject* tower_no_text(void) {
  static PyObject* known = NULL;
  if (unlikely(known == NULL)) known = PyUnicode_New(0, 0);
  return known;
}

CPyTagged CPyDef_builder___ProgramBuilder___emit(PyObject* self, CPyTagged opcode, CPyTagged p1, CPyTagged p2,
                                                 CPyTagged p3, PyObject* p4, CPyTagged p5, PyObject* comment) {
  typedef keelback_core___program___program___InstructionObject Instruction;
  PyListObject* list =
      (PyListObject*)((keelback_core___compiler___emit___builder___ProgramBuilderObject*)self)->_instructions;
  p1 = tower_given(p1);
  p2 = tower_given(p2);
  p3 = tower_given(p3);
  p5 = tower_given(p5);
  if (p4 == NULL) p4 = Py_None;
  static CPyVTableItem* methods = NULL;
  const bool has_spare = methods != NULL && program___Instruction_spares.first != NULL;
  Instruction* made;
  if (likely(has_spare && ((p1 | p2 | p3 | p5) & CPY_INT_TAG) == 0)) {
    if (comment == NULL) comment = tower_no_text();
    if (unlikely(comment == NULL)) return CPY_INT_TAG;
    made = (Instruction*)tower_take(CPyType_program___Instruction, &program___Instruction_spares);
    made->vtable = methods;
    made->_opcode = (Py_ssize_t)opcode >> 1;
    made->_p1 = (Py_ssize_t)p1 >> 1;
    made->_p2 = (Py_ssize_t)p2 >> 1;
    made->_p3 = (Py_ssize_t)p3 >> 1;
    made->_p5 = (Py_ssize_t)p5 >> 1;
    Py_INCREF(p4);
    made->_p4 = p4;
    Py_INCREF(comment);
    made->_comment = comment;
  } else {
    made = (Instruction*)CPyDef_program___Instruction(opcode, p1, p2, p3, p4, p5, comment);
    if (unlikely(made == NULL)) return CPY_INT_TAG;
    methods = made->vtable;
  }
  const Py_ssize_t size = Py_SIZE(list);
  if (likely(size < list->allocated)) {
    list->ob_item[size] = (PyObject*)made;
    Py_SET_SIZE(list, size + 1);
  } else {
    const int failed = PyList_Append((PyObject*)list, (PyObject*)made);
    Py_DECREF(made);
    if (unlikely(failed != 0)) return CPY_INT_TAG;
  }
  return (CPyTagged)size << 1;
}
