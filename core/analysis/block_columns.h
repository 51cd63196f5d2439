// SPDX-License-Identifier: GPL-3.0-or-later
// From the tokens of a block to the pixel columns that show them.
#pragma once

#include "core/analysis/retention.h"

#include <algorithm>
#include <span>
#include <vector>

namespace winnow {

/// Tokens of every column, worked out once for all rows of a picture.
class BlockColumns {
public:
    BlockColumns(const RetentionRaster& raster, int tokens)
    {
        for (int column = 0; column < raster.columns; ++column)
            m_columns.push_back({column, std::max(raster.firstToken(column), 0), raster.endToken(column, tokens)});
    }

    /// Goes on to the tokens begin … begin + size − 1.
    void open(int begin, int size)
    {
        const auto before = [](const Piece& column, int token) { return column.end <= token; };
        m_block.clear();
        for (auto column = std::lower_bound(m_columns.begin(), m_columns.end(), begin, before);
             column != m_columns.end() && column->first < begin + size; ++column)
            m_block.push_back({column->column, std::max(column->first - begin, 0), std::min(column->end - begin, size)});
    }

    /// Puts into every cell of `row` the largest of itself and the block's tokens that its column shows.
    template <class Cell>
    void raise(const Cell* block, Cell* row) const
    {
        for (const Piece& piece : m_block) {
            Cell largest = row[piece.column];
            for (int token = piece.first; token < piece.end; ++token)
                largest = std::max(largest, block[token]);
            row[piece.column] = largest;
        }
    }

private:
    struct Piece {
        int column, first, end; ///< tokens, one past the last
    };
    std::vector<Piece> m_columns, m_block; ///< ascending
};

} // namespace winnow
