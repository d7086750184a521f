// The shards: each a list in the order of use, and a table of chains into it.
#include "program_cache.hpp"

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <utility>

#include "../value/varint.hpp"
#include "limits.hpp"
#include "text_hash.hpp"

namespace keelback::cache {

namespace {

// Of a literal of a variant; the first three as encode_lifting writes them.
constexpr uint8_t flag_negated = 1;
constexpr uint8_t flag_small = 2;
constexpr uint8_t flag_not_small = 4;
constexpr uint8_t flag_free = 8;

// A Program for one shape: which literals are free, and how the others are spelled.
struct Variant {
  CachedStatement statement;
  std::vector<uint8_t> flags;
  std::string spellings;  // of the literals that are not free, one after the other
  std::vector<uint32_t> sizes;

  bool is_good_for(const std::vector<Literal>& literals) const {
    size_t kept = 0;
    size_t place = 0;
    for (size_t number = 0; number < literals.size(); ++number) {
      const uint8_t flag = flags[number];
      const Literal& literal = literals[number];
      if (!(flag & flag_free)) {
        const size_t size = sizes[kept++];
        if (std::string_view(spellings).substr(place, size) != literal.spelling) return false;
        place += size;
      } else if (flag & (flag_small | flag_not_small) && literal.is_small() != ((flag & flag_small) != 0)) {
        return false;
      }
    }
    return true;
  }
};

// A whole text with the values of its hidden parameters.
struct KnownText {
  std::shared_ptr<const CachedStatement> statement;
  std::vector<OwnedValue> owned;
  std::vector<Value> values;
};

// One of `known` and `variant` is there. A text without literals is its own shape and has no entry beside that.
struct Entry {
  Entry(uint64_t hash, const Surroundings& surroundings, std::string_view text, size_t bytes)
      : hash(hash), surroundings(surroundings), text(text), bytes(bytes) {}

  uint64_t hash;
  Surroundings surroundings;
  std::string text;
  std::shared_ptr<const KnownText> known;
  // The first variant, and the others: most shapes have only one.
  std::shared_ptr<const Variant> variant;
  std::vector<std::shared_ptr<const Variant>> more_variants;
  size_t bytes;
  // Of the text with literals that was served last from here.
  uint64_t last_text = 0;
  Entry* next = nullptr;  // of the same chain
  std::list<Entry>::iterator place{};

  bool is_for(uint64_t wanted_hash, const Surroundings& wanted, std::string_view wanted_text) const {
    return hash == wanted_hash && surroundings.schema == wanted.schema && surroundings.settings == wanted.settings &&
           text == wanted_text;
  }
};

uint64_t hash_of(const Surroundings& surroundings, std::string_view text) {
  return hash_text(surroundings.schema.get(), surroundings.settings.get(), text);
}

// About what a Program takes; a Program of many entries is counted for each.
size_t bytes_of(const program::Program& program) {
  size_t bytes = sizeof(program::Program) + program.byte_count + program.more_bytes;
  for (const std::string& text : program.texts) bytes += text.size();
  for (const auto& list : program.integer_lists) bytes += list.size() * sizeof(int64_t);
  for (const auto& below : program.subprograms) bytes += bytes_of(*below);
  return bytes;
}

size_t bytes_of(const Variant& variant) {
  return sizeof(Variant) + variant.flags.size() + variant.spellings.size() + variant.sizes.size() * sizeof(uint32_t) +
         bytes_of(*variant.statement.program);
}

// Fills the flags of a variant from the bytes of encode_lifting; false where they name what is no liftable literal.
bool read_lifting(std::string_view lifting, const LiftedText& lifted, Variant& variant) {
  const auto* at = reinterpret_cast<const uint8_t*>(lifting.data());
  const uint8_t* const end = at + lifting.size();
  const auto number = [&at, end](uint64_t& value) {
    const uint8_t* const next = at < end ? read_varint(at, end, value) : nullptr;
    if (next) at = next;
    return next != nullptr;
  };
  uint64_t count = 0;
  if (!lifting.empty() && !number(count)) return false;
  const std::vector<Literal>& literals = lifted.literals();
  variant.flags.assign(literals.size(), 0);
  size_t place = 0;
  for (uint64_t done = 0; done < count; ++done) {
    uint64_t start = 0;
    uint64_t flags = 0;
    if (!number(start) || !number(flags)) return false;
    while (place < literals.size() && literals[place].start < start) ++place;
    if (place == literals.size() || literals[place].start != start) return false;
    variant.flags[place++] = static_cast<uint8_t>(flags | flag_free);
  }
  for (size_t number_of_literal = 0; number_of_literal < literals.size(); ++number_of_literal) {
    if (variant.flags[number_of_literal] & flag_free) continue;
    const std::string_view spelling = literals[number_of_literal].spelling;
    variant.spellings.append(spelling);
    variant.sizes.push_back(static_cast<uint32_t>(spelling.size()));
  }
  return true;
}

}  // namespace

// A part of the entries, with a lock of its own.
class ProgramCache::Shard {
 public:
  void limit(size_t most_entries, size_t most_bytes) {
    most_entries_ = most_entries;
    most_bytes_ = most_bytes;
  }

  // The statement that is the whole text, with the values of its hidden parameters.
  std::shared_ptr<const CachedStatement> find_text(uint64_t hash, const Surroundings& surroundings,
                                                   std::string_view text, std::span<const Value>& values) {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = look_up(hash, surroundings, text);
    // A text may be spelled as the shape of others.
    if (!entry || (!entry->known && !entry->variant->flags.empty())) return nullptr;
    ++exact_hits_;
    if (entry->known) {
      values = entry->known->values;
      return {entry->known, entry->known->statement.get()};
    }
    values = {};
    return {entry->variant, &entry->variant->statement};
  }

  // text_hash: of the whole text; is_repeated: it is the text that was served last.
  std::shared_ptr<const Variant> find_variant(uint64_t hash, const Surroundings& surroundings, const LiftedText& lifted,
                                              uint64_t text_hash, bool& is_repeated) {
    const std::lock_guard lock(mutex_);
    if (Entry* const entry = look_up(hash, surroundings, lifted.shape())) {
      const std::vector<Literal>& literals = lifted.literals();
      const std::shared_ptr<const Variant>* found = entry->variant->is_good_for(literals) ? &entry->variant : nullptr;
      for (size_t place = 0; !found && place < entry->more_variants.size(); ++place) {
        if (entry->more_variants[place]->is_good_for(literals)) found = &entry->more_variants[place];
      }
      if (found) {
        ++lifted_hits_;
        is_repeated = std::exchange(entry->last_text, text_hash) == text_hash;
        return *found;
      }
    }
    note_miss();
    return nullptr;
  }

  void note_miss() { misses_.fetch_add(1, std::memory_order_relaxed); }

  void store_text(uint64_t hash, const Surroundings& surroundings, std::string_view text,
                  std::shared_ptr<const KnownText> known, size_t bytes) {
    Dropped dropped;
    const std::lock_guard lock(mutex_);
    if (look_up(hash, surroundings, text)) return;
    insert(hash, surroundings, text, bytes, dropped).known = std::move(known);
  }

  // Another thread may have stored the same: then there are two for a while.
  void store_variant(uint64_t hash, const Surroundings& surroundings, std::string_view shape,
                     std::shared_ptr<const Variant> variant, uint64_t text_hash) {
    Dropped dropped;
    std::shared_ptr<const Variant> replaced;
    const size_t bytes = bytes_of(*variant);
    const std::lock_guard lock(mutex_);
    Entry* const entry = look_up(hash, surroundings, shape);
    if (!entry) {
      Entry& made = insert(hash, surroundings, shape, bytes, dropped);
      made.variant = std::move(variant);
      made.last_text = text_hash;
      return;
    }
    entry->last_text = text_hash;
    if (entry->more_variants.size() + 1 >= most_variants) {
      replaced = std::exchange(entry->variant, std::move(entry->more_variants.front()));
      entry->more_variants.erase(entry->more_variants.begin());
      entry->bytes -= bytes_of(*replaced);
      bytes_ -= bytes_of(*replaced);
    }
    entry->more_variants.push_back(std::move(variant));
    entry->bytes += bytes;
    bytes_ += bytes;
    shrink(dropped);
  }

  void clear() {
    Dropped dropped;
    const std::lock_guard lock(mutex_);
    std::fill(chains_.begin(), chains_.end(), nullptr);
    dropped.swap(entries_);
    bytes_ = 0;
  }

  void add_to(CacheCounts& counts) {
    const std::lock_guard lock(mutex_);
    counts.entries += entries_.size();
    counts.bytes += bytes_;
    counts.exact_hits += exact_hits_;
    counts.lifted_hits += lifted_hits_;
    counts.misses += misses_.load(std::memory_order_relaxed);
  }

 private:
  // Entries that are to be destroyed when the lock is given back: what they hold may be much.
  using Dropped = std::list<Entry>;

  Entry*& chain_of(uint64_t hash) { return chains_[hash & (chains_.size() - 1)]; }

  Entry* look_up(uint64_t hash, const Surroundings& surroundings, std::string_view text) {
    if (chains_.empty()) return nullptr;
    for (Entry* entry = chain_of(hash); entry; entry = entry->next) {
      if (!entry->is_for(hash, surroundings, text)) continue;
      if (entry->place != entries_.begin()) entries_.splice(entries_.begin(), entries_, entry->place);
      return entry;
    }
    return nullptr;
  }

  Entry& insert(uint64_t hash, const Surroundings& surroundings, std::string_view text, size_t bytes,
                Dropped& dropped) {
    if (entries_.size() >= chains_.size()) grow();
    Entry& entry = entries_.emplace_front(hash, surroundings, text, bytes);
    entry.place = entries_.begin();
    entry.bytes += sizeof(Entry) + entry.text.size();
    bytes_ += entry.bytes;
    Entry*& chain = chain_of(entry.hash);
    entry.next = chain;
    chain = &entry;
    shrink(dropped);
    return entry;
  }

  void grow() {
    std::vector<Entry*> larger(std::max(chains_.size() * 2, smallest_table), nullptr);
    chains_.swap(larger);
    for (Entry& entry : entries_) {
      Entry*& chain = chain_of(entry.hash);
      entry.next = chain;
      chain = &entry;
    }
  }

  // Down to the bounds, but for the entry used last.
  void shrink(Dropped& dropped) {
    while (entries_.size() > 1 && (entries_.size() > most_entries_ || bytes_ > most_bytes_)) {
      Entry& last = entries_.back();
      Entry** link = &chain_of(last.hash);
      while (*link != &last) link = &(*link)->next;
      *link = last.next;
      bytes_ -= last.bytes;
      dropped.splice(dropped.begin(), entries_, last.place);
    }
  }

  static constexpr size_t smallest_table = 64;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the one used last in front
  std::vector<Entry*> chains_;
  size_t bytes_ = 0;
  size_t most_entries_ = 0;
  size_t most_bytes_ = 0;
  size_t exact_hits_ = 0;
  size_t lifted_hits_ = 0;
  std::atomic<size_t> misses_ = 0;
};

void Found::take(const LiftedText& lifted, std::span<const uint8_t> flags) {
  lifted_values_.clear();
  room_.clear();
  // The values are views of the room, which therefore never grows.
  room_.reserve(lifted.text().size());
  for (size_t number = 0; number < flags.size(); ++number) {
    const uint8_t flag = flags[number];
    if (flag & flag_free) {
      lifted_values_.push_back(lifted.literals()[number].value((flag & flag_negated) != 0, room_));
    }
  }
  values = lifted_values_;
  tail = lifted.end();
}

ProgramCache::ProgramCache(size_t most_entries, size_t most_bytes) : shards_(std::make_unique<Shard[]>(shard_count)) {
  for (size_t number = 0; number < shard_count; ++number) {
    shards_[number].limit(std::max<size_t>(most_entries / shard_count, 1), most_bytes / shard_count);
  }
}

ProgramCache::~ProgramCache() = default;

ProgramCache::Shard& ProgramCache::shard_of(uint64_t hash) const { return shards_[hash >> 60]; }

bool ProgramCache::find(const Surroundings& surroundings, std::string_view text, Found& found) {
  found.is_lifted_.reset();
  const bool is_short = text.size() <= most_exact_text_bytes;
  found.text_hash_ = 0;
  if (is_short) {
    const uint64_t hash = hash_of(surroundings, text);
    found.text_hash_ = hash;
    found.statement = shard_of(hash).find_text(hash, surroundings, text, found.values);
    found.tail = text.size();
    if (found.statement) return true;
  }
  found.is_lifted_ = found.lifted_.lift(text);
  if (!*found.is_lifted_) return false;
  if (is_short && found.lifted_.is_its_own_shape()) {
    // Has just been looked for.
    shards_[0].note_miss();
    return false;
  }
  const uint64_t hash = hash_of(surroundings, found.lifted_.shape());
  bool is_repeated = false;
  std::shared_ptr<const Variant> variant =
      shard_of(hash).find_variant(hash, surroundings, found.lifted_, found.text_hash_, is_repeated);
  if (!variant) return false;
  found.take(found.lifted_, variant->flags);
  const CachedStatement* const statement = &variant->statement;
  found.statement = std::shared_ptr<const CachedStatement>(std::move(variant), statement);
  if (is_repeated && is_short && found.lifted_.end() == text.size()) keep_text(surroundings, text, found);
  return true;
}

bool ProgramCache::store(const Surroundings& surroundings, std::string_view text, size_t tail, std::string_view lifting,
                         CachedStatement statement, Found& found) {
  auto variant = std::make_shared<Variant>();
  variant->statement = std::move(statement);
  const auto hidden = static_cast<size_t>(variant->statement.program->hidden_parameter_count);
  const CachedStatement* const shared = &variant->statement;
  // A text that was just looked for is the same, literal for literal.
  const bool is_known = found.is_lifted_.has_value() && found.lifted_.text().data() == text.data() &&
                        found.lifted_.text().size() == text.size();
  const bool is_lifted = is_known ? *found.is_lifted_ : found.lifted_.lift(text);
  found.is_lifted_.reset();
  const bool is_storable = is_lifted && found.lifted_.end() == tail && read_lifting(lifting, found.lifted_, *variant);
  if (is_storable) {
    found.take(found.lifted_, variant->flags);
  } else {
    found.values = {};
    found.tail = tail;
  }
  if (found.values.size() != hidden) return false;
  found.statement = std::shared_ptr<const CachedStatement>(variant, shared);
  if (!is_storable) return true;
  if (!is_known) found.text_hash_ = text.size() <= most_exact_text_bytes ? hash_of(surroundings, text) : 0;
  const uint64_t hash = hash_of(surroundings, found.lifted_.shape());
  shard_of(hash).store_variant(hash, surroundings, found.lifted_.shape(), std::move(variant), found.text_hash_);
  return true;
}

void ProgramCache::keep_text(const Surroundings& surroundings, std::string_view text, const Found& found) {
  auto known = std::make_shared<KnownText>();
  known->statement = found.statement;
  size_t bytes = sizeof(KnownText);
  known->owned.reserve(found.values.size());
  known->values.reserve(found.values.size());
  for (const Value& value : found.values) {
    known->values.push_back(known->owned.emplace_back(value).value());
    bytes += sizeof(OwnedValue) + sizeof(Value) + (value.has_bytes() ? value.size() : 0);
  }
  const uint64_t hash = hash_of(surroundings, text);
  shard_of(hash).store_text(hash, surroundings, text, std::move(known), bytes);
}

void ProgramCache::clear() {
  for (size_t number = 0; number < shard_count; ++number) shards_[number].clear();
}

CacheCounts ProgramCache::counts() const {
  CacheCounts counts;
  for (size_t number = 0; number < shard_count; ++number) shards_[number].add_to(counts);
  return counts;
}

ProgramCache& program_cache() {
  // Never destroyed: statements may outlive the end of main.
  static ProgramCache* const made = std::make_unique<ProgramCache>(most_entries, most_bytes).release();
  return *made;
}

}  // namespace keelback::cache
