// ConnectionSurroundings: what the programs of a connection depend on beside their texts, as keys of the program cache.
//
// 1. The schemas' part is read from the databases when it is first needed, and of a database again after
// `forget_schema`.
//    The compile tower, which may come to read a schema much later, is given the rows that stand here: PRAGMA
//    writable_schema lets a connection change the rows and go on with what it had read before.
// 2. The settings' part is what Python tells of its settings; before Python runs, what is going to be told to it.
// 3. Where a database cannot be read there are none: then the compile tower is asked, which says why.
//
// Must not know: statements, the cache.
#ifndef KEELBACK_ENGINE_SURROUNDINGS_HPP
#define KEELBACK_ENGINE_SURROUNDINGS_HPP

#include <span>

#include "../cache/program_cache.hpp"
#include "../storage/database.hpp"
#include "schema_image.hpp"

namespace keelback::engine {

class ConnectionSurroundings {
 public:
  using Databases = std::span<const std::unique_ptr<storage::Database>>;

  // number: of a database; -1: of all.
  void forget_schema(int number);
  // A database has come, or the one of that number has gone.
  void note_attached() { surroundings_.schema.reset(); }
  void note_detached(int number);
  // The settings have become others; `settings` stands for them.
  void set_settings(std::string settings);
  // Null where a database cannot be read. defers_foreign_keys: of the session, which programs depend on too.
  const cache::Surroundings* find(Databases databases, std::span<const std::string> names, bool defers_foreign_keys);
  // The same for the programs of blob handles, whose keys are no texts that anybody may prepare.
  const cache::Surroundings* find_for_blobs(Databases databases, std::span<const std::string> names,
                                            bool defers_foreign_keys);
  // The rows of the schema, or of a table of statistics, as they were read. False where that cannot be told.
  bool rows_of(Databases databases, std::span<const std::string> names, size_t number, uint32_t root,
               std::string_view& rows);
  // Whether a program was compiled for the schemas that these surroundings stand for.
  bool is_for(const program::Program& program) const;

 private:
  bool read_schemas(Databases databases, std::span<const std::string> names);

  cache::Surroundings surroundings_;
  cache::Surroundings of_blobs_;
  // Of the databases, where they stand in the last image.
  std::vector<SchemaPart> parts_;
  std::shared_ptr<const cache::SchemaIdentity> image_;
  std::string settings_;
  bool defers_foreign_keys_ = false;
};

}  // namespace keelback::engine

#endif
