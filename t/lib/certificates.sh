#!/usr/bin/env bash
# Makes the certificates, keys and other files that the suites configure, in a new folder: certificates.sh FOLDER
#
# Used by TestTLS.pm, once a run. The folder appears whole, by rename. All names are said here and nowhere else;
# NAME.crt has NAME.key beside it unless a line says otherwise.
#
#   ca.crt                       what clients trust; "other-ca.crt" is one they do not
#   localhost a.test b.test      EC P-256; localhost also has the addresses 127.0.0.1 and ::1
#   w.test                       EC P-256 for w.test and *.w.test
#   p384 rsa rsa4096 ed25519     for localhost and a.test, with these keys
#   chain.crt                    a.test's leaf and its intermediate; chain-wrong.crt: in the wrong order;
#                                chain-leaf.crt: the leaf alone. All with chain.key. intermediate.crt is the CA.
#   first second third fourth fifth sixth seventh   self-signed, to tell servers apart by
#   mismatch.key                 of no certificate
#   encrypted.key                localhost's, as "secret"; passwords.txt has it in its second line,
#                                passwords-wrong.txt does not; rsa-encrypted.key, the same of rsa
#   truncated.crt truncated.key garbage.pem empty.pem
#   client-ca.crt                with crl.pem, and crl-all.pem, which also has the intermediate's
#   client                       good; client-rsa too
#   client-expired client-future client-revoked client-other (of other-ca) client-self (self-signed)
#   client-dn                    a subject with a comma, a quote and a letter outside ASCII
#   client-deep                  of client-intermediate.crt, which is of client-ca; the file has both
#   client-cas.crt               client-ca and other-ca
#   ticket48.key ticket48b.key ticket80.key ticket80b.key ticket47.key
#   dhparam.pem                  ffdhe2048
set -euo pipefail

target=$1
work=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

config() { # CA
    cat <<CONFIG
[ca]
default_ca = this
[this]
certificate = $1.crt
private_key = $1.key
database = $1.index
serial = $1.serial
crlnumber = $1.serial
new_certs_dir = .
default_md = sha256
default_days = 365
default_crl_days = 365
policy = any
unique_subject = no
email_in_dn = no
copy_extensions = copy
x509_extensions = v3_$2
[any]
commonName = supplied
organizationName = optional
[req]
prompt = no
utf8 = yes
distinguished_name = subject
x509_extensions = v3_ca
[subject]
[v3_ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[v3_leaf]
basicConstraints = CA:false
subjectKeyIdentifier = hash
CONFIG
}

new_key() { # NAME KIND
    case $2 in
        p256 | p384) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:${2/p/P-}" -out "$1.key" ;;
        rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key" ;;
        rsa4096) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out "$1.key" ;;
        ed25519) openssl genpkey -algorithm ED25519 -out "$1.key" ;;
    esac
}

use_as_ca() { # NAME
    config "$1" leaf >"$1.leaf.cnf"
    config "$1" ca >"$1.ca.cnf"
    : >"$1.index"
    # Long enough to show leading zeros and letters where serial numbers are printed.
    printf '0A%s\n' "$(openssl rand -hex 7)" >"$1.serial"
}

make_ca() { # NAME COMMON-NAME
    new_key "$1" p256
    use_as_ca "$1"
    openssl req -x509 -new -config "$1.ca.cnf" -key "$1.key" -days 3650 -subj "/O=TLS module tests/CN=$2" \
        -out "$1.crt"
}

# Options: ALT is subjectAltName's text, START and END dates as openssl ca takes them.
issue() { # CA NAME KIND COMMON-NAME [leaf|ca]
    new_key "$2" "$3"
    local extension=()
    [ -z "${ALT:-}" ] || extension=(-addext "subjectAltName=$ALT")
    openssl req -new -config "$1.leaf.cnf" -utf8 -key "$2.key" -subj "/CN=$4" "${extension[@]}" -out "$2.csr"
    openssl ca -batch -notext -utf8 -config "$1.${5:-leaf}.cnf" -startdate "${START:-20240101000000Z}" \
        -enddate "${END:-20490101000000Z}" -in "$2.csr" -out "$2.crt"
}

make_all() {
    make_ca ca "Server CA"
    make_ca other-ca "Other CA"
    make_ca client-ca "Client CA"

    ALT=DNS:localhost,IP:127.0.0.1,IP:::1 issue ca localhost p256 localhost
    ALT=DNS:a.test issue ca a.test p256 a.test
    ALT=DNS:b.test issue ca b.test p256 b.test
    ALT="DNS:w.test,DNS:*.w.test" issue ca w.test p256 w.test
    for kind in p384 rsa rsa4096 ed25519; do
        ALT=DNS:localhost,DNS:a.test,IP:127.0.0.1 issue ca "$kind" "$kind" localhost
    done

    issue ca intermediate p256 "Server intermediate" ca
    use_as_ca intermediate
    ALT=DNS:a.test issue intermediate chain p256 a.test
    mv chain.crt chain-leaf.crt
    cat chain-leaf.crt intermediate.crt >chain.crt
    cat intermediate.crt chain-leaf.crt >chain-wrong.crt

    for name in first second third fourth fifth sixth seventh; do
        new_key "$name" p256
        openssl req -x509 -new -config ca.leaf.cnf -extensions v3_leaf -key "$name.key" -days 3650 \
            -subj "/CN=$name" -out "$name.crt"
    done

    new_key mismatch p256
    openssl pkcs8 -topk8 -in localhost.key -passout pass:secret -out encrypted.key
    openssl pkcs8 -topk8 -in rsa.key -passout pass:secret -out rsa-encrypted.key
    printf 'wrong\nsecret\n' >passwords.txt
    printf 'wrong\nalso wrong\n' >passwords-wrong.txt
    head -n 5 localhost.crt >truncated.crt
    head -n 2 localhost.key >truncated.key
    echo 'this is not PEM' >garbage.pem
    : >empty.pem

    issue client-ca client p256 "good client"
    issue client-ca client-rsa rsa "good RSA client"
    END=20240201000000Z issue client-ca client-expired p256 "expired client"
    START=20480101000000Z issue client-ca client-future p256 "future client"
    issue client-ca client-revoked p256 "revoked client"
    issue client-ca client-dn p256 'Zoë, "the client"'
    issue other-ca client-other p256 "client of another CA"
    new_key client-self p256
    openssl req -x509 -new -config client-ca.leaf.cnf -extensions v3_leaf -key client-self.key -days 3650 \
        -subj "/CN=self-signed client" -out client-self.crt
    issue client-ca client-intermediate p256 "Client intermediate" ca
    use_as_ca client-intermediate
    issue client-intermediate client-deep p256 "deep client"
    cat client-intermediate.crt >>client-deep.crt
    cat client-ca.crt other-ca.crt >client-cas.crt
    openssl ca -config client-ca.leaf.cnf -revoke client-revoked.crt
    openssl ca -config client-ca.leaf.cnf -gencrl -out crl.pem
    openssl ca -config client-intermediate.leaf.cnf -gencrl -out crl-intermediate.pem
    cat crl.pem crl-intermediate.pem >crl-all.pem

    for size in 47 48 80; do
        openssl rand -out "ticket$size.key" "$size"
        openssl rand -out "ticket${size}b.key" "$size"
    done
    openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dhparam.pem
}

make_all >log 2>&1 || {
    tail -n 20 log >&2
    exit 1
}
rm -f ./*.csr ./*.cnf ./*.index* ./*.serial* 0A*.pem log
# Workers may run as another user; none of these keys guards anything.
chmod 755 . && chmod 644 ./*
mv -T "$work" "$target"
trap - EXIT
