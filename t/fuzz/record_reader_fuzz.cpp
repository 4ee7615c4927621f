// A client's records on their way through a socket: sealed ones of any type and size, spoiled ones among
// them, cut and read in any sizes, while another connection takes the worker's buffer. What is read is the
// data of all that was sealed before the first that is wrong, and it ends as that record says.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "fuzzed_keys.h"
#include "record/key_schedule.h"
#include "server/record_reader.h"

namespace {

using Bytes = std::vector<uint8_t>;
using Status = tls::RecordReader::Status;

constexpr size_t kMostBytes = 100'000;

// What is left of the fuzzer's bytes; zeros behind them.
class Input {
  public:
    Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
    bool empty() const { return size_ == 0; }
    uint8_t byte() {
        if (size_ == 0) {
            return 0;
        }
        --size_;
        return *data_++;
    }

  private:
    const uint8_t* data_;
    size_t size_;
};

// What a client sends, and what must become of it.
class Sent {
  public:
    Sent(const tls::TrafficKeys& keys, const tls::TrafficSecret& secret)
        : keys_(keys), secret_(secret), rules_(keys.version) {}

    Bytes wire;
    Bytes data;
    Status end = Status::Ok;  // behind all that was sent, unless spoiled
    bool spoiled = false;

    // One record: type, size, content where it is short, and how it is spoiled.
    void add(Input* input) {
        const auto type = static_cast<tls::ContentType>(input->byte());
        const size_t size = input->byte();
        Bytes content(size < kShort ? size
                                    : std::min((size - kShort) * (size - kShort) / 3, tls::kMaxContent));
        for (size_t i = 0; i < content.size(); ++i) {
            content[i] = size < kShort ? input->byte() : static_cast<uint8_t>(i * 31 + size);
        }
        const uint8_t spoil = input->byte();
        seal(type, content);
        if ((spoil & 1) != 0) {
            wire[wire.size() - 1 - (last_ - 1) * (spoil >> 1) / 127] ^= 0x40;
        }
        if (spoiled || end != Status::Ok) {
            return;
        }
        spoiled = (spoil & 1) != 0;
        if (!spoiled) {
            judge(type, content);
        }
    }

  private:
    static constexpr size_t kShort = 32;

    void seal(tls::ContentType type, const Bytes& content) {
        Bytes record(tls::record_head(keys_) + content.size() + tls::record_tail(keys_));
        std::copy(content.begin(), content.end(),
                  record.begin() + static_cast<long>(tls::record_head(keys_)));
        last_ = tls::seal_record(&keys_, type, record.data(), content.size());
        require(last_ == record.size());
        wire.insert(wire.end(), record.begin(), record.end());
    }

    void judge(tls::ContentType type, Bytes content) {
        if (keys_.version == tls::RecordVersion::Tls13 && type == tls::ContentType()) {
            // Its type and all zeros before it are taken for padding (RFC 8446 section 5.4).
            while (!content.empty() && content.back() == 0) {
                content.pop_back();
            }
            if (content.empty()) {
                end = Status::Failed;
                return;
            }
            type = static_cast<tls::ContentType>(content.back());
            content.pop_back();
        }
        switch (rules_.judge(type, tls::ByteView(content.data(), content.size())).kind) {
            case tls::Verdict::Kind::Data:
                data.insert(data.end(), content.begin(), content.end());
                break;
            case tls::Verdict::Kind::KeyUpdate:
                require(tls::advance_secret(&secret_) && tls::derive_keys(secret_, keys_.suite, &keys_));
                break;
            case tls::Verdict::Kind::Closed:
                end = Status::Closed;
                break;
            case tls::Verdict::Kind::PeerAlert:
            case tls::Verdict::Kind::Refuse:
                end = Status::Failed;
                break;
            default:
                break;
        }
    }

    tls::TrafficKeys keys_;
    tls::TrafficSecret secret_;
    tls::AfterHandshake rules_;
    size_t last_ = 0;  // the size of the record that was sealed last
};

// A client's end of a connection and the reader at the other.
class Link {
  public:
    Link(const tls::TrafficKeys& keys, const tls::TrafficSecret& secret)
        : made_(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_) == 0),
          reader_(fds_[1], {}),
          writer_(fds_[1], {}) {
        require(made_);
        writer_.start(keys);
        reader_.start(keys);
        *reader_.secret() = secret;
    }
    ~Link() {
        close(fds_[0]);
        close(fds_[1]);
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // As much of it as the socket takes.
    size_t send(const uint8_t* bytes, size_t size) {
        const ssize_t count = ::send(fds_[0], bytes, size, MSG_NOSIGNAL);
        return count > 0 ? static_cast<size_t>(count) : 0;
    }
    void hang_up() { shutdown(fds_[0], SHUT_WR); }

    // At most `most` bytes.
    Status read(size_t most, bool will_be_told) {
        Bytes to(most);
        reader_.on_readable(will_be_told, false);
        const tls::RecordReader::Result result = reader_.read(to.data(), to.size(), &writer_);
        require(result.size <= most && (result.status == Status::Ok) == (result.size > 0));
        got.insert(got.end(), to.begin(), to.begin() + static_cast<long>(result.size));
        return result.status;
    }
    bool told_why() const { return (reader_.alert_sent() >= 0) != (reader_.alert_received() >= 0); }

    Bytes got;

  private:
    int fds_[2];
    bool made_;
    tls::RecordReader reader_;
    tls::RecordWriter writer_;
};

// Another connection, which has a part of a record in the buffer whenever it had its turn.
class Other {
  public:
    explicit Other(const tls::TrafficKeys& keys) : link_(keys, {}), sent_(keys, {}) {
        constexpr uint8_t kRecord[] = {static_cast<uint8_t>(tls::ContentType::ApplicationData), 40, 0};
        Input input(kRecord, sizeof(kRecord));
        sent_.add(&input);
    }
    void take_turn() {
        if (at_ + 1 < sent_.wire.size()) {
            at_ += link_.send(&sent_.wire[at_], 1);
            require(link_.read(100, true) == Status::WantRead);
        }
    }
    void finish() {
        link_.send(&sent_.wire[at_], sent_.wire.size() - at_);
        require(link_.read(sent_.data.size() + 1, true) == Status::Ok && link_.got == sent_.data);
    }

  private:
    Link link_;
    Sent sent_;
    size_t at_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Input input(data, size);
    const tls::TrafficKeys keys = keys_of(input.byte());
    tls::TrafficSecret secret;
    secret.size = keys.suite == tls::RecordSuite::Aes256Gcm ? 48 : 32;
    // How it is cut and read: sizes, and whose turn it is.
    Bytes steps(2 * (input.byte() % 64));
    std::generate(steps.begin(), steps.end(), [&] { return input.byte(); });
    Sent sent(keys, secret);
    while (!input.empty() && sent.wire.size() < kMostBytes) {
        sent.add(&input);
    }
    Link link(keys, secret);
    Other other(keys);
    size_t at = 0;
    for (size_t i = 0; i + 1 < steps.size(); i += 2) {
        const size_t cut = steps[i] & 0x7f;
        at += link.send(sent.wire.data() + at, std::min(cut * cut, sent.wire.size() - at));
        link.read(1 + size_t{steps[i + 1]} * steps[i + 1] / 3, (steps[i] & 1) != 0);
        if ((steps[i] & 0x80) != 0) {
            other.take_turn();
        }
    }
    Status status = Status::Ok;
    while (status == Status::Ok || (status == Status::WantRead && at < sent.wire.size())) {
        at += link.send(sent.wire.data() + at, sent.wire.size() - at);
        status = link.read(17'000, false);
    }
    if (status == Status::WantRead) {
        link.hang_up();
        status = link.read(1, false);
        require(status == Status::Closed);
        require(sent.spoiled || sent.end == Status::Ok);
    } else {
        require(sent.spoiled ? status == Status::Failed : status == sent.end);
        require(link.told_why() == (status == Status::Failed));
    }
    require(link.got == sent.data);
    other.finish();
    return 0;
}
