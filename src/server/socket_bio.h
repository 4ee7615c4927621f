// libssl's way to the socket: first the bytes that were read before it existed, then the socket itself.
//
// One in each Tunnel, at a fixed address for as long as its BIO lives. Never closes the socket and never
// shows it to libssl, so that nothing writes to it past this.
#pragma once

#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tls {

class SocketBio {
  public:
    SocketBio(int fd, std::vector<uint8_t> replay) : fd_(fd), replay_(std::move(replay)) {}
    SocketBio(const SocketBio&) = delete;
    SocketBio& operator=(const SocketBio&) = delete;

    // A new BIO over this; the caller owns it and must free it before this goes. Null when memory ran out.
    BIO* make();

    // errno of the last call that failed for good; 0 when none did.
    int error() const { return error_; }

    // What went over the socket, in bytes.
    uint64_t received() const { return received_; }
    uint64_t sent() const { return sent_; }

  private:
    static const BIO_METHOD* method();
    static int on_read(BIO* bio, char* out, int size);
    static int on_write(BIO* bio, const char* data, int size);
    static long on_control(BIO* bio, int command, long argument, void* pointer);

    int read(BIO* bio, char* out, int size);
    int write(BIO* bio, const char* data, int size);

    int fd_;
    std::vector<uint8_t> replay_;
    size_t replayed_ = 0;
    uint64_t received_ = 0;
    uint64_t sent_ = 0;
    int error_ = 0;
    bool eof_ = false;
};

}  // namespace tls
