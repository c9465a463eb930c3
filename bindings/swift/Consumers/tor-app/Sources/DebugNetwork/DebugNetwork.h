#pragma once

#include <stdint.h>

/// Debug builds of the library with Tor inside take another network than the public one, a byte at a time; zero ends its description.
void ffi_byway_ffi_debug_tor_network(uint8_t byte);
