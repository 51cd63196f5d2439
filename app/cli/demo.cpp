// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/demo.h"

#include "app/cli/console.h"
#include "app/cli/resources.h"

namespace winnow {

Result<std::filesystem::path> demoText()
{
    WINNOW_TRY(std::vector<std::filesystem::path> texts, sampleTexts());
    return std::move(texts.front());
}

Result<RecordOptions> demoRecording(const std::filesystem::path& out)
{
    RecordOptions options;
    WINNOW_TRY(options.model, demoModel());
    WINNOW_TRY(const std::filesystem::path text, demoText());
    WINNOW_TRY(options.text, cli::readText(text.string()));
    options.textName = text.filename().string();
    options.out = out;
    options.maxTokens = 1024; // so that the first pictures are there within seconds
    return options;
}

Result<std::vector<PolicySpec>> demoPolicies()
{
    std::vector<PolicySpec> specs;
    // SnapKV's reference lets every query head keep its own tokens, in a cache of several times the size; here all have equal
    // bytes.
    for (const char* line : {"streaming:budget=128", "h2o:budget=128", "tova:budget=128", "snapkv:budget=128,granularity=kv",
                             "pyramidkv:budget=128,granularity=kv", "treekv:budget=128"}) {
        WINNOW_TRY(PolicySpec spec, parsePolicySpec(line));
        specs.push_back(std::move(spec));
    }
    return specs;
}

} // namespace winnow
