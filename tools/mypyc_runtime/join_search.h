/* What takes the place of `JoinOrderSearch._round` of keelback_core/compiler/plan/join_order.py in the compiled tower:
 * the paths are rows of numbers, of which one becomes a JoinPath.
 *
 * Included where mypyc's function was. It stands there what a path is, and why it is kept.
 *
 * 1. Of each candidate all numbers are read once. A path has the places of its candidates in their list.
 * 2. What does not fit, and what fails, is left to mypyc's function, which begins anew.
 */
static PyObject* not_called_CPyDef_join_order___JoinOrderSearch____round(PyObject* self);

/* A mask of so many sources is a small number in every form. */
#define TOWER_MOST_SOURCES 60
#define TOWER_MOST_PATHS CPyFinal_join_order___KEPT_PATHS_OF_STARS
#define TOWER_USUAL_STEPS 64

struct tower_step {
  uint64_t bit, needs;
  int64_t setup, run, rows, hash_setup, inner_penalty, index_width;
  bool is_automatic;
};

struct tower_path {
  uint64_t mask, reverses;
  int64_t rows, unsorted, cost, ordered;
  int length;
  int32_t steps[TOWER_MOST_SOURCES];
};

struct tower_search {
  PyObject* self;
  PyObject* candidates;
  PyObject* matcher;
  const struct tower_step* steps;
  int64_t order_count;
};

/* As log_add of estimate.py; `sums` has what it adds to the larger estimate. */
static inline int64_t tower_log_add(PyObject* sums, int64_t left, int64_t right) {
  const int64_t distance = left < right ? right - left : left - right;
  const int64_t larger = left < right ? right : left;
  if (distance >= PyTuple_GET_SIZE(sums)) return larger;
  return larger + (int64_t)(CPyTagged_BorrowFromObject(PyTuple_GET_ITEM(sums, distance)) >> 1);
}

static bool tower_read_step(const keelback_core___compiler___plan___candidate___PlanCandidateObject* from,
                            struct tower_step* to) {
  const CPyTagged all = from->_position | from->_needs | from->_setup | from->_run | from->_rows | from->_hash_setup |
                        from->_inner_penalty | from->_index_width;
  if (unlikely(!CPyTagged_CheckShort(all) || from->_position >> 1 >= TOWER_MOST_SOURCES)) return false;
  to->bit = (uint64_t)1 << (from->_position >> 1);
  to->needs = from->_needs >> 1;
  to->setup = (Py_ssize_t)from->_setup >> 1;
  to->run = (Py_ssize_t)from->_run >> 1;
  to->rows = (Py_ssize_t)from->_rows >> 1;
  to->hash_setup = (Py_ssize_t)from->_hash_setup >> 1;
  to->inner_penalty = (Py_ssize_t)from->_inner_penalty >> 1;
  to->index_width = (Py_ssize_t)from->_index_width >> 1;
  to->is_automatic = from->_is_automatic;
  return true;
}

/* The candidates of a path, and of one that is longer by a step if `last` is none below 0. */
static PyObject* tower_candidates_of(const struct tower_search* search, const struct tower_path* path, int32_t last) {
  PyObject* made = tower_new_tuple(path->length + (last >= 0));
  if (unlikely(made == NULL)) return NULL;
  for (int place = 0; place < path->length + (last >= 0); place++) {
    PyObject* one = PyList_GET_ITEM(search->candidates, place < path->length ? path->steps[place] : last);
    Py_INCREF(one);
    PyTuple_SET_ITEM(made, place, one);
  }
  return made;
}

/* How many terms of the order the longer path delivers. */
static bool tower_match(const struct tower_search* search, const struct tower_path* path, int32_t last,
                        struct tower_path* longer) {
  PyObject* candidates = tower_candidates_of(search, path, last);
  if (unlikely(candidates == NULL)) return false;
  const tuple_T2II found = CPyDef_order___OrderMatcher___match(search->matcher, candidates);
  CPy_DECREF(candidates);
  /* A failure has a tag too. */
  if (unlikely(!CPyTagged_CheckShort(found.f0) || !CPyTagged_CheckShort(found.f1))) return false;
  longer->ordered = (Py_ssize_t)found.f0 >> 1;
  longer->reverses = found.f1 >> 1;
  return true;
}

/* The numbers of a path that is longer by a candidate; its steps are not copied yet. */
static bool tower_extend(const struct tower_search* search, const struct tower_path* path, int32_t last,
                         struct tower_path* longer) {
  const struct tower_step* const step = &search->steps[last];
  PyObject* const sums = CPyStatic_estimate____SUMS;
  int64_t unsorted = step->run + path->rows;
  if (path->length != 0) unsorted += step->inner_penalty;
  if (step->setup != 0) unsorted = tower_log_add(sums, step->setup, unsorted);
  if (step->hash_setup >= 0 && path->length != 0) {
    const int64_t hashed = tower_log_add(sums, step->hash_setup, path->rows + CPyFinal_join_order___PROBE_COST);
    if (hashed < unsorted) unsorted = hashed;
  }
  unsorted = tower_log_add(sums, unsorted, path->unsorted);
  longer->ordered = path->ordered;
  longer->reverses = path->reverses;
  if (path->ordered == CPyFinal_order___UNDECIDED && !tower_match(search, path, last, longer)) return false;
  if (0 <= longer->ordered && longer->ordered < search->order_count) {
    const CPyTagged sorting =
        CPyDef_join_order___JoinOrderSearch____sorting_cost(search->self, (CPyTagged)longer->ordered << 1);
    if (unlikely(!CPyTagged_CheckShort(sorting))) return false;
    longer->cost =
        tower_log_add(sums, unsorted, (Py_ssize_t)sorting >> 1) + CPyFinal_join_order___SORT_TIE_PENALTY;
  } else {
    longer->cost = unsorted;
    unsorted -= CPyFinal_join_order___NO_SORT_BONUS;
  }
  longer->unsorted = unsorted;
  longer->mask = path->mask | step->bit;
  longer->rows = path->rows + step->rows;
  return true;
}

static inline bool tower_is_dearer(const struct tower_path* path, const struct tower_path* other) {
  return path->cost != other->cost ? path->cost > other->cost : path->unsorted > other->unsorted;
}

static bool tower_is_no_better(const struct tower_search* search, const struct tower_path* path, int32_t last,
                               const struct tower_path* other) {
  if (path->cost != other->cost) return path->cost > other->cost;
  if (path->rows != other->rows) return path->rows > other->rows;
  if (path->unsorted != other->unsorted) return path->unsorted > other->unsorted;
  const int64_t mine = search->steps[last].index_width;
  const int64_t theirs = search->steps[other->steps[other->length - 1]].index_width;
  return mine < 0 || theirs < 0 || mine >= theirs;
}

static void tower_keep_path(struct tower_path* place, const struct tower_path* longer, const struct tower_path* before,
                            int32_t last) {
  memcpy(place, longer, offsetof(struct tower_path, length));
  memcpy(place->steps, before->steps, (size_t)before->length * sizeof *before->steps);
  place->steps[before->length] = last;
  place->length = before->length + 1;
}

/* Where a new path belongs among the best ones, -1: nowhere. */
static int tower_place_for(const struct tower_search* search, const struct tower_path* best, int count, int kept,
                           int worst, const struct tower_path* path, int32_t last) {
  const bool is_undecided = path->ordered == CPyFinal_order___UNDECIDED;
  for (int place = 0; place < count; place++) {
    const struct tower_path* const other = &best[place];
    if (other->mask == path->mask && (other->ordered == CPyFinal_order___UNDECIDED) == is_undecided) {
      return tower_is_no_better(search, path, last, other) ? -1 : place;
    }
  }
  if (count < kept) return count;
  return tower_is_dearer(&best[worst], path) ? worst : -1;
}

static int tower_worst_of(const struct tower_path* paths, int count) {
  int worst = 0;
  for (int place = 1; place < count; place++) {
    if (tower_is_dearer(&paths[place], &paths[worst])) worst = place;
  }
  return worst;
}

/* The paths that are longer by one; how many, -1 for a failure. */
static int tower_lengthen(const struct tower_search* search, const struct tower_path* paths, int path_count, int kept,
                          struct tower_path* best) {
  const int32_t step_count = (int32_t)PyList_GET_SIZE(search->candidates);
  int count = 0, worst = -1;
  for (int at = 0; at < path_count; at++) {
    const struct tower_path* const path = &paths[at];
    for (int32_t last = 0; last < step_count; last++) {
      const struct tower_step* const step = &search->steps[last];
      if ((path->mask & step->bit) != 0 || (step->needs & ~path->mask) != 0) continue;
      if (step->is_automatic && path->rows < CPyFinal_join_order___FEWEST_RUNS_FOR_AUTOMATIC_INDEX) continue;
      struct tower_path longer;
      if (unlikely(!tower_extend(search, path, last, &longer))) return -1;
      const int place = tower_place_for(search, best, count, kept, worst, &longer, last);
      if (place < 0) continue;
      tower_keep_path(&best[place], &longer, path, last);
      if (place == count) count++;
      if (count >= kept) worst = tower_worst_of(best, count);
    }
  }
  return count;
}

static PyObject* tower_path_object(const struct tower_search* search, const struct tower_path* path) {
  typedef keelback_core___compiler___plan___join_order___JoinPathObject JoinPath;
  PyObject* candidates = tower_candidates_of(search, path, -1);
  if (unlikely(candidates == NULL)) return NULL;
  JoinPath* made = (JoinPath*)CPyDef_join_order___JoinPath(
      (CPyTagged)path->mask << 1, (CPyTagged)path->rows << 1, (CPyTagged)path->unsorted << 1,
      (CPyTagged)path->cost << 1, (CPyTagged)path->ordered << 1, NULL, NULL);
  if (unlikely(made == NULL)) return NULL;
  CPy_DECREF(made->_candidates);
  made->_candidates = candidates;
  made->_reverses = (CPyTagged)path->reverses << 1;
  return (PyObject*)made;
}

/* The cheapest path over all sources; null where that is left to mypyc's function. */
static PyObject* tower_round(const struct tower_search* search, int source_count, int kept, int64_t rows_around) {
  struct tower_path paths[2][TOWER_MOST_PATHS];
  int count = 1;
  paths[0][0] = (struct tower_path){.ordered = search->order_count != 0 ? CPyFinal_order___UNDECIDED : 0};
  paths[0][0].rows =
      rows_around < CPyFinal_estimate___MOST_ROWS_AROUND ? rows_around : CPyFinal_estimate___MOST_ROWS_AROUND;
  for (int length = 0; length < source_count; length++) {
    count = tower_lengthen(search, paths[length & 1], count, kept, paths[(length & 1) ^ 1]);
    if (count <= 0) return NULL;
  }
  const struct tower_path* const last = paths[source_count & 1];
  int cheapest = 0;
  for (int place = 1; place < count; place++) {
    if (last[place].cost < last[cheapest].cost) cheapest = place;
  }
  return tower_path_object(search, &last[cheapest]);
}

PyObject* CPyDef_join_order___JoinOrderSearch____round(PyObject* self) {
  typedef keelback_core___compiler___plan___join_order___JoinOrderSearchObject Search;
  typedef keelback_core___compiler___plan___candidate___PlanCandidateObject Candidate;
  const Search* const own = (const Search*)self;
  const keelback_core___compiler___plan___wish___PlanWishObject* const wish =
      (const keelback_core___compiler___plan___wish___PlanWishObject*)own->_wish;
  const Py_ssize_t count = PyList_GET_SIZE(own->_candidates), source_count = PyTuple_GET_SIZE(own->_sources);
  struct tower_step usual[TOWER_USUAL_STEPS];
  struct tower_step* steps = usual;
  bool is_known = source_count <= TOWER_MOST_SOURCES && count < INT32_MAX && CPyTagged_CheckShort(wish->_rows_around) &&
                  own->_kept >> 1 <= TOWER_MOST_PATHS;
  if (is_known && count > TOWER_USUAL_STEPS) {
    steps = (struct tower_step*)PyMem_Malloc((size_t)count * sizeof *steps);
    is_known = steps != NULL;
  }
  for (Py_ssize_t place = 0; is_known && place < count; place++) {
    is_known = tower_read_step((const Candidate*)PyList_GET_ITEM(own->_candidates, place), &steps[place]);
  }
  PyObject* found = NULL;
  if (is_known) {
    const struct tower_search search = {self, own->_candidates, own->_matcher, steps, (Py_ssize_t)own->_order_count >> 1};
    found = tower_round(&search, (int)source_count, (int)(own->_kept >> 1), (Py_ssize_t)wish->_rows_around >> 1);
  }
  if (steps != usual) PyMem_Free(steps);
  if (likely(found != NULL)) return found;
  PyErr_Clear();
  return not_called_CPyDef_join_order___JoinOrderSearch____round(self);
}
