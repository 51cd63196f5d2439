// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/wavelet_energy.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

#include <algorithm>

namespace winnow {

namespace {

struct Bands {
    int finest = 1, coarsest = 5;
    double decay = 1;
};

class LaneBandEnergy final : public LaneScorer {
public:
    explicit LaneBandEnergy(const Bands& bands) : m_bands(bands) {}
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    bool wantsRow(bool, int) const override { return true; }
    void observe(int, std::span<const std::int32_t> positions, std::span<const float> row) override
    {
        m_energy.resize(row.size(), 0.0);
        for (double& energy : m_energy)
            energy *= m_bands.decay;
        const auto d = static_cast<std::size_t>(m_vectors->headDim);
        m_signal.resize(row.size() * d);
        for (int head = 0; head < m_vectors->keyHeads; ++head) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                const float* value = m_vectors->value(head, positions[i]);
                for (std::size_t c = 0; c < d; ++c)
                    m_signal[i * d + c] = static_cast<double>(row[i]) * static_cast<double>(value[c]);
            }
            addBandEnergy(m_signal, row.size(), m_bands.finest, m_bands.coarsest, m_energy);
        }
    }
    std::span<const double> scores(int, std::span<const std::int32_t>) override { return m_energy; }
    void erased(std::span<const int> victims) override { eraseSlots(m_energy, victims); }

private:
    Bands m_bands;
    const LaneVectors* m_vectors = nullptr;
    std::vector<double> m_energy, m_signal;
};

class BandEnergy final : public Scorer {
public:
    explicit BandEnergy(const Bands& bands) : m_bands(bands) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneBandEnergy>(m_bands); }

private:
    Bands m_bands;
};

} // namespace

void addBandEnergy(std::span<const double> signal, std::size_t slots, int finest, int coarsest, std::span<double> energy)
{
    const std::size_t d = slots > 0 ? signal.size() / slots : 0;
    std::vector<double> mean(signal.begin(), signal.end()); // of every block: Haar's approximation over the root of its length
    std::size_t blocks = slots;
    for (int level = 1; level <= coarsest && blocks > 1; ++level) {
        const std::size_t length = std::size_t{1} << level, halves = blocks;
        blocks = (blocks + 1) / 2;
        for (std::size_t block = 0; block < blocks; ++block) {
            const std::size_t left = 2 * block, right = std::min(left + 1, halves - 1);
            double squared = 0; // of the band at every slot of the block: half the difference of the two means
            for (std::size_t c = 0; c < d; ++c) {
                const double a = mean[left * d + c], b = mean[right * d + c];
                squared += (a - b) * (a - b) / 4;
                mean[block * d + c] = (a + b) / 2;
            }
            if (level >= finest)
                for (std::size_t slot = block * length; slot < std::min(slots, (block + 1) * length); ++slot)
                    energy[slot] += squared;
        }
    }
}

std::shared_ptr<const Scorer> bandEnergy(int finest, int coarsest, double decay)
{
    return std::make_shared<BandEnergy>(Bands{finest, coarsest, decay});
}

const Preset& waveletPreset()
{
    static const Preset preset{
        .info =
            {.name = "wavelet",
             .title = "Wavelet energy (experiment)",
             .summary =
                 "An experiment: keeps the tokens at which the contributions to the output change, by the energy of Haar bands.",
             .parameters = {shared_parameters::budget(), shared_parameters::sinks("4"),
                            wholeParameter("recent", "Recent",
                                           "Newest tokens that may not leave. Half the budget less the sinks unless said.", 0,
                                           1e6, ""),
                            wholeParameter("finest", "Finest band", "First band that counts: 1 compares neighbors.", 1, 20, "1"),
                            wholeParameter("coarsest", "Coarsest band",
                                           "Last band that counts; band l compares runs of 2^(l − 1) slots.", 1, 20, "5"),
                            realParameter("decay", "Decay", "Each new row multiplies the earlier ones by this.", 0, 1, "0.99"),
                            shared_parameters::positions("keep"), shared_parameters::group(),
                            shared_parameters::granularity("kv")},
             .deviations = "No paper proposes this and nothing is claimed for it. It shows what a new idea takes: one file pair "
                           "and one line. The "
                           "group's mean row weighs the values, and blocks lie over slots, which move as tokens leave."},
        .derive = [](const PolicySpec& spec, std::string_view,
                     int slots) { return std::to_string(std::max(0, slots / 2 - spec.whole("sinks"))); },
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                recipe.scorer = bandEnergy(spec.whole("finest"), spec.whole("coarsest"), spec.real("decay"));
                recipe.selector = lowestScore();
                recipe.budget = uniformBudget();
                return recipe;
            },
        .contradiction =
            [](const PolicySpec& spec, int) {
                return spec.whole("finest") <= spec.whole("coarsest")
                           ? std::string()
                           : fmt::format("finest={} lies above coarsest={}, so no band counts; give a finest band from 1 to {}",
                                         spec.whole("finest"), spec.whole("coarsest"), spec.whole("coarsest"));
            },
    };
    return preset;
}

} // namespace winnow
