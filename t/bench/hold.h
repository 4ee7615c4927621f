// Idle connections for a measurement of what each costs the server in memory.
//
// Used by the load client for --hold. One thread; ends with the program.
#pragma once

#include "client_setup.h"

namespace bench {

// Opens connections, with their requests, until there are as many as each step of `options().hold` says,
// prints "held N M" (M of the N still stand) and waits for a line on stdin before the next step. Returns the
// program's status: 1 when a connection failed.
int hold_connections(ClientSetup* setup);

}  // namespace bench
