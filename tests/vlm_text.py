"""Tokenizers and chat templates of the families: byte-level BPE with each family's own tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

CORPUS = [
    "What is shown in the image? Answer with one word, then explain why.",
    "Read the number in the picture, add three to it and think step by step.",
    "How many items are there on the left of the table and on the right of it?",
]
MERGED_TOKENS = 40


@dataclass(frozen=True)
class Words:
    """The special tokens of a family and the shape of its prompts.

    Args:
        text: Special tokens of the language model: padding, end of answer, then others.
        vision: Those that the VLM adds.
        image: The placeholder of an image in a prompt.
        roles: Attributes under which the tokenizer has to know some tokens.
        turn: Jinja text before and after a message.
        picture: What the template writes for an image.
        reply: What starts the answer.
    """

    text: tuple[str, ...]
    vision: tuple[str, ...]
    image: str
    turn: tuple[str, str]
    picture: str
    reply: str
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def chat_template(self) -> str:
        """The family's chat template, for strings and for lists of parts."""
        before, after = self.turn
        return (
            "{% for message in messages %}" + before + "{% if message['content'] is string %}"
            "{{ message['content'] }}{% else %}{% for part in message['content'] %}"
            "{% if part['type'] == 'image' %}" + self.picture + "{% elif part['type'] == 'text' %}"
            "{{ part['text'] }}{% endif %}{% endfor %}{% endif %}" + after + "{% endfor %}"
            "{% if add_generation_prompt %}" + self.reply + "{% endif %}"
        )


_CHATML = ("<|im_start|>{{ message['role'] }}\n", "<|im_end|>\n")
_CHATML_TEXT = ("<|endoftext|>", "<|im_end|>", "<|im_start|>")
_LLAMA_TEXT = (
    *("<pad>", "<|eot_id|>", "<|begin_of_text|>", "<|end_of_text|>"),
    *("<|start_header_id|>", "<|end_header_id|>"),
)
_IDEFICS_VISION = ("<fake_token_around_image>", "<image>", "<end_of_utterance>")
_IDEFICS_TURN = (
    "{{ message['role'] | capitalize }}:",
    "<end_of_utterance>\n",
)

QWEN_VL = Words(
    text=_CHATML_TEXT,
    vision=("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"),
    image="<|image_pad|>",
    turn=_CHATML,
    picture="<|vision_start|><|image_pad|><|vision_end|>",
    reply="<|im_start|>assistant\n",
)
LLAVA_NEXT = Words(
    text=_LLAMA_TEXT,
    vision=("<image>",),
    image="<image>",
    turn=(
        "<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    picture="<image>\n",
    reply="<|start_header_id|>assistant<|end_header_id|>\n\n",
)
IDEFICS2 = Words(
    text=("<unk>", "</s>", "<s>"),
    vision=_IDEFICS_VISION,
    image="<image>",
    turn=_IDEFICS_TURN,
    picture="<image>",
    reply="Assistant:",
)
IDEFICS3 = Words(
    text=_LLAMA_TEXT,
    vision=(*_IDEFICS_VISION, "<global-img>"),
    image="<image>",
    turn=_IDEFICS_TURN,
    picture="<image>",
    reply="Assistant:",
)
SMOLVLM = Words(
    text=_CHATML_TEXT,
    vision=(*_IDEFICS_VISION, "<global-img>", "<video>"),
    image="<image>",
    turn=_IDEFICS_TURN,
    picture="<image>",
    reply="Assistant:",
)
INTERNVL = Words(
    text=_CHATML_TEXT,
    vision=("<img>", "</img>", "<IMG_CONTEXT>", "<video>"),
    image="<IMG_CONTEXT>",
    turn=_CHATML,
    picture="<IMG_CONTEXT>\n",
    reply="<|im_start|>assistant\n",
    roles=(
        ("start_image_token", "<img>"),
        ("end_image_token", "</img>"),
        ("context_image_token", "<IMG_CONTEXT>"),
        ("video_token", "<video>"),
    ),
)


@cache
def token_count(words: Words, sees: bool) -> int:
    """Returns how many tokens the language model's or the VLM's tokenizer has."""
    return len(build_tokenizer(words, sees))


def build_tokenizer(words: Words, sees: bool) -> PreTrainedTokenizerFast:
    """Trains the tokenizer of the language model, or of the VLM, whose own tokens come last.

    Args:
        words: Special tokens and template of the family.
        sees: Whether it is the VLM's.
    """
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=len(words.text) + len(alphabet) + MERGED_TOKENS,
        special_tokens=list(words.text),
        initial_alphabet=sorted(alphabet),
        show_progress=False,
    )
    core.train_from_iterator(CORPUS, trainer)
    if sees:
        core.add_special_tokens([AddedToken(word, special=True) for word in words.vision])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=words.text[0],
        eos_token=words.text[1],
        padding_side="left",
        model_max_length=512,
        clean_up_tokenization_spaces=False,
        extra_special_tokens=dict(words.roles) if sees else {},
        chat_template=words.chat_template if sees else _TEXT_TEMPLATE,
    )


_TEXT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
