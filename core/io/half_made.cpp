// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/half_made.h"

#include <array>
#include <atomic>
#include <climits>
#include <cstring>

#include <unistd.h>

namespace winnow {

namespace {

struct Noted {
    std::atomic<bool> taken{false}, whole{false}; ///< whole: the name can be read
    std::array<char, PATH_MAX> name{};
};
std::array<Noted, 16> all;

} // namespace

HalfMade::HalfMade(const std::filesystem::path& path)
{
    const std::string& name = path.native();
    if (name.size() >= PATH_MAX)
        return;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!all[i].taken.exchange(true)) {
            std::memcpy(all[i].name.data(), name.c_str(), name.size() + 1);
            all[i].whole = true;
            m_place = static_cast<int>(i);
            return;
        }
}

HalfMade::~HalfMade()
{
    if (m_place < 0)
        return;
    Noted& noted = all[static_cast<std::size_t>(m_place)];
    noted.whole = false;
    noted.taken = false;
}

void removeHalfMade()
{
    for (const Noted& noted : all)
        if (noted.whole)
            ::unlink(noted.name.data());
}

} // namespace winnow
