#include "server/output_buffer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tls {

namespace {

// Rests below this are copied to memory of their size; copying more would cost more than it spares.
constexpr size_t kCopied = 64 * 1024;
constexpr size_t kSpareBlocks = 4;

}  // namespace

// Blocks that nobody uses now. One worker, one thread.
OutputBuffer::Blocks& OutputBuffer::spare_blocks() {
    static Blocks spare;
    return spare;
}

std::unique_ptr<OutputBuffer::Block> OutputBuffer::take_block() {
    Blocks& spare = spare_blocks();
    if (spare.empty()) {
        return std::make_unique<Block>(kBlock);
    }
    std::unique_ptr<Block> block = std::move(spare.back());
    spare.pop_back();
    return block;
}

OutputBuffer::~OutputBuffer() {
    release();
}

void OutputBuffer::release() {
    if (block_ != nullptr && block_->capacity == kBlock && spare_blocks().size() < kSpareBlocks) {
        block_->first = block_->last = 0;
        spare_blocks().push_back(std::move(block_));
    }
    block_.reset();
}

// Goes on in another, which is empty.
void OutputBuffer::take(std::unique_ptr<Block> block) {
    const size_t size = unsent();
    if (size > 0) {
        std::memcpy(block->memory.get(), block_->memory.get() + block_->first, size);
    }
    release();
    block_ = std::move(block);
    block_->last = size;
}

uint8_t* OutputBuffer::room(size_t size) {
    if (block_ == nullptr || block_->capacity - block_->last < size) {
        const size_t needed = unsent() + size;
        // More than a block holds: of what steers a connection, behind a full one, than anyone expects.
        take(needed <= kBlock ? take_block() : std::make_unique<Block>(2 * needed));
    }
    return block_->memory.get() + block_->last;
}

void OutputBuffer::keep_rest() {
    const size_t size = unsent();
    if (size < kCopied && block_->capacity >= kBlock) {
        take(std::make_unique<Block>(size));
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
    while (block_->first < block_->last) {
        // All of a small socket buffer in one segment would wait for an acknowledgement that waits for a
        // second segment.
        const size_t most = wanted_ < kMostWanted ? size_t{kLeastWanted} : kBlock;
        const uint8_t* data = block_->memory.get() + block_->first;
        const ssize_t count = ::send(fd_, data, std::min(unsent(), most), MSG_NOSIGNAL);
        if (count >= 0) {
            block_->first += static_cast<size_t>(count);
            taken_ = std::min(taken_ + static_cast<uint32_t>(count), kMostWanted);
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
