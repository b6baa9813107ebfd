"""The same work as people would do it with llama-index and sentence-transformers as they come.

    python -m bench.peers build FOLDER SOURCES      a VectorStoreIndex with HuggingFaceEmbedding, persisted
    python -m bench.peers ask FOLDER QUESTION       load it and retrieve five nodes, as a new process

The model is the one that Footnote's embedder was made of, from the disk; there is no LLM on either side.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from train.export_embedder import model_folder

os.environ.setdefault("HF_HUB_OFFLINE", "1")
RETRIEVED = 5


def embedding() -> Any:
    try:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    except ImportError as exc:
        raise click.ClickException(
            "llama-index's HuggingFaceEmbedding is missing. Install it: make bench-setup"
        ) from exc
    return HuggingFaceEmbedding(model_name=str(model_folder()))


def build(folder: Path, sources: Path, **options: Any) -> int:
    """Index the text files of a folder and persist; how many nodes that made."""
    from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter

    documents = SimpleDirectoryReader(str(sources), required_exts=[".txt"], recursive=True).load_data()
    nodes = SentenceSplitter(chunk_size=130, chunk_overlap=20).get_nodes_from_documents(documents)
    index = VectorStoreIndex(nodes, embed_model=embedding(), **options)
    index.storage_context.persist(str(folder))
    return len(nodes)


def load(folder: Path) -> Any:
    """A retriever over a persisted index."""
    from llama_index.core import StorageContext, load_index_from_storage

    index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(folder)), embed_model=embedding())
    return index.as_retriever(similarity_top_k=RETRIEVED)


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command("build")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("sources", type=click.Path(exists=True, path_type=Path))
def build_command(folder: Path, sources: Path) -> None:
    click.echo(f"{build(folder, sources)} nodes")


@main.command("ask")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.argument("question")
def ask_command(folder: Path, question: str) -> None:
    for node in load(folder).retrieve(question):
        click.echo(f"{node.score:.3f} {node.text[:80]!r}")


if __name__ == "__main__":
    main()
