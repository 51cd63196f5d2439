# SPDX-License-Identifier: GPL-3.0-or-later
# `cmake --install build --prefix DIR`: the program with its helper for HDF5 files, its resources, its entry in the menu, manual page and
# shell completion, and the LibTorch libraries it was built with, so that an installed Winnow does not point into .venv or another Python;
# -DWINNOW_BUNDLE_TORCH=OFF leaves those where they are. What is installed finds the rest from its own place, so DIR can be moved.
# Included after the target winnow exists.
include(GNUInstallDirs)
option(WINNOW_BUNDLE_TORCH "Install the LibTorch libraries beside the program" ON)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # to install, the program is built, not the tests
set(_id io.github.winnow_kv.winnow)
set(_datadir "${CMAKE_INSTALL_DATADIR}")

install(TARGETS winnow winnow-h5check RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY resources/ DESTINATION "${_datadir}/winnow" PATTERN "resources/desktop" EXCLUDE PATTERN "__pycache__" EXCLUDE)
install(FILES "resources/desktop/${_id}.desktop" DESTINATION "${_datadir}/applications")
install(FILES "resources/desktop/${_id}.mime.xml" DESTINATION "${_datadir}/mime/packages" RENAME "${_id}.xml")
install(FILES resources/icons/winnow.svg DESTINATION "${_datadir}/icons/hicolor/scalable/apps" RENAME "${_id}.svg")
string(TIMESTAMP WINNOW_RELEASE_DATE "%Y-%m-%d" UTC) # of the build, or of SOURCE_DATE_EPOCH
configure_file("resources/desktop/${_id}.metainfo.xml" "${PROJECT_BINARY_DIR}/${_id}.metainfo.xml" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/${_id}.metainfo.xml" DESTINATION "${_datadir}/metainfo")
install(FILES README.md CHANGELOG.md LICENSE CITATION.cff DESTINATION "${_datadir}/doc/winnow")
install(DIRECTORY docs/ DESTINATION "${_datadir}/doc/winnow/docs" FILES_MATCHING PATTERN "*.md" PATTERN "*.py" PATTERN "*.svg" PATTERN "*.png")

# The program itself says what its manual and its completions are.
if(NOT CMAKE_CROSSCOMPILING)
  foreach(_made IN ITEMS "manual|${CMAKE_INSTALL_MANDIR}/man1|winnow.1" "completion bash|${_datadir}/bash-completion/completions|winnow"
                         "completion zsh|${_datadir}/zsh/site-functions|_winnow" "completion fish|${_datadir}/fish/vendor_completions.d|winnow.fish")
    string(REPLACE "|" ";" _made "${_made}")
    list(GET _made 0 _words)
    list(GET _made 1 _folder)
    list(GET _made 2 _name)
    separate_arguments(_words)
    install(CODE "
      file(MAKE_DIRECTORY \"${PROJECT_BINARY_DIR}/words\")
      execute_process(COMMAND \"$<TARGET_FILE:winnow>\" ${_words} OUTPUT_FILE \"${PROJECT_BINARY_DIR}/words/${_name}\" COMMAND_ERROR_IS_FATAL ANY)
      file(INSTALL \"${PROJECT_BINARY_DIR}/words/${_name}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${_folder}\" TYPE FILE)")
  endforeach()
endif()

if(WINNOW_TESTS AND NOT CMAKE_CROSSCOMPILING)
  add_test(NAME install COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/setup/check_install.py" "${PROJECT_BINARY_DIR}" "${WINNOW_TORCH_LIB_DIR}")
endif()

if(NOT WINNOW_BUNDLE_TORCH)
  set_target_properties(winnow PROPERTIES INSTALL_RPATH "${WINNOW_TORCH_LIB_DIR}")
  return()
endif()
# The libraries keep their places beside each other, since they look for one another by relative paths: torch/lib, and with
# CUDA nvidia/*/lib. What only Python and PyTorch's own tests load stays behind.
get_filename_component(_packages "${WINNOW_TORCH_ROOT}" DIRECTORY)
get_filename_component(_torch "${WINNOW_TORCH_ROOT}" NAME)
set(_libdir "${CMAKE_INSTALL_LIBDIR}/winnow")
file(RELATIVE_PATH _toLibraries "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/${_libdir}/${_torch}/lib")
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
  install(DIRECTORY "${_packages}/${_folder}/" DESTINATION "${_libdir}/${_folder}" COMPONENT libtorch
    FILES_MATCHING PATTERN "*.so" PATTERN "*.so.*"
    REGEX "/lib(torch_python|shm|aoti_custom_ops|backend_with_compiler|[a-z]*test|[a-z]*_test|torchbind_test)[^/]*$" EXCLUDE)
endforeach()
# Their licenses ask to go with them.
file(GLOB _licenses "${_packages}/torch-*.dist-info/licenses")
foreach(_folder IN LISTS _licenses)
  install(DIRECTORY "${_folder}/" DESTINATION "${_datadir}/doc/winnow/libraries/torch" COMPONENT libtorch)
endforeach()
