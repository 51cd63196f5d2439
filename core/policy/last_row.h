// Scorer without memory: the newest query's attention row. TOVA: Oren et al. 2024, arXiv 2401.06104, section 3.2.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

std::shared_ptr<const Scorer> lastRow();

} // namespace winnow
