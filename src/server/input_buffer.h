// Bytes from a socket that are not whole records yet, or not asked for yet.
//
// Used for all that a connection receives. They lie in one area of the worker while one connection is busy
// with them, and move to memory of their own only when another connection needs the area: a connection at
// rest holds nothing. Never waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tls {

class InputBuffer {
  public:
    // `first` are bytes that were read from the socket before.
    InputBuffer(int fd, std::vector<uint8_t> first);
    ~InputBuffer();
    InputBuffer(const InputBuffer&) = delete;
    InputBuffer& operator=(const InputBuffer&) = delete;

    // What is here. Whoever reads may write to it; both are valid until the next call of receive(), of this
    // connection or another.
    uint8_t* data();
    size_t size() const;
    void consume(size_t size);

    enum class Received { Some, Drained, Nothing, End, Failed };
    // Reads what the socket has and there is place for. Drained: some, and the socket had no more than that.
    Received receive();
    int error() const { return error_; }
    uint64_t received() const { return received_; }

    // Place for several records of the largest size.
    static constexpr size_t kArea = 5 * 17 * 1024;

  private:
    struct Area;
    static Area& area();
    bool in_area() const;
    void enter_area();
    void leave_area();

    // Bytes outside of the area; those before `first` are used up.
    struct Kept {
        std::vector<uint8_t> bytes;
        size_t first = 0;
    };
    std::unique_ptr<Kept> kept_;  // null: there are none
    uint64_t received_ = 0;
    int fd_;
    int error_ = 0;
};

}  // namespace tls
