# For suites about what is not TLS on a TLS address: a "run" has the functions of plain_client.sh. Use it after TestTLS.
package PlainClient;

use strict;
use warnings;

use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/plain_client.sh'\n" . $block->run) if defined $block->run;
});

1;
