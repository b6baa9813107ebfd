"""The chain as a tool for a llama-index agent; without a model it is called by hand, with one the agent decides.

python examples/llamaindex_agent.py
python examples/llamaindex_agent.py --llm ollama:llama3.2
python examples/llamaindex_agent.py --llm openai-like:MODEL@http://127.0.0.1:8000/v1 notes/
"""

import asyncio
import sys

from index import sync
from qa import open_assistant
from qa.llamaindex import footnote_tool

STORAGE = "storage/examples"
QUESTION = "How long will the memorandum be in force?"

arguments = sys.argv[1:]
model = ""
if arguments[:1] == ["--llm"]:
    model, arguments = arguments[1], arguments[2:]
sync(arguments or ["seeds"], STORAGE)
tool = footnote_tool(open_assistant(STORAGE))


async def with_agent(model: str) -> None:
    from llama_index.core.agent.workflow import ReActAgent

    from qa.llm.models import open_model, parse

    agent = ReActAgent(tools=[tool], llm=open_model(parse(model), seconds=120), streaming=False)
    print(await agent.run(QUESTION))


if model:
    asyncio.run(with_agent(model))
else:
    print(tool(question=QUESTION).content)
