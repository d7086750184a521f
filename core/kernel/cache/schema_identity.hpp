// Identities: what a Program depends on beside its text, made small, so that equality is equality of pointers.
//
// 1. An identity stands for an image, which is any bytes: of a schema, all that compiling reads of it (the rows of
//    sqlite_schema and of the statistics, cookie, encoding, file format); of the settings, what of them it reads.
// 2. Equal images have one identity as long as anyone holds it; the comparison is of all their bytes, never of a hash
//    alone. An identity ends with its last user, among whom are the entries of the program cache.
// 3. Any thread may ask.
//
// Must not know: what an image says. Who makes images: core/kernel/engine.
#ifndef KEELBACK_CACHE_SCHEMA_IDENTITY_HPP
#define KEELBACK_CACHE_SCHEMA_IDENTITY_HPP

#include <memory>
#include <string>
#include <string_view>

namespace keelback::cache {

class SchemaIdentity {
 public:
  explicit SchemaIdentity(std::string_view image) : image_(image) {}
  std::string_view image() const { return image_; }

 private:
  std::string image_;
};

class SettingsIdentity {
 public:
  explicit SettingsIdentity(std::string_view image) : image_(image) {}
  std::string_view image() const { return image_; }

 private:
  std::string image_;
};

// The one identity of an image.
std::shared_ptr<const SchemaIdentity> schema_identity(std::string_view image);
std::shared_ptr<const SettingsIdentity> settings_identity(std::string_view image);

// How many different images are held now.
size_t schema_identity_count();

}  // namespace keelback::cache

#endif
