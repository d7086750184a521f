/* What takes the place of `fold_name` of keelback_core/compiler/catalog/model/names.py in the compiled tower: every name
 * of a statement is folded where it is looked up.
 *
 * Included where mypyc's function was.
 */
static inline bool tower_is_capital(Py_UCS4 character) { return character - 'A' <= 'Z' - 'A'; }

PyObject* CPyDef_names___fold_name(PyObject* name) {
  const Py_ssize_t length = PyUnicode_GET_LENGTH(name);
  const int kind = PyUnicode_KIND(name);
  const void* from = PyUnicode_DATA(name);
  Py_ssize_t place = 0;
  while (place < length && !tower_is_capital(PyUnicode_READ(kind, from, place))) place++;
  if (place == length) {
    Py_INCREF(name);
    return name;
  }
  PyObject* made = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(name));
  if (made == NULL) return NULL;
  void* to = PyUnicode_DATA(made);
  for (place = 0; place < length; place++) {
    const Py_UCS4 character = PyUnicode_READ(kind, from, place);
    PyUnicode_WRITE(kind, to, place, tower_is_capital(character) ? character + ('a' - 'A') : character);
  }
  return made;
}
