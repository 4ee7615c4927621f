// The connections of a worker whose hello is complete: they wait for the others of the same turn of the event
// loop, so that one call derives all their secrets, and then go on, a few in each turn if they take long.
//
// Used by Connection. Nobody waits for a clock: another turn is taken only while the last one brought
// something, without waiting in it, and everything else that is due is done in it.
#pragma once

#include <vector>

#include "nginx.h"

namespace tls {

class Connection;

class Gathering {
  public:
    // The worker's.
    static Gathering& of_worker();

    // The connection's handshake is continued later in this turn or in one of the next.
    void add(Connection* connection);
    // For one that is closed before.
    void remove(Connection* connection);
    // A client was accepted: its hello is probably near.
    void note_accept() { ++arrivals_; }

  private:
    static void on_turn(ngx_event_t* event);
    void another_turn();
    void end_turn();
    // Prepares all that wait and lets them go on.
    void release();
    // Lets released ones go on for a turn's share of time; the rest stays in released_.
    void go_on();
    void go_on(size_t number);

    std::vector<Connection*> waiting_;   // null where one was removed
    std::vector<Connection*> released_;  // the same, until they have gone on
    ngx_event_t event_{};
    ngx_uint_t arrivals_ = 0;  // accepts and hellos since the last turn
    ngx_uint_t turns_ = 0;     // that the first of them has waited
};

}  // namespace tls
