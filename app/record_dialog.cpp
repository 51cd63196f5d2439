#include "app/record_dialog.h"

#include "app/cli/console.h"
#include "app/cli/file_kind.h"
#include "app/cli/resources.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QWidget* withButton(QWidget* field, QPushButton* button)
{
    auto* row = new QWidget;
    auto* box = new QHBoxLayout(row);
    box->setContentsMargins(0, 0, 0, 0);
    box->addWidget(field, 1);
    box->addWidget(button);
    return row;
}

QString shown(const fs::path& path) { return QString::fromStdString(path.string()); }

} // namespace

Result<std::optional<std::pair<int, int>>> parseLayers(const QString& typed)
{
    static const QRegularExpression kRange(QStringLiteral("^\\s*(\\d{1,6})\\s*(?:[-–]\\s*(\\d{1,6}))?\\s*$"));
    if (typed.trimmed().isEmpty())
        return std::nullopt;
    const auto match = kRange.match(typed);
    const int first = match.captured(1).toInt(), last = match.captured(2).isEmpty() ? first : match.captured(2).toInt();
    if (!match.hasMatch() || last < first)
        return fail(ErrorCode::Usage, "layers are a number or a range like 0-5, not '{}'; leave it empty for all", typed.toStdString());
    return std::pair(first, last);
}

RecordDialog::RecordDialog(const fs::path& model, const fs::path& text, QWidget* parent)
    : QDialog(parent), m_model(new QLineEdit(shown(model))), m_out(new QLineEdit), m_layers(new QLineEdit), m_text(new QComboBox),
      m_dtype(new QComboBox), m_device(new QComboBox), m_tokens(new QSpinBox), m_problem(new QLabel)
{
    setWindowTitle(tr("Record"));
    setMinimumWidth(560);
    m_text->setEditable(true);
    if (const auto samples = sampleTexts())
        for (const fs::path& sample : *samples)
            m_text->addItem(shown(sample));
    if (!text.empty())
        m_text->setEditText(shown(text));
    m_dtype->addItems({QStringLiteral("float32"), QStringLiteral("bfloat16"), QStringLiteral("float16")});
    m_device->addItems({QStringLiteral("auto"), QStringLiteral("cpu"), QStringLiteral("cuda")});
    m_tokens->setRange(0, 10'000'000);
    m_tokens->setSpecialValueText(tr("all"));
    m_out->setPlaceholderText(tr("kept until Winnow ends"));
    m_layers->setPlaceholderText(tr("all"));
    m_problem->setWordWrap(true);
    m_problem->hide();

    auto* form = new QFormLayout(this);
    auto* browseModel = new QPushButton(tr("Browse…"));
    auto* browseText = new QPushButton(tr("Browse…"));
    auto* browseOut = new QPushButton(tr("Browse…"));
    form->addRow(tr("Model"), withButton(m_model, browseModel));
    form->addRow(tr("Text"), withButton(m_text, browseText));
    form->addRow(tr("Recording"), withButton(m_out, browseOut));
    form->addRow(tr("Tokens"), m_tokens);
    form->addRow(tr("Layers"), m_layers);
    form->addRow(tr("Numbers"), m_dtype);
    form->addRow(tr("Device"), m_device);
    form->addRow(m_problem);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    QPushButton* record = buttons->addButton(tr("Record"), QDialogButtonBox::AcceptRole);
    record->setDefault(true);
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &RecordDialog::tryRecord);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    const auto browse = [this](QPushButton* button, auto&& prepare, auto&& take) {
        connect(button, &QPushButton::clicked, this, [this, prepare, take] {
            auto* dialog = new QFileDialog(this);
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            prepare(dialog);
            connect(dialog, &QFileDialog::fileSelected, this, take);
            dialog->open();
        });
    };
    browse(browseModel, [](QFileDialog* dialog) { dialog->setFileMode(QFileDialog::Directory); },
           [this](const QString& path) { m_model->setText(path); });
    browse(browseText, [](QFileDialog* dialog) { dialog->setFileMode(QFileDialog::ExistingFile); },
           [this](const QString& path) { m_text->setEditText(path); });
    browse(browseOut,
           [](QFileDialog* dialog) {
               dialog->setAcceptMode(QFileDialog::AcceptSave);
               dialog->setDefaultSuffix(QStringLiteral("h5"));
           },
           [this](const QString& path) { m_out->setText(path); });
}

void RecordDialog::tryRecord()
{
    RecordOptions options;
    const auto refuse = [this](const Error& error) {
        m_problem->setText(QString::fromStdString(error.message));
        m_problem->show();
    };
    options.model = m_model->text().toStdString();
    if (const auto kind = fileKind(options.model); !kind)
        return refuse(kind.error());
    const QString textPath = m_text->currentText();
    auto words = cli::readText(textPath.toStdString());
    if (!words)
        return refuse(words.error());
    auto layers = parseLayers(m_layers->text());
    if (!layers)
        return refuse(layers.error());
    options.text = std::move(*words);
    options.textName = fs::path(textPath.toStdString()).filename().string();
    options.out = m_out->text().toStdString();
    options.layers = *layers;
    options.maxTokens = m_tokens->value();
    options.dtype = static_cast<Dtype>(m_dtype->currentIndex());
    options.device = m_device->currentText().toStdString();
    accept();
    emit wanted(options, textPath);
}

} // namespace winnow::app
