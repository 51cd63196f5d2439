// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_tab.h"

#include "views/style/dock_style.h"

#include <QSignalBlocker>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kPauseMilliseconds = 60; ///< between pictures while the step moves

} // namespace

WaveletTab::WaveletTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Wavelet"), parent, new WaveletPane(selection)), m_first(static_cast<WaveletPane*>(m_plot)),
      m_second(new WaveletPane(selection, this)), m_matrix(new ScaleMatrixView(selection)), m_controls(new WaveletControls),
      m_settingsButton(new QToolButton(this)), m_paperButton(new QPushButton(tr("TreeKV Figure 2"), this)),
      m_job([this](Result<Pair> answer) { arrived(std::move(answer)); },
            [this](const QString&, double fraction) { m_first->setWorking(fraction); })
{
    m_settingsButton->setText(tr("Settings"));
    m_settingsButton->setCheckable(true);
    m_settingsButton->setChecked(true);
    m_settingsButton->setAutoRaise(true);
    m_settingsButton->setToolTip(tr("Signal, transform, wavelet, comparison"));
    m_bar->addWidget(m_settingsButton);
    m_bar->addWidget(m_note, 1);
    m_bar->addWidget(m_paperButton);
    m_paperButton->setCheckable(true);
    m_paperButton->setToolTip(tr("Haar, five levels, step 511 (or the last), all lanes, as in the paper"));
    auto* body = new QWidget(this);
    auto* row = new QHBoxLayout(body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_controls);
    row->addWidget(m_first, 1);
    row->addWidget(m_second, 1);
    row->addWidget(m_matrix);
    m_second->hide();
    m_matrix->hide();
    layOut(body, {480, 160});
    m_settingsButton->setObjectName(QStringLiteral("settings"));
    m_paperButton->setObjectName(QStringLiteral("paper"));
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMilliseconds);

    for (WaveletPane* pane : {m_first, m_second}) {
        pane->setResized([this, pane] {
            pane->relayout();
            alignMatrix();
        });
        pane->setChosen([this, pane] {
            for (WaveletPane* one : {m_first, m_second}) {
                one->setMarkedRow(pane->markedRow());
                one->setPeriods(pane->periods());
            }
            markCarriers();
        });
    }
    connect(m_matrix, &ScaleMatrixView::cellChosen, this, [this](int level) {
        m_first->setMarkedRow(level + 1);
        m_second->setMarkedRow(level + 1);
        markCarriers();
    });
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (m_job.isRunning())
            m_behind = true;
        else
            ask();
    });
    connect(m_controls, &WaveletControls::methodChanged, this, &WaveletTab::ask);
    connect(m_controls, &WaveletControls::scaleChanged, this, &WaveletTab::showPictures);
    connect(m_controls, &WaveletControls::comparisonChanged, this, &WaveletTab::compareChanged);
    connect(m_controls, &WaveletControls::holdWanted, this, [this] {
        hold();
        ask();
    });
    connect(m_settingsButton, &QToolButton::toggled, this, &WaveletTab::arrangeBody);
    connect(m_paperButton, &QPushButton::toggled, this, [this](bool on) {
        m_controls->setPaper(on);
        ask();
    });
    connect(selection, &Selection::changed, this, &WaveletTab::selectionChanged);
    connect(selection, &Selection::left, &m_pause, &QTimer::stop);
    setTheme(m_theme);
    setData({});
}

void WaveletTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    m_second->setTheme(theme);
    m_matrix->setTheme(theme);
    m_controls->setTheme(theme);
    m_first->relayout();
    m_second->relayout();
}

void WaveletTab::setData(const ViewData& data)
{
    const bool sameTrace = m_data.trace == data.trace, sameReplay = m_data.replay == data.replay;
    m_data = data;
    m_controls->setHasReplay(data.replay && !data.replay->policies.empty());
    if (sameTrace && (m_shown.picture || !data.trace)) {
        if (!sameReplay && m_controls->wantsLost())
            stepped();
        if (m_shown.picture)
            return;
    }
    if (!sameTrace) {
        m_job.stop();
        m_shown = {};
        m_held.reset();
        m_controls->setHeld({});
        m_first->clear();
        m_second->clear();
        m_matrix->setPicture({});
        say({});
        m_band->tell({});
        m_plot->setUpdating(false);
        m_first->setWorking(-1);
    }
    showWhatIsThere(tr("The analysis needs the finished recording"), {});
    m_controls->setEnabled(m_isThere);
    m_paperButton->setEnabled(m_isThere);
    m_first->relayout();
    ask();
}

void WaveletTab::setPaperFigure(bool on) { m_paperButton->setChecked(on); }

void WaveletTab::start()
{
    m_behind = false;
    m_first->setWorking(0);
    Pair known = m_shown;
    for (WaveletPicturePtr* one : {&known.picture, &known.against}) // lifetimes may have grown since
        if (*one && (*one)->choice.policy >= 0)
            one->reset();
    m_job.start([trace = m_data.trace, replay = m_data.replay, what = wanted(), known](const JobContext& job) {
        return compute(*trace, replay.get(), what, known, job);
    });
}

void WaveletTab::finish()
{
    if (!m_isThere)
        return;
    m_pause.stop();
    m_job.stop();
    m_stale = m_behind = false;
    arrived(compute(*m_data.trace, m_data.replay.get(), wanted(), {}, {}));
}

/// While numbers are computed the step may go on: they are shown, and then those of the newest step are asked for.
void WaveletTab::stepped()
{
    m_stale = true;
    if (isVisible() && !m_pause.isActive())
        m_pause.start();
}

void WaveletTab::selectionChanged(Selection::Fields fields)
{
    if (fields & Selection::ZoomField) {
        m_first->relayout();
        m_second->relayout();
        alignMatrix();
    }
    if (fields & Selection::TokenRange) {
        if (!m_first->isBrushing() && !m_second->isBrushing())
            for (WaveletPane* one : {m_first, m_second})
                one->setPeriods({}); // a range from elsewhere says nothing of periods
        markCarriers();
    }
    const bool ofPolicy = (fields & (Selection::Focus | Selection::Reference)) && m_controls->wantsLost();
    if (m_paperButton->isChecked())
        return;
    if ((fields & Selection::Lanes) || ofPolicy)
        ask();
    else if (fields & Selection::StepField)
        stepped();
}

/// Tells all views which tokens carry what is brushed here.
void WaveletTab::markCarriers()
{
    const bool seen = isVisible() && m_shown.picture;
    if (seen)
        say(noteOf(*m_shown.picture));
    m_selection->setCarriers(seen ? m_first->brush().carriers() : std::vector<int>());
}

void WaveletTab::showEvent(QShowEvent* event)
{
    ChartTab::showEvent(event);
    markCarriers();
}

void WaveletTab::hideEvent(QHideEvent* event)
{
    ChartTab::hideEvent(event);
    markCarriers();
}

void WaveletTab::compareChanged()
{
    const CompareWith comparison = m_controls->comparison();
    if ((comparison == CompareWith::BesideHeld || comparison == CompareWith::MinusHeld) && !m_held)
        hold();
    if (isOfReference(comparison)) {
        const QSignalBlocker quiet(m_controls);
        m_controls->setLost(true);
    }
    ask();
}

void WaveletTab::hold()
{
    if (!m_shown.picture)
        return;
    m_held = m_shown.picture->choice;
    m_controls->setHeld(titleOf(*m_shown.picture));
}

std::vector<PanelBand::Choice> WaveletTab::remedies(const Error&)
{
    return {{tr("Usual settings"), [this] {
                 m_controls->setMethod({});
                 ask();
             }}};
}

void WaveletTab::arrived(Result<Pair> answer)
{
    m_first->setWorking(-1);
    if (tookAnswer(answer)) {
        m_shown = std::move(*answer);
        m_controls->setLength(m_shown.picture->positions());
        showPictures();
    }
    if (m_behind)
        ask();
}

void WaveletTab::showPictures()
{
    if (!m_shown.picture)
        return;
    const WaveletPicture& picture = *m_shown.picture;
    m_plot->setEmptyText({});
    m_second->setEmptyText({});
    m_second->setTokenCount(m_data.trace->tokenCount());
    const bool minus = m_shown.against && isDifference(m_controls->comparison()), beside = m_shown.against && !minus;
    std::vector<std::vector<BandRow>> rows{bandRows(picture)};
    double most = picture.scalogram ? largestPower(*picture.scalogram) : 0;
    if (m_shown.against) {
        rows.push_back(bandRows(*m_shown.against));
        most = std::max(most, m_shown.against->scalogram ? largestPower(*m_shown.against->scalogram) : 0);
    }
    const RowScale scale = m_controls->rowScale();
    const MagnitudeScale magnitudes(scale, rows, hiddenPositions(picture));
    const QString title = titleOf(picture), other = m_shown.against ? titleOf(*m_shown.against) : QString();
    m_beside = beside;
    arrangeBody();
    m_first->setContent({m_shown.picture, minus ? m_shown.against : nullptr,
                         minus    ? titleOfDifference(picture, *m_shown.against)
                         : beside ? title
                                  : QString(),
                         scale, magnitudes, most},
                        m_data);
    if (beside)
        m_second->setContent({m_shown.against, nullptr, other, scale, magnitudes, most}, m_data);
    else
        m_second->clear();
    m_matrix->setPicture(m_shown.picture, minus ? m_shown.against : nullptr);
    alignMatrix();
    markCarriers();
}

void WaveletTab::arrangeBody()
{
    const int settings = m_settingsButton->isChecked() ? m_controls->sizeHint().width() : 0;
    m_controls->setVisible(settings > 0);
    m_controls->setFixedWidth(m_controls->sizeHint().width());
    const int room = width() - settings;
    const bool matrix = m_shown.picture && m_shown.picture->bands && room >= scaled(m_beside ? 760 : 400);
    m_matrix->setFixedWidth(std::clamp(room * (m_beside ? 26 : 36) / 100, scaled(150), scaled(320)));
    if (!matrix) // what goes makes room first, lest the window grow
        m_matrix->hide();
    m_second->setVisible(m_beside);
    if (matrix)
        m_matrix->show();
}

void WaveletTab::alignMatrix()
{
    if (!m_shown.picture || !m_shown.picture->bands)
        return;
    const StackGeometry rows = m_first->stack();
    m_matrix->alignTo(rows.rowTop(1), rows.rowHeight());
}

/// In a narrow tab the settings open on demand.
void WaveletTab::resizeEvent(QResizeEvent* event)
{
    ChartTab::resizeEvent(event);
    const int least = scaled(700);
    const bool was = event->oldSize().width() >= least || event->oldSize().width() < 0, is = width() >= least;
    if (was != is)
        m_settingsButton->setChecked(is);
    arrangeBody();
    showPictures();
}

} // namespace winnow::views
