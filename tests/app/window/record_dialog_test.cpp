// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of a model before it is run, and where models are found, offscreen.
#include "app/cli/model_facts.h"
#include "app/window/main_window.h"
#include "app/window/mnemonics.h"
#include "app/window/record_dialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

using namespace winnow;
using namespace winnow::app;

namespace {

constexpr int kPatience = 240'000; // ms; a busy machine

QString demoFolder() { return QStringLiteral(WINNOW_RESOURCES "/models/demo"); }

} // namespace

TEST(RecordDialog, tellsOfAModelWhatInfoTells)
{
    RecordDialog dialog(demoFolder().toStdString(), {}, nullptr);
    dialog.show();
    const auto lines = [&dialog] {
        QStringList texts;
        for (const QLabel* label : dialog.findChild<QWidget*>(QStringLiteral("model-panel"))->findChildren<QLabel*>())
            texts << label->text();
        return texts;
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return !lines().isEmpty(); }, kPatience));
    const auto facts = modelFacts(demoFolder().toStdString(), 2048).value();
    for (const auto& [name, value] : facts) {
        EXPECT_TRUE(lines().contains(QString::fromStdString(name))) << name;
        EXPECT_TRUE(lines().contains(QString::fromStdString(value))) << value;
    }
    dialog.findChild<QLineEdit*>(QStringLiteral("model-path"))->setText(QStringLiteral("/nowhere"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return lines().filter(QStringLiteral("there is no model at '/nowhere'")).size() == 1; },
                                kPatience));
}

TEST(RecordDialog, writesATextAsTheModelsChatTemplateDoes)
{
    const QTemporaryDir folder;
    for (const QString& name : QDir(demoFolder()).entryList(QDir::Files))
        ASSERT_TRUE(QFile::link(demoFolder() + QLatin1Char('/') + name, folder.filePath(name)));
    const QString text = folder.filePath(QStringLiteral("words.txt"));
    const auto write = [](const QString& path, const QByteArray& bytes) {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    ASSERT_TRUE(write(text, "Who are you?"));
    RecordDialog dialog(folder.path().toStdString(), text.toStdString(), nullptr);
    QSignalSpy wanted(&dialog, &RecordDialog::wanted);
    dialog.findChild<QCheckBox*>()->setChecked(true);
    const auto record = [box = dialog.findChild<QDialogButtonBox*>()] {
        for (QAbstractButton* button : box->buttons())
            if (box->buttonRole(button) == QDialogButtonBox::AcceptRole)
                return button->click();
    };
    dialog.show();
    record();
    ASSERT_TRUE(wanted.isEmpty()); // no template yet
    const QStringList said = [&dialog] {
        QStringList texts;
        for (const QLabel* label : dialog.findChildren<QLabel*>())
            texts << label->text();
        return texts;
    }();
    EXPECT_EQ(said.filter(QStringLiteral("without Chat the text is used as it is")).size(), 1);
    ASSERT_TRUE(write(
        folder.filePath(QStringLiteral("chat_template.jinja")),
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"));
    record();
    ASSERT_EQ(wanted.size(), 1);
    const auto options = wanted.front().front().value<RecordOptions>();
    EXPECT_EQ(options.text, "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n");
    EXPECT_FALSE(options.marks);
}

TEST(OpenModel, listsWhatRunModelFetched)
{
    QTemporaryDir data;
    const QString folder = data.filePath(QStringLiteral("winnow/models/tiny"));
    ASSERT_TRUE(QDir().mkpath(folder));
    ASSERT_TRUE(QFile::copy(QStringLiteral(WINNOW_FIXTURES "/gguf/gpt2.gguf"), folder + QStringLiteral("/tiny-q8.gguf")));
    qputenv("XDG_DATA_HOME", data.path().toLocal8Bit());
    MainWindow window;
    window.show();
    window.opener()->chooseModel();
    qunsetenv("XDG_DATA_HOME");
    const auto* menu = window.findChild<QMenu*>(QStringLiteral("open-model-menu"));
    ASSERT_NE(menu, nullptr);
    QStringList names;
    for (const QAction* action : menu->actions())
        names << withoutMnemonic(action->text());
    EXPECT_EQ(names, (QStringList{QStringLiteral("tiny-q8"), QStringLiteral("demo"), QString(), QStringLiteral("Model folder…"),
                                  QStringLiteral("GGUF file…")}));
}
