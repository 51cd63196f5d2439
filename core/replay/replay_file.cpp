// SPDX-License-Identifier: GPL-3.0-or-later
// Writing replays; replay_read.cpp reads them.
#include "core/replay/replay_file.h"

#include "core/io/atomic_file.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"
#include "core/replay/replay_layout.h"
#include "core/replay/stored_slots.h"

#include <algorithm>
#include <cmath>

namespace winnow {

using namespace replay_layout;

namespace {

std::vector<std::int32_t> layerNumbers(const ReplayResult& result)
{
    std::vector<std::int32_t> numbers;
    for (const Layer layer : result.layers)
        numbers.push_back(raw(layer));
    return numbers;
}

/// Visits what readers can do without: differences of other arrays.
template <class Visit>
void forDerived(const PolicyReplay& policy, const Visit& visit)
{
    visit("regret", regretAgainst(policy, policy.oracleMass));
    visit("future_regret", regretAgainst(policy, policy.futureMass));
}

/// The manifest with what a reader needs beside the arrays.
std::map<std::string, std::string> fullManifest(const ReplayResult& result)
{
    auto manifest = result.manifest;
    manifest["format"] = "winnow-replay";
    manifest["version"] = std::to_string(kVersion);
    manifest["prompt"] = std::to_string(result.prompt);
    manifest["slot_bytes"] = fmt::format("{}", fmt::join(result.slotBytes, ","));
    return manifest;
}

Result<void> writeNpz(const ReplayResult& result, const std::filesystem::path& out)
{
    NpzWriter npz(out);
    std::vector<std::string> specs, manifest;
    for (const auto& policy : result.policies)
        specs.push_back(policy->spec.canonical());
    for (const auto& [key, value] : fullManifest(result))
        manifest.push_back(key + "=" + value);
    npz.addStrings("policy", specs);
    npz.addStrings("manifest", manifest);
    npz.add("tokens", result.tokenIds, {result.tokenIds.size()});
    npz.add("layers", layerNumbers(result), {result.layers.size()});
    if (!result.logprob.empty())
        npz.add("logprob", result.logprob, {result.logprob.size()});
    for (std::size_t p = 0; p < result.policies.size(); ++p) {
        const PolicyReplay& policy = *result.policies[p];
        const auto cells = cellShape(policy);
        forArrays(policy, [&](const char* key, const auto& values, bool) {
            if (!values.empty())
                npz.add(fmt::format("{}.{}", key, p), std::span(values), cells);
        });
        forDerived(policy, [&](const char* key, const auto& values) {
            if (!values.empty())
                npz.add(fmt::format("{}.{}", key, p), std::span(values), cells);
        });
        if (!policy.budgets.empty())
            npz.add(fmt::format("budgets.{}", p), policy.budgets,
                    {policy.budgets.size() / static_cast<std::size_t>(policy.layers), static_cast<std::size_t>(policy.layers)});
        if (const auto stored = storedSlots(result, policy)) {
            npz.addScalar(fmt::format("asked.{}", p), std::int32_t{stored->asked});
            npz.addScalar(fmt::format("stored.{}", p), stored->mean);
            npz.addScalar(fmt::format("bytes.{}", p), static_cast<std::int64_t>(stored->bytes));
        }
        if (const auto first = firstEviction(policy); !first.empty())
            npz.add(fmt::format("first_eviction.{}", p), first, {first.size()});
        if (policy.selects())
            npz.add(fmt::format("read.{}", p), std::span(policy.read), readShape(policy));
        forTokenArrays(policy.run, [&](const char* key, const auto& values, bool byLayer) {
            if (!values.empty())
                npz.add(fmt::format("{}.{}", key, p), values,
                        tokenShape(cells[0], values.size() / (byLayer ? cells[0] : 1), byLayer));
        });
    }
    return npz.finish();
}

Result<void> writeHdf5(const ReplayResult& result, const std::filesystem::path& out)
{
    WINNOW_TRY(AtomicFile target, AtomicFile::prepare(out));
    WINNOW_TRY(Hdf5File file, Hdf5File::create(target.part(), false, target.target()));
    for (const auto& [key, value] : fullManifest(result))
        WINNOW_TRY_VOID(file.setAttribute("/", key, value));
    WINNOW_TRY_VOID(file.writeArray<std::int32_t>("/tokens", result.tokenIds, {result.tokenIds.size()}));
    WINNOW_TRY_VOID(file.writeArray<std::int32_t>("/layers", layerNumbers(result), {result.layers.size()}));
    if (!result.logprob.empty())
        WINNOW_TRY_VOID(file.writeArray<float>("/logprob", result.logprob, {result.logprob.size()}));
    WINNOW_TRY_VOID(file.makeGroup("/replays"));
    for (std::size_t p = 0; p < result.policies.size(); ++p) {
        const PolicyReplay& policy = *result.policies[p];
        const std::string group = fmt::format("/replays/{:05d}", p);
        WINNOW_TRY_VOID(file.makeGroup(group));
        WINNOW_TRY_VOID(file.setAttribute(group, "policy", policy.spec.canonical()));
        if (const auto stored = storedSlots(result, policy)) {
            WINNOW_TRY_VOID(file.setAttribute(group, "asked", std::int64_t{stored->asked}));
            WINNOW_TRY_VOID(file.setAttribute(group, "stored", stored->mean));
            WINNOW_TRY_VOID(file.setAttribute(group, "bytes", static_cast<std::int64_t>(stored->bytes)));
        }
        const auto cells = cellShape(policy);
        const Hdf5Shape shape(cells.begin(), cells.end());
        Result<void> written;
        const auto writeAs = [&](const Hdf5Shape& as, const char* key, const auto& values) {
            using Number = typename std::decay_t<decltype(values)>::value_type;
            if (written && !values.empty())
                written = file.writeArray<Number>(group + "/" + key, values, as, 4);
        };
        const auto write = [&](const char* key, const auto& values) { writeAs(shape, key, values); };
        forArrays(policy, [&](const char* key, const auto& values, bool) { write(key, values); });
        forDerived(policy, write);
        forTokenArrays(policy.run, [&](const char* key, const auto& values, bool byLayer) {
            const auto as = tokenShape(cells[0], values.size() / (byLayer ? cells[0] : 1), byLayer);
            writeAs(Hdf5Shape(as.begin(), as.end()), key, values);
        });
        WINNOW_TRY_VOID(std::move(written));
        if (!policy.budgets.empty())
            WINNOW_TRY_VOID(file.writeArray<std::int32_t>(
                group + "/budgets", policy.budgets,
                {policy.budgets.size() / static_cast<std::size_t>(policy.layers), static_cast<hsize_t>(policy.layers)}));
        if (const auto first = firstEviction(policy); !first.empty())
            WINNOW_TRY_VOID(file.writeArray<std::int32_t>(group + "/first_eviction", first, {first.size()}));
        if (const auto bits = readShape(policy); policy.selects())
            WINNOW_TRY_VOID(file.writeArray<std::uint8_t>(group + "/read", policy.read, Hdf5Shape(bits.begin(), bits.end()), 4));
    }
    WINNOW_TRY_VOID(file.close());
    return target.commit();
}

/// The manifest, and what every policy really stored, which the other formats hold as numbers.
std::map<std::string, std::string> tableManifest(const ReplayResult& result)
{
    auto manifest = fullManifest(result);
    for (std::size_t p = 0; p < result.policies.size(); ++p)
        if (const auto stored = storedSlots(result, *result.policies[p])) {
            const ChoiceCount choices = countChoices(*result.policies[p]);
            manifest[fmt::format("stored.{}", p)] =
                fmt::format("{}; {} choices, {} tied", storedText(*stored), choices.made, choices.tied);
        }
    return manifest;
}

Result<void> writeCsv(const ReplayResult& result, const std::filesystem::path& out)
{
    std::string text;
    for (const auto& [key, value] : tableManifest(result)) {
        std::string line = value;
        std::replace_if(
            line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
        text += fmt::format("# {}: {}\n", key, line);
    }
    text += "policy,layer,step,mass,error,occupancy\n";
    for (const auto& policy : result.policies) {
        std::string spec; // it holds commas, so it is quoted, and its own quotes are doubled
        for (const char c : policy->spec.canonical())
            spec += c == '"' ? std::string("\"\"") : std::string(1, c);
        for (int layer = 0; layer < policy->layers; ++layer) {
            for (int step = 0; step < policy->tokens; ++step) {
                double mass = 0, error = 0, occupancy = 0;
                for (int lane = 0; lane < policy->lanes; ++lane) {
                    const auto cell = policy->index(layer, lane, step);
                    mass += policy->mass[cell];
                    error += policy->error[cell];
                    occupancy += policy->occupancy[cell];
                }
                const auto number = [](double value) { return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value); };
                text +=
                    fmt::format("\"{}\",{},{},{},{},{}\n", spec, raw(result.layers[static_cast<std::size_t>(layer)]), step,
                                number(mass / policy->lanes), number(error / policy->lanes), number(occupancy / policy->lanes));
            }
        }
    }
    return writeFileAtomically(out, text);
}

} // namespace

Result<void> writeReplay(const ReplayResult& result, const std::filesystem::path& out)
{
    const std::string extension = extensionOf(out);
    if (extension == "npz")
        return writeNpz(result, out);
    if (extension == "h5" || extension == "hdf5")
        return writeHdf5(result, out);
    if (extension == "csv")
        return writeCsv(result, out);
    return fail(ErrorCode::BadInput, "'{}': a replay is written as .h5, .npz or .csv, not '{}'; change the extension",
                out.string(), extension);
}

} // namespace winnow
