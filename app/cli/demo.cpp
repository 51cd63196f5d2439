#include "app/cli/demo.h"

#include "app/cli/console.h"
#include "app/cli/resources.h"

namespace winnow {

Result<RecordOptions> demoRecording(const std::filesystem::path& out)
{
    RecordOptions options;
    WINNOW_TRY(options.model, demoModel());
    WINNOW_TRY(const std::vector<std::filesystem::path> texts, sampleTexts());
    WINNOW_TRY(options.text, cli::readText(texts.front().string()));
    options.textName = texts.front().filename().string();
    options.out = out;
    options.maxTokens = 1024; // the model was hardly trained beyond, and the first pictures shall be there within seconds
    return options;
}

Result<std::vector<PolicySpec>> demoPolicies()
{
    std::vector<PolicySpec> specs;
    for (const char* name : {"streaming", "h2o", "tova", "snapkv", "pyramidkv", "treekv"}) {
        WINNOW_TRY(PolicySpec spec, parsePolicySpec(fmt::format("{}:budget=128", name)));
        specs.push_back(std::move(spec));
    }
    return specs;
}

} // namespace winnow
