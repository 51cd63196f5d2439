// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_controls.h"

#include "views/style/dock_style.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kMostLevels = 24, kMostPacketLevels = 8;

void choose(QComboBox* box, const QVariant& data) { box->setCurrentIndex(std::max(0, box->findData(data))); }

} // namespace

WaveletControls::WaveletControls(QWidget* parent)
    : QScrollArea(parent), m_form(new QWidget), m_rows(new QFormLayout(m_form)),
      m_signal(addBox(tr("Signal"), tr("Signal along the tokens"))), m_transform(addBox(tr("Transform"), tr("Transform"))),
      m_family(addBox(tr("Family"), tr("Family of wavelets"))), m_wavelet(addBox(tr("Wavelet"), tr("Wavelet"))),
      m_continuous(addBox(tr("Wavelet"), tr("Continuous wavelet"))), m_mode(nullptr), m_scale(nullptr), m_compare(nullptr),
      m_omega(new QDoubleSpinBox), m_levels(new QSpinBox), m_lost(new QCheckBox(tr("Lost by the focus"))),
      m_hold(new QPushButton(tr("Hold this")))
{
    setAccessibleName(tr("Wavelet settings"));
    setWidget(m_form);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    m_rows->setContentsMargins(12, 4, 8, 8);
    m_rows->setHorizontalSpacing(8);
    m_rows->setVerticalSpacing(3);
    m_rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_rows->setLabelAlignment(Qt::AlignLeft);

    for (const SignalInfo& info : signalCatalog()) {
        m_signal->addItem(QString::fromUtf8(info.title), static_cast<int>(info.kind));
        m_signal->setItemData(m_signal->count() - 1, QString::fromUtf8(info.summary), Qt::ToolTipRole);
    }
    for (const TransformInfo& info : transformCatalog()) {
        m_transform->addItem(QString::fromUtf8(info.title), static_cast<int>(info.transform));
        m_transform->setItemData(m_transform->count() - 1, QString::fromUtf8(info.summary), Qt::ToolTipRole);
    }
    for (const WaveletFamily& family : discreteFamilies()) {
        m_family->addItem(QString::fromUtf8(family.title));
        m_family->setItemData(m_family->count() - 1, QString::fromUtf8(family.source), Qt::ToolTipRole);
    }
    for (const std::string_view name : continuousWavelets())
        m_continuous->addItem(QString::fromUtf8(name));
    m_continuous->setEditable(true);
    m_continuous->setInsertPolicy(QComboBox::NoInsert);
    m_continuous->setToolTip(tr("Other numbers may be typed: morlet8, paul6, dog4"));
    m_omega->setRange(2, 30);
    m_omega->setSingleStep(0.5);
    m_omega->setDecimals(1);
    m_omega->setValue(6);
    m_omega->setToolTip(tr("Oscillations under Morlet's bell: higher tells periods apart more finely, and tokens less"));
    addRow(tr("ω₀"), m_omega, tr("Morlet's omega 0"));
    m_mode = addBox(tr("Boundary"), tr("What is assumed beyond the ends of the text"));
    for (const std::string_view name : boundaryModes())
        m_mode->addItem(QString::fromUtf8(name));
    m_mode->setCurrentText(QStringLiteral("symmetric"));
    m_levels->setRange(1, kMostLevels);
    m_levels->setValue(5);
    addRow(tr("Levels"), m_levels, tr("Levels"));
    m_lost->setAccessibleName(m_lost->text());
    m_rows->addRow(m_lost);
    m_scale = addBox(tr("Scale"), tr("Scale of heights and colors"));
    m_scale->addItem(tr("one, log"), static_cast<int>(RowScale::Log));
    m_scale->addItem(tr("one, linear"), static_cast<int>(RowScale::Linear));
    m_scale->addItem(tr("each its own"), static_cast<int>(RowScale::Own));
    m_compare = addBox(tr("Compare"), tr("Compare with another picture"));
    m_compare->addItem(tr("nothing"), static_cast<int>(CompareWith::None));
    m_compare->addItem(tr("beside held"), static_cast<int>(CompareWith::BesideHeld));
    m_compare->addItem(tr("minus held"), static_cast<int>(CompareWith::MinusHeld));
    m_compare->addItem(tr("beside reference"), static_cast<int>(CompareWith::BesideReference));
    m_compare->addItem(tr("minus reference"), static_cast<int>(CompareWith::MinusReference));
    m_rows->addRow(m_hold);
    const std::pair<QWidget*, const char*> kNames[] = {{m_signal, "signal"},   {m_transform, "transform"},   {m_family, "family"},
                                                       {m_wavelet, "wavelet"}, {m_continuous, "continuous"}, {m_omega, "omega"},
                                                       {m_mode, "mode"},       {m_levels, "levels"},         {m_lost, "lost"},
                                                       {m_scale, "scale"},     {m_compare, "compare"}};
    for (const auto& [field, name] : kNames) // a session knows them by these
        field->setObjectName(QLatin1String(name));
    fillWavelets();
    setHeld({});
    setHasReplay(false);

    connect(m_family, &QComboBox::currentIndexChanged, this, [this] {
        {
            const QSignalBlocker quiet(m_wavelet);
            fillWavelets();
        }
        emit methodChanged();
    });
    connect(m_transform, &QComboBox::currentIndexChanged, this, [this] {
        showFields();
        emit methodChanged();
    });
    connect(m_continuous, &QComboBox::currentTextChanged, this, [this] {
        showFields();
        emit methodChanged();
    });
    for (QComboBox* box : {m_signal, m_wavelet, m_mode})
        connect(box, &QComboBox::currentIndexChanged, this, &WaveletControls::methodChanged);
    connect(m_omega, &QDoubleSpinBox::valueChanged, this, &WaveletControls::methodChanged);
    connect(m_levels, &QSpinBox::valueChanged, this, [this] {
        warnOfLevels();
        emit methodChanged();
    });
    connect(m_lost, &QCheckBox::toggled, this, &WaveletControls::methodChanged);
    connect(m_scale, &QComboBox::currentIndexChanged, this, &WaveletControls::scaleChanged);
    connect(m_compare, &QComboBox::currentIndexChanged, this, [this] {
        showFields();
        emit comparisonChanged();
    });
    connect(m_hold, &QPushButton::clicked, this, &WaveletControls::holdWanted);
    showFields();
}

QComboBox* WaveletControls::addBox(const QString& label, const QString& name)
{
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(7);
    box->setMaxVisibleItems(20);
    addRow(label, box, name);
    return box;
}

void WaveletControls::addRow(const QString& label, QWidget* field, const QString& name)
{
    field->setAccessibleName(name);
    if (field->toolTip().isEmpty())
        field->setToolTip(name);
    field->setMinimumHeight(scaled(26));
    auto* words = new QLabel(label);
    words->setFont(uiFont(12));
    words->setForegroundRole(QPalette::PlaceholderText);
    words->setBuddy(field);
    m_rows->addRow(words, field);
}

void WaveletControls::fillWavelets()
{
    m_wavelet->clear();
    for (const std::string_view name : discreteFamilies()[static_cast<std::size_t>(m_family->currentIndex())].names) {
        m_wavelet->addItem(QString::fromUtf8(name));
        if (const auto facts = waveletFacts(name))
            m_wavelet->setItemData(m_wavelet->count() - 1,
                                   tr("%1 coefficients, %2 vanishing moments, %3%4")
                                       .arg(facts->filterLength)
                                       .arg(facts->vanishingMoments)
                                       .arg(QString::fromUtf8(facts->symmetry))
                                       .arg(facts->orthogonal ? tr(", orthogonal") : QString()),
                                   Qt::ToolTipRole);
    }
    showFields();
}

void WaveletControls::showFields()
{
    const WaveletChoice now = method();
    const bool continuous = now.transform == BandTransform::Continuous;
    const auto show = [this](QWidget* field, bool on) { // QFormLayout::setRowVisible keeps the label with its field
        m_rows->setRowVisible(field, on);
    };
    show(m_family, !continuous);
    show(m_wavelet, !continuous && m_wavelet->count() > 1);
    show(m_continuous, continuous);
    show(m_omega, continuous && m_continuous->currentText().startsWith(QStringLiteral("morlet"), Qt::CaseInsensitive));
    if (!m_mode || !m_compare) // still being made
        return;
    show(m_mode, !continuous && now.transform != BandTransform::MaximalOverlap);
    show(m_levels, !continuous);
    m_levels->setMaximum(now.transform == BandTransform::Packets ? kMostPacketLevels : kMostLevels);
    show(m_hold, comparison() == CompareWith::BesideHeld || comparison() == CompareWith::MinusHeld);
    m_lost->setVisible(now.hasLevels());
    m_lost->setEnabled(m_hasReplay && !m_paper);
    m_lost->setToolTip(m_hasReplay ? tr("What the policy in focus has evicted of every band by this step, in orange")
                                   : tr("Needs a replay of this recording"));
    for (QWidget* field : {static_cast<QWidget*>(m_signal), static_cast<QWidget*>(m_transform), static_cast<QWidget*>(m_family),
                           static_cast<QWidget*>(m_wavelet), static_cast<QWidget*>(m_levels)})
        field->setEnabled(!m_paper);
    warnOfLevels();
}

void WaveletControls::warnOfLevels()
{
    const WaveletChoice now = method();
    const auto warning = m_length > 0 && now.hasLevels() ? levelsWarning(now.wavelet, now.levels, m_length) : std::nullopt;
    m_levels->setToolTip(warning ? QString::fromStdString(*warning) : tr("Levels"));
    m_levels->setSuffix(warning ? QStringLiteral(" !") : QString());
}

WaveletChoice WaveletControls::method() const
{
    WaveletChoice choice;
    choice.signal = static_cast<SignalKind>(m_signal->currentData().toInt());
    choice.transform = static_cast<BandTransform>(m_transform->currentData().toInt());
    choice.wavelet = m_wavelet->currentText().toStdString();
    choice.continuous = m_continuous->currentText().trimmed().toStdString();
    if (choice.continuous == "morlet6" || choice.continuous == "morlet")
        choice.continuous = "morlet" + QString::number(m_omega->value()).toStdString();
    choice.mode = m_mode ? m_mode->currentText().toStdString() : "symmetric";
    choice.levels = m_levels->value();
    choice.paper = m_paper;
    if (m_paper) {
        choice.wavelet = "haar";
        choice.levels = 5;
        choice.transform = BandTransform::Decimated;
        choice.signal = SignalKind::Contribution;
    }
    return choice;
}

void WaveletControls::setMethod(const WaveletChoice& choice)
{
    const QSignalBlocker quiet(this);
    choose(m_signal, static_cast<int>(choice.signal));
    choose(m_transform, static_cast<int>(choice.transform));
    const auto& families = discreteFamilies();
    for (std::size_t i = 0; i < families.size(); ++i)
        if (std::find(families[i].names.begin(), families[i].names.end(), choice.wavelet) != families[i].names.end())
            m_family->setCurrentIndex(static_cast<int>(i));
    m_wavelet->setCurrentText(QString::fromStdString(choice.wavelet));
    const QString continuous = QString::fromStdString(choice.continuous);
    bool isNumber = false;
    const double omega = continuous.mid(6).toDouble(&isNumber);
    const bool morlet = continuous.startsWith(QStringLiteral("morlet")) && isNumber;
    m_continuous->setCurrentText(morlet ? QStringLiteral("morlet6") : continuous); // its number stands in the field below
    if (morlet)
        m_omega->setValue(omega);
    m_mode->setCurrentText(QString::fromStdString(choice.mode));
    m_levels->setValue(choice.levels);
}

bool WaveletControls::wantsLost() const { return m_lost->isChecked() && m_hasReplay && !m_paper; }
void WaveletControls::setLost(bool on) { m_lost->setChecked(on); }
RowScale WaveletControls::rowScale() const { return static_cast<RowScale>(m_scale->currentData().toInt()); }
void WaveletControls::setRowScale(RowScale scale) { choose(m_scale, static_cast<int>(scale)); }
CompareWith WaveletControls::comparison() const { return static_cast<CompareWith>(m_compare->currentData().toInt()); }
void WaveletControls::setComparison(CompareWith comparison) { choose(m_compare, static_cast<int>(comparison)); }

void WaveletControls::setLength(int positions)
{
    m_length = positions;
    warnOfLevels();
}

void WaveletControls::setHasReplay(bool has)
{
    m_hasReplay = has;
    showFields();
}

void WaveletControls::setHeld(const QString& what)
{
    m_hold->setToolTip(what.isEmpty() ? tr("Keeps the picture shown now, to compare others with it")
                                      : tr("Held: %1. Click to hold the present picture instead.").arg(what));
    m_hold->setAccessibleDescription(m_hold->toolTip());
}

void WaveletControls::setPaper(bool on)
{
    m_paper = on;
    showFields();
}

void WaveletControls::setTheme(const Theme& theme)
{
    QPalette palette = theme.palette();
    setPalette(palette);
    m_form->setPalette(palette);
    m_form->setAutoFillBackground(true);
    verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
}

QSize WaveletControls::sizeHint() const { return {scaled(222), scaled(300)}; }

} // namespace winnow::views
