// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/file_descriptor.h"

#include <unistd.h>

namespace winnow {

void FileDescriptor::reset()
{
    if (m_number >= 0)
        ::close(m_number);
    m_number = -1;
}

} // namespace winnow
