// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the window need an application; they run offscreen and leave no settings behind.
#include "app/window/flat_style.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>

#include <gtest/gtest.h>

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("winnow-test"));
    QCoreApplication::setApplicationName(QStringLiteral("winnow-test"));
    const QTemporaryDir settings;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, settings.path());
    QApplication::setStyle(new winnow::app::FlatStyle);
    return RUN_ALL_TESTS();
}
