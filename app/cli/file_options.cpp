// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/file_options.h"

#include "core/model/config/model_folder.h"
#include "core/policy/policy_spec.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

const WrittenKind* kindOf(const FileOptions::Kinds& kinds, const std::string& out)
{
    const std::string extension = extensionOf(out);
    const auto found = std::ranges::find(kinds, extension, &FileOptions::Kinds::value_type::first);
    return found == kinds.end() ? nullptr : &found->second;
}

/// ".h5, .npz or .csv"
std::string listed(const FileOptions::Kinds& kinds)
{
    std::string list;
    for (std::size_t i = 0; i < kinds.size(); ++i)
        list += (i == 0 ? "." : i + 1 == kinds.size() ? " or ." : ", .") + kinds[i].first;
    return list;
}

std::vector<fs::path> filesOfPolicy(const std::string& typed)
{
    std::vector<fs::path> files;
    const auto spec = parsePolicySpec(typed);
    const PolicyInfo* policy = spec ? findPolicy(spec->name) : nullptr;
    if (policy)
        for (const ParameterSpec& parameter : policy->parameters)
            if (parameter.kind == ParameterKind::File)
                files.emplace_back(spec->value(parameter.id));
    return files;
}

} // namespace

std::vector<fs::path> modelInputs(const fs::path& typed)
{
    std::vector<fs::path> files{typed};
    if (const auto place = resolveModel(typed)) {
        files.push_back(*place);
        if (auto weights = modelFiles(*place))
            files.insert(files.end(), weights->begin(), weights->end());
    }
    return files;
}

CLI::Option* FileOptions::reads(CLI::Option* option)
{
    m_inputs.push_back({option, [](const std::string& typed) { return Paths{typed == "-" ? "/dev/stdin" : typed}; }});
    return option;
}

CLI::Option* FileOptions::readsModel(CLI::Option* option)
{
    m_inputs.push_back({option, [](const std::string& typed) { return modelInputs(typed); }});
    return option;
}

CLI::Option* FileOptions::readsPolicies(CLI::Option* option)
{
    m_inputs.push_back({option, filesOfPolicy});
    return option;
}

CLI::Option* FileOptions::writes(CLI::Option* option, Kinds kinds)
{
    m_outputs.push_back({option, kinds});
    return option->check([kinds = std::move(kinds)](const std::string& out) {
        return kindOf(kinds, out) ? std::string()
                                  : fmt::format("'{}' must end in {}, which decides the format", out, listed(kinds));
    });
}

Result<void> FileOptions::check() const
{
    std::vector<fs::path> inputs, outputs;
    for (const Input& input : m_inputs)
        for (const std::string& typed : input.option->results()) {
            const Paths paths = input.paths(typed);
            inputs.insert(inputs.end(), paths.begin(), paths.end());
        }
    for (const Output& output : m_outputs)
        for (const std::string& typed : output.option->results()) {
            WINNOW_TRY_VOID(checkOutput(typed, inputs, *kindOf(output.kinds, typed)));
            std::error_code error;
            fs::path whole = fs::weakly_canonical(fs::absolute(typed, error), error);
            if (!error && std::ranges::find(outputs, whole) != outputs.end())
                return fail(ErrorCode::Usage, "'{}' is to be written twice; give every --out a name of its own", typed);
            outputs.push_back(std::move(whole));
        }
    return {};
}

} // namespace winnow::cli
