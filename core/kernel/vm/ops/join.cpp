#include "join.hpp"

namespace keelback::vm::ops {

Signal hash_open(Machine& m, const Instruction& i) {
  std::vector<Collation> collations;
  KEELBACK_OP_TRY(m.find_collations(*i.p4.key, collations));
  m.open_cursor(i.p1, std::make_unique<HashTableCursor>(*i.p4.key, collations, static_cast<size_t>(i.p2),
                                                        static_cast<size_t>(i.p3), m.session.working_memory()));
  return Signal::next;
}

}  // namespace keelback::vm::ops
