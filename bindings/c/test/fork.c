/* Forks after the engine has started; parent and child both go on, the child with connections of its own. */
#include <keelback/sqlite3.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int answer(void) {
  sqlite3* db = NULL;
  sqlite3_stmt* statement = NULL;
  int value = -1;
  if (sqlite3_open(":memory:", &db) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "SELECT 6*7", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    value = sqlite3_column_int(statement, 0);
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

int main(void) {
  if (answer() != 42) return 1;
  pid_t child = fork();
  if (child == 0) {
    pid_t grandchild = fork();
    if (grandchild == 0) _exit(answer());
    int status = 0;
    waitpid(grandchild, &status, 0);
    _exit(WIFEXITED(status) && WEXITSTATUS(status) == 42 ? answer() : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("%d %d\n", answer(), WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return 0;
}
