// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of an HDF5 file: a trace that can be read to its end, a replay, or a sentence. Opens by way of winnow-h5check, some
// hundred inputs in a second.
#include "core/replay/replay_file.h"
#include "core/trace/trace.h"
#include "tests/support/fuzz_file.h"

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const winnow::FuzzFile file(".h5");
    const auto& path = file.write(data, size);
    if (const auto replay = winnow::readReplay(path); !replay)
        WINNOW_CHECK(!replay.error().message.empty(), "an error without a sentence");
    const auto trace = winnow::Trace::open(path);
    if (!trace) {
        WINNOW_CHECK(!trace.error().message.empty(), "an error without a sentence");
        return 0;
    }
    const int rows = std::min((*trace)->tokenCount(), 64);
    for (int layer = 0; layer < (*trace)->layerCount(); ++layer)
        for (const winnow::Rows what :
             {winnow::Rows::Query, winnow::Rows::Key, winnow::Rows::Value, winnow::Rows::Output, winnow::Rows::LogSumExp}) {
            std::vector<float> out((*trace)->rowFloats(layer, what, rows));
            (void)(*trace)->read(layer, what, winnow::Position(0), winnow::Position(rows), out);
        }
    return 0;
}
