// PageImages: old contents of pages by their numbers, in memory while they are few, then in a temporary file.
//
// 1. All images of a pager share one ImageFile; its bytes are given back when no images are left in it.
// 2. An image is kept once and not changed.
//
// Must not know: what the images are for. Twin: the dictionary of reference/storage/savepoint.py.
#ifndef KEELBACK_STORAGE_PAGE_IMAGES_HPP
#define KEELBACK_STORAGE_PAGE_IMAGES_HPP

#include <cstring>
#include <limits>
#include <memory>
#include <unordered_map>

#include "page.hpp"
#include "temporary_file.hpp"

namespace keelback::storage {

// Where images go that are too many for memory.
struct ImageFile {
  explicit ImageFile(Vfs& vfs) : file(vfs) {}

  TemporaryFile file;
  uint64_t image_count = 0;  // in the file
  size_t bytes_in_memory = 0;
  size_t most_in_memory = std::numeric_limits<size_t>::max();
};

class PageImages {
 public:
  PageImages(ImageFile& store, uint32_t page_size) : store_(&store), page_size_(page_size) {}
  PageImages(PageImages&& other) noexcept = default;
  PageImages& operator=(PageImages&&) = delete;
  ~PageImages() { clear(); }

  bool contains(uint32_t number) const { return images_.contains(number); }
  // Keep the content of a page. FULL, CANTOPEN, IOERR_*.
  Status keep(const Page& page) {
    Image image;
    if (store_->bytes_in_memory + page_size_ <= store_->most_in_memory) {
      image.bytes = std::make_unique_for_overwrite<uint8_t[]>(page_size_);
      std::memcpy(image.bytes.get(), page.data, page_size_);
      images_.emplace(page.number, std::move(image));
      store_->bytes_in_memory += page_size_;
      return ok_status;
    }
    image.offset = store_->file.size();
    const auto place = images_.emplace(page.number, std::move(image)).first;
    const Status status = store_->file.append({page.data, page_size_});
    if (!status.is_ok()) {
      images_.erase(place);
      return status;
    }
    ++store_->image_count;
    return ok_status;
  }
  // Hand all images to `take(number, read)`, where `Status read(uint8_t* out)` gives the bytes.
  template <typename Take>
  Status for_each(Take take) {
    for (const auto& [number, kept] : images_) {
      const Image& image = kept;  // clang 14 captures no structured binding
      const auto read = [&](uint8_t* out) -> Status {
        if (!image.bytes) return store_->file.read(out, page_size_, image.offset);
        std::memcpy(out, image.bytes.get(), page_size_);
        return ok_status;
      };
      KEELBACK_TRY(take(number, read));
    }
    return ok_status;
  }

 private:
  struct Image {
    std::unique_ptr<uint8_t[]> bytes;  // empty: at `offset` of the file
    uint64_t offset = 0;
  };

  void clear() noexcept {
    uint64_t in_file = 0;
    for (const auto& [number, image] : images_) {
      if (image.bytes) {
        store_->bytes_in_memory -= page_size_;
      } else {
        ++in_file;
      }
    }
    store_->image_count -= in_file;
    // What could not be cut off goes with the file.
    if (in_file && store_->image_count == 0) static_cast<void>(store_->file.clear().is_ok());
  }

  ImageFile* store_;
  uint32_t page_size_;
  std::unordered_map<uint32_t, Image> images_;
};

}  // namespace keelback::storage

#endif
