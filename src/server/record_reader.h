// All that comes from one client: whole records for libssl while it handshakes, then records opened here.
//
// Used by Tunnel, and by libssl through SocketBio. Judges by record/after_handshake what the client says
// beside its data; answers go through the RecordWriter. Never waits.
#pragma once

#include "record/after_handshake.h"
#include "record/traffic_keys.h"
#include "server/input_buffer.h"
#include "server/record_writer.h"

namespace tls {

class RecordReader {
  public:
    RecordReader(int fd, std::vector<uint8_t> first) : in_(fd, std::move(first)) {}

    enum class Status : uint8_t {
        Ok,        // `size` bytes of content
        WantRead,  // none, until the socket has more
        Closed,    // close_notify, or the end of the stream
        Failed,    // the socket failed, the client broke the protocol or ended the connection: see below
    };
    struct Result {
        Status status = Status::Failed;
        size_t size = 0;
        bool drained = false;  // with Ok: there is no more before the socket has more
    };

    // Call when the socket may have something. `will_be_told`: whoever calls hears of what a socket gets
    // after it was emptied, so that it need not be asked again to say that it is empty.
    // `empty`: it is known to be so now.
    void on_readable(bool will_be_told, bool empty) {
        will_be_told_ = will_be_told;
        empty_ = will_be_told && empty;
    }
    // True when the socket was emptied since, and tells of what it gets.
    bool emptied() const { return empty_; }
    // True when there is nothing to read before the socket has more, and that will be told.
    bool idle() const { return empty_ && in_.size() == 0 && end_ == Status::Ok; }

    // For libssl: bytes as they come, of one record at most, so that it never holds what is ours to open.
    Result read_raw(uint8_t* data, size_t size);
    // Records that libssl has begun to read since this was called the last time with `reset`.
    void count_records_anew() { records_ = 0; }
    uint16_t records() const { return records_; }

    // Opens from now on. In TLS 1.3 secret() is by then that of the keys.
    void start(const TrafficKeys& keys);
    TrafficSecret* secret() { return &secret_; }
    bool opening() const { return opening_; }

    // As many bytes as there are, of any number of records. What ends the connection is told when all before
    // it was. `writer`: for answers.
    Result read(uint8_t* data, size_t size, RecordWriter* writer);
    // True once after the client has asked for a KeyUpdate of ours.
    bool take_answer_wanted();
    void on_data_sent() { rules_.on_data_sent(); }

    // Bytes that came over the socket.
    uint64_t received() const { return in_.received(); }

    // Why it Failed: errno of the socket or 0; the alert that came, or -1; that was sent, or -1.
    int error() const { return in_.error(); }
    int alert_received() const { return alert_by_ == AlertBy::Client ? alert_ : -1; }
    int alert_sent() const { return alert_by_ == AlertBy::Us ? alert_ : -1; }

  private:
    enum class AlertBy : uint8_t { Nobody, Client, Us };

    bool deliver(uint8_t* data, size_t size, size_t* total);
    bool open_next(uint8_t* data, size_t room, size_t* total, RecordWriter* writer);
    void obey(const Verdict& verdict, RecordWriter* writer);
    void refuse(Alert alert, RecordWriter* writer);
    Status receive(bool* drained);

    InputBuffer in_;
    TrafficKeys keys_;  // while opening
    TrafficSecret secret_;
    bool opening_ = false;
    Status end_ = Status::Ok;  // what read() will end with, else Ok
    bool will_be_told_ = false;
    bool empty_ = false;
    bool answer_wanted_ = false;
    AfterHandshake rules_{RecordVersion::Tls13};
    uint16_t record_ = 0;   // the opened record at the buffer's front, whole size; 0: none
    uint16_t content_ = 0;  // where in it content is left
    uint16_t left_ = 0;     // and how much
    uint16_t records_ = 0;  // of the last flight of a handshake: few
    AlertBy alert_by_ = AlertBy::Nobody;
    uint8_t alert_ = 0;      // its number
    uint32_t raw_left_ = 0;  // bytes of the record that libssl is reading
};

}  // namespace tls
