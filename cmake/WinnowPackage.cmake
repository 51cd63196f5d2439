# SPDX-License-Identifier: GPL-3.0-or-later
# `cpack --config build/CPackConfig.cmake`: a .deb for the distribution that it is built on. It depends on that distribution's packages,
# and brings LibTorch along, which no distribution has in the version that is needed. `./run package` calls it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME winnow)
set(CPACK_PACKAGE_VENDOR "The Winnow authors")
set(CPACK_PACKAGE_CONTACT "The Winnow authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Which tokens a KV-cache eviction policy keeps, and what that costs")
set(CPACK_PACKAGE_DESCRIPTION "Winnow runs a language model once with its full cache and records what attention did. Over that recording it replays
eviction policies, and shows, token by token, which tokens each of them keeps, when the others left, and how much of the attention went with them.")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/package")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${WINNOW_TORCH_LIB_DIR}")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "fonts-noto-core, fonts-noto-mono, qt6-wayland")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "python3-jieba")
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd) # which the dpkg of both distributions reads, and takes seconds where xz takes minutes
include(CPack)
