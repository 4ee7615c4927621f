// A signature that a handshake waits for: libssl is left in the middle of it (an ASYNC job of OpenSSL's) and
// entered again when the signature is there.
//
// Used by the Tunnel, which leaves and enters, and by the glue, which has signatures made. A job that waits
// must be entered once more before its SSL is freed: see SignatureWait::cancel().
#pragma once

#include <memory>
#include <vector>

#include "keys/wrapped_key.h"

namespace tls {

// Filled by one thread, made by one, used by the first again. Whoever makes it shares it, so that it outlives
// a connection that goes away meanwhile.
struct PendingSignature {
    std::shared_ptr<const WrappedKey> key;
    SignatureTerms terms;
    std::vector<uint8_t> message;

    // Set by make() or make_together().
    bool made = false;
    std::vector<uint8_t> signature;     // empty when the key could not
    std::vector<unsigned long> errors;  // OpenSSL's codes then

    // In any thread.
    void make();
    // Copies what was made to `out`, which has room for `*size` bytes. False, with the errors in this
    // thread's queue, when it could not be made.
    bool take(uint8_t* out, size_t* size) const;
};

// Makes those for which that is faster together, by keys of KeyWait::Batch; the others stay as they are, for
// their handshakes to make.
void make_together(PendingSignature* const* pending, size_t count);

// One handshake's. While a scope lives, signatures that libssl asks for in this thread may wait in it.
class SignatureWait {
  public:
    class Scope {
      public:
        explicit Scope(SignatureWait* wait) : before_(current_) { current_ = wait; }
        ~Scope() { current_ = before_; }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        SignatureWait* before_;
    };

    // The signature by `key`: leaves the job, and comes back when the handshake goes on. False when the
    // signature failed or is not wanted any more.
    static bool sign(const std::shared_ptr<const WrappedKey>& key, const SignatureTerms& terms,
                     ByteView message, uint8_t* out, size_t* size);

    // Null when nothing is waited for.
    const std::shared_ptr<PendingSignature>& pending() const { return pending_; }
    // A signature was made, and a handshake needs no second one.
    bool is_over() const { return over_; }
    // From here on signatures fail.
    void cancel() { cancelled_ = true; }

  private:
    void pause(const std::shared_ptr<const WrappedKey>& key, const SignatureTerms& terms, ByteView message);

    std::shared_ptr<PendingSignature> pending_;
    bool over_ = false;
    bool cancelled_ = false;
    static thread_local SignatureWait* current_;
};

}  // namespace tls
