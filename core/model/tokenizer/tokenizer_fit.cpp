// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/tokenizer_fit.h"

namespace winnow {

Result<void> checkFit(const Tokenizer& tokenizer, const ModelConfig& config)
{
    for (std::int32_t id = config.vocabulary; id < tokenizer.size(); ++id)
        if (!tokenizer.token(id).empty() && !tokenizer.isSpecial(id))
            return fail(
                ErrorCode::BadInput,
                "the tokenizer has {} tokens, but the model knows ids 0 to {} only; take the tokenizer that belongs to it",
                tokenizer.size(), config.vocabulary - 1);
    return {};
}

} // namespace winnow
