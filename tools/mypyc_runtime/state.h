/* What takes the place of the small methods of `ParserState` of keelback_core/compiler/sql/parser/state.py in the
 * compiled tower: a parse asks for each token some ten times.
 *
 * Included where mypyc's `advance` was. What is behind the end of a list is an IndexError, as in Python's form.
 */
typedef keelback_core___compiler___sql___parser___state___ParserStateObject tower_parser;

static inline PyObject* tower_ends_of(const tower_parser* parser) {
  return ((keelback_core___compiler___sql___lexer___LexerObject*)parser->_lexer)->_ends;
}

static inline Py_ssize_t tower_place_of(const tower_parser* parser) { return (Py_ssize_t)parser->_position >> 1; }

/* Of a list of numbers; CPY_INT_TAG where it ends before. Below zero is counted from its end. */
static inline CPyTagged tower_number_at(PyObject* list, Py_ssize_t place) {
  if (unlikely((size_t)place >= (size_t)PyList_GET_SIZE(list))) {
    PyObject* found = CPyList_GetItem(list, (CPyTagged)place << 1);
    if (found == NULL) return CPY_INT_TAG;
    const CPyTagged number = CPyTagged_FromObject(found);
    Py_DECREF(found);
    return number;
  }
  return CPyTagged_BorrowFromObject(PyList_GET_ITEM(list, place));
}

static inline bool tower_advance(tower_parser* parser) {
  const Py_ssize_t place = tower_place_of(parser) + 1;
  if (unlikely(place >= PyList_GET_SIZE(parser->_kinds)) && CPyDef_lexer___Lexer___lex_statement(parser->_lexer) == 2) {
    return false;
  }
  const CPyTagged kind = tower_number_at(parser->_kinds, place);
  if (unlikely(kind == CPY_INT_TAG)) return false;
  parser->_position = (CPyTagged)place << 1;
  parser->_kind = kind;
  return true;
}

char CPyDef_state___ParserState___advance(PyObject* self) { return tower_advance((tower_parser*)self) ? 1 : 2; }

char CPyDef_state___ParserState___accept(PyObject* self, CPyTagged kind) {
  tower_parser* parser = (tower_parser*)self;
  if (parser->_kind != kind) return 0;
  return tower_advance(parser) ? 1 : 2;
}

CPyTagged CPyDef_state___ParserState___start(PyObject* self) {
  const tower_parser* parser = (const tower_parser*)self;
  return tower_number_at(parser->_starts, tower_place_of(parser));
}

CPyTagged CPyDef_state___ParserState___previous_end(PyObject* self) {
  const tower_parser* parser = (const tower_parser*)self;
  return tower_number_at(tower_ends_of(parser), tower_place_of(parser) - 1);
}

/* Pieces of texts. Statements name the same few things again and again: one object for each has its hash already, and is
 * found in a dictionary without a look at its letters. */
#define TOWER_MOST_NAME_BYTES 16
#define TOWER_NAME_PLACES 512

static PyObject* tower_names[TOWER_NAME_PLACES];

static inline uint64_t tower_word(const unsigned char* at, size_t size) {
  uint64_t word = 0;
  memcpy(&word, at, size);
  return word;
}

static PyObject* tower_new_piece(const unsigned char* at, size_t size) {
  PyObject* made = PyUnicode_New((Py_ssize_t)size, 0x7F);
  if (likely(made != NULL)) memcpy(PyUnicode_DATA(made), at, size);
  return made;
}

/* A text of ASCII. */
static PyObject* tower_piece(const unsigned char* at, size_t size) {
  if (size == 0 || size > TOWER_MOST_NAME_BYTES) return tower_new_piece(at, size);
  /* Two words that overlap, or one byte three times. */
  const uint64_t odd = 0x9E3779B97F4A7C15;
  uint64_t first, last;
  if (size >= 8) {
    first = tower_word(at, 8);
    last = tower_word(at + size - 8, 8);
  } else if (size >= 4) {
    first = tower_word(at, 4);
    last = tower_word(at + size - 4, 4);
  } else {
    first = at[0];
    last = (uint64_t)at[size / 2] << 8 | at[size - 1];
  }
  PyObject** place = &tower_names[((first + size) * odd ^ last * (odd << 1 | 1)) >> 55];
  PyObject* known = *place;
  if (likely(known != NULL) && (size_t)PyUnicode_GET_LENGTH(known) == size &&
      memcmp(PyUnicode_DATA(known), at, size) == 0) {
    Py_INCREF(known);
    return known;
  }
  PyObject* made = tower_new_piece(at, size);
  if (unlikely(made == NULL)) return NULL;
  Py_INCREF(made);
  *place = made;
  Py_XDECREF(known);
  return made;
}

static inline PyObject* tower_slice(PyObject* text, Py_ssize_t start, Py_ssize_t end) {
  if (likely(PyUnicode_IS_COMPACT_ASCII(text) && 0 <= start && start <= end && end <= PyUnicode_GET_LENGTH(text))) {
    return tower_piece((const unsigned char*)PyUnicode_DATA(text) + start, (size_t)(end - start));
  }
  return PyUnicode_Substring(text, start, end);
}

PyObject* CPyDef_state___ParserState___token_text(PyObject* self) {
  const tower_parser* parser = (const tower_parser*)self;
  const CPyTagged start = tower_number_at(parser->_starts, tower_place_of(parser));
  if (unlikely(start == CPY_INT_TAG)) return NULL;
  const CPyTagged end = tower_number_at(tower_ends_of(parser), tower_place_of(parser));
  if (unlikely(end == CPY_INT_TAG)) return NULL;
  return tower_slice(parser->_text, (Py_ssize_t)start >> 1, (Py_ssize_t)end >> 1);
}

/* As SPACES of keelback_core/compiler/sql/lexer.py. */
static inline bool tower_is_space(Py_UCS4 character) {
  return character == ' ' || character == '\t' || character == '\n' || character == '\f' || character == '\r';
}

PyObject* CPyDef_state___ParserState___trimmed(PyObject* self, CPyTagged start, CPyTagged end) {
  PyObject* text = ((const tower_parser*)self)->_text;
  Py_ssize_t first = (Py_ssize_t)start >> 1, last = (Py_ssize_t)end >> 1;
  while (first < last && tower_is_space(PyUnicode_READ_CHAR(text, last - 1))) last--;
  while (first < last && tower_is_space(PyUnicode_READ_CHAR(text, first))) first++;
  return tower_slice(text, first, last);
}
