// tls_key_threads: signatures that take long, made in a thread pool of nginx's, so that they hold up no other
// connection.
//
// Used by Connection. What a thread works on is shared with it and outlives the connection.
#pragma once

#include <atomic>
#include <memory>

#include "keys/pending_signature.h"
#include "nginx.h"

struct ngx_thread_pool_s;

namespace tls {

class Connection;

// One signature on its way. Deletes itself when it is back in the worker's own thread.
class KeyTask {
  public:
    // `connection` goes on when the signature was made. Null when the pool takes no more: nothing will happen
    // then.
    static KeyTask* post(ngx_thread_pool_s* pool, Connection* connection,
                         std::shared_ptr<PendingSignature> pending);
    // For a connection that is closed before. What no thread has begun with is not made then.
    void forget() {
        connection_ = nullptr;
        unwanted_ = true;
    }

  private:
    KeyTask(Connection* connection, std::shared_ptr<PendingSignature> pending)
        : pending_(std::move(pending)), connection_(connection) {}
#if (NGX_THREADS)
    static void run(void* task, ngx_log_t* log);
    static void on_done(ngx_event_t* event);

    ngx_thread_task_t task_{};
#endif
    std::shared_ptr<PendingSignature> pending_;
    Connection* connection_;  // the thread does not look at it
    std::atomic<bool> unwanted_{false};
};

// The directive's handler.
char* set_key_threads(ngx_conf_t* cf, ngx_command_t* command, void* server_conf);

}  // namespace tls
