// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing the next token from logits. Free of Torch.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace winnow {

struct Sampling {
    double temperature = 0; ///< divides the logits; 0 = always the likeliest token (the first of equals)
    double topP = 1;        ///< draws from the likeliest tokens that together have this probability (Holtzman et al. 2020)
    std::uint64_t seed = 0;
};

/// Draws one token after the other; the same seed and logits give the same tokens on every machine.
class Sampler {
public:
    explicit Sampler(const Sampling& sampling) : m_sampling(sampling), m_random(sampling.seed) {}
    /// `logits` [vocabulary], at least one of them finite.
    std::int32_t next(std::span<const float> logits);

private:
    Sampling m_sampling;
    std::mt19937_64 m_random;
    std::vector<std::int32_t> m_order;
    std::vector<double> m_weights;
};

} // namespace winnow
