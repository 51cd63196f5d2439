// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/shared_library.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(SharedLibrary, findsAFunctionOrSaysWhatIsMissing)
{
    const auto library = SharedLibrary::open("libm.so.6");
    ASSERT_TRUE(library);
    double (*function)(double) = nullptr;
    ASSERT_TRUE(library->find("sqrt", function));
    EXPECT_EQ(function(9), 3);
    const auto missing = library->find("cuInit", function);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message, "the library libm.so.6 has no function cuInit; a newer one is needed");
}

TEST(SharedLibrary, thatIsNotThereIsNamedOnce)
{
    const auto library = SharedLibrary::open("libnowhere.so.1");
    ASSERT_FALSE(library);
    EXPECT_EQ(library.error().code, ErrorCode::NotFound);
    EXPECT_EQ(library.error().message,
              "the library cannot be loaded (libnowhere.so.1: cannot open shared object file: No such file or directory)");
}

} // namespace
} // namespace winnow
