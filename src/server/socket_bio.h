// libssl's way to the socket, and the way of its keys to us.
//
// One in each Tunnel, at a fixed address for as long as its BIO lives. Reads one record at a time and
// collects what is written, for the Tunnel to send. Plays a socket whose kernel takes TLS keys: what libssl
// writes after that is content, and is sealed here. Never closes the socket and never shows it to libssl, so
// that nothing writes to it past this.
#pragma once

#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/record_reader.h"
#include "server/record_writer.h"

namespace tls {

class SocketBio {
  public:
    // All outlive the BIO. `takes_keys`: whether libssl may hand its keys over; `ipsec_mb`: what they are
    // used with, see TrafficKeys.
    SocketBio(RecordReader* reader, RecordWriter* writer, bool takes_keys, uint8_t ipsec_mb)
        : reader_(reader), writer_(writer), takes_keys_(takes_keys), ipsec_mb_(ipsec_mb) {}
    SocketBio(const SocketBio&) = delete;
    SocketBio& operator=(const SocketBio&) = delete;

    // A new BIO over this; the caller owns it and must free it before this goes. Null when memory ran out.
    BIO* make();

    // The client's keys of TLS 1.2 with their counting where it now stands, as libssl opens its records until
    // it is told otherwise. Null when it did not say.
    const TrafficKeys* receiving_keys();
    // What becomes of that which libssl writes.
    enum class Writing {
        Through,  // sent at once
        Collect,  // kept in the writer, for the Tunnel to send
        Drop,     // to nobody: the handshake is given up
    };
    void set_writing(Writing writing) { writing_ = writing; }
    // The next NewSessionTicket that libssl writes for TLS 1.3 goes out with this ticket in it. Only while
    // the writer seals.
    void put_ticket(std::vector<uint8_t> ticket) { tickets_.push_back(std::move(ticket)); }

  private:
    static const BIO_METHOD* method();
    static int on_read(BIO* bio, char* out, int size);
    static int on_write(BIO* bio, const char* data, int size);
    static long on_control(BIO* bio, int command, long argument, void* pointer);

    int read(BIO* bio, char* out, int size);
    int write(BIO* bio, const char* data, int size);
    bool take(const uint8_t* data, size_t size);
    long take_keys(const void* info, bool sending);

    RecordReader* reader_;
    RecordWriter* writer_;
    bool takes_keys_;
    uint8_t ipsec_mb_;
    Writing writing_ = Writing::Through;
    bool eof_ = false;
    // Of what libssl writes once it has handed its keys over. It says so only when it is not data, and of
    // data it writes none then.
    ContentType type_ = ContentType::Handshake;
    std::optional<TrafficKeys> receiving_;
    std::vector<std::vector<uint8_t>> tickets_;  // of messages to come, the next one first
};

}  // namespace tls
