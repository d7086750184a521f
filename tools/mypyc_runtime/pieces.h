/* What takes the place of `program_pieces` of keelback_core/program/encoding.py in the compiled tower: a program as one
 * piece of bytes, whose layout stands there.
 *
 * Included where mypyc's function was. What does not fit its place is an OverflowError, where Python's form raises
 * struct.error.
 */
#define TOWER_RECORD_BYTES 24
#define TOWER_MOST_VARINT_BYTES 9
/* Before the programs stand the magic, the version and their count, which is known last. */
#define TOWER_HEAD_BYTES 8
#define TOWER_ALIGNMENT 8
#define TOWER_FIRST_BYTES 4096
#define TOWER_MOST_KEPT_BYTES 65536

enum tower_kind {
  TOWER_NONE,
  TOWER_INTEGER,
  TOWER_REAL,
  TOWER_TEXT,
  TOWER_BLOB,
  TOWER_KEY,
  TOWER_FUNCTION,
  TOWER_INTEGERS,
  TOWER_PROGRAM
};

typedef keelback_core___program___program___ProgramObject tower_program;

struct tower_writer {
  unsigned char *begin, *at, *end;
  /* The statement's own program, and those that it and they refer to. */
  tower_program** programs;
  size_t program_count, program_room;
};

/* The bytes of the last program, for the next one; nobody's while they are written. */
static unsigned char* tower_spare_bytes;
static size_t tower_spare_size;

static bool tower_grow(struct tower_writer* to, size_t more) {
  const size_t used = (size_t)(to->at - to->begin);
  size_t room = (size_t)(to->end - to->begin);
  while (room - used < more) room *= 2;
  unsigned char* larger = (unsigned char*)PyMem_Realloc(to->begin, room);
  if (larger == NULL) {
    PyErr_NoMemory();
    return false;
  }
  to->begin = larger;
  to->at = larger + used;
  to->end = larger + room;
  return true;
}

static inline bool tower_make_sure(struct tower_writer* to, size_t more) {
  return likely((size_t)(to->end - to->at) >= more) || tower_grow(to, more);
}

/* As write_varint of keelback_core/value/record.py; there is room. */
static unsigned char* tower_put_varint(unsigned char* at, uint64_t number) {
  if (number >> 56 != 0) {
    at[8] = (unsigned char)number;
    number >>= 8;
    for (int place = 7; place >= 0; place--, number >>= 7) at[place] = (unsigned char)(number & 0x7F) | 0x80;
    return at + 9;
  }
  int size = 1;
  while (number >> 7 * size != 0) size++;
  for (int place = size - 1; place >= 0; place--, number >>= 7) {
    at[place] = (unsigned char)(number & 0x7F) | (place == size - 1 ? 0 : 0x80);
  }
  return at + size;
}

static inline bool tower_put_number(struct tower_writer* to, uint64_t number) {
  if (!tower_make_sure(to, TOWER_MOST_VARINT_BYTES)) return false;
  if (likely(number < 0x80)) {
    *to->at++ = (unsigned char)number;
  } else {
    to->at = tower_put_varint(to->at, number);
  }
  return true;
}

static inline bool tower_put_signed(struct tower_writer* to, int64_t number) {
  return tower_put_number(to, ((uint64_t)number << 1) ^ (uint64_t)(number >> 63));
}

static inline bool tower_read_tagged(CPyTagged tagged, int64_t* number) {
  if (likely(CPyTagged_CheckShort(tagged))) {
    *number = (Py_ssize_t)tagged >> 1;
    return true;
  }
  *number = PyLong_AsLongLong(CPyTagged_LongAsObject(tagged));
  return *number != -1 || PyErr_Occurred() == NULL;
}

static inline bool tower_read_number(PyObject* object, int64_t* number) {
  return tower_read_tagged(CPyTagged_BorrowFromObject(object), number);
}

static inline bool tower_put_tagged(struct tower_writer* to, CPyTagged tagged) {
  int64_t number;
  return tower_read_tagged(tagged, &number) && tower_put_number(to, (uint64_t)number);
}

static bool tower_put_bytes(struct tower_writer* to, const char* bytes, size_t size) {
  if (!tower_make_sure(to, size)) return false;
  memcpy(to->at, bytes, size);
  to->at += size;
  return true;
}

/* A text with its length and a NUL. */
static bool tower_put_utf8(struct tower_writer* to, const char* bytes, size_t size) {
  if (!tower_make_sure(to, TOWER_MOST_VARINT_BYTES + size + 1)) return false;
  if (likely(size + 1 < 0x80)) {
    *to->at++ = (unsigned char)(size + 1);
  } else {
    to->at = tower_put_varint(to->at, size + 1);
  }
  memcpy(to->at, bytes, size);
  to->at[size] = 0;
  to->at += size + 1;
  return true;
}

/* A text or None. */
static bool tower_put_text(struct tower_writer* to, PyObject* text) {
  if (text == Py_None) return tower_put_number(to, 0);
  if (likely(PyUnicode_IS_COMPACT_ASCII(text))) {
    return tower_put_utf8(to, (const char*)PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text));
  }
  PyObject* encoded = PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");
  if (encoded == NULL) return false;
  const bool is_put = tower_put_utf8(to, PyBytes_AS_STRING(encoded), (size_t)PyBytes_GET_SIZE(encoded));
  Py_DECREF(encoded);
  return is_put;
}

static bool tower_put_texts(struct tower_writer* to, PyObject* texts) {
  const Py_ssize_t count = PyTuple_GET_SIZE(texts);
  if (!tower_put_number(to, (uint64_t)count)) return false;
  for (Py_ssize_t place = 0; place < count; place++) {
    if (!tower_put_text(to, PyTuple_GET_ITEM(texts, place))) return false;
  }
  return true;
}

/* The number of a program; a new one is written later. */
static bool tower_number_of(struct tower_writer* to, tower_program* program, uint64_t* number) {
  for (*number = 0; *number < to->program_count; ++*number) {
    if (to->programs[*number] == program) return true;
  }
  if (to->program_count == to->program_room) {
    const size_t room = to->program_room == 0 ? 8 : 2 * to->program_room;
    tower_program** larger = (tower_program**)PyMem_Realloc(to->programs, room * sizeof *larger);
    if (larger == NULL) {
      PyErr_NoMemory();
      return false;
    }
    to->programs = larger;
    to->program_room = room;
  }
  to->programs[to->program_count++] = program;
  return true;
}

static bool tower_put_key(struct tower_writer* to, keelback_core___value___key_info___KeyInfoObject* key) {
  if (PyBytes_GET_SIZE(key->_encoded) != 0) {
    return tower_put_bytes(to, PyBytes_AS_STRING(key->_encoded), (size_t)PyBytes_GET_SIZE(key->_encoded));
  }
  const Py_ssize_t start = to->at - to->begin;
  const Py_ssize_t count = PyTuple_GET_SIZE(key->_sort_flags);
  if (!tower_put_tagged(to, key->_all_column_count) || !tower_put_number(to, (uint64_t)count)) return false;
  for (Py_ssize_t place = 0; place < count; place++) {
    int64_t flags;
    if (!tower_read_number(PyTuple_GET_ITEM(key->_sort_flags, place), &flags)) return false;
    if (!tower_put_number(to, (uint64_t)flags)) return false;
  }
  if (!tower_put_texts(to, key->_collation_names)) return false;
  if (key->_is_kept) {
    PyObject* kept = PyBytes_FromStringAndSize((const char*)to->begin + start, to->at - to->begin - start);
    if (kept == NULL) return false;
    Py_SETREF(key->_encoded, kept);
  }
  return true;
}

/* The kind of an operand and its number for the record; what else there is of it is written. */
static bool tower_put_operand(struct tower_writer* to, PyObject* operand, enum tower_kind* kind, uint64_t* number) {
  *number = 0;
  if (PyLong_Check(operand)) {
    *kind = TOWER_INTEGER;
    return tower_read_number(operand, (int64_t*)number);
  }
  if (PyUnicode_Check(operand)) {
    *kind = TOWER_TEXT;
    return tower_put_text(to, operand);
  }
  if ((PyObject*)Py_TYPE(operand) == (PyObject*)CPyType_key_info___KeyInfo) {
    *kind = TOWER_KEY;
    return tower_put_key(to, (keelback_core___value___key_info___KeyInfoObject*)operand);
  }
  if ((PyObject*)Py_TYPE(operand) == (PyObject*)CPyType_program___FunctionReference) {
    const keelback_core___program___program___FunctionReferenceObject* function =
        (const keelback_core___program___program___FunctionReferenceObject*)operand;
    *kind = TOWER_FUNCTION;
    return tower_put_text(to, function->_name) && tower_put_tagged(to, function->_argument_count) &&
           tower_put_text(to, function->_collation_name);
  }
  if (PyFloat_Check(operand)) {
    const double real = PyFloat_AS_DOUBLE(operand);
    *kind = TOWER_REAL;
    memcpy(number, &real, sizeof real);
    return true;
  }
  if (PyBytes_Check(operand)) {
    const size_t size = (size_t)PyBytes_GET_SIZE(operand);
    *kind = TOWER_BLOB;
    return tower_put_number(to, size) && tower_put_bytes(to, PyBytes_AS_STRING(operand), size);
  }
  if (PyTuple_Check(operand)) {
    const Py_ssize_t count = PyTuple_GET_SIZE(operand);
    *kind = TOWER_INTEGERS;
    if (!tower_put_number(to, (uint64_t)count)) return false;
    for (Py_ssize_t place = 0; place < count; place++) {
      int64_t item;
      if (!tower_read_number(PyTuple_GET_ITEM(operand, place), &item) || !tower_put_signed(to, item)) return false;
    }
    return true;
  }
  *kind = TOWER_PROGRAM;
  return tower_number_of(to, (tower_program*)operand, number);
}

static inline bool tower_fits(int64_t number) { return (int32_t)number == number; }

/* The lowest byte first. */
static inline void tower_put_lowest_first(unsigned char* at, uint64_t number, size_t bytes) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(at, &number, bytes);
#else
  for (size_t place = 0; place < bytes; place++) at[place] = (unsigned char)(number >> 8 * place);
#endif
}

static bool tower_put_instructions(struct tower_writer* to, PyObject* instructions) {
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(instructions);
  const size_t size = (size_t)count * TOWER_RECORD_BYTES;
  if (!tower_put_number(to, (uint64_t)count)) return false;
  if (!tower_make_sure(to, TOWER_ALIGNMENT + size + TOWER_RECORD_BYTES)) return false;
  while ((to->at - to->begin) % TOWER_ALIGNMENT != 0) *to->at++ = 0;
  /* What is written behind the records may move them. */
  const Py_ssize_t start = to->at - to->begin;
  to->at += size;
  memset(to->at, 0, TOWER_RECORD_BYTES);
  to->at += TOWER_RECORD_BYTES;
  PyObject** const items = PySequence_Fast_ITEMS(instructions);
  for (Py_ssize_t place = 0; place < count; place++) {
    const keelback_core___program___program___InstructionObject* one =
        (const keelback_core___program___program___InstructionObject*)items[place];
    enum tower_kind kind = TOWER_NONE;
    uint64_t number = 0;
    if (one->_p4 != Py_None && !tower_put_operand(to, one->_p4, &kind, &number)) return false;
    if (unlikely(!tower_fits(one->_p1) || !tower_fits(one->_p2) || !tower_fits(one->_p3) || one->_p5 < 0 ||
                 one->_p5 > UINT16_MAX)) {
      PyErr_SetString(PyExc_OverflowError, "operand");
      return false;
    }
    const uint64_t head = (uint64_t)(unsigned char)one->_opcode | (uint64_t)kind << 8 | (uint64_t)one->_p5 << 16;
    unsigned char* at = to->begin + start + place * TOWER_RECORD_BYTES;
    tower_put_lowest_first(at, head | (uint64_t)one->_p1 << 32, 8);
    tower_put_lowest_first(at + 8, ((uint64_t)one->_p2 & UINT32_MAX) | (uint64_t)one->_p3 << 32, 8);
    tower_put_lowest_first(at + 16, number, 8);
  }
  return true;
}

/* Columns, cookies and notes. */
static bool tower_put_description(struct tower_writer* to, const tower_program* program) {
  PyObject* output = program->_output;
  if (!tower_put_number(to, (uint64_t)PyTuple_GET_SIZE(output))) return false;
  for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(output); place++) {
    const keelback_core___program___program___OutputColumnObject* column =
        (const keelback_core___program___program___OutputColumnObject*)PyTuple_GET_ITEM(output, place);
    if (!tower_put_text(to, column->_name) || !tower_put_text(to, column->_declared_type) ||
        !tower_put_text(to, column->_database) || !tower_put_text(to, column->_table) ||
        !tower_put_text(to, column->_origin)) {
      return false;
    }
  }
  PyObject* cookies = program->_schema_cookies;
  const Py_ssize_t cookie_count = PyTuple_GET_SIZE(cookies) / 2;
  if (!tower_put_number(to, (uint64_t)cookie_count)) return false;
  for (Py_ssize_t place = 0; place < cookie_count; place++) {
    int64_t database, cookie;
    if (!tower_read_number(PyTuple_GET_ITEM(cookies, 2 * place), &database)) return false;
    if (!tower_read_number(PyTuple_GET_ITEM(cookies, 2 * place + 1), &cookie)) return false;
    if (!tower_put_number(to, (uint64_t)database) || !tower_put_signed(to, cookie)) return false;
  }
  PyObject* notes = program->_notes;
  if (!tower_put_number(to, (uint64_t)PyTuple_GET_SIZE(notes))) return false;
  for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(notes); place++) {
    const keelback_core___program___program___PlanNoteObject* note =
        (const keelback_core___program___program___PlanNoteObject*)PyTuple_GET_ITEM(notes, place);
    int64_t identifier, parent;
    if (!tower_read_tagged(note->_identifier, &identifier) || !tower_read_tagged(note->_parent, &parent)) return false;
    if (!tower_put_signed(to, identifier) || !tower_put_signed(to, parent)) return false;
    if (!tower_put_text(to, note->_text)) return false;
  }
  return true;
}

static bool tower_put_program(struct tower_writer* to, const tower_program* program) {
  const unsigned flags = (program->_is_readonly ? 1 : 0) | (program->_needs_statement_journal ? 2 : 0) |
                         (program->_counts_changes ? 4 : 0);
  return tower_put_number(to, flags) && tower_put_tagged(to, program->_explain_mode) &&
         tower_put_tagged(to, program->_register_count) && tower_put_tagged(to, program->_cursor_count) &&
         tower_put_texts(to, program->_parameters) && tower_put_tagged(to, program->_hidden_parameter_count) &&
         tower_put_description(to, program) && tower_put_instructions(to, program->_instructions);
}

PyObject* CPyDef_encoding___program_pieces(PyObject* program) {
  struct tower_writer to = {.begin = tower_spare_bytes};
  size_t room = tower_spare_size;
  tower_spare_bytes = NULL;
  if (to.begin == NULL) {
    room = TOWER_FIRST_BYTES;
    to.begin = (unsigned char*)PyMem_Malloc(room);
    if (to.begin == NULL) return PyErr_NoMemory();
  }
  to.at = to.begin + TOWER_HEAD_BYTES;
  to.end = to.begin + room;
  uint64_t number;
  bool is_whole = tower_number_of(&to, (tower_program*)program, &number);
  /* The list grows while the programs before its end are written. */
  for (size_t next = 0; is_whole && next < to.program_count; next++) {
    is_whole = tower_put_program(&to, to.programs[next]);
  }
  PyObject* pieces = is_whole ? PyList_New(1) : NULL;
  if (pieces != NULL) {
    memcpy(to.begin, PyBytes_AS_STRING(CPyStatic_encoding___HEAD), TOWER_HEAD_BYTES - 4);
    tower_put_lowest_first(to.begin + TOWER_HEAD_BYTES - 4, to.program_count, 4);
    PyObject* bytes = PyBytes_FromStringAndSize((const char*)to.begin, to.at - to.begin);
    if (bytes == NULL) {
      Py_CLEAR(pieces);
    } else {
      PyList_SET_ITEM(pieces, 0, bytes);
    }
  }
  PyMem_Free(to.programs);
  room = (size_t)(to.end - to.begin);
  if (room <= TOWER_MOST_KEPT_BYTES && tower_spare_bytes == NULL) {
    tower_spare_bytes = to.begin;
    tower_spare_size = room;
  } else {
    PyMem_Free(to.begin);
  }
  return pieces;
}
