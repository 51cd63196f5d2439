// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of a replay's results: in memory, or in a temporary file where memory does not hold them.
#pragma once

#include "core/io/scratch_file.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace winnow {

enum class ResultPlace { Memory, File };

/// An array of numbers, used like a vector; its length is set by `assign`. A copy lies in memory, wherever the original does.
/// Several threads may write different entries.
template <class T>
class Cells {
public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    Cells() = default;
    Cells(std::vector<T> values) : m_values(std::move(values)) { look(); } // NOLINT: a vector is such an array
    Cells(std::initializer_list<T> values) : m_values(values) { look(); }
    Cells(const Cells& other) : m_values(other.begin(), other.end()) { look(); }
    Cells(Cells&& other) noexcept { swap(other); }
    Cells& operator=(Cells other) noexcept
    {
        swap(other);
        return *this;
    }
    ~Cells() = default;

    /// `count` entries of `value`. Throws std::runtime_error, with a sentence, where the file cannot be made.
    void assign(std::size_t count, T value, ResultPlace place = ResultPlace::Memory)
    {
        Cells made;
        if (place == ResultPlace::Memory || count == 0) {
            made.m_values.assign(count, value);
        } else {
            auto file = ScratchFile::make(count * sizeof(T), scratchFolder());
            if (!file)
                throw std::runtime_error(file.error().message);
            made.m_file.emplace(std::move(*file));
        }
        made.look();
        if (made.m_file && value != T())
            std::fill(made.begin(), made.end(), value);
        swap(made);
    }

    ResultPlace place() const { return m_file ? ResultPlace::File : ResultPlace::Memory; }
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }
    T* data() { return m_data; }
    const T* data() const { return m_data; }
    T* begin() { return m_data; }
    T* end() { return m_data + m_size; }
    const T* begin() const { return m_data; }
    const T* end() const { return m_data + m_size; }
    T& operator[](std::size_t i) { return m_data[i]; }
    const T& operator[](std::size_t i) const { return m_data[i]; }

    friend bool operator==(const Cells& a, const Cells& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

private:
    void look()
    {
        m_data = m_file ? reinterpret_cast<T*>(m_file->data()) : m_values.data();
        m_size = m_file ? m_file->size() / sizeof(T) : m_values.size();
    }
    void swap(Cells& other) noexcept
    {
        m_values.swap(other.m_values);
        m_file.swap(other.m_file);
        std::swap(m_data, other.m_data);
        std::swap(m_size, other.m_size);
    }

    std::vector<T> m_values;
    std::optional<ScratchFile> m_file;
    T* m_data = nullptr; ///< of the one that is used
    std::size_t m_size = 0;
};

} // namespace winnow
