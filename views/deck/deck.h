// SPDX-License-Identifier: GPL-3.0-or-later
// The deck: slider, minimap and kept density in one. A strip per visible policy shows, over the whole text, the share of lanes
// that keep each token at the current step; below them a ruler with the playhead, and the transport row.
#pragma once

#include "views/notes/notes.h"
#include "views/plot/color_scale.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QWidget>

#include <memory>
#include <vector>

class QElapsedTimer;
class QTimer;

namespace winnow::views {

class DeckStrips;
class TransportRow;

class Deck : public QWidget {
    Q_OBJECT
public:
    explicit Deck(Selection* selection, QWidget* parent = nullptr);
    ~Deck() override;

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// The maps' scale, from MapGrid::colorScaleChanged.
    void setColorScale(const ColorScale& scale);
    /// Token positions found by a search, ascending; marked on the ruler.
    void setSearchHits(std::vector<int> tokens);
    /// Marked on the ruler by flags.
    void setNotes(std::vector<Note> notes);
    /// 900 × 600: strips of 6 px without names, ruler 18, transport 28.
    void setCompact(bool compact);

    bool isPlaying() const;
    double speed() const;
    /// The right end of the transport row, for whatever the application shows there; `setJob` fills it too.
    QWidget* jobArea() const;
    /// "Replay: 2 of 6 · 1.4 s left" with a bar (fraction 0…1; below 0 = unknown) and a Stop button; "" removes all three.
    void setJob(const QString& text, double fraction = -1);
    /// A sentence in the middle of the transport row ("token 961 …"); elided when there is no room.
    void setStatus(const QString& sentence);

public slots:
    void play();
    void pause();
    void togglePlay();
    void setSpeed(double speed); ///< times the whole text in 20 s; ¼ … 8
    void faster();
    void slower();

signals:
    void stopRequested();
    void playingChanged(bool playing);
    void speedChanged(double speed);

private:
    void advance();
    void updateHeight();
    void showStep();

    Selection* m_selection;
    DeckStrips* m_strips;
    TransportRow* m_transport;
    QTimer* m_timer;
    std::unique_ptr<QElapsedTimer> m_clock;
    double m_speed = 1, m_position = 0;
};

} // namespace winnow::views
