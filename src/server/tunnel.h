// The TLS of one connection: a handshake that says why it waits, then bytes in and out, then the facts of it.
//
// Used by the glue for each accepted hello. The only holder of a connection's SSL. libssl does the handshake;
// the records after it are ours where it hands its keys over, else its own; in the first case the SSL can be
// given back. Works on a non-blocking socket that somebody else opens, watches and closes. Never logs, never
// waits, knows no event loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/reason.h"
#include "base/result.h"
#include "certs/catalog.h"
#include "keys/pending_signature.h"
#include "keys/prepared.h"
#include "server/context.h"
#include "server/facts.h"
#include "server/record_reader.h"
#include "server/record_writer.h"
#include "server/socket_bio.h"
#include "stats/counting.h"

namespace tls {

// Why a handshake or a transfer failed.
struct Failure {
    Reason reason = Reason::Internal;
    bool peer_to_blame = false;  // a client's mistake or going away: nothing for the operator to mend
    int system_error = 0;        // errno where the socket failed, else 0
    std::string text;            // libssl's words, " (SSL: …)", or empty
};

class Tunnel {
  public:
    struct Opening {
        const ServerContext* context = nullptr;  // outlives the tunnel
        int fd = -1;                             // stays its owner's
        std::vector<uint8_t> replay;  // every byte read from the socket so far, to be read again by libssl
        std::shared_ptr<const CredentialSet> credentials;  // null: those of the context
        RecordSizeTerms record_size;                       // of records of our own
        const char* alpn = "";         // the protocol chosen for the hello, or empty; static memory
        bool logs_keys = false;        // its secrets go to the context's KeySink, so libssl makes its records
        bool takes_early_data = true;  // if the context's policy does
        std::unique_ptr<Prepared> prepared;  // for the first step of the handshake; may be null
        bool waits_for_signature = false;    // by wrapped keys; the caller knows WantKey
    };
    // Null when memory ran out.
    static std::unique_ptr<Tunnel> open(Opening opening);
    ~Tunnel();
    Tunnel(const Tunnel&) = delete;
    Tunnel& operator=(const Tunnel&) = delete;

    enum class Step {
        Done,       // the handshake ended, or early data may be read before it does
        WantRead,   // call again when the socket can be read
        WantWrite,  // or written
        WantKey,    // call again when pending_signature() was made, or to have it made by that call
        Failed,     // failure() says why; the alert has been written if the socket took it
    };
    Step handshake();
    // What WantKey waits for; null else. A tunnel may be destroyed while it waits, and while another thread
    // makes the signature.
    std::shared_ptr<PendingSignature> pending_signature() const {
        return side_ != nullptr && side_->wait != nullptr ? side_->wait->pending() : nullptr;
    }
    // To be filled before the first step; null when nothing is to be prepared.
    Prepared* prepared() const { return side_->prepared.get(); }

    // Call before handshake() and read() when the socket may have something; see RecordReader.
    void on_readable(bool will_be_told, bool empty) { reader_.on_readable(will_be_told, empty); }
    bool emptied() const { return reader_.emptied(); }
    // True when reading would only wait.
    bool idle() const { return reader_.opening() && reader_.idle(); }

    enum class Status {
        Ok,         // `size` bytes were moved, at least one
        WantRead,   // nothing was moved; call again when the socket can be read
        WantWrite,  // or written
        Closed,     // close_notify, or the end of the stream
        Failed,     // failure() says why
    };
    struct Transfer {
        Status status = Status::Failed;
        size_t size = 0;
        bool drained = false;  // after a read: there is no more before the socket can be read again
    };
    // `size` is at least 1. libssl's reading returns what one record holds, at most.
    Transfer read(uint8_t* data, size_t size);
    // After WantWrite, call again with the same bytes.
    Transfer write(const uint8_t* data, size_t size);

    // True when records are sealed here: then data may go straight to writer(), and out with flush().
    bool seals_records() const { return writer_.sealing(); }
    RecordWriter& writer() { return writer_; }
    // Sends what is collected: Ok (of no size), WantWrite or Failed. Call after handshake() said Done: what
    // ends it may still be there, to go out with the first answer.
    Transfer flush();

    // Sends close_notify once, without waiting for an answer. Nothing happens after a failure, or before the
    // handshake has ended.
    void close();
    // The same, left to the next flush(). Only where records are sealed here.
    void seal_goodbye();
    // Frees the SSL when nothing will be asked of it any more: true when there is none afterwards, false when
    // libssl makes the records or the handshake has not ended. Whatever was agreed is gone with it, so
    // facts() come first.
    bool give_ssl_back();

    // True while early data is read or awaited: the handshake has not ended.
    bool in_early_data() const { return phase_ == Phase::Early || phase_ == Phase::Finishing; }
    // True when version and cipher are chosen, whether the handshake ended or not.
    bool has_agreed() const;
    // Freezes what was agreed: all of it after handshake() said Done, what is known by then before.
    Facts facts() const;
    // At the same time.
    SessionId session_id() const;
    // The sessions of this connection must not be resumed: its client certificate was refused. With or
    // without its SSL.
    void forget_session();
    // Takes over a reference to a session that a cache keeps, in case it must be forgotten.
    void keep_session(SSL_SESSION* session) { kept_sessions_.push_front(session); }

    // What the next NewSessionTicket of libssl's shall carry. Only where records are sealed here.
    void put_ticket(std::vector<uint8_t> ticket) { side_->bio.put_ticket(std::move(ticket)); }

    // What Failed means; nothing of interest before.
    const Failure& failure() const;
    const ServerContext& context() const { return *context_; }
    // The next two, and wants_secrets(), only while there is an SSL.
    const char* alpn() const { return side_->alpn; }
    bool logs_keys() const { return side_->logs_keys; }
    // Fatal alerts by number, as seen so far; -1 for none.
    int alert_sent() const { return alert_sent_; }
    int alert_received() const { return alert_received_; }
    // libssl's key log, while it is listened to: "LABEL CLIENT_RANDOM SECRET" (RFC 9850).
    void on_secret(const char* line);
    // True when the key log is where its secrets come from.
    bool wants_secrets() const { return side_->takes_keys && !context_->uses_key_library(); }
    // What went over the socket so far, in bytes, or is about to; what is replayed is not counted.
    uint64_t bytes_received() const { return reader_.received(); }
    uint64_t bytes_sent() const { return writer_.sent(); }
    // What was done with sessions since the last call; nothing when the SSL was given back.
    SessionOutcomes take_session_outcomes() {
        return side_ != nullptr ? std::exchange(side_->session_outcomes, SessionOutcomes())
                                : SessionOutcomes();
    }
    template <class Outcome>
    void on_session(Outcome outcome) {
        side_->session_outcomes.add(outcome);
    }
    void on_alert(bool sent, int number) {
        (sent ? alert_sent_ : alert_received_) = static_cast<int16_t>(number);
    }

    // For the glue to show to nginx's core, which asks it for variables and closes it. Stays this object's.
    // Null when it was given back.
    SSL* native() const { return side_ != nullptr ? side_->ssl : nullptr; }
    // Stores a pointer in the SSL's ex_data, where others of the process look for it. False when memory ran
    // out.
    bool attach(int ex_data_index, void* owner);
    // A second owner of an SSL, to be given back with release().
    static SSL* share(SSL* ssl);
    static void release(SSL* ssl);

  private:
    // Finishing: all early data was read, the client's Finished is still to come.
    enum class Phase : uint8_t { Handshake, Early, Finishing, Established, Failed };

    // The SSL, and what is needed only as long as there is one: a connection at rest has none.
    struct SslSide {
        SslSide(RecordReader* reader, RecordWriter* writer, const ServerContext& context, Opening* opening);
        SSL* ssl = nullptr;
        SocketBio bio;
        std::shared_ptr<const CredentialSet> credentials;  // null: those of the context
        const char* alpn = "";
        bool logs_keys = false;
        bool takes_keys = false;  // records are ours if libssl hands its keys over
        std::unique_ptr<Prepared> prepared;
        std::unique_ptr<SignatureWait> wait;  // null: signatures are made at once
        bool early_byte_waits = false;        // read by the handshake, not yet handed out
        bool early_write_blocked = false;
        uint8_t early_byte = 0;
        SessionOutcomes session_outcomes;
    };

    Tunnel(const ServerContext* context, Opening opening);
    int do_handshake();
    Step enter_handshake();
    template <class Call>
    int listening(Call call);
    Step try_early_data();
    void stop_waiting();
    void cancel_wait();
    Step finish_step(int result);
    Step send_flight(Step step);
    bool open_records();
    Transfer read_early(uint8_t* data, size_t size);
    Transfer read_finishing(uint8_t* data, size_t size);
    Transfer end_by_alert();
    Transfer read_records(uint8_t* data, size_t size);
    Transfer write_records(const uint8_t* data, size_t size);
    Transfer write_early(const uint8_t* data, size_t size);
    Transfer finish_transfer(int result);
    void keep_resumable_session();
    void free_ssl();
    bool update_keys();
    void fail(int ssl_error);
    Transfer failed();
    std::shared_ptr<const Credential> shown_credential() const;

    // Thousands of connections are at rest: what they hold is kept small.
    const ServerContext* context_;
    std::unique_ptr<SslSide> side_;  // null when the SSL was given back
    RecordWriter writer_;
    RecordReader reader_;
    TrafficSecret sending_secret_;  // TLS 1.3: of our present keys
    Phase phase_ = Phase::Handshake;
    bool update_due_ = false;
    bool said_goodbye_ = false;
    int16_t alert_sent_ = -1;
    int16_t alert_received_ = -1;
    uint32_t promised_ = 0;  // bytes of an unfinished write() that are sealed
    std::forward_list<SSL_SESSION*> kept_sessions_;
    std::unique_ptr<Failure> failure_;  // null: none
};

}  // namespace tls
