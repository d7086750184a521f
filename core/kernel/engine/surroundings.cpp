#include "surroundings.hpp"

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

bool ConnectionSurroundings::read_schemas(Databases databases, std::span<const std::string> names) {
  std::string image;
  cookies_.assign(databases.size(), 0);
  for (size_t number = 0; number < databases.size(); ++number) {
    if (number < names.size()) image.append(names[number]);
    image.push_back('\0');
    image.push_back(databases[number] ? '\1' : '\0');
    if (!databases[number]) continue;
    if (!append_schema_image(*databases[number], image, cookies_[number]).is_ok()) return false;
  }
  surroundings_.schema = cache::schema_identity(image);
  return true;
}

bool ConnectionSurroundings::is_for(const program::Program& program) const {
  for (const auto& [database, cookie] : program.schema_cookies) {
    const auto number = static_cast<size_t>(database);
    if (number >= cookies_.size() || cookies_[number] != static_cast<uint32_t>(cookie)) return false;
  }
  return true;
}

}  // namespace keelback::engine
