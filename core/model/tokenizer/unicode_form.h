// SPDX-License-Identifier: GPL-3.0-or-later
// Unicode's composed forms, as Hugging Face's tokenizers gives them (with the data of Unicode 9).
#pragma once

#include "core/model/tokenizer/normalized_text.h"

namespace winnow {

enum class UnicodeForm {
    Nfc,  ///< canonical composition
    Nfkc, ///< compatibility composition: "ﬁ" becomes "fi"
};

/// Origins as in the reference: what was composed from several characters stands for the first of them.
void compose(NormalizedText& text, UnicodeForm form);

} // namespace winnow
