// SPDX-License-Identifier: GPL-3.0-or-later
// Runs commands of winnow one after the other, each in a process of its own that is forked from this one. mutate_files.py starts
// it.
//
// A line of standard input is one command, its words apart by tabs: bytes of address space (0 = any number), seconds, the file
// for what it says to standard error, the words of the command. The answer is a line of two numbers: the exit code (128 + a
// signal that ended it; 256: too many seconds), and the bytes of address space that were seen, where no limit was set.
#include "tests/cli/forked_command.h"

#include <cstdlib>
#include <iostream>
#include <sstream>

int main()
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string most, seconds, errors;
        std::getline(words, most, '\t');
        std::getline(words, seconds, '\t');
        std::getline(words, errors, '\t');
        std::vector<std::string> command;
        for (std::string word; std::getline(words, word, '\t');)
            command.push_back(word);
        const auto ended = winnow::test::forkedCommand(
            command, {.mostBytes = std::atoll(most.c_str()), .seconds = std::atoi(seconds.c_str()), .errors = errors});
        std::cout << ended.code << ' ' << ended.bytes << std::endl;
    }
    return 0;
}
