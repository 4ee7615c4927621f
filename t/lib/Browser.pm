# For suites with a browser: a "run" has the functions of browser.sh. Use it after TestTLS.
package Browser;

use strict;
use warnings;

use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/browser.sh'\n" . $block->run) if defined $block->run;
});

1;
