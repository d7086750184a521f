/* What takes the place of `emit_shifted` of keelback_core/compiler/emit/kept_code.py in the compiled tower: the
 * instructions of a kept piece, some thirty of an INSERT, go to the end of a program one after the other.
 *
 * Included where mypyc's function was. Operands have 32 bits, so that none of them is a large number, which mypyc would
 * tag; what an operand names is one of the shifts. Where there is no spare instruction, or no room for it, `emit` makes
 * both.
 */
extern struct tower_spares program___Instruction_spares;

char CPyDef_kept_code___emit_shifted(PyObject* builder, PyObject* instructions, PyObject* places,
                                     CPyTagged own_register, CPyTagged row, CPyTagged key, CPyTagged own_cursor,
                                     CPyTagged cursor, CPyTagged own_label, CPyTagged label) {
  typedef keelback_core___program___program___InstructionObject Instruction;
  typedef keelback_core___compiler___emit___kept_code___KeptInstructionObject Kept;
  PyListObject* to =
      (PyListObject*)((keelback_core___compiler___emit___builder___ProgramBuilderObject*)builder)->_instructions;
  PyObject* labels = ((keelback_core___compiler___emit___builder___ProgramBuilderObject*)builder)->_labels;
  const Py_ssize_t place_count = PyList_GET_SIZE(places);
  for (Py_ssize_t place = 0; place < place_count; place++) {
    const CPyTagged address = CPyTagged_BorrowFromObject(PyList_GET_ITEM(places, place)) + ((CPyTagged)Py_SIZE(to) << 1);
    PyObject* number = CPyTagged_StealAsObject(address);
    if (unlikely(number == NULL)) return 2;
    const int failed = PyList_Append(labels, number);
    Py_DECREF(number);
    if (unlikely(failed != 0)) return 2;
  }
  const int64_t by[] = {0,
                        (int64_t)own_register >> 1,
                        (int64_t)row >> 1,
                        (int64_t)key >> 1,
                        (int64_t)own_cursor >> 1,
                        (int64_t)cursor >> 1,
                        (int64_t)own_label >> 1,
                        (int64_t)label >> 1};
  /* Of Init, which every program begins with: all instructions have the same. */
  CPyVTableItem* methods = Py_SIZE(to) == 0 ? NULL : ((Instruction*)to->ob_item[0])->vtable;
  const Py_ssize_t count = PyList_GET_SIZE(instructions);
  for (Py_ssize_t place = 0; place < count; place++) {
    const Kept* one = (const Kept*)PyList_GET_ITEM(instructions, place);
    const int64_t p1 = ((int64_t)one->_p1 >> 1) + by[one->_name1 >> 1];
    const int64_t p2 = ((int64_t)one->_p2 >> 1) + by[one->_name2 >> 1];
    const int64_t p3 = ((int64_t)one->_p3 >> 1) + by[one->_name3 >> 1];
    const Py_ssize_t size = Py_SIZE(to);
    if (likely(methods != NULL && program___Instruction_spares.first != NULL && size < to->allocated)) {
      Instruction* made = (Instruction*)tower_take(CPyType_program___Instruction, &program___Instruction_spares);
      made->vtable = methods;
      made->_opcode = (int64_t)one->_opcode >> 1;
      made->_p1 = p1;
      made->_p2 = p2;
      made->_p3 = p3;
      made->_p5 = (int64_t)one->_p5 >> 1;
      Py_INCREF(one->_p4);
      made->_p4 = one->_p4;
      Py_INCREF(one->_comment);
      made->_comment = one->_comment;
      to->ob_item[size] = (PyObject*)made;
      Py_SET_SIZE(to, size + 1);
    } else if (unlikely(CPyDef_builder___ProgramBuilder___emit(builder, one->_opcode, (CPyTagged)p1 << 1,
                                                               (CPyTagged)p2 << 1, (CPyTagged)p3 << 1, one->_p4,
                                                               one->_p5, one->_comment) == CPY_INT_TAG)) {
      return 2;
    }
  }
  return 1;
}
