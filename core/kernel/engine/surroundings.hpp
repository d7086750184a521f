// ConnectionSurroundings: what the programs of a connection depend on beside their texts, as keys of the program cache.
//
// 1. The schema's part is read from the databases when it is first needed, and again after `forget_schema`.
// 2. The settings' part is what Python tells of its settings; before Python runs, what is going to be told to it.
// 3. Where a database cannot be read there are none: then the compile tower is asked, which says why.
//
// Must not know: statements, the cache.
#ifndef KEELBACK_ENGINE_SURROUNDINGS_HPP
#define KEELBACK_ENGINE_SURROUNDINGS_HPP

#include <span>

#include "../cache/program_cache.hpp"
#include "../storage/database.hpp"

namespace keelback::engine {

class ConnectionSurroundings {
 public:
  using Databases = std::span<const std::unique_ptr<storage::Database>>;

  void forget_schema() { surroundings_.schema.reset(); }
  // The settings have become others; `settings` stands for them.
  void set_settings(std::string settings);
  // Null where a database cannot be read. defers_foreign_keys: of the session, which programs depend on too.
  const cache::Surroundings* find(Databases databases, std::span<const std::string> names, bool defers_foreign_keys);
  // The same for the programs of blob handles, whose keys are no texts that anybody may prepare.
  const cache::Surroundings* find_for_blobs(Databases databases, std::span<const std::string> names,
                                            bool defers_foreign_keys);
  // Whether a program was compiled for the schemas that these surroundings stand for.
  bool is_for(const program::Program& program) const;

 private:
  bool read_schemas(Databases databases, std::span<const std::string> names);

  cache::Surroundings surroundings_;
  cache::Surroundings of_blobs_;
  std::vector<uint32_t> cookies_;
  std::string settings_;
  bool defers_foreign_keys_ = false;
};

}  // namespace keelback::engine

#endif
