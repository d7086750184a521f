/* What the compiled tower keeps once for all its modules; see tower.h. */
#include "tower.h"

#ifndef Py_GIL_DISABLED
PyObject* tower_small_numbers[TOWER_SMALL_NUMBERS];
#endif
