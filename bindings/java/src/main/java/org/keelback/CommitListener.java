package org.keelback;

/** Told of the ends of transactions. */
public interface CommitListener {
  /** Before a commit; an exception makes it a rollback. */
  void onCommit();

  void onRollback();
}
