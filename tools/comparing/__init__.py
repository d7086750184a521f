"""Random statements, run on Keelback and on real SQLite: the generator, the runners, the comparison."""
