// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/plain/plain_rules.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

namespace winnow::plain {

namespace {

/// The quantities of one slot.
struct Known {
    double position = 0, age = 0, step = 0, mean = 0, sum = 0, last = 0, max = 0, keyNorm = 0, valueNorm = 0, layer = 0,
           layers = 0, head = 0;
};

/// `at(i)`: the quantities of slot i, those beyond an end being the end's.
using At = std::function<Known(int)>;
using Score = std::function<double(const At& at, int slot)>;

const std::map<std::string, Score, std::less<>>& expressions()
{
    static const std::map<std::string, Score, std::less<>> table{
        {"mean/(1+age/512)", [](const At& at, int i) { return at(i).mean / (1 + at(i).age / 512); }},
        {"max(last,left(mean))-right(max)",
         [](const At& at, int i) { return std::max(at(i).last, at(i - 1).mean) - at(i + 1).max; }},
        {"key_norm*value_norm+(layer+1)*(head+1)/layers*sum",
         [](const At& at, int i) {
             const Known slot = at(i);
             return slot.keyNorm * slot.valueNorm + (slot.layer + 1) * (slot.head + 1) / slot.layers * slot.sum;
         }},
        {"age<3||position==4?2:last*sqrt(step)",
         [](const At& at, int i) { return at(i).age < 3 || at(i).position == 4 ? 2 : at(i).last * std::sqrt(at(i).step); }},
    };
    return table;
}

double meanLength(const std::vector<Vector>& heads)
{
    double sum = 0;
    for (const Vector& head : heads)
        sum += std::sqrt(dot(head, head));
    return sum / static_cast<double>(heads.size());
}

} // namespace

void addExpression(Rule& rule, const PolicySpec& spec)
{
    const auto found = expressions().find(spec.value("score"));
    if (found == expressions().end())
        return;
    auto sums = std::make_shared<Numbers>(), largest = std::make_shared<Numbers>();
    rule.observe = [=](const Scene& scene) {
        for (const auto& [token, share] : scene.row) {
            (*sums)[token] += share;
            (*largest)[token] = std::max((*largest)[token], share);
        }
    };
    rule.scores = [=, score = found->second](const Scene& scene) {
        const At at = [&](int i) {
            const Slot& slot = scene.slots[static_cast<std::size_t>(std::clamp(i, 0, static_cast<int>(scene.slots.size()) - 1))];
            const double age = scene.step - slot.token, sum = (*sums)[slot.token];
            return Known{.position = static_cast<double>(slot.token),
                         .age = age,
                         .step = static_cast<double>(scene.step),
                         .mean = sum / (age + 1),
                         .sum = sum,
                         .last = scene.row.at(slot.token),
                         .max = (*largest)[slot.token],
                         .keyNorm = meanLength(slot.keys),
                         .valueNorm = meanLength(slot.values),
                         .layer = static_cast<double>(scene.layer),
                         .layers = static_cast<double>(scene.modelLayers),
                         .head = static_cast<double>(scene.unit)};
        };
        Numbers scores;
        for (std::size_t i = 0; i < scene.slots.size(); ++i)
            scores[scene.slots[i].token] = score(at, static_cast<int>(i));
        return scores;
    };
}

} // namespace winnow::plain
