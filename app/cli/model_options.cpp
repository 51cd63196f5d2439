// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/model_options.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

void addModel(CLI::App& command, FileOptions& files, std::string& model)
{
    files
        .readsModel(command.add_option("--model", model,
                                       "a Hugging Face folder (config.json, tokenizer.json, safetensors) or a GGUF file"))
        ->required()
        ->type_name("PATH");
}

void addTypeAndDevice(CLI::App& command, std::string& dtype, std::string& device)
{
    command.add_option("--dtype", dtype, "number type the model runs in: float32, bfloat16 or float16 (CUDA only)")
        ->type_name("TYPE")
        ->check(CLI::IsMember({"float32", "bfloat16", "float16"}))
        ->capture_default_str();
    command.add_option("--device", device, "auto, cpu, cuda, cuda:n, or several with commas: layers are spread over them")
        ->type_name("DEVICE")
        ->capture_default_str();
}

} // namespace winnow::cli
