#include "surroundings.hpp"

#include <utility>

#include "schema_image.hpp"

namespace keelback::engine {

void ConnectionSurroundings::set_settings(std::string settings) {
  if (settings == settings_) return;
  settings_ = std::move(settings);
  surroundings_.settings.reset();
}

const cache::Surroundings* ConnectionSurroundings::find(Databases databases, std::span<const std::string> names,
                                                        bool defers_foreign_keys) {
  if (!surroundings_.settings || defers_foreign_keys != defers_foreign_keys_) {
    defers_foreign_keys_ = defers_foreign_keys;
    surroundings_.settings = cache::settings_identity(defers_foreign_keys ? settings_ + "\ndefers" : settings_);
  }
  if (!surroundings_.schema && !read_schemas(databases, names)) return nullptr;
  return &surroundings_;
}

const cache::Surroundings* ConnectionSurroundings::find_for_blobs(Databases databases,
                                                                  std::span<const std::string> names,
                                                                  bool defers_foreign_keys) {
  const cache::Surroundings* found = find(databases, names, defers_foreign_keys);
  if (!found) return nullptr;
  of_blobs_ = {found->schema, cache::settings_identity(settings_ + "\nblobs")};
  return &of_blobs_;
}

void ConnectionSurroundings::forget_schema(int number) {
  surroundings_.schema.reset();
  if (number < 0) {
    parts_.clear();
  } else if (static_cast<size_t>(number) < parts_.size()) {
    parts_[static_cast<size_t>(number)].is_known = false;
  }
}

void ConnectionSurroundings::note_detached(int number) {
  surroundings_.schema.reset();
  if (static_cast<size_t>(number) < parts_.size()) parts_.erase(parts_.begin() + number);
}

bool ConnectionSurroundings::read_schemas(Databases databases, std::span<const std::string> names) {
  std::string image;
  std::vector<SchemaPart> parts = parts_;
  parts.resize(databases.size());
  for (size_t number = 0; number < databases.size(); ++number) {
    if (number < names.size()) image.append(names[number]);
    image.push_back('\0');
    image.push_back(databases[number] ? '\1' : '\0');
    SchemaPart& part = parts[number];
    if (!databases[number]) {
      part = {};
    } else if (part.is_known) {
      const std::string_view known = image_->image().substr(part.offset, part.size);
      part.offset = image.size();
      image.append(known);
    } else if (!append_schema_image(*databases[number], image, part).is_ok()) {
      return false;
    }
  }
  surroundings_.schema = cache::schema_identity(image);
  image_ = surroundings_.schema;
  parts_ = std::move(parts);
  return true;
}

bool ConnectionSurroundings::rows_of(Databases databases, std::span<const std::string> names, size_t number,
                                     uint32_t root, std::string_view& rows) {
  if (number >= databases.size() || !databases[number]) return false;
  uint32_t cookie = 0;
  if (!databases[number]->get_meta(storage::meta_schema_cookie, cookie).is_ok()) return false;
  if (number < parts_.size() && parts_[number].cookie != cookie) forget_schema(static_cast<int>(number));
  if (!surroundings_.schema && !read_schemas(databases, names)) return false;
  const SchemaPart& part = parts_[number];
  for (const TreeRows& tree : part.trees) {
    if (tree.root != root) continue;
    rows = image_->image().substr(part.offset + tree.offset, tree.size);
    return true;
  }
  return false;
}

bool ConnectionSurroundings::is_for(const program::Program& program) const {
  for (const auto& [database, cookie] : program.schema_cookies) {
    const auto number = static_cast<size_t>(database);
    if (number >= parts_.size() || parts_[number].cookie != static_cast<uint32_t>(cookie)) return false;
  }
  return true;
}

}  // namespace keelback::engine
