#include "sort.hpp"

#include "../ephemeral.hpp"

namespace keelback::vm::ops {

Signal open_ephemeral(Machine& m, const Instruction& i) {
  const WorkingMemory memory = m.session.working_memory();
  if (i.p4_kind == program::Operand4Kind::key) {
    std::vector<Collation> collations;
    KEELBACK_OP_TRY(m.find_collations(*i.p4.key, collations));
    auto normaliser = std::make_shared<const KeyNormaliser>(*i.p4.key, std::move(collations));
    auto tree = std::make_shared<EphemeralTree>(std::move(normaliser), memory);
    m.open_cursor(i.p1, std::make_unique<EphemeralIndexCursor>(std::move(tree)));
  } else {
    auto tree = std::make_shared<EphemeralTree>(nullptr, memory);
    m.open_cursor(i.p1, std::make_unique<EphemeralTableCursor>(std::move(tree)));
  }
  return Signal::next;
}

Signal sorter_open(Machine& m, const Instruction& i) {
  std::vector<Collation> collations;
  KEELBACK_OP_TRY(m.find_collations(*i.p4.key, collations));
  m.open_cursor(i.p1,
                std::make_unique<SorterCursor>(KeyNormaliser(*i.p4.key, std::move(collations)),
                                               i.p3 > 0 ? static_cast<size_t>(i.p3) : 0, m.session.working_memory()));
  return Signal::next;
}

}  // namespace keelback::vm::ops
