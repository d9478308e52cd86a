#pragma once

#include <cstddef>

// What the terminal that standard output goes to can show; sensible values where it goes elsewhere.
namespace knm {

// Opens /dev/null where standard input, output or error is closed: the next file or socket would take its number, and
// what is meant for people be written into that.
void open_closed_streams();

// On a terminal, unless the environment has NO_COLOR.
bool colours_on_stdout();
// Whether the locale that the environment names writes UTF-8.
bool utf8_on_stdout();
// Columns, at least 60; 100 where there is no terminal.
std::size_t width_of_stdout();

}  // namespace knm
