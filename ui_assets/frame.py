"""The frame of the page: what is there before a document, a question or an answer is. No untrusted text.

Each part is one line, because the page carries it in a Markdown component, which leaves a block of HTML alone until
the first blank line.
"""

from __future__ import annotations


def _line(html: str) -> str:
    return "".join(part.strip() for part in html.splitlines())


# Relative addresses, so that the page also works under a proxy's prefix.
HEAD = _line("""
    <meta name="description" content="Ask your documents; every answer carries its footnote.">
    <link rel="icon" type="image/svg+xml" href="ui/icon.svg">
    <link rel="stylesheet" href="ui/chat.css">
    <link rel="stylesheet" href="ui/source.css">
    <script type="module" src="ui/chat.js"></script>
""")

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f6b5c"/>'
    '<g font-family="Georgia,serif" font-weight="700"><text x="6" y="25" font-size="24" fill="#fff">F</text>'
    '<text x="21" y="14" font-size="12" fill="#b4e6da">1</text></g></svg>'
)

TOP = _line("""
    <div class="top">
        <button type="button" id="sheet-open" class="plain" aria-haspopup="dialog">Conversations</button>
        <p class="name">Footnote<sup aria-hidden="true">1</sup></p>
        <button type="button" id="new" class="plain">New<span class="wide"> conversation</span></button>
        <button type="button" id="source-open" class="plain">Source</button>
        <p id="announce" role="status" class="unseen"></p>
        <div id="card" role="tooltip" hidden></div>
        <dialog id="sheet" aria-label="Conversations"></dialog>
    </div>
""")

THREAD = '<div id="conversation" class="conversation first"></div>'

BELOW = _line("""
    <div class="below">
        <p id="editing" hidden>The question is being edited.
            <button type="button" id="edit-cancel" class="act">Cancel</button></p>
        <button type="button" id="limits" class="act" hidden></button>
        <details id="strictness" hidden>
            <summary>Answers: balanced</summary>
            <div class="popover">
                <label for="strict">How sure an answer has to be</label>
                <div class="row"><span aria-hidden="true">answer more</span>
                    <input id="strict" type="range" min="0" max="1" step="1" value="0" aria-describedby="strict-means">
                    <span aria-hidden="true">be surer</span></div>
                <p id="strict-means"></p>
            </div>
        </details>
        <p class="hint">Footnotes lead to the words that an answer stands on.</p>
    </div>
""")

SOURCE = _line("""
    <section id="source-pane" aria-label="Source">
        <div id="divider" role="separator" tabindex="0" aria-label="Width of the conversation"
             aria-orientation="vertical" aria-valuemin="28" aria-valuemax="72" aria-valuenow="46"></div>
        <header>
            <button type="button" id="source-back">← Back to the chat</button>
            <p id="source-title"></p>
            <select id="source-switch" aria-label="Source" hidden></select>
            <div id="finder" role="search">
                <input id="find" type="search" placeholder="Find" aria-label="Find in this source" autocomplete="off">
                <output id="found" for="find"></output>
                <button type="button" id="find-back" class="act" aria-label="The place before" disabled>↑</button>
                <button type="button" id="find-on" class="act" aria-label="The next place" disabled>↓</button>
            </div>
            <button type="button" id="sources-open" class="plain" aria-expanded="false"
                    aria-controls="sources">Sources</button>
        </header>
        <div id="source-text" tabindex="0" role="region" aria-label="Text of the source"></div>
        <div id="sources" hidden></div>
        <div id="steps" role="group" aria-label="Footnotes of the answer" hidden>
            <button type="button" id="step-back" class="act" aria-label="The one before">←</button>
            <span id="step-where"></span>
            <button type="button" id="step-on" class="act" aria-label="The next one">→</button>
            <a id="step-original" class="offered act" target="_blank" rel="noopener" hidden></a>
            <button type="button" id="step-return" class="act">↩ To the answer</button>
        </div>
    </section>
""")
