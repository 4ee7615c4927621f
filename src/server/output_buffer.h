// Bytes on their way to a socket: collected, sent many at once, and kept where the socket takes no more.
//
// Used for all that a connection of own records sends. A large block is borrowed from the worker while there
// is something to collect and given back when all is sent, so that a connection at rest holds nothing and one
// with a small rest holds no more than that. Never waits.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tls {

class OutputBuffer {
  public:
    explicit OutputBuffer(int fd) : fd_(fd) {}
    ~OutputBuffer();
    OutputBuffer(const OutputBuffer&) = delete;
    OutputBuffer& operator=(const OutputBuffer&) = delete;

    // `size` bytes of memory behind what is there; what is written to them counts with add(). Valid until the
    // next call of anything here.
    uint8_t* room(size_t size);
    void add(size_t size) {
        block_->last += size;
        sent_ += size;
    }
    size_t unsent() const { return block_ != nullptr ? block_->last - block_->first : 0; }

    enum class Sent { All, Blocked, Failed };
    // Sends what the socket takes. After Failed errno is in error(), and what was there is gone.
    Sent send();
    // Past what is collected, which must be nothing: the count that the socket took, or -1 with errno in
    // error(), where 0 means that it takes nothing now.
    ssize_t send_through(const uint8_t* data, size_t size);
    int error() const { return error_; }
    // All that was given to be sent so far.
    uint64_t sent() const { return sent_; }

    // How much should be collected before it is sent: less for a socket that takes less.
    size_t wanted() const { return wanted_; }

    static constexpr size_t kBlock = 288 * 1024;
    static constexpr uint32_t kMostWanted = 256 * 1024;
    static constexpr uint32_t kLeastWanted = 16 * 1024;

  private:
    // Memory, and what of it is in use.
    struct Block {
        explicit Block(size_t size) : memory(new uint8_t[size]), capacity(size) {}
        std::unique_ptr<uint8_t[]> memory;
        size_t capacity;
        size_t first = 0;
        size_t last = 0;
    };
    using Blocks = std::vector<std::unique_ptr<Block>>;
    static Blocks& spare_blocks();
    static std::unique_ptr<Block> take_block();

    void take(std::unique_ptr<Block> block);
    void release();
    void keep_rest();
    void on_blocked();
    void on_all_sent();

    std::unique_ptr<Block> block_;  // null: nothing is here
    uint64_t sent_ = 0;
    int fd_;
    int error_ = 0;
    uint32_t wanted_ = kMostWanted;
    uint32_t taken_ = 0;  // by the socket since it was full; as far as it counts
};

}  // namespace tls
