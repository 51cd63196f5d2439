// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/library_error.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LibraryError, isASentenceWithoutTheLibrarysWords)
{
    const auto sentence = [](std::string_view said) { return libraryError("the replay", said); };
    const Error memory = sentence("[enforce fail at alloc_cpu.cpp:114] err == 0. DefaultCPUAllocator: can't allocate memory: you "
                                  "tried to allocate 8 bytes");
    EXPECT_EQ(memory.code, ErrorCode::OutOfMemory);
    EXPECT_EQ(memory.message, "memory ran out during the replay; choose fewer tokens, layers or policies at a time");
    EXPECT_EQ(sentence("could not create an engine").code, ErrorCode::OutOfMemory) << "oneDNN";
    EXPECT_THAT(sentence("linalg.eigh: The algorithm failed to converge because the input matrix is ill-conditioned").message,
                HasSubstr("a matrix that cannot be decomposed"));
    EXPECT_THAT(sentence("max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
                         "the 'dim' argument.")
                    .message,
                HasSubstr("the text is too short"));
    EXPECT_THAT(sentence("CUDA error: an illegal memory access was encountered").message, HasSubstr("--device cpu"));
    unsetenv("WINNOW_DETAILS");
    EXPECT_THAT(sentence("vector::reserve\nmore").message,
                testing::AllOf(HasSubstr("please report it"), Not(HasSubstr("vector"))));
    setenv("WINNOW_DETAILS", "1", 1);
    EXPECT_THAT(sentence("vector::reserve\nmore").message, testing::EndsWith("vector::reserve"));
    unsetenv("WINNOW_DETAILS");
}

} // namespace
} // namespace winnow
