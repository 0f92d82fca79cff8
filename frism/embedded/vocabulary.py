"""The words of the embedded family and the tokenizer and processor that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen2_5_VLProcessor

PAD, END = "<|endoftext|>", "<|im_end|>"
USER, ASSISTANT = "<|user|>", "<|assistant|>"
VISION_START, VISION_END = "<|vision_start|>", "<|vision_end|>"
IMAGE, VIDEO = "<|image_pad|>", "<|video_pad|>"
THINK, END_THINK = "<think>", "</think>"
SPECIAL = (PAD, END, USER, ASSISTANT, VISION_START, VISION_END, IMAGE, VIDEO)

LARGEST_NUMBER = 20
NUMBERS = tuple(str(number) for number in range(LARGEST_NUMBER + 1))
DIGITS = NUMBERS[:10]
OPERATORS = ("+", "-")
SYMBOLS = DIGITS + OPERATORS
PLACES = ("a", "b", "c", "d", "e", "f")
LETTERS = ("A", "B", "C", "D")
QUESTION, OPTIONS = "Question:", "Options:"
# VLMEvalKit ends each multiple-choice prompt with this sentence; one token keeps prompts short.
CHOOSE = "Please select the correct answer from the options above."
COMMANDS = ("solve", "add", "read", "item", "count", "last", "from")
FILLERS = ("please", "now", "then", "so", "just", "well")

WORDS = (
    *(THINK, END_THINK, "=", ";", QUESTION, OPTIONS, CHOOSE),
    *(NUMBERS + OPERATORS + PLACES + LETTERS + COMMANDS + FILLERS),
)
TOKEN_ID = {word: index for index, word in enumerate(SPECIAL + WORDS)}

PATCH_SIZE = 4
MERGE_SIZE = 2
GLYPH_SIZE = PATCH_SIZE * MERGE_SIZE  # one glyph is one visual token

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|user|> ' if message['role'] == 'user' else '<|assistant|> ' }}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|> <|image_pad|> <|vision_end|> "
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{{ ' <|im_end|> ' if message['role'] == 'assistant' else ' ' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|> ' }}{% endif %}"
)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Returns a word-level tokenizer that splits at white space and full stops."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.WordLevel(TOKEN_ID, unk_token=PAD))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s.]+"), behavior="removed")
    core.add_special_tokens([AddedToken(word, special=True) for word in SPECIAL])
    core.add_tokens([AddedToken(word) for word in (THINK, END_THINK, CHOOSE)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        eos_token=END,
        padding_side="left",
        model_max_length=1024,
        clean_up_tokenization_spaces=False,
        extra_special_tokens={
            "image_token": IMAGE,
            "video_token": VIDEO,
            "vision_bos_token": VISION_START,
            "vision_eos_token": VISION_END,
        },
        chat_template=CHAT_TEMPLATE,
    )


def build_processor() -> Qwen2_5_VLProcessor:
    """Returns the processor of the VLM: an image of k glyphs (8 x 8k pixels) becomes k tokens."""
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor, Qwen2VLVideoProcessor

    pixels = {
        "patch_size": PATCH_SIZE,
        "merge_size": MERGE_SIZE,
        "temporal_patch_size": 1,
        "size": {"shortest_edge": GLYPH_SIZE**2, "longest_edge": 64 * GLYPH_SIZE**2},
        "image_mean": [0.5] * 3,
        "image_std": [0.5] * 3,
    }
    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**pixels),
        video_processor=Qwen2VLVideoProcessor(**pixels),
        tokenizer=build_tokenizer(),
        chat_template=CHAT_TEMPLATE,
    )
