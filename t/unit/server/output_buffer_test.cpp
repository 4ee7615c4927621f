// What is collected arrives whole and in order, whatever the socket takes at a time.
#include "server/output_buffer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "support/cmocka.h"

namespace tls {
namespace {

using Sent = OutputBuffer::Sent;

class Sockets {
  public:
    Sockets() { assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_), 0); }
    ~Sockets() {
        close(fds_[0]);
        hang_up();
    }
    int fd() const { return fds_[0]; }
    void hang_up() {
        if (fds_[1] >= 0) {
            close(fds_[1]);
            fds_[1] = -1;
        }
    }
    void shrink() {
        const int small = 4096;
        assert_int_equal(setsockopt(fds_[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    }
    std::string take() {
        std::string got;
        char bytes[4096];
        ssize_t count;
        while ((count = recv(fds_[1], bytes, sizeof(bytes), 0)) > 0) {
            got.append(bytes, static_cast<size_t>(count));
        }
        return got;
    }

  private:
    int fds_[2];
};

std::string pattern(size_t size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(i * 13 + i / 255));
    }
    return text;
}

void collect(OutputBuffer* buffer, const std::string& text) {
    std::memcpy(buffer->room(text.size()), text.data(), text.size());
    buffer->add(text.size());
}

void nothing_is_sent_at_once(void**) {
    Sockets sockets;
    OutputBuffer buffer(sockets.fd());
    assert_true(buffer.send() == Sent::All);
    assert_true(sockets.take().empty());
}

void pieces_go_together(void**) {
    Sockets sockets;
    OutputBuffer buffer(sockets.fd());
    collect(&buffer, "one ");
    collect(&buffer, "two");
    assert_int_equal(buffer.unsent(), 7);
    assert_true(buffer.send() == Sent::All);
    assert_int_equal(buffer.unsent(), 0);
    assert_string_equal(sockets.take().c_str(), "one two");
}

// More than fits is kept, small rests and large ones, and more can be put behind them.
void a_full_socket_loses_nothing(void**) {
    for (const size_t size : {size_t{30000}, size_t{250000}, OutputBuffer::kBlock, size_t{700000}}) {
        Sockets sockets;
        sockets.shrink();
        OutputBuffer buffer(sockets.fd());
        std::string want = pattern(size);
        collect(&buffer, want);
        assert_true(buffer.send() == Sent::Blocked);
        std::string got = sockets.take();
        collect(&buffer, "behind");
        want += "behind";
        while (buffer.send() == Sent::Blocked) {
            got += sockets.take();
        }
        got += sockets.take();
        assert_true(got == want);
        assert_int_equal(buffer.unsent(), 0);
    }
}

void a_small_socket_is_asked_for_less(void**) {
    Sockets sockets;
    sockets.shrink();
    OutputBuffer buffer(sockets.fd());
    assert_int_equal(buffer.wanted(), OutputBuffer::kMostWanted);
    collect(&buffer, pattern(200000));
    assert_true(buffer.send() == Sent::Blocked);
    assert_int_equal(buffer.wanted(), OutputBuffer::kLeastWanted);
    while (buffer.send() == Sent::Blocked) {
        sockets.take();
    }
    assert_int_equal(buffer.wanted(), 2 * OutputBuffer::kLeastWanted);
}

void a_lost_socket_is_told(void**) {
    Sockets sockets;
    OutputBuffer buffer(sockets.fd());
    sockets.hang_up();
    collect(&buffer, "x");
    assert_true(buffer.send() == Sent::Failed);
    assert_int_equal(buffer.error(), EPIPE);
    assert_int_equal(buffer.unsent(), 0);
}

void past_it_the_socket_answers_itself(void**) {
    Sockets sockets;
    sockets.shrink();
    OutputBuffer buffer(sockets.fd());
    const std::string text = pattern(1000);
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    ssize_t sent = 0;
    size_t total = 0;
    while ((sent = buffer.send_through(bytes, text.size())) > 0) {
        total += static_cast<size_t>(sent);
    }
    assert_int_equal(sent, -1);
    assert_int_equal(buffer.error(), 0);
    assert_int_equal(sockets.take().size(), total);
    sockets.hang_up();
    assert_int_equal(buffer.send_through(bytes, 1), -1);
    assert_int_equal(buffer.error(), EPIPE);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_sent_at_once),     cmocka_unit_test(pieces_go_together),
        cmocka_unit_test(a_full_socket_loses_nothing), cmocka_unit_test(a_small_socket_is_asked_for_less),
        cmocka_unit_test(a_lost_socket_is_told),       cmocka_unit_test(past_it_the_socket_answers_itself),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
