/* What the compiled tower keeps once for all its modules; see tower.h. */
#include "tower.h"

#ifndef Py_GIL_DISABLED
PyObject* tower_small_numbers[TOWER_SMALL_NUMBERS];
struct tower_stack tower_lists;
struct tower_stack tower_tuples[TOWER_MOST_ITEMS + 1];
struct tower_stack tower_dictionaries;
struct tower_stack tower_sets;
struct tower_stack tower_iterators;

/* Nobody refers to the object any more: whether it is ours now, as there is room for it. */
static inline bool may_keep(const struct tower_stack* spares, PyObject* object) {
  if (unlikely(spares->count >= TOWER_MOST_SPARES)) return false;
  Py_SET_REFCNT(object, 1);
  return true;
}

/* What goes with an object may have filled the room that there was for it. */
static inline void keep(struct tower_stack* spares, PyObject* object) {
  if (unlikely(spares->count >= TOWER_MOST_SPARES)) {
    Py_DECREF(object);
  } else {
    spares->items[spares->count++] = object;
  }
}

static void let_iterator_go(PyObject* iterator) {
  PyObject* items = ((struct tower_iterator*)iterator)->items;
  if (may_keep(&tower_iterators, iterator)) {
    ((struct tower_iterator*)iterator)->items = NULL;
    tower_iterators.items[tower_iterators.count++] = iterator;
  } else {
    PyObject_Free(iterator);
  }
  CPy_XDECREF(items);
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
static __attribute__((noinline)) void let_items_go(PyListObject* list) {
  Py_ssize_t size = Py_SIZE(list);
  PyObject** items = list->ob_item;
  /* What goes may come back here, but not to this list. */
  Py_SET_SIZE(list, 0);
  while (size > 0) {
    PyObject* item = items[--size];
    if (item != NULL) tower_decref(item);
  }
  if (list->allocated > TOWER_MOST_ROOM) {
    PyMem_Free(list->ob_item);
    list->ob_item = NULL;
    list->allocated = 0;
  }
  keep(&tower_lists, (PyObject*)list);
}

static inline void let_list_go(PyListObject* list) {
  if (unlikely(!may_keep(&tower_lists, (PyObject*)list))) {
    PyList_Type.tp_dealloc((PyObject*)list);
  } else if (Py_SIZE(list) == 0 && list->allocated <= TOWER_MOST_ROOM) {
    tower_lists.items[tower_lists.count++] = (PyObject*)list;
  } else {
    let_items_go(list);
  }
}

static __attribute__((noinline)) void let_tuple_go(PyObject* tuple) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  if (size == 0 || size > TOWER_MOST_ITEMS || !may_keep(&tower_tuples[size], tuple)) {
    PyTuple_Type.tp_dealloc(tuple);
    return;
  }
  for (Py_ssize_t place = 0; place < size; place++) {
    PyObject* item = PyTuple_GET_ITEM(tuple, place);
    PyTuple_SET_ITEM(tuple, place, NULL);
    if (item != NULL) tower_decref(item);
  }
  /* A garbage collection may have found that there was nothing in it to look at. */
  if (unlikely(!PyObject_GC_IsTracked(tuple))) PyObject_GC_Track(tuple);
  keep(&tower_tuples[size], tuple);
}

/* Where a dictionary that never held anything has its keys; null until one was seen. */
static PyDictKeysObject* empty_keys;

static bool find_empty_keys(void) {
  if (empty_keys == NULL) {
    PyObject* empty = PyDict_New();
    if (empty == NULL) {
      PyErr_Clear();
    } else {
      empty_keys = ((PyDictObject*)empty)->ma_keys;
      Py_DECREF(empty);
    }
  }
  return empty_keys != NULL;
}

static __attribute__((noinline)) void let_dictionary_go(PyObject* dictionary) {
  PyDictObject* own = (PyDictObject*)dictionary;
  if (own->ma_used != 0 || own->ma_values != NULL || !find_empty_keys() || own->ma_keys != empty_keys ||
      !may_keep(&tower_dictionaries, dictionary)) {
    PyDict_Type.tp_dealloc(dictionary);
  } else {
    tower_dictionaries.items[tower_dictionaries.count++] = dictionary;
  }
}

static __attribute__((noinline)) void let_set_go(PyObject* set) {
  PySetObject* own = (PySetObject*)set;
  if (own->table != own->smalltable || own->weakreflist != NULL || !may_keep(&tower_sets, set)) {
    PySet_Type.tp_dealloc(set);
    return;
  }
  if (own->fill != 0) {
    setentry entries[PySet_MINSIZE];
    memcpy(entries, own->smalltable, sizeof entries);
    memset(own->smalltable, 0, sizeof own->smalltable);
    own->fill = own->used = own->finger = 0;
    for (int place = 0; place < PySet_MINSIZE; place++) {
      /* What was taken out of the set has left a mark, which has no hash. */
      if (entries[place].key != NULL && entries[place].hash != -1) tower_decref(entries[place].key);
    }
  }
  keep(&tower_sets, set);
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
