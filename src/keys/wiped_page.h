// Memory of its own for secrets that are made ahead: a child of a fork finds it empty, a core dump lacks it.
//
// Used where something must never be handed out twice. The kernel clears its pages in the child, so nobody
// has to notice the fork; where it cannot, there is no such memory.
#pragma once

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <type_traits>

namespace tls {

// `T` must mean "nothing" when all its bytes are zero.
template <class T>
class WipedPage {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    WipedPage() {
        void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            return;
        }
        if (madvise(memory, kSize, MADV_WIPEONFORK) != 0) {
            munmap(memory, kSize);
            return;
        }
        // A wish only.
        madvise(memory, kSize, MADV_DONTDUMP);
        value_ = static_cast<T*>(memory);
    }
    ~WipedPage() {
        if (value_ != nullptr) {
            OPENSSL_cleanse(value_, sizeof(T));
            munmap(value_, kSize);
        }
    }
    WipedPage(const WipedPage&) = delete;
    WipedPage& operator=(const WipedPage&) = delete;

    // Null when the system cannot do it.
    T* get() const { return value_; }

  private:
    static constexpr size_t kPage = 4096;
    static constexpr size_t kSize = (sizeof(T) + kPage - 1) / kPage * kPage;

    T* value_ = nullptr;
};

}  // namespace tls
