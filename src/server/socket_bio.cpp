#include "server/socket_bio.h"

#include "base/guard.h"
#include "server/handed_keys.h"
#include "session/new_session_ticket.h"

namespace tls {

namespace {

// Controls by which libssl speaks to a socket of a kernel with TLS. Only two have names in public headers.
constexpr int kSetKeys = 72;         // argument: whether for sending; pointer: the keys
constexpr int kIsSealing = 73;       // BIO_CTRL_GET_KTLS_SEND
constexpr int kSetContentType = 74;  // argument: of what is written next
constexpr int kIsOpening = 76;       // BIO_CTRL_GET_KTLS_RECV

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

const TrafficKeys* SocketBio::receiving_keys() {
    if (!receiving_) {
        return nullptr;
    }
    receiving_->sequence += reader_->records();
    reader_->count_records_anew();
    return &*receiving_;
}

int SocketBio::on_read(BIO* bio, char* out, int size) {
    return guarded(-1, [&] { return static_cast<SocketBio*>(BIO_get_data(bio))->read(bio, out, size); });
}

int SocketBio::on_write(BIO* bio, const char* data, int size) {
    return guarded(-1, [&] { return static_cast<SocketBio*>(BIO_get_data(bio))->write(bio, data, size); });
}

long SocketBio::on_control(BIO* bio, int command, long argument, void* pointer) {
    auto* self = static_cast<SocketBio*>(BIO_get_data(bio));
    switch (command) {
        case BIO_CTRL_FLUSH:
            // Also when the socket takes nothing: libssl would keep its keys.
            return 1;
        case BIO_CTRL_EOF:
            return self->eof_ ? 1 : 0;
        case kSetKeys:
            return guarded(0L, [&] { return self->take_keys(pointer, argument != 0); });
        case kIsSealing:
            return self->writer_->sealing() ? 1 : 0;
        case kSetContentType:
            self->type_ = static_cast<ContentType>(argument);
            return 0;
        case kIsOpening:
        default:
            return 0;
    }
}

// Those for receiving are noted and left to libssl, which may still have records of the handshake to open.
long SocketBio::take_keys(const void* info, bool sending) {
    TrafficKeys keys;
    if (!takes_keys_ || !read_handed_keys(info, &keys)) {
        return 0;
    }
    keys.ipsec_mb = ipsec_mb_;
    if (sending) {
        writer_->start(keys);
        return 1;
    }
    if (keys.version == RecordVersion::Tls12) {
        receiving_ = keys;
        reader_->count_records_anew();
    }
    return 0;
}

int SocketBio::read(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    const RecordReader::Result result =
        reader_->read_raw(reinterpret_cast<uint8_t*>(out), static_cast<size_t>(size));
    switch (result.status) {
        case RecordReader::Status::Ok:
            return static_cast<int>(result.size);
        case RecordReader::Status::WantRead:
            BIO_set_retry_read(bio);
            return -1;
        case RecordReader::Status::Closed:
            eof_ = true;
            return 0;
        default:
            return -1;
    }
}

// libssl writes whole messages, one at a time (RFC 8446 section 5.1 lets them share a record).
bool SocketBio::take(const uint8_t* data, size_t size) {
    if (tickets_.empty() || type_ != ContentType::Handshake || !writer_->sealing()) {
        return writer_->take(type_, data, size);
    }
    std::vector<uint8_t> message;
    if (replace_ticket(ByteView(data, size), ByteView(tickets_.front().data(), tickets_.front().size()),
                       &message) != size) {
        return false;
    }
    tickets_.erase(tickets_.begin());
    return writer_->take(type_, message.data(), message.size());
}

int SocketBio::write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    const auto* bytes = reinterpret_cast<const uint8_t*>(data);
    const auto count = static_cast<size_t>(size);
    if (writing_ == Writing::Drop) {
        return size;
    }
    if (writing_ == Writing::Collect || writer_->sealing()) {
        // All is taken: what the socket does not take waits in the writer, behind what was sealed before.
        if (!take(bytes, count)) {
            return -1;
        }
        if (writing_ == Writing::Through) {
            writer_->flush();
        }
        return size;
    }
    const ssize_t sent = writer_->take_through(bytes, count);
    if (sent < 0 && writer_->error() == 0) {
        BIO_set_retry_write(bio);
    }
    return static_cast<int>(sent);
}

}  // namespace tls
