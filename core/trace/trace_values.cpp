// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/trace_values.h"

#include "core/trace/trace_layout.h"

#include <bit>
#include <cmath>

namespace winnow {

using namespace trace_layout;

namespace {

constexpr float kLeastScale = 1e-9F, kMostScale = 1e4F;
constexpr float kLeastSoftcap = 1e-3F, kMostSoftcap = 1e6F;
constexpr float kMostRotaryScale = 100, kMostFrequency = 100;
constexpr int kMostWindow = 1 << 30;  // position + window stays an int
constexpr float kMostLogprob = 1e-3F; // rounding may leave a little more than log 1

float least(Rows what) { return what == Rows::ValueOutputNorm ? 0 : what == Rows::LogSumExp ? -kMostLogSumExp : -kMostVector; }
float most(Rows what)
{
    return what == Rows::ValueOutputNorm ? kMostNorm : what == Rows::LogSumExp ? kMostLogSumExp : kMostVector;
}

bool within(float value, float low, float high) { return value >= low && value <= high; } // false for nan

/// Whether a magnitude exceeds `high`, or is none. The bits of magnitudes are ordered as they are, and those of nan lie above
/// all: plain integer work that fits every vector unit.
bool anyBeyond(std::span<const float> values, float high, bool negativeToo)
{
    const auto limit = std::bit_cast<std::int32_t>(high);
    const std::int32_t sign = negativeToo ? std::numeric_limits<std::int32_t>::min() : 0;
    std::int32_t worse = 0;
    for (const float value : values) {
        const auto bits = std::bit_cast<std::int32_t>(value);
        worse |= (limit - (bits & std::numeric_limits<std::int32_t>::max())) | (bits & sign);
    }
    return worse < 0;
}

} // namespace

std::optional<BadNumber> firstBadNumber(Rows what, std::span<const float> rows, int heads, int n)
{
    const float low = least(what), high = most(what);
    if (rows.empty() || !anyBeyond(rows, high, low == 0))
        return std::nullopt;
    const std::size_t d = rows.size() / (static_cast<std::size_t>(heads) * n);
    for (int row = 0; row < n; ++row)
        for (int head = 0; head < heads; ++head)
            for (const float value : rows.subspan((static_cast<std::size_t>(head) * n + row) * d, d))
                if (!within(value, low, high))
                    return BadNumber{.head = head, .row = row, .value = value};
    return std::nullopt; // -0 where a norm is expected
}

bool areFinite(std::span<const std::uint16_t> halves)
{
    constexpr int kInfinity = 0x7c00;
    int worse = 0;
    for (const std::uint16_t half : halves)
        worse |= (kInfinity - 1) - (half & 0x7fff);
    return worse >= 0;
}

std::string describe(const BadNumber& bad, Rows what, Head first, Position begin)
{
    const float value = std::isnan(bad.value) ? std::abs(bad.value) : bad.value; // a nan with a sign says no more
    return fmt::format("holds {} at head {}, token {}; expected numbers from {:g} to {:g}", value, raw(first) + bad.head,
                       raw(begin) + bad.row, least(what), most(what));
}

std::string wrongLogprob(std::span<const float> logprob, Position begin, bool allKnown)
{
    for (std::size_t i = 0; i < logprob.size(); ++i) {
        const bool unknown = std::isnan(logprob[i]) && (!allKnown || (raw(begin) == 0 && i == 0));
        if (!unknown && !(std::isfinite(logprob[i]) && logprob[i] <= kMostLogprob))
            return fmt::format("holds {} at token {}; expected logarithms of probabilities, up to 0", logprob[i],
                               static_cast<std::size_t>(raw(begin)) + i);
    }
    return "";
}

std::string wrongAttribute(const LayerInfo& layer)
{
    if (!within(layer.scale, kLeastScale, kMostScale))
        return fmt::format("scale {}; expected a number from {} to {}", layer.scale, kLeastScale, kMostScale);
    if (layer.window < 0 || layer.window > kMostWindow)
        return fmt::format("window {}; expected 0 (none) to {}", layer.window, kMostWindow);
    if (layer.softcap != 0 && !within(layer.softcap, kLeastSoftcap, kMostSoftcap))
        return fmt::format("softcap {}; expected 0 (none) or a number from {} to {}", layer.softcap, kLeastSoftcap, kMostSoftcap);
    if (!(layer.rotaryScale > 0) || layer.rotaryScale > kMostRotaryScale)
        return fmt::format("rotary_scale {}; expected a number above 0, up to {}", layer.rotaryScale, kMostRotaryScale);
    for (std::size_t pair = 0; pair < layer.invFreq.size(); ++pair)
        if (!within(layer.invFreq[pair], -kMostFrequency, kMostFrequency))
            return fmt::format("inv_freq {} of pair {}; expected frequencies from {} to {}", layer.invFreq[pair], pair,
                               -kMostFrequency, kMostFrequency);
    return "";
}

} // namespace winnow
