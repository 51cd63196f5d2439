# SPDX-License-Identifier: GPL-3.0-or-later
"""The Llama of the demo model written for training: the parameters have Hugging Face's names, so that folders load and save as they are.

Shapes: tokens [batch, steps]; hidden [batch, steps, width]; queries and keys [batch, heads, steps, head width].
"""

import dataclasses
import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn


@dataclasses.dataclass(frozen=True)
class Shape:
    vocabulary: int = 4096
    width: int = 256
    layers: int = 6
    heads: int = 8
    kv_heads: int = 4
    head_width: int = 32
    inner: int = 704
    context: int = 2048
    base: float = 10000.0
    epsilon: float = 1e-5


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.q_proj = nn.Linear(shape.width, shape.heads * shape.head_width, bias=False)
        self.k_proj = nn.Linear(shape.width, shape.kv_heads * shape.head_width, bias=False)
        self.v_proj = nn.Linear(shape.width, shape.kv_heads * shape.head_width, bias=False)
        self.o_proj = nn.Linear(shape.heads * shape.head_width, shape.width, bias=False)

    def queries_and_keys(self, x, rotation):
        batch, steps, _ = x.shape
        q = self.q_proj(x).view(batch, steps, self.shape.heads, self.shape.head_width).transpose(1, 2)
        k = self.k_proj(x).view(batch, steps, self.shape.kv_heads, self.shape.head_width).transpose(1, 2)
        return rotate(q, rotation), rotate(k, rotation)

    def forward(self, x, rotation):
        batch, steps, _ = x.shape
        q, k = self.queries_and_keys(x, rotation)
        v = self.v_proj(x).view(batch, steps, self.shape.kv_heads, self.shape.head_width).transpose(1, 2)
        group = self.shape.heads // self.shape.kv_heads
        y = F.scaled_dot_product_attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), is_causal=True)
        return self.o_proj(y.transpose(1, 2).reshape(batch, steps, -1))


class Mlp(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.inner, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.inner, bias=False)
        self.down_proj = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.input_layernorm = nn.RMSNorm(shape.width, shape.epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = nn.RMSNorm(shape.width, shape.epsilon)
        self.mlp = Mlp(shape)

    def forward(self, x, rotation):
        x = x + self.self_attn(self.input_layernorm(x), rotation)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.model = nn.ModuleDict({"embed_tokens": nn.Embedding(shape.vocabulary, shape.width),
                                    "layers": nn.ModuleList(Layer(shape) for _ in range(shape.layers)),
                                    "norm": nn.RMSNorm(shape.width, shape.epsilon)})
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.4 * parameter.shape[-1] ** -0.5)
        for layer in self.model["layers"]:  # every layer starts as the identity
            nn.init.zeros_(layer.self_attn.o_proj.weight)
            nn.init.zeros_(layer.mlp.down_proj.weight)

    def hidden(self, tokens):
        """What the head reads, [batch, steps, width]."""
        rotation = rotations(self.shape, tokens.shape[1], tokens.device)
        x = self.model["embed_tokens"](tokens)
        for layer in self.model["layers"]:
            x = layer(x, rotation)
        return self.model["norm"](x)

    def logits(self, hidden):
        return F.linear(hidden, self.model["embed_tokens"].weight)

    def loss(self, hidden, targets, weights):
        """Sum of weight times cross entropy; without gradient, each step's cross entropy and whether its target was the likeliest.
        hidden [steps, width], targets and weights [steps]."""
        return HeadLoss.apply(hidden, self.model["embed_tokens"].weight, targets, weights)


class HeadLoss(torch.autograd.Function):
    """Weighted cross entropy of a linear head in chunks of steps: the gradients are made with the losses, while a chunk's logits are
    at hand, so that the logits of a batch are neither held nor computed twice."""

    @staticmethod
    def forward(context, hidden, head, targets, weights):
        losses, right = torch.empty_like(weights), torch.empty_like(targets, dtype=torch.bool)
        hidden_gradient = torch.empty_like(hidden)
        head_gradient = torch.zeros_like(head, dtype=torch.float32)
        chunk = 1024 if hidden.device.type == "cpu" else 16384
        for begin in range(0, len(hidden), chunk):
            part = slice(begin, begin + chunk)
            logits = torch.log_softmax((hidden[part] @ head.to(hidden.dtype).T).float(), -1)
            wanted = targets[part, None]
            losses[part] = -logits.gather(1, wanted)[:, 0]
            right[part] = logits.argmax(-1) == targets[part]
            gradient = logits.exp_().scatter_add_(1, wanted, torch.full_like(wanted, -1, dtype=torch.float32))
            gradient = gradient.mul_(weights[part, None]).to(hidden.dtype)
            hidden_gradient[part] = gradient @ head.to(hidden.dtype)
            head_gradient += gradient.T @ hidden[part]
        context.save_for_backward(hidden_gradient, head_gradient.to(head.dtype))
        context.mark_non_differentiable(losses, right)
        return losses @ weights, losses, right

    @staticmethod
    def backward(context, total, *_):
        hidden_gradient, head_gradient = context.saved_tensors
        return hidden_gradient * total.to(hidden_gradient.dtype), head_gradient * total, None, None


def rotations(shape, steps, device):
    """Cosines and sines of the rotary angles, each [steps, head width]."""
    inverse = shape.base ** (-torch.arange(0, shape.head_width, 2, device=device, dtype=torch.float32) / shape.head_width)
    angles = torch.outer(torch.arange(steps, device=device, dtype=torch.float32), inverse).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotate(x, rotation):
    cosine, sine = (part.to(x.dtype) for part in rotation)
    low, high = x.chunk(2, -1)
    return x * cosine + torch.cat((-high, low), -1) * sine


def load(folder):
    """The model of a Hugging Face folder of this family, in float32."""
    folder = pathlib.Path(folder)
    said = json.loads((folder / "config.json").read_text())
    shape = Shape(said["vocab_size"], said["hidden_size"], said["num_hidden_layers"], said["num_attention_heads"],
                  said["num_key_value_heads"], said["head_dim"], said["intermediate_size"], said["max_position_embeddings"],
                  said["rope_parameters"]["rope_theta"], said["rms_norm_eps"])
    model = Llama(shape)
    weights = {name: weight.float() for name, weight in load_file(folder / "model.safetensors").items() if name != "lm_head.weight"}
    model.load_state_dict(weights)
    return model


def save(model, folder, tokenizer):
    """Writes a folder that transformers and Winnow open: float16 weights, configuration, and the tokenizer file given."""
    folder, shape = pathlib.Path(folder), model.shape
    folder.mkdir(parents=True, exist_ok=True)
    said = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": False, "mlp_bias": False,
            "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 1, "dtype": "float16", "head_dim": shape.head_width,
            "hidden_act": "silu", "hidden_size": shape.width, "initializer_range": 0.02, "intermediate_size": shape.inner,
            "max_position_embeddings": shape.context, "num_attention_heads": shape.heads, "num_hidden_layers": shape.layers,
            "num_key_value_heads": shape.kv_heads, "rms_norm_eps": shape.epsilon, "tie_word_embeddings": True, "use_cache": True,
            "rope_parameters": {"rope_theta": shape.base, "rope_type": "default"}, "vocab_size": shape.vocabulary}
    (folder / "config.json").write_text(json.dumps(said, indent=2, sort_keys=True) + "\n")
    (folder / "generation_config.json").write_text(json.dumps({"bos_token_id": 0, "eos_token_id": 1, "use_cache": True}, indent=2) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "model_max_length": shape.context,
         "clean_up_tokenization_spaces": False, "add_bos_token": True}, indent=1) + "\n")
    (folder / "tokenizer.json").write_bytes(pathlib.Path(tokenizer).read_bytes())
    weights = {name: weight.detach().half().contiguous() for name, weight in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
