// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/trace_input.h"

#include "app/cli/file_kind.h"
#include "core/base/grouped.h"

namespace winnow::cli {

Result<void> expectTrace(const std::string& path, std::string_view command)
{
    WINNOW_TRY(const FileKind kind, fileKind(path));
    if (kind != FileKind::Trace)
        return fail(ErrorCode::BadInput, "'{}' is a {}; {} takes a recording as winnow record writes it, .h5", path,
                    kindName(kind), command);
    return {};
}

Result<std::shared_ptr<const Trace>> openTrace(const std::string& path, Console& console)
{
    WINNOW_TRY(std::shared_ptr<const Trace> trace, Trace::open(path));
    if (!trace->info().complete)
        console.warn(
            fmt::format("'{}' was cut short while recording; its first {} tokens are used", path, grouped(trace->tokenCount())));
    return trace;
}

} // namespace winnow::cli
