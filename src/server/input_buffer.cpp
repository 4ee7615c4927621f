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

InputBuffer::~InputBuffer() {
    if (in_area()) {
        area().user = nullptr;
    }
}

bool InputBuffer::in_area() const {
    return area().user == this;
}

uint8_t* InputBuffer::data() {
    return in_area() ? area().bytes.data() + area().first : kept_.data() + kept_first_;
}

size_t InputBuffer::size() const {
    return in_area() ? area().last - area().first : kept_.size() - kept_first_;
}

void InputBuffer::consume(size_t size) {
    if (in_area()) {
        area().first += size;
        if (area().first == area().last) {
            area().user = nullptr;
        }
        return;
    }
    kept_first_ += size;
    if (kept_first_ == kept_.size()) {
        std::vector<uint8_t>().swap(kept_);
        kept_first_ = 0;
    }
}

// Another connection needs the area.
void InputBuffer::leave_area() {
    Area& from = area();
    kept_.assign(from.bytes.data() + from.first, from.bytes.data() + from.last);
    kept_first_ = 0;
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
    std::vector<uint8_t>().swap(kept_);
    kept_first_ = 0;
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
