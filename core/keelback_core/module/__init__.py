"""What a virtual table is to both towers: the questions of the planner, and the rows that the VM asks for."""
