// What whoever runs the server can do about each kind of failed handshake, in plain words.
//
// Pure; for the status page, beside reason_words() which say what happened.
#pragma once

#include "base/reason.h"

namespace tls {

// How much a failure should worry: shown by colour and order, never by colour alone.
enum class Concern {
    Usual,    // the internet is like that
    Look,     // fine in small numbers; worth a look when they grow
    Trouble,  // the server's own fault
};

struct Advice {
    Concern concern;
    const char* text;  // static memory
};

Advice advice_for(Reason reason);

}  // namespace tls
