/* What the compiled tower does otherwise than mypyc's runtime: included before everything else by the C files that
 * mypyc makes of our modules (tools/mypyc_build.py), not by those of its runtime.
 *
 * 1. Instances come from those that were let go before, a list a class: the tower makes some hundred short-lived
 *    objects a statement, and allocating one by CPython's means costs as much as filling it. mypyc_memory.py puts the
 *    functions below into the classes. The attributes of an instance that is laid aside are empty; it stays among those
 *    that garbage collections see, as one that somebody refers to.
 * 2. So do lists, which keep their room, short tuples, dictionaries that never held anything, and small sets, where it
 *    is the tower that lets them go. Not since Python 3.12, where counting references is more than counting.
 * 3. Small functions of the runtime that are called most are inline here. They do just what the runtime's do; whatever
 *    is rare is left to those.
 * 4. What mypyc's headers declare is of one library: said before them, it is reached without the table of addresses.
 * 5. The compiler is told what is rare.
 *
 * sequences.h is a part of it.
 *
 * All of it relies on the GIL. Fields of CPython's objects are touched only where its public headers say what they are.
 */
#ifndef KEELBACK_TOWER_H
#define KEELBACK_TOWER_H

#include <Python.h>
/* After Python.h. */
#include <CPy.h>

#pragma GCC visibility push(hidden)

/* What leads to these is rare: such code is kept apart from the rest, and small. Every call of the tower is followed by
 * a few lines that tell a traceback where it failed. */
#define TOWER_RARE __attribute__((cold))
TOWER_RARE void CPy_AddTraceback(const char*, const char*, int, PyObject*);
TOWER_RARE void CPy_TypeErrorTraceback(const char*, const char*, int, PyObject*, const char*, PyObject*);
TOWER_RARE void CPy_AttributeError(const char*, const char*, const char*, const char*, int, PyObject*);
TOWER_RARE void CPy_TypeError(const char*, PyObject*);
TOWER_RARE static void CPy_DecRef(PyObject*);

#ifndef Py_GIL_DISABLED

/* So many of a kind at most: what a large statement needed is given back. */
#define TOWER_MOST_SPARES 256

/* Instances of one class that are laid aside; where each has its table of methods later it says which is next. */
struct tower_spares {
  PyObject* first;
  int count;
};

static inline PyObject** tower_next_of(PyObject* instance) { return (PyObject**)(instance + 1); }

static inline PyObject* tower_take(PyTypeObject* type, struct tower_spares* spares) {
  PyObject* taken = spares->first;
  if (unlikely(taken == NULL)) return type->tp_alloc(type, 0);
  spares->first = *tower_next_of(taken);
  spares->count--;
  return taken;
}

/* Before the attributes of an instance go to which nobody refers any more: it is ours now, and a garbage collection in
 * the middle of it finds nothing odd. */
#define tower_begin_to_go(instance) Py_SET_REFCNT(instance, 1)

/* Of an instance whose attributes are empty. */
static inline void tower_lay_aside(PyObject* instance, struct tower_spares* spares) {
  if (unlikely(spares->count >= TOWER_MOST_SPARES)) {
    PyObject_GC_UnTrack(instance);
    Py_TYPE(instance)->tp_free(instance);
    return;
  }
  *tower_next_of(instance) = spares->first;
  spares->first = instance;
  spares->count++;
}

/* Lists, tuples, dictionaries and sets. */

/* Spare lists keep their room, if it is not much; spare tuples are told apart by their length. */
#define TOWER_FIRST_ROOM 8
#define TOWER_MOST_ROOM 64
#define TOWER_MOST_ITEMS 8

struct tower_stack {
  int count;
  PyObject* items[TOWER_MOST_SPARES];
};

extern struct tower_stack tower_lists;
extern struct tower_stack tower_tuples[TOWER_MOST_ITEMS + 1];
extern struct tower_stack tower_dictionaries;
extern struct tower_stack tower_sets;
extern struct tower_stack tower_iterators;

/* Give a list without room its first. */
static inline bool tower_make_room(PyListObject* list) {
  PyObject** room = (PyObject**)PyMem_Malloc(TOWER_FIRST_ROOM * sizeof(PyObject*));
  if (unlikely(room == NULL)) return false;
  list->ob_item = room;
  list->allocated = TOWER_FIRST_ROOM;
  return true;
}

static inline PyObject* tower_new_list(Py_ssize_t size) {
  if (unlikely(tower_lists.count == 0)) return PyList_New(size);
  PyListObject* taken = (PyListObject*)tower_lists.items[tower_lists.count - 1];
  if (unlikely(size > taken->allocated)) {
    if (size > TOWER_FIRST_ROOM || taken->allocated != 0 || !tower_make_room(taken)) return PyList_New(size);
  }
  tower_lists.count--;
  if (size != 0) {
    for (Py_ssize_t place = 0; place < size; place++) taken->ob_item[place] = NULL;
    Py_SET_SIZE(taken, size);
  }
  return (PyObject*)taken;
}

/* The items of spare tuples are empty. */
static inline PyObject* tower_new_tuple(Py_ssize_t size) {
  if (size > TOWER_MOST_ITEMS) return PyTuple_New(size);
  struct tower_stack* spares = &tower_tuples[size];
  return unlikely(spares->count == 0) ? PyTuple_New(size) : spares->items[--spares->count];
}

static inline PyObject* tower_new_dictionary(void) {
  return likely(tower_dictionaries.count != 0) ? tower_dictionaries.items[--tower_dictionaries.count] : PyDict_New();
}

static inline PyObject* tower_new_set(PyObject* items) {
  return items != NULL || tower_sets.count == 0 ? PySet_New(items) : tower_sets.items[--tower_sets.count];
}

/* Let an object go that nobody refers to any more. */
#if PY_VERSION_HEX < 0x030C0000
void tower_let_go(PyObject* object);

static inline void tower_decref(PyObject* object) {
  if (--object->ob_refcnt == 0) tower_let_go(object);
}

#undef CPy_DECREF
#undef CPy_XDECREF
#undef CPy_DECREF_NO_IMM
#undef CPy_XDECREF_NO_IMM
#undef Py_CLEAR
#define CPy_DECREF(object) tower_decref((PyObject*)(object))
#define CPy_XDECREF(object)               \
  do {                                    \
    PyObject* _let = (PyObject*)(object); \
    if (_let != NULL) tower_decref(_let); \
  } while (0)
#define CPy_DECREF_NO_IMM(object) CPy_DECREF(object)
#define CPy_XDECREF_NO_IMM(object) CPy_XDECREF(object)
#define Py_CLEAR(place)                  \
  do {                                   \
    PyObject* _let = (PyObject*)(place); \
    if (_let != NULL) {                  \
      (place) = NULL;                    \
      tower_decref(_let);                \
    }                                    \
  } while (0)
#endif

/* Let a list have twice the room, as programs grow by one instruction at a time. */
static inline bool tower_double_room(PyListObject* list) {
  if (list->allocated == 0) return tower_make_room(list);
  if (list->allocated > PY_SSIZE_T_MAX / (Py_ssize_t)(4 * sizeof(PyObject*))) return false;
  PyObject** room = (PyObject**)PyMem_Realloc(list->ob_item, 2 * (size_t)list->allocated * sizeof(PyObject*));
  if (unlikely(room == NULL)) return false;
  list->ob_item = room;
  list->allocated *= 2;
  return true;
}

static inline int tower_list_append(PyObject* list, PyObject* item) {
  PyListObject* own = (PyListObject*)list;
  const Py_ssize_t size = Py_SIZE(own);
  if (unlikely(size >= own->allocated) && !tower_double_room(own)) return PyList_Append(list, item);
  Py_INCREF(item);
  own->ob_item[size] = item;
  Py_SET_SIZE(own, size + 1);
  return 0;
}

static inline PyObject* tower_list_extend(PyObject* list, PyObject* items) {
  if ((!PyList_CheckExact(items) && !PyTuple_CheckExact(items)) || list == items) return CPyList_Extend(list, items);
  PyListObject* own = (PyListObject*)list;
  const Py_ssize_t size = Py_SIZE(own), more = Py_SIZE(items);
  if (size + more > own->allocated) {
    if (more == 0) Py_RETURN_NONE;
    if (own->allocated != 0 || more > TOWER_FIRST_ROOM || !tower_make_room(own)) return CPyList_Extend(list, items);
  }
  PyObject** from = PySequence_Fast_ITEMS(items);
  for (Py_ssize_t place = 0; place < more; place++) {
    Py_INCREF(from[place]);
    own->ob_item[size + place] = from[place];
  }
  Py_SET_SIZE(own, size + more);
  Py_RETURN_NONE;
}

static inline PyObject* tower_tuple_of_list(PyObject* list) {
  const Py_ssize_t size = PyList_GET_SIZE(list);
  if (size == 0 || size > TOWER_MOST_ITEMS) return PyList_AsTuple(list);
  PyObject* made = tower_new_tuple(size);
  if (unlikely(made == NULL)) return NULL;
  for (Py_ssize_t place = 0; place < size; place++) {
    PyObject* item = PyList_GET_ITEM(list, place);
    Py_INCREF(item);
    PyTuple_SET_ITEM(made, place, item);
  }
  return made;
}

static inline PyObject* tower_list_item(PyObject* list, CPyTagged index) {
  /* A negative index is large without its sign, and so is one with a tag: half of it is no small number. */
  if (unlikely(!CPyTagged_CheckShort(index) || index >> 1 >= (size_t)PyList_GET_SIZE(list))) {
    return CPyList_GetItem(list, index);
  }
  PyObject* item = PyList_GET_ITEM(list, index >> 1);
  Py_INCREF(item);
  return item;
}

static inline bool tower_set_list_item(PyObject* list, CPyTagged index, PyObject* item) {
  if (unlikely(!CPyTagged_CheckShort(index) || index >> 1 >= (size_t)PyList_GET_SIZE(list))) {
    return CPyList_SetItem(list, index, item);
  }
  PyObject* before = PyList_GET_ITEM(list, index >> 1);
  PyList_SET_ITEM(list, index >> 1, item);
  Py_DECREF(before);
  return true;
}

/* The last item goes; a list keeps its room if it is not much. */
static inline PyObject* tower_list_pop(PyObject* list) {
  PyListObject* own = (PyListObject*)list;
  const Py_ssize_t size = Py_SIZE(own);
  if (unlikely(size == 0 || own->allocated > TOWER_MOST_ROOM)) return CPyList_PopLast(list);
  Py_SET_SIZE(own, size - 1);
  return own->ob_item[size - 1];
}

/* Iterators over lists and tuples. They never leave the C code of a loop, so that no garbage collection needs to see
 * them; as CPython's, they look at the length each time. */
struct tower_iterator {
  PyObject base;
  Py_ssize_t place;
  PyObject* items;
};
extern PyTypeObject tower_iterator_type;

static inline PyObject* tower_get_iterator(PyObject* items) {
  if (!PyList_CheckExact(items) && !PyTuple_CheckExact(items)) return PyObject_GetIter(items);
  struct tower_iterator* made;
  if (likely(tower_iterators.count != 0)) {
    made = (struct tower_iterator*)tower_iterators.items[--tower_iterators.count];
  } else {
    made = PyObject_New(struct tower_iterator, &tower_iterator_type);
    if (unlikely(made == NULL)) return NULL;
  }
  Py_INCREF(items);
  made->items = items;
  made->place = 0;
  return (PyObject*)made;
}

static inline PyObject* tower_next_item(PyObject* iterator) {
  if (Py_TYPE(iterator) != &tower_iterator_type) return PyIter_Next(iterator);
  struct tower_iterator* own = (struct tower_iterator*)iterator;
  if (own->place >= Py_SIZE(own->items)) return NULL;
  PyObject* item = PySequence_Fast_ITEMS(own->items)[own->place++];
  Py_INCREF(item);
  return item;
}

/* Whether an object is of a class or of one derived from it. Bases stand in a chain; whoever has several is left to the
 * runtime. */
static inline int tower_is_of_type(PyObject* object, PyTypeObject* type) {
  for (PyTypeObject* own = Py_TYPE(object); own != NULL; own = own->tp_base) {
    if (own == type) return 1;
  }
  return PyType_IsSubtype(Py_TYPE(object), type);
}

/* Dictionaries and sets: most that are asked hold nothing. */

static inline PyObject* tower_get_or_none(PyObject* dictionary, PyObject* key) {
  if (unlikely(!PyDict_CheckExact(dictionary))) return CPyDict_GetWithNone(dictionary, key);
  PyObject* found = Py_None;
  if (PyDict_GET_SIZE(dictionary) != 0) {
    found = PyDict_GetItemWithError(dictionary, key);
    if (found == NULL) {
      if (unlikely(PyErr_Occurred() != NULL)) return NULL;
      found = Py_None;
    }
  }
  Py_INCREF(found);
  return found;
}

static inline int tower_has_key(PyObject* dictionary, PyObject* key) {
  return PyDict_GET_SIZE(dictionary) == 0 ? 0 : PyDict_Contains(dictionary, key);
}

static inline int tower_has_item(PyObject* set, PyObject* item) {
  const PySetObject* own = (const PySetObject*)set;
  if (own->used == 0) return 0;
  if (PyUnicode_CheckExact(item) && ((PyASCIIObject*)item)->hash != -1) {
    /* What stands where a text is looked for first is that very text, or there is none, but where hashes meet. */
    const PyObject* found = own->table[(size_t)((PyASCIIObject*)item)->hash & (size_t)own->mask].key;
    if (found == item) return 1;
    if (found == NULL) return 0;
  }
  return PySet_Contains(set, item);
}

/* Texts. */

static inline char tower_texts_equal(PyObject* left, PyObject* right, Py_ssize_t length) {
  if (left == right) return 1;
  if (PyUnicode_GET_LENGTH(left) != length || PyUnicode_KIND(left) != PyUnicode_KIND(right)) return 0;
  const char *left_data = (const char*)PyUnicode_DATA(left), *right_data = (const char*)PyUnicode_DATA(right);
  if (length == 0) return 1;
  if (*left_data != *right_data) return 0;
  return memcmp(left_data, right_data, (size_t)length * PyUnicode_KIND(left)) == 0;
}

static inline char tower_text_equal(PyObject* left, PyObject* right) {
  return left == right || tower_texts_equal(left, right, PyUnicode_GET_LENGTH(right));
}

/* Numbers. */

/* CPython's objects of small numbers, from 0 on; each is made once and never goes. */
#define TOWER_SMALL_NUMBERS 256
extern PyObject* tower_small_numbers[TOWER_SMALL_NUMBERS];

static inline PyObject* tower_number(CPyTagged number) {
  if (likely(CPyTagged_CheckShort(number) && number >> 1 < TOWER_SMALL_NUMBERS)) {
    PyObject* made = tower_small_numbers[number >> 1];
    if (likely(made != NULL)) {
      Py_INCREF(made);
      return made;
    }
    made = CPyTagged_StealAsObject(number);
    if (made != NULL) {
      Py_INCREF(made);
      tower_small_numbers[number >> 1] = made;
    }
    return made;
  }
  return CPyTagged_StealAsObject(number);
}

#if PY_VERSION_HEX < 0x030C0000
/* A number of one digit; larger ones, and negative ones, are left to the runtime. */
static inline bool tower_is_small(PyObject* number) { return (size_t)Py_SIZE(number) <= 1; }
static inline CPyTagged tower_small_value(PyObject* number) {
  return Py_SIZE(number) == 0 ? 0 : (CPyTagged)((PyLongObject*)number)->ob_digit[0] << 1;
}
static inline CPyTagged tower_value(PyObject* number) {
  return likely(tower_is_small(number)) ? tower_small_value(number) : CPyTagged_FromObject(number);
}
static inline CPyTagged tower_borrowed_value(PyObject* number) {
  return likely(tower_is_small(number)) ? tower_small_value(number) : CPyTagged_BorrowFromObject(number);
}
#define CPyTagged_FromObject tower_value
#define CPyTagged_BorrowFromObject tower_borrowed_value
#endif

#include "sequences.h"

#define PyList_New tower_new_list
#define PyDict_New tower_new_dictionary
#define PySet_New tower_new_set
#define CPyDict_GetWithNone tower_get_or_none
#define PyDict_Contains tower_has_key
#define PySet_Contains tower_has_item
#define PyDict_Size PyDict_GET_SIZE
#define PyTuple_New tower_new_tuple
#define PyList_AsTuple tower_tuple_of_list
#define PyList_Append tower_list_append
#define CPyList_Extend tower_list_extend
#define CPyList_GetItem tower_list_item
#define CPyList_SetItem tower_set_list_item
#define CPyList_PopLast tower_list_pop
#define PyObject_GetIter tower_get_iterator
#define PyIter_Next tower_next_item
#undef PyObject_TypeCheck
#define PyObject_TypeCheck(object, type) tower_is_of_type((PyObject*)(object), type)
#define CPyStr_EqualLiteral tower_texts_equal
#define CPyStr_Equal tower_text_equal
#define CPyTagged_StealAsObject tower_number
#define CPyStr_Size_size_t(text) ((size_t)PyUnicode_GET_LENGTH(text))

#endif
#endif
