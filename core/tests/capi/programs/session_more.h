// Commands of session.c about rebasing, changes that a program makes itself, and what newer versions of SQLite have.
static sqlite3_rebaser* rebaser;
static sqlite3_changegroup* making;

static void show_message(int code, char* message) {
  printf("  = %d %s\n", code, message == NULL ? "" : message);
  sqlite3_free(message);
}

static int put_value(int is_new, int column, const char* type, const char* value) {
  if (type[0] == 'i') return sqlite3changegroup_change_int64(making, is_new, column, atoll(value));
  if (type[0] == 'd') return sqlite3changegroup_change_double(making, is_new, column, atof(value));
  if (type[0] == 't') return sqlite3changegroup_change_text(making, is_new, column, value, -1);
  if (type[0] == 'b') return sqlite3changegroup_change_blob(making, is_new, column, value, (int)strlen(value));
  return sqlite3changegroup_change_null(making, is_new, column);
}

// Whether it was one of them.
static int run_more(char* line) {
  char word[2][200] = {"", ""};
  int one = 0, two = 0, three = 0;
  char* message = NULL;
  if (sscanf(line, "config %d %d", &one, &two) == 2) {
    printf("  = %d", sqlite3session_object_config(session, one, &two));
    printf(" %d\n", two);
  } else if (sscanf(line, "apply_rebase %199s %d %d %199s %d", word[0], &one, &two, word[1], &three) == 5) {
    empty(three);
    printf("  = %d\n", sqlite3changeset_apply_v2(database_of(word[0]), slots[one].size, slots[one].bytes, NULL,
                                                 on_conflict, word[1], &slots[three].bytes, &slots[three].size, two));
    printf("  says %s\n", sqlite3_errmsg(database_of(word[0])));
    print_bytes(three);
  } else if (strcmp(line, "rebaser") == 0) {
    if (rebaser != NULL) sqlite3rebaser_delete(rebaser);
    printf("  = %d\n", sqlite3rebaser_create(&rebaser));
  } else if (sscanf(line, "configure %d", &one) == 1) {
    printf("  = %d\n", sqlite3rebaser_configure(rebaser, slots[one].size, slots[one].bytes));
  } else if (sscanf(line, "rebase %d %d", &one, &two) == 2) {
    empty(two);
    printf("  = %d\n",
           sqlite3rebaser_rebase(rebaser, slots[one].size, slots[one].bytes, &slots[two].size, &slots[two].bytes));
    print_bytes(two);
  } else if (sscanf(line, "rebase_stream %d %d", &one, &two) == 2) {
    struct Reading reading = {one, 0};
    empty(two);
    printf("  = %d\n", sqlite3rebaser_rebase_strm(rebaser, read_piece, &reading, write_piece, &two));
    print_bytes(two);
  } else if (strcmp(line, "making") == 0) {
    if (making != NULL) sqlite3changegroup_delete(making);
    printf("  = %d\n", sqlite3changegroup_new(&making));
  } else if (sscanf(line, "making_config %d", &one) == 1) {
    printf("  = %d", sqlite3changegroup_config(making, SQLITE_CHANGEGROUP_CONFIG_PATCHSET, &one));
    printf(" %d\n", one);
  } else if (sscanf(line, "making_schema %199s %199s", word[0], word[1]) == 2) {
    printf("  = %d\n", sqlite3changegroup_schema(making, database_of(word[0]), word[1]));
  } else if (sscanf(line, "making_add %d", &one) == 1) {
    printf("  = %d\n", sqlite3changegroup_add(making, slots[one].size, slots[one].bytes));
  } else if (sscanf(line, "begin %d %199s %d", &one, word[0], &two) == 3) {
    const int code = sqlite3changegroup_change_begin(making, one, word[0], two, &message);
    show_message(code, message);
  } else if (sscanf(line, "put %d %d %199s %199s", &one, &two, word[0], word[1]) >= 3) {
    printf("  = %d\n", put_value(one, two, word[0], word[1]));
  } else if (sscanf(line, "finish %d", &one) == 1) {
    const int code = sqlite3changegroup_change_finish(making, one, &message);
    show_message(code, message);
  } else if (sscanf(line, "making_output %d", &one) == 1) {
    empty(one);
    printf("  = %d\n", sqlite3changegroup_output(making, &slots[one].size, &slots[one].bytes));
    print_bytes(one);
  } else {
    return 0;
  }
  return 1;
}

static void end_more(void) {
  if (rebaser != NULL) sqlite3rebaser_delete(rebaser);
  if (making != NULL) sqlite3changegroup_delete(making);
}
