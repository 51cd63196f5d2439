// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/hover_card.h"

#include "core/trace/attention_source.h"
#include "views/state/lane_choice.h"
#include "views/style/counted.h"
#include "views/style/dock_style.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace winnow::views {

namespace {

constexpr int kWidth = 320, kAway = 16, kDelay = 120, kPad = 12, kLine = 18, kRow = 26;

/// The token between quotation marks, its spaces kept: "" captain"".
QString quoted(const TraceInfo& info, int token)
{
    const std::string_view bytes = tokenText(info, Position{token});
    QString text = QString::fromUtf8(bytes);
    if (text.isEmpty())
        return HoverCard::tr("special");
    text.replace(QLatin1Char('\n'), QChar(0x21B5)).replace(QLatin1Char('\t'), QChar(0x21E5));
    return QLatin1Char('"') + text + QLatin1Char('"');
}

} // namespace

QRect placeCard(const QPoint& pointer, const QSize& card, const QRect& bounds)
{
    const QRect belowRight(pointer + QPoint(kAway, kAway), card);
    const int left = pointer.x() - kAway - card.width(), above = pointer.y() - kAway - card.height();
    const std::array<QRect, 4> corners{belowRight, QRect(QPoint(left, belowRight.top()), card),
                                       QRect(QPoint(belowRight.left(), above), card), QRect(QPoint(left, above), card)};
    const QRect* best = nullptr;
    int bestArea = -1;
    for (const QRect& corner : corners) {
        if (bounds.contains(corner))
            return corner;
        const QRect seen = corner & bounds;
        const int area = seen.isValid() ? seen.width() * seen.height() : 0;
        if (area > bestArea) {
            best = &corner;
            bestArea = area;
        }
    }
    QRect pushed = *best;
    pushed.moveRight(std::min(pushed.right(), bounds.right()));
    pushed.moveBottom(std::min(pushed.bottom(), bounds.bottom()));
    pushed.moveLeft(std::max(pushed.left(), bounds.left()));
    pushed.moveTop(std::max(pushed.top(), bounds.top()));
    return pushed;
}

HoverCard::HoverCard(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_job([this](Result<std::shared_ptr<const StepAttention>> answer) {
          if (answer)
              m_rows = *answer;
          if (m_token < 0) // the card closed meanwhile
              return;
          updateAttentionText();
          update();
      })
{
    setAccessibleName(tr("Hover card"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
    m_delay.setSingleShot(true);
    m_delay.setInterval(kDelay);
    connect(&m_delay, &QTimer::timeout, this, [this] {
        if (const auto token = m_selection->hoverToken())
            open(*token, m_selection->hoverStep().value_or(m_selection->state().step), m_selection->hoverPosition());
    });
    connect(selection, &Selection::hoverChanged, this, &HoverCard::hoverChanged);
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (isHidden())
            return;
        if (!m_pinned && (fields & (Selection::ZoomField | Selection::StepField | Selection::MapView))) {
            dismiss(); // the pointer did not move, but what is under it did
            return;
        }
        if (fields & Selection::StepField)
            m_step = m_selection->state().step;
        refresh();
    });
    connect(selection, &Selection::left, this, &HoverCard::dismiss);
    parent->installEventFilter(this);
    setTheme(Theme::darkTheme());
}

void HoverCard::setData(const ViewData& data)
{
    const bool otherTrace = data.trace != m_data.trace;
    m_data = data;
    if (otherTrace) {
        m_job.stop();
        m_rows.reset();
    }
    if (!isHidden())
        refresh();
}

void HoverCard::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

QSize HoverCard::sizeHint() const
{
    int height = 2 * scaled(kPad) + 2 * scaled(kLine) + scaled(8);
    for (const CardLine& line : m_lines)
        height += scaled(kRow) + (line.scores.isEmpty() ? 0 : scaled(kLine) - 4) + (line.against ? scaled(kLine) - 4 : 0);
    return {scaled(kWidth), height};
}

void HoverCard::hoverChanged()
{
    if (m_pinned)
        return;
    if (!m_selection->hoverToken()) {
        dismiss();
        return;
    }
    if (isHidden())
        m_delay.start();
    else
        open(*m_selection->hoverToken(), m_selection->hoverStep().value_or(m_selection->state().step),
             m_selection->hoverPosition());
}

void HoverCard::open(int token, int step, const QPoint& global)
{
    m_token = token;
    m_step = step;
    m_anchor = parentWidget()->mapFromGlobal(global);
    if (!refresh())
        return;
    raise();
    show();
}

/// False, and no card, where the data does not have the token: a card never stands on data that is gone.
bool HoverCard::refresh()
{
    if (!m_data.info || m_token < 0 || m_token >= static_cast<int>(m_data.info->tokens.size())) {
        dismiss();
        return false;
    }
    m_title = quoted(*m_data.info, m_token);
    const int before = m_step - m_token;
    m_detail = tr("token %1  \u00B7  ").arg(grouped(m_token));
    m_detail += before > 0    ? tr("%1 before step %2").arg(grouped(before), grouped(m_step))
                : before == 0 ? tr("at step %1").arg(grouped(m_step))
                              : tr("%1 after step %2").arg(grouped(-before), grouped(m_step));
    m_lines.clear();
    if (m_data.replay)
        m_lines = cardLines(m_data, m_selection->state(), m_token, m_step);
    askAttention();
    updateAttentionText();
    setGeometry(placeCard(m_anchor, sizeHint(), parentWidget()->rect()));
    QString spoken = m_title + QStringLiteral(", ") + m_detail;
    for (const CardLine& line : m_lines)
        spoken += tr(". %1: %2 of %3, %4").arg(line.name).arg(line.lanesKeeping).arg(counted(line.lanes, tr("lane")), line.fate) +
                  (line.against ? QStringLiteral(", ") + differenceWords(line, referenceName()) : QString());
    setAccessibleDescription(spoken);
    update();
    return true;
}

void HoverCard::askAttention()
{
    if (!m_data.trace || m_token > m_step || m_step >= m_data.trace->tokenCount())
        return;
    std::vector<Lane> lanes = m_selection->state().lanes;
    std::vector<int> layers; // positions in the trace, of the replayed layers
    const auto& recorded = m_data.trace->info().layers;
    const auto& replayed = m_data.replay ? m_data.replay->layers : recorded;
    for (const Layer layer : replayed)
        layers.push_back(static_cast<int>(std::find(recorded.begin(), recorded.end(), layer) - recorded.begin()));
    if (m_rows && m_rows->step == m_step && m_rows->lanes == lanes)
        return;
    if (m_job.isRunning() && m_askedStep == m_step && m_askedLanes == lanes)
        return;
    m_askedStep = m_step;
    m_askedLanes = lanes;
    m_job.start([trace = m_data.trace, lanes, layers,
                 step = m_step](const JobContext& job) -> Result<std::shared_ptr<const StepAttention>> {
        auto answer = std::make_shared<StepAttention>();
        answer->step = step;
        answer->lanes = lanes;
        for (std::size_t number = 0; number < layers.size(); ++number) {
            WINNOW_TRY_VOID(job.check("reading attention"));
            const int layer = static_cast<int>(number), at = layers[number];
            const bool wanted =
                lanes.empty() || std::any_of(lanes.begin(), lanes.end(), [&](Lane lane) { return lane.layer == layer; });
            if (!wanted || at >= trace->layerCount())
                continue;
            WINNOW_TRY(const std::vector<float> all, attentionRow(*trace, at, Step{step}));
            const LayerInfo& info = trace->info().layerInfo[static_cast<std::size_t>(at)];
            for (int head = 0; head < info.queryHeads; ++head) {
                if (!lanes.empty() && !std::binary_search(lanes.begin(), lanes.end(), Lane{layer, head / info.group()}))
                    continue;
                const auto row =
                    std::span(all).subspan(static_cast<std::size_t>(head) * (step + 1), static_cast<std::size_t>(step) + 1);
                answer->heads.push_back({raw(trace->info().layers[static_cast<std::size_t>(at)]), head});
                answer->rows.emplace_back(row.begin(), row.end());
            }
        }
        return answer;
    });
}

void HoverCard::updateAttentionText()
{
    if (m_token > m_step) {
        m_attention = tr("not read yet");
    } else if (!m_data.trace) {
        m_attention = tr("attention: no recording is open");
    } else if (!m_rows || m_rows->step != m_step || m_rows->rows.empty()) {
        m_attention = m_job.isRunning() ? tr("attention \u2026") : tr("attention: not available");
    } else {
        const auto token = static_cast<std::size_t>(m_token);
        double sum = 0;
        std::size_t largest = 0;
        for (std::size_t row = 0; row < m_rows->rows.size(); ++row) {
            sum += m_rows->rows[row][token];
            if (m_rows->rows[row][token] > m_rows->rows[largest][token])
                largest = row;
        }
        const auto& row = m_rows->rows[largest];
        const auto rank = 1 + std::count_if(row.begin(), row.end(), [&](float other) { return other > row[token]; });
        const auto number = [](double value) {
            return value > 0 && value < 0.0005 ? QStringLiteral("<0.001") : QString::number(value, 'f', 3);
        };
        m_attention = tr("attention %1, most %2 in L%3H%4, rank %5")
                          .arg(number(sum / static_cast<double>(m_rows->rows.size())), number(row[token]))
                          .arg(m_rows->heads[largest].layer)
                          .arg(m_rows->heads[largest].head)
                          .arg(grouped(rank));
    }
}

void HoverCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_pinned ? accentOf(m_theme) : m_theme.muted, 1));
    painter.setBrush(raisedOf(m_theme));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setRenderHint(QPainter::Antialiasing, false);

    const int left = scaled(kPad), right = width() - scaled(kPad), line = scaled(kLine);
    int y = scaled(kPad);
    const QFont label = uiFont(12);
    const QFontMetrics metrics(label);
    const int detail = metrics.horizontalAdvance(m_detail);
    const int title =
        drawText(painter, QRect(left, y, right - left - detail - scaled(8), line), uiFont(13, true), m_theme.ink, m_title);
    drawText(painter, QRect(left + title + scaled(8), y, right - left - title - scaled(8), line), label, m_theme.muted, m_detail);
    y += line;
    drawText(painter, QRect(left, y, right - left, line), label, m_theme.muted, m_attention);
    y += line + scaled(4);
    painter.fillRect(QRect(left, y, right - left, 1), m_theme.line);
    y += scaled(4);

    int counts = 0, fates = 0;
    for (const CardLine& row : m_lines) {
        counts = std::max(counts, metrics.horizontalAdvance(countWords(row)));
        fates = std::max(fates, metrics.horizontalAdvance(row.fate));
    }
    const int gap = scaled(8), nameAt = left + scaled(16), fateAt = right - fates,
              countAt = std::max(nameAt + scaled(56), fateAt - gap - counts);
    for (const CardLine& row : m_lines) {
        const QRect text(left, y, right - left, line + 2);
        drawText(painter, text, uiFont(11), m_theme.muted, QString::number(row.policy + 1));
        drawText(painter, QRect(nameAt, y, countAt - nameAt - scaled(6), text.height()), label, m_theme.ink, row.name);
        drawText(painter, QRect(countAt, y, fateAt - countAt - 2, text.height()), label, m_theme.ink, countWords(row));
        drawText(painter, QRect(fateAt, y, fates, text.height()), label, m_theme.muted, row.fate, Qt::AlignRight);
        if (row.computed && row.lanes > 0) {
            const double share = static_cast<double>(row.lanesKeeping) / row.lanes;
            const auto& ramp = row.byRule ? m_theme.rule : m_theme.choice;
            const QRect track(nameAt, y + text.height(), countAt + counts - nameAt, 3);
            painter.fillRect(track, QColor::fromRgb(m_theme.none));
            painter.fillRect(QRect(track.topLeft(), QSize(static_cast<int>(std::lround(share * track.width())), 3)),
                             QColor::fromRgb(ramp[95]));
        }
        y += scaled(kRow);
        if (row.against) {
            drawText(painter, QRect(nameAt, y - 2, right - nameAt, line - 4), uiFont(11), m_theme.muted,
                     differenceWords(row, referenceName()));
            y += line - 4;
        }
        if (!row.scores.isEmpty()) {
            drawText(painter, QRect(nameAt, y - 2, right - nameAt, line - 4), uiFont(11), m_theme.muted, row.scores);
            y += line - 4;
        }
    }
}

QString HoverCard::referenceName() const
{
    const auto reference = static_cast<std::size_t>(m_selection->state().reference);
    return m_data.replay && reference < m_data.replay->policies.size() ? policyTitle(*m_data.replay->policies[reference])
                                                                       : QString();
}

void HoverCard::togglePinned(const QPoint& anchor)
{
    if (m_pinned) {
        dismiss();
        return;
    }
    const SelectionState& state = m_selection->state();
    const bool hovering = isVisible();
    if (!hovering)
        open(state.token.value_or(state.step), state.step, anchor);
    if (isHidden())
        return;
    m_pinned = true;
    setAttribute(Qt::WA_TransparentForMouseEvents, false);
    setToolTip(tr("Click, Esc or I closes this card"));
    update();
}

void HoverCard::dismiss()
{
    m_delay.stop();
    m_token = -1;
    m_pinned = false;
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void HoverCard::mousePressEvent(QMouseEvent*) { dismiss(); }

bool HoverCard::eventFilter(QObject* watched, QEvent* event)
{
    const bool escape = event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape;
    if (m_pinned && escape) {
        dismiss();
        event->accept();
        return true;
    }
    if (!isHidden() && (event->type() == QEvent::Resize || event->type() == QEvent::WindowDeactivate))
        dismiss();
    return QWidget::eventFilter(watched, event);
}

} // namespace winnow::views
