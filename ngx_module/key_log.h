// tls_key_log: the secrets of connections, for those who debug them.
//
// Read with the configuration. nginx opens and reopens the file; that nobody else can read it is seen to
// here.
#pragma once

#include "log_file.h"
#include "nginx.h"
#include "server/key_sink.h"

namespace tls {

class KeyLog : public KeySink {
  public:
    // `clients` are ngx_cidr_t; null for everyone. It stays the configuration's.
    KeyLog(ngx_open_file_t* file, ngx_array_t* clients) : file_(file, 0, 0), clients_(clients) {}

    // Whether the connection's client is one of those whose secrets are written. Behind a PROXY protocol
    // header it is the address in there that counts.
    bool wants(const ngx_connection_t* c) const;

    void write(std::string_view line) override;

  private:
    LogFile file_;
    ngx_array_t* clients_;
};

// The directive's handler.
char* set_key_log(ngx_conf_t* cf, ngx_command_t* command, void* server_conf);

}  // namespace tls
