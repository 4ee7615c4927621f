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
        last_ += size;
        sent_ += size;
    }
    size_t unsent() const { return last_ - first_; }

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
    static constexpr size_t kMostWanted = 256 * 1024;
    static constexpr size_t kLeastWanted = 16 * 1024;

  private:
    void take(std::unique_ptr<uint8_t[]> memory, size_t capacity);
    void release();
    void keep_rest();
    void on_blocked();
    void on_all_sent();

    int fd_;
    std::unique_ptr<uint8_t[]> memory_;
    size_t capacity_ = 0;
    size_t first_ = 0;
    size_t last_ = 0;
    size_t wanted_ = kMostWanted;
    size_t taken_ = 0;  // by the socket since it was full
    uint64_t sent_ = 0;
    int error_ = 0;
};

}  // namespace tls
