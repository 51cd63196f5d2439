# SPDX-License-Identifier: GPL-3.0-or-later
# `cmake --install build --prefix DIR`: the program with its helper for HDF5 files, its resources, its entry in the menu, and the
# LibTorch libraries it was built with, so that an installed Winnow does not point into .venv or another Python. Included after the target winnow exists.
include(GNUInstallDirs)
set(_datadir "${CMAKE_INSTALL_DATADIR}")

install(TARGETS winnow winnow-h5check RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY resources/ DESTINATION "${_datadir}/winnow" PATTERN "*.desktop" EXCLUDE)
install(FILES resources/winnow.desktop DESTINATION "${_datadir}/applications")
install(FILES resources/icons/winnow.svg DESTINATION "${_datadir}/icons/hicolor/scalable/apps")
install(FILES README.md CHANGELOG.md LICENSE DESTINATION "${_datadir}/doc/winnow")

# The libraries keep their places beside each other, since they look for one another by relative paths: torch/lib, and with
# CUDA nvidia/*/lib. What only Python and PyTorch's own tests load stays behind.
get_filename_component(_packages "${WINNOW_TORCH_ROOT}" DIRECTORY)
get_filename_component(_torch "${WINNOW_TORCH_ROOT}" NAME)
file(RELATIVE_PATH _toLibraries "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/lib/winnow/${_torch}/lib")
set_target_properties(winnow PROPERTIES INSTALL_RPATH "$ORIGIN/${_toLibraries}")

set(_folders "${_torch}/lib")
if(WINNOW_TORCH_CUDA)
  file(GLOB _cuda RELATIVE "${_packages}" "${_packages}/nvidia/*/lib")
  list(APPEND _folders ${_cuda})
endif()
if(EXISTS "${_packages}/${_torch}.libs")
  list(APPEND _folders "${_torch}.libs")
endif()
foreach(_folder IN LISTS _folders)
  install(DIRECTORY "${_packages}/${_folder}/" DESTINATION "lib/winnow/${_folder}"
    FILES_MATCHING PATTERN "*.so" PATTERN "*.so.*"
    REGEX "/lib(torch_python|shm|aoti_custom_ops|backend_with_compiler|[a-z]*test|[a-z]*_test|torchbind_test)[^/]*$" EXCLUDE)
endforeach()
