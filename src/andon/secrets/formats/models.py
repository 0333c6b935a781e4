"""Secrets of those who run language models and the like for others. Pure.

Prefixes, alphabets and lengths are facts from the providers' documentation and their announcements to secret
scanning programmes.
"""

from __future__ import annotations

from andon.secrets.formats.row import ALNUM, HEX, LOWER, START, UUID, WORD, Format, named, shaped, token

FORMATS = (
    token("anthropic-key", "anthropic", "sk-ant-api03- sk-ant-oat01-", WORD, 80, 120),
    token("anthropic-key", "anthropic", "sk-ant-admin01-", WORD, 80, 120),
    token("openrouter-key", "openrouter", "sk-or-v1-", HEX, 64),
    shaped("langfuse-key", "langfuse", "sk-lf-", rb"sk-lf-%s" % UUID, badness="P2"),
    token("openai-key", "openai", "sk-proj- sk-svcacct- sk-admin-", WORD, 40, 220),
    Format(
        kind="api-key",  # of OpenAI's older style, DeepSeek's, and of many who copied it
        needles=(b"sk-",),
        expression=START + rb"sk-(?=[A-Za-z_-]{0,99}[0-9])[\w-]{20,}",
        provider="openai",
        letters=WORD,
        least=23,
        most=220,
    ),
    token("huggingface-token", "huggingface", "hf_", ALNUM, 34, 37, starts=True),
    token("huggingface-token", "huggingface", "api_org_", ALNUM, 34),
    token("replicate-token", "replicate", "r8_", ALNUM, 37, starts=True),
    token("groq-key", "groq", "gsk_", ALNUM, 52, starts=True),
    token("perplexity-key", "perplexity", "pplx-", ALNUM, 48, starts=True),
    token("xai-key", "xai", "xai-", ALNUM, 80, starts=True),
    token("fireworks-key", "fireworks", "fw_", ALNUM, 22, 24, starts=True),
    token("together-key", "together", "tgp_v1_", WORD, 43),
    token("elevenlabs-key", "elevenlabs", "sk_", HEX, 48, starts=True),
    token("langsmith-key", "langsmith", "lsv2_pt_ lsv2_sk_", rb"[a-f0-9_]", 43, badness="P2"),
    token("pinecone-key", "pinecone", "pcsk_", rb"\w", 60, 75),
    token("nvidia-key", "nvidia", "nvapi-", WORD, 64),
    token("cerebras-key", "cerebras", "csk-", LOWER, 48, starts=True),
    token("tavily-key", "tavily", "tvly-", WORD, 32, 60, badness="P3"),
    token("firecrawl-key", "firecrawl", "fc-", HEX, 32, starts=True, badness="P3"),
    token("voyage-key", "voyage", "pa-", WORD, 43, starts=True),
    token("jina-key", "jina", "jina_", ALNUM, 56, 64),
    token("llamaindex-key", "llamaindex", "llx-", ALNUM, 48, starts=True),
    named("wandb-key", "wandb", "wandb", rb"[a-f0-9]{40}", badness="P2"),
    named("mistral-key", "mistral", "mistral", rb"[A-Za-z0-9]{32}"),
    named("cohere-key", "cohere", "cohere co_api", rb"[A-Za-z0-9]{40}"),
    named("deepgram-key", "deepgram", "deepgram", rb"[a-f0-9]{40}"),
    named("assemblyai-key", "assemblyai", "assemblyai", rb"[a-f0-9]{32}"),
    named("openai-key", "openai", "azure_openai", rb"[a-f0-9]{32}"),
)
