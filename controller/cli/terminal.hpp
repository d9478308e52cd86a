#pragma once

#include <cstddef>

// The capabilities of the terminal on standard output; defaults if that is not a terminal.
namespace knm {

// Opens /dev/null for standard input, output or error if closed: otherwise the next file or socket would get its
// number, and messages would be written into that.
void open_closed_streams();

// True on a terminal, unless the environment contains NO_COLOR.
bool colours_on_stdout();
// Whether the locale of the environment uses UTF-8.
bool utf8_on_stdout();
// Columns, at least 60; 100 without a terminal.
std::size_t width_of_stdout();

}  // namespace knm
