#include "server/input_buffer.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tls {

struct InputBuffer::Area {
    std::array<uint8_t, kArea> bytes;
    size_t first = 0;
    size_t last = 0;
    InputBuffer* user = nullptr;
};

InputBuffer::Area& InputBuffer::area() {
    static Area one;
    return one;
}

InputBuffer::InputBuffer(int fd, std::vector<uint8_t> first) : fd_(fd) {
    if (!first.empty()) {
        kept_ = std::make_unique<Kept>(Kept{std::move(first)});
    }
}

InputBuffer::~InputBuffer() {
    if (in_area()) {
        area().user = nullptr;
    }
}

bool InputBuffer::in_area() const {
    return area().user == this;
}

uint8_t* InputBuffer::data() {
    if (in_area()) {
        return area().bytes.data() + area().first;
    }
    return kept_ != nullptr ? kept_->bytes.data() + kept_->first : nullptr;
}

size_t InputBuffer::size() const {
    if (in_area()) {
        return area().last - area().first;
    }
    return kept_ != nullptr ? kept_->bytes.size() - kept_->first : 0;
}

void InputBuffer::consume(size_t size) {
    if (in_area()) {
        area().first += size;
        if (area().first == area().last) {
            area().user = nullptr;
        }
        return;
    }
    if (kept_ == nullptr) {
        return;
    }
    kept_->first += size;
    if (kept_->first == kept_->bytes.size()) {
        kept_.reset();
    }
}

// Another connection needs the area.
void InputBuffer::leave_area() {
    Area& from = area();
    const uint8_t* bytes = from.bytes.data();
    kept_ = std::make_unique<Kept>();
    kept_->bytes.assign(bytes + from.first, bytes + from.last);
    from.user = nullptr;
}

// What is here stands at the area's beginning afterwards.
void InputBuffer::enter_area() {
    Area& to = area();
    if (to.user != this && to.user != nullptr) {
        to.user->leave_area();
    }
    const size_t count = size();
    if (count > 0) {
        std::memmove(to.bytes.data(), data(), count);
    }
    kept_.reset();
    to.user = this;
    to.first = 0;
    to.last = count;
}

InputBuffer::Received InputBuffer::receive() {
    if (size() > kArea / 2 && !in_area()) {
        // Bytes from before the handshake, which are read first.
        return Received::Nothing;
    }
    enter_area();
    Area& to = area();
    const size_t room = to.bytes.size() - to.last;
    for (;;) {
        const ssize_t count = recv(fd_, to.bytes.data() + to.last, room, 0);
        if (count > 0) {
            to.last += static_cast<size_t>(count);
            received_ += static_cast<uint64_t>(count);
            return static_cast<size_t>(count) < room ? Received::Drained : Received::Some;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        const int error = errno;
        if (to.first == to.last) {
            to.user = nullptr;
        }
        if (count == 0) {
            return Received::End;
        }
        if (error == EAGAIN || error == EWOULDBLOCK) {
            return Received::Nothing;
        }
        error_ = error;
        return Received::Failed;
    }
}

}  // namespace tls
