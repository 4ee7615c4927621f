// The connections of a worker whose handshake waits for a signature: until the end of this turn of the event
// loop, so that those of several are made by one call.
//
// Used by Connection, whenever a step of a handshake asks for it: in the turn of its hello or in any later
// one. Nobody waits for a clock.
#pragma once

#include <vector>

#include "nginx.h"

namespace tls {

class Connection;

class Signing {
  public:
    // The worker's.
    static Signing& of_worker();

    // The connection's handshake is continued later in this turn.
    void add(Connection* connection);
    // For one that is closed before.
    void remove(Connection* connection);

  private:
    static void on_turn_end(ngx_event_t* event);
    void release();

    std::vector<Connection*> waiting_;   // null where one was removed
    std::vector<Connection*> released_;  // the same, while they go on
    ngx_event_t event_{};
};

}  // namespace tls
