// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/key_steps.h"

#include "core/policy/lane_parts.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

class LaneKeys final : public LaneScorer {
public:
    explicit LaneKeys(bool difference) : m_difference(difference) {}
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    bool wantsRow(bool, int) const override { return false; }
    void observe(int, std::span<const std::int32_t>, std::span<const float>) override {}
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        return m_difference ? differences(positions) : lengths(positions);
    }
    void erased(std::span<const int> victims) override
    {
        const auto known = std::ranges::lower_bound(victims, static_cast<int>(m_lengths.size()));
        eraseSlots(m_lengths, victims.first(static_cast<std::size_t>(known - victims.begin())));
    }

private:
    double length(const float* key) const
    {
        double sum = 0;
        for (int c = 0; c < m_vectors->headDim; ++c)
            sum += static_cast<double>(key[c]) * key[c];
        return std::sqrt(sum);
    }
    /// A key keeps its length, so that of every slot is computed once.
    std::span<const double> lengths(std::span<const std::int32_t> positions)
    {
        for (std::size_t i = m_lengths.size(); i < positions.size(); ++i) {
            double sum = 0;
            for (int head = 0; head < m_vectors->keyHeads; ++head)
                sum += length(m_vectors->key(head, positions[i]));
            m_lengths.push_back(sum / -m_vectors->keyHeads);
        }
        return m_lengths;
    }
    std::span<const double> differences(std::span<const std::int32_t> positions)
    {
        m_scores.assign(positions.size(), 0.0);
        for (int head = 0; head < m_vectors->keyHeads; ++head)
            addCosines(head, positions);
        for (double& score : m_scores)
            score /= -m_vectors->keyHeads;
        return m_scores;
    }
    void addCosines(int head, std::span<const std::int32_t> positions)
    {
        const auto d = static_cast<std::size_t>(m_vectors->headDim);
        std::vector<double> lengths(positions.size()), anchor(d, 0.0);
        for (std::size_t i = 0; i < positions.size(); ++i) {
            const float* key = m_vectors->key(head, positions[i]);
            lengths[i] = std::max(length(key), 1e-12);
            for (std::size_t c = 0; c < d; ++c)
                anchor[c] += static_cast<double>(key[c]) / lengths[i];
        }
        double whole = 0;
        for (const double channel : anchor)
            whole += channel * channel;
        whole = std::max(std::sqrt(whole), 1e-12);
        for (std::size_t i = 0; i < positions.size(); ++i) {
            const float* key = m_vectors->key(head, positions[i]);
            double product = 0;
            for (std::size_t c = 0; c < d; ++c)
                product += static_cast<double>(key[c]) * anchor[c];
            m_scores[i] += product / (lengths[i] * whole);
        }
    }

    bool m_difference;
    const LaneVectors* m_vectors = nullptr;
    std::vector<double> m_scores;
    std::vector<double> m_lengths; ///< minus the mean over the heads, of the first slots; that of later ones is not known yet
};

class KeySteps final : public Scorer {
public:
    explicit KeySteps(bool difference) : m_difference(difference) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneKeys>(m_difference); }

private:
    bool m_difference;
};

} // namespace

std::shared_ptr<const Scorer> keyNormSteps() { return std::make_shared<KeySteps>(false); }
std::shared_ptr<const Scorer> keyDifferenceSteps() { return std::make_shared<KeySteps>(true); }

} // namespace winnow
