/* What takes the place of `may_fail` of keelback_core/compiler/emit/may_fail.py in the compiled tower: all instructions
 * of a change of rows are looked at, some forty.
 *
 * Included where mypyc's function was.
 */
static bool tower_leads_to(const keelback_core___program___program___InstructionObject* one, int64_t last) {
  const unsigned char which = (unsigned char)PyBytes_AS_STRING(CPyStatic_opcodes___JUMPS)[one->_opcode];
  return ((which & 2) != 0 && 0 < one->_p2 && one->_p2 <= last) ||
         ((which & 1) != 0 && 0 < one->_p1 && one->_p1 <= last) ||
         ((which & 4) != 0 && 0 < one->_p3 && one->_p3 <= last);
}

char CPyDef_may_fail___may_fail(PyObject* instructions) {
  typedef keelback_core___program___program___InstructionObject Instruction;
  enum { harmless, change, failure, both, ending };
  const unsigned char* const kinds = (const unsigned char*)PyBytes_AS_STRING(CPyStatic_may_fail___KINDS);
  Instruction** const first = (Instruction**)((PyListObject*)instructions)->ob_item;
  const Py_ssize_t count = PyList_GET_SIZE(instructions);
  const int64_t body_end = first[0]->_p2;
  Py_ssize_t last_failure = 0, first_change = 0;
  for (Py_ssize_t place = 0; place < count; place++) {
    const Instruction* const one = first[place];
    const unsigned char kind = kinds[one->_opcode];
    if (kind == harmless || (kind == ending && one->_p1 == 0)) continue;
    if (kind == both) return 1;
    if (kind == change) {
      if (first_change == 0) first_change = place;
    } else if (first_change == 0) {
      last_failure = place;
    } else if (place < body_end) {
      return 1;
    }
  }
  if (last_failure == 0 || first_change == 0) return 0;
  for (Py_ssize_t place = first_change; place < body_end; place++) {
    if (tower_leads_to(first[place], last_failure)) return 1;
  }
  return 0;
}
