// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/playhead_lead.h"

#include <algorithm>

namespace winnow::app {

void PlayheadLead::follow()
{
    if (m_selection->tokenCount() == 0) // closed, for another recording: the step fell back to 0 by itself
        m_step = 0;
    if (m_selection->state().step != m_step)
        return;
    m_step = std::clamp(m_workspace->leadingStep(), 0, std::max(0, m_selection->tokenCount() - 1));
    m_selection->setStep(m_step);
}

} // namespace winnow::app
