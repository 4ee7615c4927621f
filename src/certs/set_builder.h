// From the texts of a name's files to its credentials, or to the sentence that says why there are none.
//
// Used by the sources that read files at run time, one builder for each load. Pure but for the ChainPool:
// reads no file, no clock.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "certs/catalog.h"
#include "certs/chain_pool.h"

namespace tls {

// A certificate and its key as they were found.
struct PairText {
    std::string certificate_source;  // for messages
    std::string key_source;          // the same as the certificate's when one file has both
    std::string_view certificate;    // PEM
    std::string_view key;
    std::string refused;  // why the files could not be read, if so
    enum class Absent { None, Certificate, Key } absent = Absent::None;
};

class SetBuilder {
  public:
    // `host` is what the certificates ought to cover, for instance "*.example.com"; empty when nothing is
    // known of that.
    SetBuilder(std::string name, std::string host, time_t now, const std::vector<SecretString>& passwords,
               ChainPool* pool);

    void add(const PairText& pair);
    // Everything but `news`; Missing when nothing was added. `stamp` is that of the files; an expired
    // certificate's answer gets one that look() never gives, because the clock may be what is wrong.
    CredentialSource::Answer finish(CredentialSource::Stamp stamp);

  private:
    void fail(const PairText& pair, bool unready, std::string error);
    bool is_in_time(const PairText& pair, X509* leaf);
    bool is_another_type(const Credential& credential);
    void check_host(const Credential& credential);

    std::string host_;
    time_t now_;
    const std::vector<SecretString>& passwords_;
    ChainPool* pool_;
    std::shared_ptr<CredentialSet> set_;
    CredentialSource::Answer answer_;
    bool has_certificates_ = false;
    bool has_expired_ = false;
};

}  // namespace tls
