#include "server/output_buffer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace tls {

namespace {

using Block = std::unique_ptr<uint8_t[]>;

// Rests below this are copied to memory of their size; copying more would cost more than it spares.
constexpr size_t kCopied = 64 * 1024;
constexpr size_t kSpareBlocks = 4;

// Blocks that nobody uses now. One worker, one thread.
std::vector<Block>& spare_blocks() {
    static std::vector<Block> spare;
    return spare;
}

Block take_block() {
    std::vector<Block>& spare = spare_blocks();
    if (spare.empty()) {
        return Block(new uint8_t[OutputBuffer::kBlock]);
    }
    Block block = std::move(spare.back());
    spare.pop_back();
    return block;
}

void give_block(Block block) {
    std::vector<Block>& spare = spare_blocks();
    if (spare.size() < kSpareBlocks) {
        spare.push_back(std::move(block));
    }
}

}  // namespace

OutputBuffer::~OutputBuffer() {
    release();
}

void OutputBuffer::release() {
    if (capacity_ == kBlock) {
        give_block(std::move(memory_));
    }
    memory_.reset();
    capacity_ = first_ = last_ = 0;
}

// Goes on in other memory.
void OutputBuffer::take(Block memory, size_t capacity) {
    const size_t size = unsent();
    if (size > 0) {
        std::memcpy(memory.get(), memory_.get() + first_, size);
    }
    release();
    memory_ = std::move(memory);
    capacity_ = capacity;
    last_ = size;
}

uint8_t* OutputBuffer::room(size_t size) {
    if (capacity_ - last_ < size) {
        const size_t needed = unsent() + size;
        if (needed <= kBlock) {
            take(take_block(), kBlock);
        } else {
            // More of what steers a connection than anyone expects, behind a full block.
            take(Block(new uint8_t[2 * needed]), 2 * needed);
        }
    }
    return memory_.get() + last_;
}

void OutputBuffer::keep_rest() {
    const size_t size = unsent();
    if (size < kCopied && capacity_ >= kBlock) {
        take(Block(new uint8_t[size]), size);
    }
}

// A socket that was full takes about as much when it can be written again.
void OutputBuffer::on_blocked() {
    wanted_ = std::clamp(taken_, kLeastWanted, kMostWanted);
    taken_ = 0;
}

void OutputBuffer::on_all_sent() {
    wanted_ = std::min(2 * wanted_, kMostWanted);
    release();
}

ssize_t OutputBuffer::send_through(const uint8_t* data, size_t size) {
    for (;;) {
        const ssize_t count = ::send(fd_, data, size, MSG_NOSIGNAL);
        if (count >= 0) {
            sent_ += static_cast<uint64_t>(count);
            return count;
        }
        if (errno != EINTR) {
            error_ = errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
            return -1;
        }
    }
}

OutputBuffer::Sent OutputBuffer::send() {
    if (unsent() == 0) {
        return Sent::All;
    }
    while (first_ < last_) {
        // All of a small socket buffer in one segment would wait for an acknowledgement that waits for a
        // second segment.
        const size_t most = wanted_ < kMostWanted ? kLeastWanted : kBlock;
        const ssize_t count = ::send(fd_, memory_.get() + first_, std::min(unsent(), most), MSG_NOSIGNAL);
        if (count >= 0) {
            first_ += static_cast<size_t>(count);
            taken_ += static_cast<size_t>(count);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            on_blocked();
            keep_rest();
            return Sent::Blocked;
        }
        if (errno != EINTR) {
            error_ = errno;
            release();
            return Sent::Failed;
        }
    }
    on_all_sent();
    return Sent::All;
}

}  // namespace tls
