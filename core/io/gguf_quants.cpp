// SPDX-License-Identifier: GPL-3.0-or-later
// The block formats of ggml (ggml-quants.c), in the order of operations of the Python package gguf, so that every bit agrees.
#include "core/base/check.h"
#include "core/io/gguf.h"

#include <array>
#include <bit>
#include <cstring>

namespace winnow {
namespace {

using Bytes = const std::uint8_t*;

/// float16 at `at`, exactly.
float half(Bytes at)
{
    const std::uint32_t bits = static_cast<std::uint32_t>(at[0] | at[1] << 8);
    const std::uint32_t sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
    if (exponent == 0x1F)
        return std::bit_cast<float>(sign | 0x7F800000 | fraction << 13);
    if (exponent != 0)
        return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    const float small = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -small : small;
}

float brain(Bytes at) { return std::bit_cast<float>(static_cast<std::uint32_t>(at[0] | at[1] << 8) << 16); }

float whole(int value) { return static_cast<float>(value); }

int nibble(Bytes qs, int i, int half) { return half == 0 ? qs[i] & 0xF : qs[i] >> 4; }

/// Bit `i` of 32, as the fifth bit of a number.
int fifth(Bytes qh, int i) { return (qh[i / 8] >> (i % 8) & 1) << 4; }

void q4_0(Bytes in, float* out)
{
    const float d = half(in);
    for (int i = 0; i < 32; ++i)
        out[i] = d * whole(nibble(in + 2, i % 16, i / 16) - 8);
}

void q4_1(Bytes in, float* out)
{
    const float d = half(in), m = half(in + 2);
    for (int i = 0; i < 32; ++i)
        out[i] = d * whole(nibble(in + 4, i % 16, i / 16)) + m;
}

void q5_0(Bytes in, float* out)
{
    const float d = half(in);
    for (int i = 0; i < 32; ++i)
        out[i] = d * whole((nibble(in + 6, i % 16, i / 16) | fifth(in + 2, i)) - 16);
}

void q5_1(Bytes in, float* out)
{
    const float d = half(in), m = half(in + 2);
    for (int i = 0; i < 32; ++i)
        out[i] = d * whole(nibble(in + 8, i % 16, i / 16) | fifth(in + 4, i)) + m;
}

void q8_0(Bytes in, float* out)
{
    const float d = half(in);
    for (int i = 0; i < 32; ++i)
        out[i] = whole(static_cast<std::int8_t>(in[2 + i])) * d;
}

void q2_k(Bytes in, float* out)
{
    const Bytes scales = in, qs = in + 16;
    const float d = half(in + 80), least = half(in + 82);
    for (int i = 0; i < 256; ++i) {
        const int scale = scales[i / 16], q = qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
        out[i] = d * whole(scale & 0xF) * whole(q) - least * whole(scale >> 4);
    }
}

void q3_k(Bytes in, float* out)
{
    const Bytes mask = in, qs = in + 32, scales = in + 96;
    const float d = half(in + 108);
    for (int i = 0; i < 256; ++i) {
        const int group = i / 16;
        const int low = group < 8 ? scales[group] & 0xF : scales[group - 8] >> 4;
        const int high = scales[8 + group % 4] >> (group / 4 * 2) & 3;
        const int q = (qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - ((mask[i % 32] >> (i / 32) & 1) != 0 ? 0 : 4);
        out[i] = d * whole((low | high << 4) - 32) * whole(q);
    }
}

struct ScaleAndLeast {
    int scale, least;
};

/// Of the eight groups of Q4_K and Q5_K: six bits each in twelve bytes.
ScaleAndLeast scaleOf(Bytes packed, int group)
{
    if (group < 4)
        return {packed[group] & 0x3F, packed[group + 4] & 0x3F};
    const int low = group - 4;
    return {(packed[8 + low] & 0xF) | (packed[low] >> 2 & 0x30), packed[8 + low] >> 4 | (packed[4 + low] >> 2 & 0x30)};
}

void q4_k(Bytes in, float* out)
{
    const float d = half(in), least = half(in + 2);
    for (int i = 0; i < 256; ++i) {
        const ScaleAndLeast group = scaleOf(in + 4, i / 32);
        out[i] = d * whole(group.scale) * whole(nibble(in + 16, i / 64 * 32 + i % 32, i / 32 % 2)) - least * whole(group.least);
    }
}

void q5_k(Bytes in, float* out)
{
    const float d = half(in), least = half(in + 2);
    for (int i = 0; i < 256; ++i) {
        const ScaleAndLeast group = scaleOf(in + 4, i / 32);
        const int q = nibble(in + 48, i / 64 * 32 + i % 32, i / 32 % 2) | (in[16 + i % 32] >> (i / 32) & 1) << 4;
        out[i] = d * whole(group.scale) * whole(q) - least * whole(group.least);
    }
}

void q6_k(Bytes in, float* out)
{
    const Bytes low = in, high = in + 128, scales = in + 192;
    const float d = half(in + 208);
    for (int i = 0; i < 256; ++i) {
        const int part = i / 128, within = i % 128;
        const int q = nibble(low, part * 64 + within % 64, within / 64) | (high[part * 32 + i % 32] >> (within / 32 * 2) & 3)
                                                                              << 4;
        out[i] = d * whole(static_cast<std::int8_t>(scales[i / 16])) * whole(q - 32);
    }
}

void copy(Bytes in, float* out) { std::memcpy(out, in, sizeof *out); }
void fromHalf(Bytes in, float* out) { *out = half(in); }
void fromBrain(Bytes in, float* out) { *out = brain(in); }

using Block = void (*)(Bytes in, float* out);

Block reader(GgufType type)
{
    switch (type) {
    case GgufType::F32:
        return copy;
    case GgufType::F16:
        return fromHalf;
    case GgufType::BF16:
        return fromBrain;
    case GgufType::Q4_0:
        return q4_0;
    case GgufType::Q4_1:
        return q4_1;
    case GgufType::Q5_0:
        return q5_0;
    case GgufType::Q5_1:
        return q5_1;
    case GgufType::Q8_0:
        return q8_0;
    case GgufType::Q2_K:
        return q2_k;
    case GgufType::Q3_K:
        return q3_k;
    case GgufType::Q4_K:
        return q4_k;
    case GgufType::Q5_K:
        return q5_k;
    case GgufType::Q6_K:
        return q6_k;
    }
    return nullptr;
}

} // namespace

void dequantize(GgufType type, std::span<const std::byte> blocks, std::span<float> out)
{
    const GgufBlock block = ggufBlock(type);
    const Block read = reader(type);
    const std::size_t count = blocks.size() / block.bytes;
    WINNOW_CHECK(count * block.bytes == blocks.size() && count * block.numbers == out.size(), "{} bytes of {} for {} numbers",
                 blocks.size(), ggufTypeName(type), out.size());
    auto* in = reinterpret_cast<Bytes>(blocks.data());
    for (std::size_t i = 0; i < count; ++i)
        read(in + i * block.bytes, out.data() + i * block.numbers);
}

} // namespace winnow
