// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/lasting_paths.h"

#include <QCoreApplication>

namespace winnow::app {

namespace fs = std::filesystem;

fs::path anywhere(const fs::path& path)
{
    std::error_code error;
    const fs::path whole = path.empty() ? path : fs::absolute(path, error).lexically_normal();
    return error ? path : whole;
}

std::optional<LastingTrace> lastingTrace(const Workspace& workspace)
{
    return lastingTrace(workspace, workspace.sources(), workspace.data().info.get());
}

std::optional<LastingTrace> lastingTrace(const Workspace& workspace, const Sources& sources, const TraceInfo* info)
{
    if (!workspace.isTemporary(sources.trace) || !info)
        return LastingTrace{anywhere(sources.trace), {}};
    const auto dtype = info->manifest.find("dtype");
    if (sources.model.empty() || sources.text.empty() || dtype == info->manifest.end())
        return std::nullopt;
    const RecordParts record{.model = anywhere(sources.model),
                             .text = anywhere(sources.text),
                             .tokens = static_cast<int>(info->tokens.size()),
                             .dtype = dtype->second,
                             .isChat = sources.isChat,
                             .layers = sources.layers};
    return LastingTrace{recordedFile(record), record};
}

QString noLastingTrace()
{
    return QCoreApplication::translate("LastingTrace",
                                       "A recording lies in a temporary folder, which goes with the window, and it is "
                                       "not known what it was made from; save the session first.");
}

} // namespace winnow::app
