// What stands where others look for a connection's SSL once that was given back: one SSL for all of them.
//
// Shown by the glue to nginx's core, whose structure of an encrypted connection must point to one. It has
// shaken hands with itself, so that whoever asks it for a session, a cipher or a group finds one, and it is
// as at the beginning of another handshake: nginx then ends the connection without asking it to say anything,
// and so never changes what all of them share.
#pragma once

typedef struct ssl_st SSL;

namespace tls {

// This process's, made at the first call and never freed; null when it could not be made: then connections
// keep their own.
SSL* stand_in();

}  // namespace tls
