/* Part of tower.h: what mypyc leaves to CPython's own functions for sequences whose kind it does not know, inline for
 * lists and tuples; and texts in one case.
 *
 * They do just what those do; whatever is rare is left to them.
 */
#ifndef KEELBACK_TOWER_SEQUENCES_H
#define KEELBACK_TOWER_SEQUENCES_H

static inline bool tower_is_plain_sequence(PyObject* object) {
  return PyList_CheckExact(object) || PyTuple_CheckExact(object);
}

/* sequence[index]; nothing else than a small number can be told apart without asking. */
static inline PyObject* tower_get_item(PyObject* sequence, PyObject* index) {
  if (likely(PyLong_CheckExact(index) && tower_is_plain_sequence(sequence))) {
    const CPyTagged place = CPyTagged_BorrowFromObject(index);
    if (likely(CPyTagged_CheckShort(place) && place >> 1 < (size_t)Py_SIZE(sequence))) {
      PyObject* item = PySequence_Fast_ITEMS(sequence)[place >> 1];
      Py_INCREF(item);
      return item;
    }
  }
  return PyObject_GetItem(sequence, index);
}

/* list += items, for two lists, or for a list and a tuple. */
static inline PyObject* tower_extend_in_place(PyObject* list, PyObject* items) {
  if (unlikely(!PyList_CheckExact(list) || !tower_is_plain_sequence(items))) {
    return PySequence_InPlaceConcat(list, items);
  }
  PyObject* done = tower_list_extend(list, items);
  if (unlikely(done == NULL)) return NULL;
  CPy_DECREF(done);
  Py_INCREF(list);
  return list;
}

static inline void tower_copy_items(PyObject** to, PyObject* from) {
  PyObject** const items = PySequence_Fast_ITEMS(from);
  for (Py_ssize_t place = 0; place < Py_SIZE(from); place++) {
    Py_INCREF(items[place]);
    to[place] = items[place];
  }
}

/* left + right, for two lists or two tuples. */
static inline PyObject* tower_concatenate(PyObject* left, PyObject* right) {
  const bool is_list = PyList_CheckExact(left) && PyList_CheckExact(right);
  if (unlikely(!is_list && (!PyTuple_CheckExact(left) || !PyTuple_CheckExact(right)))) {
    return PySequence_Concat(left, right);
  }
  const Py_ssize_t first = Py_SIZE(left), size = first + Py_SIZE(right);
  if (!is_list && size == 0) return PySequence_Concat(left, right);
  PyObject* made = is_list ? tower_new_list(size) : tower_new_tuple(size);
  if (unlikely(made == NULL)) return NULL;
  PyObject** const items = PySequence_Fast_ITEMS(made);
  tower_copy_items(items, left);
  tower_copy_items(items + first, right);
  return made;
}

static inline PyObject* tower_list_of(PyObject* items) {
  if (!tower_is_plain_sequence(items)) return PySequence_List(items);
  PyObject* made = tower_new_list(Py_SIZE(items));
  if (likely(made != NULL)) tower_copy_items(PySequence_Fast_ITEMS(made), items);
  return made;
}

/* [item] * count, and the same of a tuple. */
static inline PyObject* tower_repeat(PyObject* sequence, CPyTagged count) {
  const bool is_list = PyList_CheckExact(sequence);
  if (unlikely((!is_list && !PyTuple_CheckExact(sequence)) || Py_SIZE(sequence) != 1 || !CPyTagged_CheckShort(count) ||
               (Py_ssize_t)count <= 0)) {
    return CPySequence_Multiply(sequence, count);
  }
  const Py_ssize_t size = (Py_ssize_t)count >> 1;
  PyObject* made = is_list ? tower_new_list(size) : tower_new_tuple(size);
  if (unlikely(made == NULL)) return NULL;
  PyObject* const item = PySequence_Fast_ITEMS(sequence)[0];
  PyObject** const items = PySequence_Fast_ITEMS(made);
  for (Py_ssize_t place = 0; place < size; place++) {
    Py_INCREF(item);
    items[place] = item;
  }
  return made;
}

/* item in sequence: objects that know no equality but their own are compared by their places. */
static inline int tower_contains(PyObject* sequence, PyObject* item) {
  const richcmpfunc of_all = PyBaseObject_Type.tp_richcompare;
  if (!tower_is_plain_sequence(sequence) || Py_TYPE(item)->tp_richcompare != of_all) {
    return PySequence_Contains(sequence, item);
  }
  PyObject** const items = PySequence_Fast_ITEMS(sequence);
  for (Py_ssize_t place = 0; place < Py_SIZE(sequence); place++) {
    if (items[place] == item) return 1;
    if (unlikely(Py_TYPE(items[place])->tp_richcompare != of_all)) return PySequence_Contains(sequence, item);
  }
  return 0;
}

/* text.lower() and text.upper(), which most texts are already. first: the A of the letters that would be changed. */
static inline bool tower_has_letter(PyObject* text, char first) {
  const char* const letters = (const char*)PyUnicode_DATA(text);
  for (Py_ssize_t place = 0; place < PyUnicode_GET_LENGTH(text); place++) {
    if ((unsigned char)(letters[place] - first) <= 'Z' - 'A') return true;
  }
  return false;
}

static inline PyObject* tower_lower(PyObject* text) {
  if (!PyUnicode_IS_COMPACT_ASCII(text) || tower_has_letter(text, 'A')) return CPyStr_Lower(text);
  Py_INCREF(text);
  return text;
}

static inline PyObject* tower_upper(PyObject* text) {
  if (!PyUnicode_IS_COMPACT_ASCII(text) || tower_has_letter(text, 'a')) return CPyStr_Upper(text);
  Py_INCREF(text);
  return text;
}

#define PyObject_GetItem tower_get_item
#define PySequence_InPlaceConcat tower_extend_in_place
#define PySequence_Concat tower_concatenate
#define PySequence_List tower_list_of
#define CPySequence_Multiply tower_repeat
#define PySequence_Contains tower_contains
#define CPyStr_Lower tower_lower
#define CPyStr_Upper tower_upper

#endif
