# SPDX-License-Identifier: GPL-3.0-or-later
# Defines the imported target winnow::torch from the folders of a PyTorch wheel (or of a LibTorch archive).
# `find_package(Torch)` is not used: with a CUDA wheel it fails where no CUDA toolkit is installed.
#
# Looked for, in this order: -DTorch_DIR, -DCMAKE_PREFIX_PATH, the PyTorch of the active Python, the project's .venv.
# Result: WINNOW_TORCH_ROOT (the folder that holds `include` and `lib`), WINNOW_TORCH_LIB_DIR, WINNOW_TORCH_CUDA.

set(_candidates "")
if(Torch_DIR)
  get_filename_component(_root "${Torch_DIR}/../../.." ABSOLUTE) # <root>/share/cmake/Torch
  list(APPEND _candidates "${_root}" "${Torch_DIR}")
endif()
foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
  list(APPEND _candidates "${_prefix}" "${_prefix}/torch")
endforeach()
foreach(_python IN ITEMS python3 "${CMAKE_CURRENT_SOURCE_DIR}/.venv/bin/python")
  execute_process(
    COMMAND "${_python}" -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE _found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE _failed)
  if(NOT _failed AND _found)
    list(APPEND _candidates "${_found}")
  endif()
endforeach()

set(WINNOW_TORCH_ROOT "")
foreach(_candidate IN LISTS _candidates)
  if(EXISTS "${_candidate}/include/ATen/ATen.h" AND EXISTS "${_candidate}/lib/libtorch_cpu.so")
    set(_version 2.7) # an archive of LibTorch does not say its version in this file
    if(EXISTS "${_candidate}/version.py")
      file(STRINGS "${_candidate}/version.py" _version REGEX "^__version__ = ")
      string(REGEX MATCH "[0-9]+\\.[0-9]+" _version "${_version}")
    endif()
    if(_version VERSION_LESS 2.7)
      message(STATUS "LibTorch: passing over ${_candidate}, which is ${_version}; Winnow needs 2.7 or newer")
      continue()
    endif()
    set(WINNOW_TORCH_ROOT "${_candidate}")
    break()
  endif()
endforeach()
if(NOT WINNOW_TORCH_ROOT)
  message(FATAL_ERROR "LibTorch 2.7 or newer was not found. Looked in: ${_candidates}. Run ./run build, which installs PyTorch into .venv, "
                      "or pass -DCMAKE_PREFIX_PATH=<folder that holds torch/include and torch/lib>.")
endif()
set(WINNOW_TORCH_LIB_DIR "${WINNOW_TORCH_ROOT}/lib")

add_library(winnow_torch INTERFACE)
add_library(winnow::torch ALIAS winnow_torch)
target_include_directories(winnow_torch SYSTEM INTERFACE
  "${WINNOW_TORCH_ROOT}/include" "${WINNOW_TORCH_ROOT}/include/torch/csrc/api/include")
# LibTorch brings the headers of another fmt, whose functions its libraries do not export. The system's come before them, so
# that the program has one fmt and links.
get_target_property(_fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/one-fmt")
file(CREATE_LINK "${_fmt_include}/fmt" "${PROJECT_BINARY_DIR}/one-fmt/fmt" SYMBOLIC)
target_include_directories(winnow_torch SYSTEM BEFORE INTERFACE "${PROJECT_BINARY_DIR}/one-fmt")
target_link_directories(winnow_torch INTERFACE "${WINNOW_TORCH_LIB_DIR}")
target_link_libraries(winnow_torch INTERFACE torch torch_cpu c10)
set(WINNOW_TORCH_CUDA OFF)
if(EXISTS "${WINNOW_TORCH_LIB_DIR}/libtorch_cuda.so")
  set(WINNOW_TORCH_CUDA ON)
  # Nothing refers to a symbol of these two; they register the CUDA kernels when they are loaded.
  target_link_libraries(winnow_torch INTERFACE -Wl,--no-as-needed torch_cuda c10_cuda -Wl,--as-needed)
endif()
target_link_options(winnow_torch INTERFACE -Wl,--allow-shlib-undefined)
# at::parallel_for is compiled into whoever calls it: without OpenMP there, it runs in one thread. Torch's own runtime serves it.
find_package(OpenMP COMPONENTS CXX)
if(OpenMP_CXX_FOUND)
  separate_arguments(_openmp UNIX_COMMAND "${OpenMP_CXX_FLAGS}")
  target_compile_options(winnow_torch INTERFACE ${_openmp}) # not OpenMP::OpenMP_CXX, which names another file than Torch's
  target_link_options(winnow_torch INTERFACE ${_openmp})
else()
  message(WARNING "OpenMP was not found for this compiler (Clang's is in libomp-dev): a replay will use one core.")
endif()
set(CMAKE_BUILD_RPATH "${WINNOW_TORCH_LIB_DIR}") # in the build folder only; cmake/WinnowInstall.cmake brings the libraries along

winnow_precompiled(torch HEADERS <ATen/ATen.h> LIBS winnow::torch)

message(STATUS "LibTorch: ${WINNOW_TORCH_ROOT} (CUDA libraries: ${WINNOW_TORCH_CUDA})")
