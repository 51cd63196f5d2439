// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/record_dialog.h"

#include "app/cli/chat_option.h"
#include "app/cli/console.h"
#include "app/cli/file_kind.h"
#include "app/cli/file_options.h"
#include "app/cli/resources.h"
#include "app/window/dialog_fit.h"
#include "app/window/model_panel.h"
#include "views/style/file_chooser.h"

#include <QCheckBox>
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
#include <QTimer>
#include <QVBoxLayout>

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
        return fail(ErrorCode::Usage, "layers are a number or a range like 0-5, not '{}'; leave it empty for all",
                    typed.toStdString());
    return std::pair(first, last);
}

RecordDialog::RecordDialog(const fs::path& model, const fs::path& text, QWidget* parent)
    : QDialog(parent), m_model(new QLineEdit(shown(model))), m_out(new QLineEdit), m_layers(new QLineEdit), m_text(new QComboBox),
      m_dtype(new QComboBox), m_device(new QComboBox), m_tokens(new QSpinBox),
      m_chat(new QCheckBox(tr("write the text as the model's chat template does"))), m_problem(new QLabel),
      m_about(new ModelPanel), m_typing(new QTimer(this))
{
    setWindowTitle(tr("Record"));
    setMinimumWidth(560);
    m_model->setObjectName(QStringLiteral("model-path"));
    m_text->setObjectName(QStringLiteral("text-path"));
    m_text->setEditable(true);
    m_text->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_text->setMinimumContentsLength(16); // a long path must not push the button out of sight
    if (const auto samples = sampleTexts())
        for (const fs::path& sample : *samples)
            m_text->addItem(shown(sample));
    if (!text.empty())
        m_text->setEditText(shown(text));
    m_dtype->addItems({QStringLiteral("float32"), QStringLiteral("bfloat16"), QStringLiteral("float16")});
    m_device->addItems({QStringLiteral("auto"), QStringLiteral("cpu"), QStringLiteral("cuda")});
    m_chat->setToolTip(tr("The text is a user's message, or a JSON list of {\"role\": \"user\", \"content\": \"…\"}."));
    m_tokens->setRange(0, 10'000'000);
    m_tokens->setSpecialValueText(tr("all"));
    m_out->setPlaceholderText(tr("kept until Winnow ends"));
    m_layers->setPlaceholderText(tr("all"));
    m_problem->setWordWrap(true);
    m_problem->hide();

    auto* fields = new QWidget;
    auto* form = new QFormLayout(fields);
    form->setContentsMargins(0, 0, 0, 0);
    auto* column = new QVBoxLayout(this);
    column->addWidget(new ScrollBody(fields), 1);
    auto* browseModel = new QPushButton(tr("Browse…"));
    auto* browseText = new QPushButton(tr("Browse…"));
    auto* browseOut = new QPushButton(tr("Browse…"));
    for (QPushButton* browse : {browseModel, browseText, browseOut})
        browse->setAutoDefault(false); // Enter records
    form->addRow(tr("Model"), withButton(m_model, browseModel));
    form->addRow(m_about);
    form->addRow(tr("Text"), withButton(m_text, browseText));
    form->addRow(tr("Chat"), m_chat);
    form->addRow(tr("Recording"), withButton(m_out, browseOut));
    form->addRow(tr("Tokens"), m_tokens);
    form->addRow(tr("Layers"), m_layers);
    form->addRow(tr("Numbers"), m_dtype);
    form->addRow(tr("Device"), m_device);
    column->addWidget(m_problem); // in sight wherever the fields are scrolled to
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    QPushButton* record = buttons->addButton(tr("Record"), QDialogButtonBox::AcceptRole);
    column->addWidget(buttons);
    record->setDefault(true); // once it is in the dialog: before, nobody hears of it, and Enter presses another button
    connect(buttons, &QDialogButtonBox::accepted, this, &RecordDialog::tryRecord);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_typing->setSingleShot(true);
    m_typing->setInterval(200);
    connect(m_typing, &QTimer::timeout, this, &RecordDialog::askModel);
    connect(m_model, &QLineEdit::textChanged, m_typing, qOverload<>(&QTimer::start));
    connect(m_tokens, &QSpinBox::valueChanged, m_typing, qOverload<>(&QTimer::start));
    connect(m_about, &ModelPanel::changed, this,
            [this] { QTimer::singleShot(0, this, [this] { resize(size().expandedTo(sizeHint())); }); });
    askModel();
    connect(browseModel, &QPushButton::clicked, this, [this] {
        views::chooseFile(this, {}, tr("Models: a GGUF file, or any file of a model folder (*.gguf config.json *.safetensors)"),
                          [this](const QString& path) { m_model->setText(path); });
    });
    connect(browseText, &QPushButton::clicked, this,
            [this] { views::chooseFile(this, {}, {}, [this](const QString& path) { m_text->setEditText(path); }); });
    connect(browseOut, &QPushButton::clicked, this, [this] {
        auto* dialog = new QFileDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix(QStringLiteral("h5"));
        connect(dialog, &QFileDialog::fileSelected, m_out, &QLineEdit::setText);
        dialog->open();
    });
}

void RecordDialog::askModel()
{
    constexpr int kUsual = 2048; // tokens, where all of a text are wanted
    m_about->setModel(m_model->text().toStdString(), m_tokens->value() > 0 ? m_tokens->value() : kUsual);
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
    if (const auto kind = fileKind(textPath.toStdString()); !kind) // what never ends would stop the window
        return refuse(kind.error());
    auto words = cli::readText(textPath.toStdString());
    if (!words)
        return refuse(words.error());
    auto layers = parseLayers(m_layers->text());
    if (!layers)
        return refuse(layers.error());
    if (m_chat->isChecked()) {
        auto chat = cli::asChat(options.model, *words);
        if (!chat)
            return refuse({chat.error().code, chat.error().message + "; without Chat the text is used as it is"});
        words = std::move(chat);
        options.marks = false; // the template wrote its own
    }
    options.text = std::move(*words);
    options.textName = fs::path(textPath.toStdString()).filename().string();
    options.out = m_out->text().toStdString();
    std::vector<fs::path> read = cli::modelInputs(options.model);
    read.emplace_back(textPath.toStdString());
    if (const auto allowed = options.out.empty() ? Result<void>() : checkOutput(options.out, read, WrittenKind::Trace); !allowed)
        return refuse(allowed.error());
    options.layers = *layers;
    options.maxTokens = m_tokens->value();
    options.dtype = static_cast<Dtype>(m_dtype->currentIndex());
    options.device = m_device->currentText().toStdString();
    accept();
    emit wanted(options, textPath);
}

} // namespace winnow::app
