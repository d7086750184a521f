/* What the compiled tower keeps once for all its modules; see tower.h. */
#include "tower.h"

#ifndef Py_GIL_DISABLED
PyObject* tower_small_numbers[TOWER_SMALL_NUMBERS];
struct tower_spares tower_lists;
struct tower_spares tower_tuples[TOWER_MOST_ITEMS + 1];
struct tower_spares tower_dictionaries;
struct tower_spares tower_sets;

struct tower_spares tower_iterators;

static void let_iterator_go(PyObject* iterator) {
  Py_CLEAR(((struct tower_iterator*)iterator)->items);
  if (tower_iterators.count >= TOWER_MOST_SPARES) {
    PyObject_Free(iterator);
    return;
  }
  iterator->ob_type = (PyTypeObject*)tower_iterators.first;
  tower_iterators.first = iterator;
  tower_iterators.count++;
}

static PyObject* next_of_iterator(PyObject* iterator) { return tower_next_item(iterator); }

PyTypeObject tower_iterator_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "tower_iterator",
    .tp_basicsize = sizeof(struct tower_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = let_iterator_go,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = next_of_iterator,
};

__attribute__((constructor)) static void make_types_ready(void) {
  if (PyType_Ready(&tower_iterator_type) != 0) Py_FatalError("tower_iterator");
}

#if PY_VERSION_HEX < 0x030C0000
PyGC_Head* tower_young;

/* The library is loaded by an interpreter that runs; mypyc's modules know no other than the main one. */
__attribute__((constructor)) static void find_young(void) { tower_young = PyInterpreterState_Main()->gc.generation0; }

static void let_list_go(PyListObject* list) {
  if (tower_lists.count >= TOWER_MOST_SPARES) {
    PyList_Type.tp_dealloc((PyObject*)list);
    return;
  }
  PyObject_GC_UnTrack(list);
  Py_ssize_t size = Py_SIZE(list);
  /* What goes may come back here, but not to this list. */
  while (size > 0) {
    PyObject* item = list->ob_item[--size];
    if (item != NULL) tower_decref(item);
  }
  if (list->allocated > TOWER_MOST_ROOM) {
    PyMem_Free(list->ob_item);
    list->ob_item = NULL;
    list->allocated = 0;
  }
  Py_SET_SIZE(list, 0);
  list->ob_base.ob_base.ob_type = (PyTypeObject*)tower_lists.first;
  tower_lists.first = (PyObject*)list;
  tower_lists.count++;
}

static void let_tuple_go(PyObject* tuple) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  if (size == 0 || size > TOWER_MOST_ITEMS || tower_tuples[size].count >= TOWER_MOST_SPARES) {
    PyTuple_Type.tp_dealloc(tuple);
    return;
  }
  PyObject_GC_UnTrack(tuple);
  for (Py_ssize_t place = 0; place < size; place++) {
    PyObject* item = PyTuple_GET_ITEM(tuple, place);
    if (item != NULL) tower_decref(item);
  }
  struct tower_spares* spares = &tower_tuples[size];
  tuple->ob_type = (PyTypeObject*)spares->first;
  spares->first = tuple;
  spares->count++;
}

/* Where a dictionary that never held anything has its keys; null until one was seen. */
static PyDictKeysObject* no_keys(void) {
  static PyDictKeysObject* known = NULL;
  if (known == NULL) {
    PyObject* empty = PyDict_New();
    if (empty == NULL) {
      PyErr_Clear();
      return NULL;
    }
    known = ((PyDictObject*)empty)->ma_keys;
    Py_DECREF(empty);
  }
  return known;
}

static void let_dictionary_go(PyObject* dictionary) {
  PyDictObject* own = (PyDictObject*)dictionary;
  if (own->ma_used != 0 || own->ma_values != NULL || own->ma_keys != no_keys() ||
      tower_dictionaries.count >= TOWER_MOST_SPARES) {
    PyDict_Type.tp_dealloc(dictionary);
    return;
  }
  PyObject_GC_UnTrack(dictionary);
  dictionary->ob_type = (PyTypeObject*)tower_dictionaries.first;
  tower_dictionaries.first = dictionary;
  tower_dictionaries.count++;
}

static void let_set_go(PyObject* set) {
  PySetObject* own = (PySetObject*)set;
  if (own->table != own->smalltable || own->weakreflist != NULL || tower_sets.count >= TOWER_MOST_SPARES) {
    PySet_Type.tp_dealloc(set);
    return;
  }
  PyObject_GC_UnTrack(set);
  if (own->fill != 0) {
    for (int place = 0; place < PySet_MINSIZE; place++) {
      PyObject* item = own->smalltable[place].key;
      /* What was taken out of the set has left a mark, which has no hash. */
      if (item != NULL && own->smalltable[place].hash != -1) tower_decref(item);
    }
    memset(own->smalltable, 0, sizeof own->smalltable);
    own->fill = own->used = own->finger = 0;
  }
  set->ob_type = (PyTypeObject*)tower_sets.first;
  tower_sets.first = set;
  tower_sets.count++;
}

void tower_let_go(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  const unsigned long kept = Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS;
  if ((type->tp_flags & kept) == 0 && type != &PySet_Type) {
    type->tp_dealloc(object);
  } else if (type == &PyList_Type) {
    let_list_go((PyListObject*)object);
  } else if (type == &PyTuple_Type) {
    let_tuple_go(object);
  } else if (type == &PyDict_Type) {
    let_dictionary_go(object);
  } else if (type == &PySet_Type) {
    let_set_go(object);
  } else {
    type->tp_dealloc(object);
  }
}
#endif
#endif
