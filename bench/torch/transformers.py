"""Vision transformers in the forms that published checkpoints have, at widths of a few dozen channels."""

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """Multi-head self-attention with one projection for queries, keys and values."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        n, length, width = x.shape
        qkv = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = qkv[0], qkv[1], qkv[2]
        weights = (query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5).softmax(dim=-1)
        return self.proj((weights @ value).transpose(1, 2).reshape(n, length, width))


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class LayerScale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x):
        return x * self.gamma


class Block(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, width, heads, activation=nn.GELU, layer_scale=False):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), activation(), nn.Linear(2 * width, width))
        self.ls1 = LayerScale(width) if layer_scale else nn.Identity()
        self.ls2 = LayerScale(width) if layer_scale else nn.Identity()

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class DistilledTransformer(nn.Module):
    """As DeiT: a distillation token beside the class token, the mean of two heads."""

    def __init__(self, size=32, patch=8, width=48, depth=3, heads=3, classes=10):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, width, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.dist_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 2 + (size // patch) ** 2, width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        self.head_dist = nn.Linear(width, classes)

    def forward(self, images):
        x = self.patch_embed(images).flatten(2).transpose(1, 2)
        n = x.shape[0]
        tokens = (self.cls_token.expand(n, -1, -1), self.dist_token.expand(n, -1, -1), x)
        x = self.norm(self.blocks(torch.cat(tokens, dim=1) + self.pos_embed))
        return (self.head(x[:, 0]) + self.head_dist(x[:, 1])) / 2


class ImageTower(nn.Module):
    """As the image side of CLIP: norm before the blocks, QuickGELU, packed MultiheadAttention, a projection without bias; then cosines."""

    def __init__(self, size=32, patch=8, width=48, depth=3, heads=4, embedding=24, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros(1 + (size // patch) ** 2, width))
        self.ln_pre = nn.LayerNorm(width)
        self.blocks = nn.ModuleList([self.block(width, heads) for _ in range(depth)])
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.randn(width, embedding) * width**-0.5)
        self.prompts = nn.Parameter(torch.randn(classes, embedding))
        self.logit_scale = nn.Parameter(torch.tensor([2.0]))

    @staticmethod
    def block(width, heads):
        mlp = nn.Sequential(nn.Linear(width, 4 * width), QuickGELU(), nn.Linear(4 * width, width))
        attention = nn.MultiheadAttention(width, heads)
        return nn.ModuleDict(
            {"ln_1": nn.LayerNorm(width), "attn": attention, "ln_2": nn.LayerNorm(width), "mlp": mlp}
        )

    def forward(self, images):
        x = self.conv1(images)
        x = x.reshape(x.shape[0], x.shape[1], -1).permute(0, 2, 1)
        zeros = torch.zeros(x.shape[0], 1, x.shape[-1], dtype=x.dtype)
        x = torch.cat([self.class_embedding + zeros, x], dim=1) + self.positional_embedding
        x = self.ln_pre(x).permute(1, 0, 2)
        for block in self.blocks:
            normed = block["ln_1"](x)
            x = x + block["attn"](normed, normed, normed, need_weights=False)[0]
            x = x + block["mlp"](block["ln_2"](x))
        x = self.ln_post(x.permute(1, 0, 2)[:, 0, :]) @ self.proj
        image = x / x.norm(dim=-1, keepdim=True)
        text = self.prompts / self.prompts.norm(dim=-1, keepdim=True)
        return self.logit_scale.exp() * image @ text.t()


class InterpolatedTransformer(nn.Module):
    """As DINOv2: LayerScale, and position embeddings of another grid brought to this one by bicubic interpolation."""

    def __init__(self, patch=8, width=48, depth=3, heads=4, grid=6, classes=10):
        super().__init__()
        self.grid = grid
        self.patch_embed = nn.Conv2d(3, width, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + grid * grid, width))
        self.blocks = nn.Sequential(*[Block(width, heads, layer_scale=True) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(2 * width, classes)

    def positions(self, height, width):
        patches = self.pos_embed[:, 1:].reshape(1, self.grid, self.grid, -1).permute(0, 3, 1, 2)
        scale = (height / self.grid, width / self.grid)
        patches = F.interpolate(patches, scale_factor=scale, mode="bicubic", recompute_scale_factor=False)
        return torch.cat((self.pos_embed[:, :1], patches.flatten(2).transpose(1, 2)), dim=1)

    def forward(self, images):
        x = self.patch_embed(images)
        positions = self.positions(int(x.shape[2]), int(x.shape[3]))
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1) + positions
        x = self.norm(self.blocks(x))
        return self.head(torch.cat((x[:, 0], x[:, 1:].mean(dim=1)), dim=1))
