// The table of identities, which knows them without holding them.
#include "schema_identity.hpp"

#include <map>
#include <mutex>

namespace keelback::cache {

namespace {

template <typename Identity>
class Interner {
 public:
  std::shared_ptr<const Identity> find(std::string_view image) {
    if (std::shared_ptr<const Identity> alive = find_alive(image)) return alive;
    auto made = std::make_unique<Identity>(image);
    std::shared_ptr<const Identity> shared(made.release(), [this](const Identity* dead) { forget(dead); });
    const std::lock_guard lock(mutex_);
    // Another thread may have been faster, or the last user of the one before slower.
    const auto place = known_.find(image);
    if (place != known_.end()) {
      if (std::shared_ptr<const Identity> alive = place->second.lock()) return alive;
      known_.erase(place);
    }
    known_.emplace(shared->image(), shared);
    return shared;
  }

  size_t count() {
    const std::lock_guard lock(mutex_);
    return known_.size();
  }

 private:
  std::shared_ptr<const Identity> find_alive(std::string_view image) {
    const std::lock_guard lock(mutex_);
    const auto place = known_.find(image);
    return place == known_.end() ? nullptr : place->second.lock();
  }

  // Takes the entry out, unless a new identity of this image stands there already.
  void forget(const Identity* dead) {
    const std::unique_ptr<const Identity> owner(dead);
    const std::lock_guard lock(mutex_);
    const auto place = known_.find(dead->image());
    // The key is a view of the image of its own identity.
    if (place != known_.end() && place->first.data() == dead->image().data()) known_.erase(place);
  }

  std::mutex mutex_;
  std::map<std::string_view, std::weak_ptr<const Identity>> known_;
};

// Never destroyed: identities may outlive the end of main.
template <typename Identity>
Interner<Identity>& interner() {
  static Interner<Identity>* const made = std::make_unique<Interner<Identity>>().release();
  return *made;
}

}  // namespace

std::shared_ptr<const SchemaIdentity> schema_identity(std::string_view image) {
  return interner<SchemaIdentity>().find(image);
}

std::shared_ptr<const SettingsIdentity> settings_identity(std::string_view image) {
  return interner<SettingsIdentity>().find(image);
}

size_t schema_identity_count() { return interner<SchemaIdentity>().count(); }

}  // namespace keelback::cache
