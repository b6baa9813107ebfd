"""The MCP server, with the official SDK's client: over HTTP, over standard input and output, and in this process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters

from qa import Assistant
from qa.api.footnotes import with_footnotes

QUESTION = "How long will the memorandum be in force?"


def with_client(server: Any, use: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(server) as client:
            return await use(client)

    return asyncio.run(run())


@pytest.fixture(scope="module", params=["http", "stdio"])
def server(request: pytest.FixtureRequest, address: str, article_storage: Path) -> Any:
    if request.param == "http":
        return f"{address}/mcp"
    command = ["-m", "qa.cli", "mcp", "--storage", str(article_storage)]
    return StdioServerParameters(command=sys.executable, args=command)


def test_an_agent_finds_asks_and_reads(server: Any, assistant: Assistant) -> None:
    """One visit as an agent makes it, since starting a process for each question takes seconds."""

    async def visit(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "list_documents", "read_document"}
        assert all(tool.description and tool.output_schema for tool in tools.values())

        ours = assistant.ask(QUESTION)
        told = await client.call_tool("ask", {"question": QUESTION})
        assert not told.is_error
        assert {**told.structured_content, "timings_ms": None} == {**ours.to_dict(), "timings_ms": None}
        assert told.content[0].text == with_footnotes(ours)

        (listed,) = (await client.call_tool("list_documents", {})).structured_content["documents"]
        (citation,) = told.structured_content["citations"]
        assert citation["document"]["id"] == listed["id"]
        around = {"document_id": listed["id"], "start": citation["start"], "length": len(citation["quote"])}
        read = (await client.call_tool("read_document", around)).structured_content
        assert (read["text"], read["end"], read["characters"]) == ("six months", citation["end"], 6470)

        found = (await client.call_tool("search", {"question": "checkpoints", "k": 2})).structured_content["hits"]
        assert len(found) == 2
        assert "checkpoints" in found[0]["text"]

        (resource,) = (await client.list_resources()).resources
        assert resource.title == listed["title"]
        (content,) = (await client.read_resource(resource.uri)).contents
        assert content.text[citation["start"] : citation["end"]] == citation["quote"]

        follow_up = {"question": "And when?", "history": [["Who signed the memorandum?", "Russia, Iran and Turkey"]]}
        leaned = (await client.call_tool("ask", follow_up)).structured_content
        ours = assistant.ask("And when?", [("Who signed the memorandum?", "Russia, Iran and Turkey")])
        assert leaned["standalone_question"] == ours.standalone_question != "And when?"

    with_client(server, visit)


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("ask", {"question": " "}, "The question is empty"),
        ("ask", {"question": "Who?", "documents": ["nope"]}, "No document has the id"),
        ("ask", {}, "question"),
        ("search", {"question": "Who?", "k": 51}, "50"),
        ("read_document", {"document_id": "../../etc/passwd"}, "No document has the id"),
        ("list_documents", {"after": "x"}, "no cursor"),
        ("nothing", {}, "nothing"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(
    address: str, tool: str, arguments: dict[str, Any], says: str
) -> None:
    async def call(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    told = with_client(f"{address}/mcp", call)
    assert told.is_error
    assert says in told.content[0].text


def test_a_resource_that_is_not_there_is_an_error(address: str) -> None:
    async def read(client: Client) -> None:
        with pytest.raises(MCPError, match="No document has the id"):
            await client.read_resource("footnote://documents/nope")

    with_client(f"{address}/mcp", read)


def test_documents_added_since_the_start_are_listed(tmp_path: Path) -> None:
    from index import open_index, sync
    from qa.api.mcp import mcp_server
    from qa.api.services import open_services
    from qa.read.scripted import ScriptedReader

    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.txt").write_text("A\n\nThe a.\n", encoding="utf-8")
    sync([tmp_path / "sources"], tmp_path / "storage", embedder="word-length")
    index = open_index(tmp_path / "storage")
    services = open_services(Assistant(index, ScriptedReader({})), tmp_path)

    async def visit(client: Client) -> list[int]:
        before = len((await client.list_resources()).resources)
        (tmp_path / "sources" / "b.txt").write_text("B\n\nThe b.\n", encoding="utf-8")
        await asyncio.to_thread(sync, [tmp_path / "sources"], tmp_path / "storage")
        return [before, len((await client.list_resources()).resources)]

    assert with_client(mcp_server(services), visit) == [1, 2]
    services.close()
    index.close()
