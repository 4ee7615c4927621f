#include "signing.h"

#include <algorithm>

#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "key_threads.h"
#include "keys/pending_signature.h"

namespace tls {

Signing& Signing::of_worker() {
    static Signing signing;
    return signing;
}

void Signing::add(Connection* connection) {
    waiting_.push_back(connection);
    if (event_.posted) {
        return;
    }
    event_.handler = on_turn_end;
    event_.data = this;
    event_.log = ngx_cycle->log;
    // Behind all that the turn has brought so far.
    ngx_post_event(&event_, &ngx_posted_events);
}

void Signing::remove(Connection* connection) {
    std::replace(waiting_.begin(), waiting_.end(), connection, static_cast<Connection*>(nullptr));
    std::replace(released_.begin(), released_.end(), connection, static_cast<Connection*>(nullptr));
}

void Signing::on_turn_end(ngx_event_t* event) {
    auto* signing = static_cast<Signing*>(event->data);
    guarded([&] { signing->release(); });
}

void Signing::release() {
    released_.swap(waiting_);
    std::vector<PendingSignature*> pending;
    for (const Connection* connection : released_) {
        if (connection != nullptr) {
            pending.push_back(connection->tunnel().pending_signature().get());
        }
    }
    make_together(pending.data(), pending.size());
    // By number: one that goes on may close another.
    for (size_t i = 0; i < released_.size(); ++i) {
        Connection* connection = released_[i];
        released_[i] = nullptr;
        if (connection != nullptr) {
            guarded([&] { connection->go_on(); });
        }
    }
    released_.clear();
}

void Connection::wait_for_signature() {
    std::shared_ptr<PendingSignature> pending = tunnel_->pending_signature();
    if (pending->key->wait == KeyWait::Thread && server_->key_threads != nullptr) {
        if (pending->key->takes_first()) {
            pending->make();
        } else {
            beginning_->key_task = KeyTask::post(server_->key_threads, this, std::move(pending));
        }
    }
    if (beginning_->key_task != nullptr) {
        return;
    }
    Signing::of_worker().add(this);
    signing_ = true;
}

void Connection::go_on() {
    gathered_ = false;
    signing_ = false;
    beginning_->key_task = nullptr;
    continue_handshake();
}

}  // namespace tls
