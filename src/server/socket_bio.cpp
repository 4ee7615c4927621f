#include "server/socket_bio.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/guard.h"

namespace tls {

namespace {

bool is_transient(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

const BIO_METHOD* SocketBio::method() {
    static BIO_METHOD* const kMethod = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nginx tls socket");
        if (made != nullptr) {
            BIO_meth_set_read(made, on_read);
            BIO_meth_set_write(made, on_write);
            BIO_meth_set_ctrl(made, on_control);
        }
        return made;
    }();
    return kMethod;
}

BIO* SocketBio::make() {
    const BIO_METHOD* known = method();
    BIO* bio = known != nullptr ? BIO_new(known) : nullptr;
    if (bio != nullptr) {
        BIO_set_data(bio, this);
        BIO_set_init(bio, 1);
    }
    return bio;
}

int SocketBio::on_read(BIO* bio, char* out, int size) {
    return guarded(-1, [&] { return static_cast<SocketBio*>(BIO_get_data(bio))->read(bio, out, size); });
}

int SocketBio::on_write(BIO* bio, const char* data, int size) {
    return guarded(-1, [&] { return static_cast<SocketBio*>(BIO_get_data(bio))->write(bio, data, size); });
}

long SocketBio::on_control(BIO* bio, int command, long, void*) {
    switch (command) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_EOF:
            return static_cast<SocketBio*>(BIO_get_data(bio))->eof_ ? 1 : 0;
        default:
            return 0;
    }
}

int SocketBio::read(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    if (replayed_ < replay_.size()) {
        const size_t count = std::min(static_cast<size_t>(size), replay_.size() - replayed_);
        std::memcpy(out, replay_.data() + replayed_, count);
        replayed_ += count;
        if (replayed_ == replay_.size()) {
            std::vector<uint8_t>().swap(replay_);
            replayed_ = 0;
        }
        return static_cast<int>(count);
    }
    for (;;) {
        const ssize_t count = recv(fd_, out, static_cast<size_t>(size), 0);
        if (count >= 0) {
            eof_ = count == 0;
            received_ += static_cast<uint64_t>(count);
            return static_cast<int>(count);
        }
        if (is_transient(errno)) {
            BIO_set_retry_read(bio);
            return -1;
        }
        if (errno != EINTR) {
            error_ = errno;
            return -1;
        }
    }
}

int SocketBio::write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    for (;;) {
        const ssize_t count = send(fd_, data, static_cast<size_t>(size), MSG_NOSIGNAL);
        if (count >= 0) {
            sent_ += static_cast<uint64_t>(count);
            return static_cast<int>(count);
        }
        if (is_transient(errno)) {
            BIO_set_retry_write(bio);
            return -1;
        }
        if (errno != EINTR) {
            error_ = errno;
            return -1;
        }
    }
}

}  // namespace tls
