/* What takes the place of `ProgramBuilder.label` and `ProgramBuilder.place` of keelback_core/compiler/emit/builder.py in
 * the compiled tower.
 *
 * Included where mypyc's `label` was.
 */
typedef keelback_core___compiler___emit___builder___ProgramBuilderObject tower_builder;

CPyTagged CPyDef_builder___ProgramBuilder___label(PyObject* self) {
  static PyObject* not_placed = NULL;
  if (unlikely(not_placed == NULL)) {
    not_placed = PyLong_FromLong(-1);
    if (not_placed == NULL) return CPY_INT_TAG;
  }
  PyObject* labels = ((tower_builder*)self)->_labels;
  if (unlikely(tower_list_append(labels, not_placed) != 0)) return CPY_INT_TAG;
  return (CPyTagged)-PyList_GET_SIZE(labels) << 1;
}

char CPyDef_builder___ProgramBuilder___place(PyObject* self, CPyTagged label) {
  const tower_builder* builder = (const tower_builder*)self;
  PyObject* address = tower_number((CPyTagged)PyList_GET_SIZE(builder->_instructions) << 1);
  if (unlikely(address == NULL)) return 2;
  /* Minus one counts from zero: the places of a list, and the CPyTagged of -label - 1. */
  return tower_set_list_item(builder->_labels, (CPyTagged)(-((Py_ssize_t)label >> 1) - 1) << 1, address) ? 1 : 2;
}
